/* SPDX-License-Identifier: Apache-2.0 */
/* load/alike.c, and the plans that destinations share: what makes a difference, and that a shared plan maps
 * as one of the destination's own does. */
#include "load/alike.h"

#include "load/load.h"

#include "support/check.h"

#define HEAD                                                                                       \
    "sources:\n  - name: web\n    write_key: k\n"                                                  \
    "destinations:\n"

/* Two destinations; each line stands in the second alone. */
static struct generation *load_pair(const char *line)
{
    struct buf text = {0}, problems = {0};
    buf_put(&text, S(HEAD));
    for (int i = 0; i < 2; i++)
        buf_printf(&text, "  - name: shop-%d\n    pixel_id: \"100%d\"\n    %s\n%s", i, i,
                   i ? "access_token: [u, v]" : "access_token: t", i ? line : "");
    struct load load = {.path = "pair.yaml", .own = buf_str(&text)};
    struct generation *g = load_all(&load, &(struct load_problems){.text = &problems});
    if (!g) print_error("%s:\n%.*s", line, STR_ARG(buf_str(&problems)));
    buf_fini(&text);
    buf_fini(&problems);
    return g;
}

static bool are_alike(const char *line)
{
    struct arena arena = {0};
    struct generation *g = load_pair(line);
    assert_non_null(g);
    const struct destination_conf *d = g->config->destinations;
    bool alike = str_eq(alike_key(&d[0], NULL, &arena), alike_key(&d[1], NULL, &arena));
    assert_false(str_eq(alike_key(&d[0], &d[0], &arena), alike_key(&d[0], &d[1], &arena)));
    generation_release(g);
    arena_fini(&arena);
    return alike;
}

static void only_rules_count(void **state)
{
    static const char *const other[] = {
        "",
        "    enabled: false\n    when_disabled: drop\n",
        "    start: oldest\n",
        "    api_url: http://127.0.0.1:1/v26.0\n    app_secret: s\n",
        "    test_event_code: {code: TEST1, expires: 2030-01-01T00:00:00Z}\n",
        "    batch: {events: 10, size: 64KiB, linger: 3s, in_flight: 2, timeout: 5s}\n",
    };
    static const char *const rules[] = {
        "    bots: keep\n",
        "    filter: type = \"track\"\n",
        "    events: {Signed Up: Lead}\n",
        "    event_names: any_case\n",
        "    user_data: {em: properties.mail}\n",
        "    custom_data: {value: properties.total}\n",
        "    properties: none\n",
        "    pii: {deny: [iban]}\n",
        "    pii: {defaults: false}\n",
        "    website_needs: [em]\n",
        "    actions: [{name: a, trigger: type = \"track\", send: Lead}]\n",
        "    hold: [{name: h, trigger: type = \"track\", key: userId, until: type = \"page\"}]\n",
        "    default_country: de\n",
        "    compat: param-builder\n",
    };
    (void)state;
    for (size_t i = 0; i < countof(other); i++) assert_true(are_alike(other[i]));
    for (size_t i = 0; i < countof(rules); i++) assert_false(are_alike(rules[i]));
}

static const char *const events[] = {
    "{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"u\",\"messageId\":\"m\","
    "\"timestamp\":\"2026-01-15T11:00:00Z\",\"context\":{\"ip\":\"1.2.3.4\","
    "\"userAgent\":\"Mozilla/5.0\"},\"properties\":{\"value\":3,\"currency\":\"EUR\","
    "\"email\":\"a@b.example\",\"url\":\"https://shop.example/?email=a@b.example\"}}",
    "{\"type\":\"page\",\"messageId\":\"p\",\"timestamp\":\"2026-01-15T11:00:00Z\",\"userId\":"
    "\"u\","
    "\"context\":{\"userAgent\":\"Mozilla/5.0\",\"page\":{\"url\":\"https://shop.example/\"}}}",
    "{\"type\":\"identify\",\"userId\":\"u\"}",
    "{\"type\":\"track\",\"event\":\"X\",\"userId\":\"u\",\"timestamp\":\"2026-01-15T11:00:00Z\","
    "\"integrations\":{\"All\":true,\"shop-1\":false}}",
    "{\"event_name\":\"Purchase\",\"event_time\":1768474800,\"action_source\":\"website\","
    "\"event_source_url\":\"https://shop.example/\",\"user_data\":{\"em\":[\"a@b.example\"]},"
    "\"custom_data\":{\"value\":1,\"currency\":\"EUR\"}}",
};

/* What destination index does with an event, as text. */
static void put_fate(struct generation *g, size_t index, struct run *run, const struct event *e,
                     struct buf *out)
{
    int64_t now_ms = INT64_C(1768478400000); /* an hour after the events */
    struct translation t = {.send_count = 0};
    struct parsed_event parsed;
    struct buf json = {0};
    load_parse(g, run, e, now_ms, &parsed);
    plan_run(load_plan(g, index, e->protocol), run, &parsed, now_ms, &json, &t, NULL);
    buf_printf(out, "%d %s %s\n", (int)t.outcome.reason, t.outcome.path, t.outcome.message);
    for (size_t i = 0; i < t.send_count; i++) {
        const struct outgoing *send = &t.sends[i];
        buf_printf(out, "%.*s %lld %.*s\n", STR_ARG(send->pixel_id), (long long)send->deadline_ms,
                   (int)send->json_n, json.p + send->json_at);
    }
    buf_fini(&json);
}

