/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of very many rules: what compiling them takes grows with their number, not with its square, and
 * each of them still reads what it names. What rules mean is in tests/cases/map (plan_test.c). */
#include "support/mapping.h"

enum { FEW = 1000, MANY = 4 * FEW };

/* Memory instead of time: the tables that made it slow were squares, and a machine's load does not change
 * them. Five, because tables are full or half empty. */
static const size_t most_times_few = 5;

typedef void rule_fn(struct buf *yaml, size_t i);

static void put_field(struct buf *yaml, size_t i)
{
    buf_printf(yaml, "  f%zu: properties.p%zu\n", i, i);
}

static void put_event(struct buf *yaml, size_t i)
{
    buf_printf(yaml, "  Event %zu: Lead%zu\n", i, i);
}

static void put_action(struct buf *yaml, size_t i)
{
    buf_printf(yaml,
               "  - name: a%zu\n"
               "    trigger: event = \"Event %zu\"\n"
               "    send: Lead\n"
               "    custom_data: { f%zu: properties.p%zu, g%zu: properties.q%zu }\n",
               i, i, i, i, i, i);
}

static const struct {
    const char *head;
    rule_fn *put;
} kinds[] = {{"custom_data:\n", put_field}, {"events:\n", put_event}, {"actions:\n", put_action}};

static void open_rules(struct mapping_world *w, const char *head, rule_fn *put, size_t count)
{
    struct buf yaml = {0};
    buf_put(&yaml, str_z(head));
    for (size_t i = 0; i < count; i++) put(&yaml, i);
    mapping_open(w, buf_str(&yaml));
    buf_fini(&yaml);
    if (!w->plan) mapping_print_problems(w);
    assert_non_null(w->plan);
}

static size_t bytes_of(const char *head, rule_fn *put, size_t count)
{
    struct mapping_world w;
    open_rules(&w, head, put, count);
    size_t bytes = w.arena.total;
    mapping_close(&w);
    return bytes;
}

static void grows_with_the_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(kinds); i++) {
        size_t few = bytes_of(kinds[i].head, kinds[i].put, FEW);
        size_t many = bytes_of(kinds[i].head, kinds[i].put, MANY);
        if (many > few * most_times_few) {
            fail_msg("%s %d rules take %zu bytes, %d take %zu", kinds[i].head, FEW, few, MANY,
                     many);
        }
    }
}

/* The custom_data of a track event with these properties. */
static struct str map(struct mapping_world *w, const char *event, const char *properties)
{
    struct str text = arena_printf(&w->arena,
                                   "{\"type\":\"track\",\"event\":\"%s\",\"userId\":\"u\","
                                   "\"timestamp\":\"" MAPPING_NOW "\",\"properties\":{%s}}",
                                   event, properties);
    struct event e = {.source = S("web"), .json = text, .message_id = S("m")};
    mapping_run(w, &e, mapping_time(S(MAPPING_NOW)), NULL);
    assert_int_equal(w->result.send_count, 1);
    struct str json = mapping_json(w, 0);
    size_t at = str_find(json, S("\"custom_data\""), 0);
    return at < json.n ? str_from(json, at) : S("");
}

static void far_rows_are_read(void **state)
{
    (void)state;
    struct mapping_world w;
    open_rules(&w, "properties: none\ncustom_data:\n", put_field, MANY);
    check_str(
        map(&w, "Made Up", "\"p0\":1,\"p63\":2,\"p64\":3,\"p2047\":4,\"p3999\":5,\"p4000\":6"),
        "\"custom_data\":{\"f0\":1,\"f63\":2,\"f64\":3,\"f2047\":4,\"f3999\":5}}");
    check_str(map(&w, "Made Up", "\"p4000\":6"), "");
    mapping_close(&w);
}

/* A property of the name of a mapping that has a value does not go along; under another action's name it does. */
static void actions_speak_for_their_own_names(void **state)
{
    (void)state;
    struct mapping_world w;
    open_rules(&w, "actions:\n", put_action, MANY);
    check_str(map(&w, "Event 3999", "\"f3999\":1,\"f3998\":2,\"p3999\":3"),
              "\"custom_data\":{\"f3999\":3,\"f3998\":2,\"p3999\":3}}");
    check_str(map(&w, "Event 0", "\"f0\":1,\"f3999\":2,\"p0\":3"),
              "\"custom_data\":{\"f0\":3,\"f3999\":2,\"p0\":3}}");
    mapping_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_with_the_rules),
        cmocka_unit_test(far_rows_are_read),
        cmocka_unit_test(actions_speak_for_their_own_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
