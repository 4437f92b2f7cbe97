/* SPDX-License-Identifier: Apache-2.0 */
/* map/view.c: what a view makes of a body, in tests/cases/map/views.ndjson; the presets for webhooks, one
 * test each: it compiles, and does what tests/cases/presets/webhooks/NAME.ndjson says. */
#include "support/mapping_case.h"

enum { PRESETS_MAX = 32 };

static void cases(void **state)
{
    (void)state;
    mapping_case_file("tests/cases/map/views.ndjson", S(""));
}

static void preset(void **state)
{
    const struct preset *preset = *state;
    char path[256];
    (void)snprintf(path, sizeof path, "tests/cases/presets/webhooks/%.*s.ndjson",
                   STR_ARG(preset->name));
    mapping_case_file(path, S(""));
}

/* The same run sees one event after the other, with and without a view, as delivery does. */
static void nothing_stays_of_the_last_event(void **state)
{
    static struct mapping_world w;
    (void)state;
    mapping_open(&w, S(""));
    const struct webhook_conf *conf = webhook_preset_parse(
        S("hook.yaml"), S("event: {type: '\"track\"', event: kind, userId: user}"), &w.arena,
        &w.diags);
    const struct view *view = view_compile(&conf->event, &w.arena, &w.diags);
    for (size_t i = 0; i < 3; i++) {
        struct event hook = {.json = i ? S("{\"kind\":\"Lead\",\"user\":\"u\"}") : S("{}")};
        struct event plain = {.json = S("{\"type\":\"track\",\"event\":\"Contact\",\"userId\":1}")};
        struct parsed_event parsed;
        run_parse(w.run, &hook, &parsed);
        view_apply(view, w.run, mapping_time(S(MAPPING_NOW)), &parsed);
        assert_non_null(parsed.root);
        check_str(json_str(json_get(parsed.root, "event")), i ? "Lead" : "");
        run_parse(w.run, &plain, &parsed);
        check_str(json_str(json_get(parsed.root, "event")), "Contact");
    }
    mapping_close(&w);
}

/* A large part of the body asked for a thousand times is refused, not written. */
static void bodies_cannot_blow_up(void **state)
{
    static struct mapping_world w;
    struct buf body = {0};
    (void)state;
    mapping_open(&w, S(""));
    const struct webhook_conf *conf = webhook_preset_parse(
        S("hook.yaml"), S("event: {properties: {all: {each: items, value: items}}}"), &w.arena,
        &w.diags);
    const struct view *view = view_compile(&conf->event, &w.arena, &w.diags);
    buf_put(&body, S("{\"items\":["));
    for (size_t i = 0; i < 20000; i++) buf_put(&body, i ? S(",1234567") : S("1"));
    buf_put(&body, S("]}"));
    struct event hook = {.json = buf_str(&body)};
    struct parsed_event parsed;
    run_parse(w.run, &hook, &parsed);
    view_apply(view, w.run, 0, &parsed);
    assert_null(parsed.root);
    assert_int_equal(parsed.reject, REASON_EVENT_TOO_LARGE);
    buf_fini(&body);
    mapping_close(&w);
}

int main(void)
{
    static struct CMUnitTest tests[PRESETS_MAX + 3] = {
        cmocka_unit_test(cases),
        cmocka_unit_test(nothing_stays_of_the_last_event),
        cmocka_unit_test(bodies_cannot_blow_up),
    };
    if (webhook_preset_count > PRESETS_MAX) return 1;
    for (size_t i = 0; i < webhook_preset_count; i++) {
        tests[3 + i].name = webhook_presets[i].name.p;
        tests[3 + i].test_func = preset;
        tests[3 + i].initial_state = (void *)(uintptr_t)&webhook_presets[i];
    }
    return _cmocka_run_group_tests("view", tests, 3 + webhook_preset_count, NULL, NULL);
}