/* The one with a filter that is always true has a plan of its own, which says the same but for the name:
 * shop-1 is its name in either configuration. */
static void shared_plan_maps_as_its_own(void **state)
{
    static const enum protocol protocols[] = {PROTOCOL_SEGMENT, PROTOCOL_META};
    struct generation *shared = load_pair("");
    struct generation *apart = load_pair("    filter: type != \"\"\n");
    struct run *run = run_new();
    struct buf got = {0}, want = {0};
    size_t sent = 0;
    (void)state;
    for (size_t i = 0; i < 2 * countof(events); i++) {
        struct event e = {.json = str_z(events[i / 2]),
                          .source = S("web"),
                          .message_id = S("m"),
                          .protocol = protocols[i % 2],
                          .received_ms = INT64_C(1768478000000)};
        buf_clear(&got);
        buf_clear(&want);
        put_fate(shared, 1, run, &e, &got);
        put_fate(apart, 1, run, &e, &want);
        assert_true(str_eq(buf_str(&got), buf_str(&want)));
        sent += str_find(buf_str(&got), S("\n1001 "), 0) != SIZE_MAX;
        assert_true(str_find(buf_str(&got), S("1000"), 0) == SIZE_MAX);
        buf_clear(&got);
        buf_clear(&want);
        put_fate(shared, 0, run, &e, &got);
        put_fate(apart, 0, run, &e, &want);
        assert_true(str_eq(buf_str(&got), buf_str(&want)));
    }
    assert_true(sent >= 3);
    buf_fini(&got);
    buf_fini(&want);
    run_free(run);
    generation_release(shared);
    generation_release(apart);
}

/* What one of these destinations may get and another not is told as alone. */
static void tells_who_is_named(void **state)
{
    struct generation *g = load_pair(""), *apart = load_pair("    bots: keep\n");
    struct run *run = run_new();
    struct translation t = {.send_count = 0};
    struct parsed_event parsed;
    struct buf json = {0};
    (void)state;
    for (size_t i = 0; i < countof(events); i++) {
        struct event e = {.json = str_z(events[i]), .source = S("web"), .message_id = S("m")};
        load_parse(g, run, &e, 1, &parsed);
        plan_run(load_plan(g, 0, e.protocol), run, &parsed, 1, &json, &t, NULL);
        assert_true(t.alone == (str_find(e.json, S("shop-1"), 0) != SIZE_MAX));
        plan_run(load_plan(apart, 0, e.protocol), run, &parsed, 1, &json, &t, NULL);
        assert_true(t.alone);        /* nobody shares its rules */
        parsed.pixel_id = S("1000"); /* as of a browser's page */
        plan_run(load_plan(g, 0, e.protocol), run, &parsed, 1, &json, &t, NULL);
        assert_true(t.alone);
    }
    buf_fini(&json);
    run_free(run);
    generation_release(g);
    generation_release(apart);
}

/* Equal numbers only for those that are mapped alike, whatever the protocol: the preset `meta`, which maps what
 * comes in Meta's shape for everybody, is one that may be chosen too. */
static void rules_have_numbers(void **state)
{
    static const struct {
        const char *preset;
        size_t rules;
    } rows[] = {{"standard", 0}, {"meta", 1},        {"standard", 0},
                {"none", 3},     {"rudderstack", 4}, {"meta", 1}};
    struct buf text = {0};
    (void)state;
    buf_put(&text, S(HEAD));
    for (size_t i = 0; i < countof(rows); i++)
        buf_printf(&text, "  - {name: d%zu, pixel_id: \"%zu\", access_token: t, preset: %s, %s}\n",
                   i, 100000 + i, rows[i].preset,
                   str_eq(str_z(rows[i].preset), S("none")) ? "actions: [{name: a, trigger: "
                                                              "'type = \"track\"', send: Lead}]"
                                                            : "enabled: true");
    struct load load = {.path = "rules.yaml", .own = buf_str(&text)};
    struct generation *g = load_all(&load, &(struct load_problems){0});
    assert_non_null(g);
    for (size_t i = 0; i < countof(rows); i++) assert_int_equal(load_rules(g, i), rows[i].rules);
    generation_release(g);
    buf_fini(&text);
}

/* 200 destinations of the same rules must not take 200 plans. */
static void equal_rules_take_one_plan(void **state)
{
    struct buf text = {0};
    (void)state;
    struct generation *pair = load_pair("");
    buf_put(&text, S(HEAD));
    for (int i = 0; i < 200; i++)
        buf_printf(&text, "  - {name: d%d, pixel_id: \"%d\", access_token: t%d}\n", i, 100000 + i,
                   i);
    struct load load = {.path = "many.yaml", .own = buf_str(&text)};
    struct generation *many = load_all(&load, &(struct load_problems){0});
    assert_non_null(many);
    assert_true(many->arena.total < 10 * pair->arena.total);
    generation_release(many);
    generation_release(pair);
    buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_rules_count),          cmocka_unit_test(shared_plan_maps_as_its_own),
        cmocka_unit_test(equal_rules_take_one_plan), cmocka_unit_test(rules_have_numbers),
        cmocka_unit_test(tells_who_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
