/* SPDX-License-Identifier: Apache-2.0 */
/* map/custom.c: that what goes along of events of a shape that is known is what goes along without. What goes at
 * all is in tests/cases/map. */
#include "support/mapping.h"

static const char *const names[] = {
    "a",        "query",    "tags",        "price",     "value",         "currency",
    "email",    "contents", "content_ids", "num_items", "4@example.com", "a name of 24 characters.",
    "h\xC3\xA9"};

static const char *const values[] = {"1",  "\"\"",        "\"text\"", "null",   "true",
                                     "-1", "\"a@b.com\"", "\"USD\"",  "\"abc\""};

/* Names and containers by shape, values by value. */
static void put_members(struct buf *out, uint64_t *shape, uint64_t *value, unsigned depth)
{
    for (uint64_t count = check_random(shape) % 6; count; count--) {
        uint64_t kind = check_random(shape) % 12,
                 usual = check_random(shape) % 4 ? 8 : countof(names);
        json_key(out, str_z(names[check_random(shape) % usual]));
        if (kind == 7 && depth) {
            buf_putc(out, '{');
            put_members(out, shape, value, depth - 1);
            buf_putc(out, '}');
        } else if (kind == 8) {
            bool objects = check_random(shape) % 2;
            buf_putc(out, '[');
            for (uint64_t items = check_random(shape) % 3; items; items--) {
                json_comma(out);
                if (objects) buf_put(out, S("{\"id\":"));
                buf_put(out, str_z(values[check_random(value) % countof(values)]));
                if (objects) buf_putc(out, '}');
            }
            buf_putc(out, ']');
        } else {
            buf_put(out, str_z(values[check_random(value) % countof(values)]));
        }
    }
}

static void check_alike(struct mapping_world *known, struct mapping_world *plain, struct str json)
{
    struct event e = {.json = json};
    struct parsed_event parsed;
    int64_t now = mapping_time(S(MAPPING_NOW));
    mapping_run(known, &e, now, NULL);
    buf_clear(&plain->out);
    run_parse(plain->run, &e, &parsed);
    parsed.shape.count = 0;
    plan_run(known->plan, plain->run, &parsed, now, &plain->out, &plain->result, NULL);
    assert_int_equal(known->result.send_count, plain->result.send_count);
    assert_int_equal(known->result.redacted, plain->result.redacted);
    assert_true(str_eq(buf_str(&known->out), buf_str(&plain->out)));
}

/* Two events of a shape are enough to know it: here there are some forty of each, with all sorts of values. */
static void known_shapes_pass_the_same(void **state)
{
    static const char *const bodies[] = {
        "",
        "custom_data: { a: properties.query, tags: properties.price }",
        "properties: flat",
        "properties: [a, value, query]",
        "pii: { only: [event_name, event_time, event_id, action_source, external_id, a, value, "
        "custom_data.tags, email] }",
        "pii: { hash: [a], deny: [tags], values: drop }"};
    static struct mapping_world known, plain;
    struct buf json = {0};
    uint64_t seed = 5;
    (void)state;
    for (size_t i = 0; i < countof(bodies); i++) {
        mapping_open(&known, str_z(bodies[i]));
        mapping_open(&plain, S(""));
        if (!known.plan) mapping_print_problems(&known);
        for (uint64_t k = 0; k < 12000; k++) {
            uint64_t shape = (1 + k / 40 + check_random(&seed) % 8) * 0x9E3779B97F4A7C15U;
            buf_clear(&json);
            buf_put(&json, S("{\"type\":\"track\",\"event\":\""));
            buf_put(&json, check_random(&seed) % 2 ? S("Product Viewed") : S("Other"));
            buf_put(
                &json,
                S("\",\"userId\":\"u\",\"timestamp\":\"2026-01-15T11:00:00Z\",\"properties\":{"));
            put_members(&json, &shape, &seed, 2);
            buf_put(&json, S("}}"));
            check_alike(&known, &plain, buf_str(&json));
        }
        mapping_close(&known);
        mapping_close(&plain);
    }
    buf_fini(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_shapes_pass_the_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
