/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an event, through the standard preset and through the rules of a busy destination:
 * either valid Meta events, each small enough and with a deadline, or a verdict with words; and the
 * same again with explain. */
#include "conf/presets.h"
#include "core/limits.h"
#include "map/explain.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char config_text[] =
    "sources:\n  - { name: web, write_key: k }\n"
    "destinations:\n"
    "  - { name: plain, pixel_id: \"1\", access_token: t }\n"
    "  - name: busy\n"
    "    pixel_id: \"2\"\n"
    "    access_token: t\n"
    "    filter: not contains(properties.internal, \"yes\")\n"
    "    events: { Debug Ping: drop, Plan Bought: Purchase,\n"
    "      Signed Up: { send: Lead, pixel_id: \"3\" } }\n"
    "    pii: { hash: [loyalty], deny: [iban], allow: [city] }\n"
    "    user_data: { em: traits.emails || properties.email, external_id: { each: properties.ids,\n"
    "      value: .id || . } }\n"
    "    actions:\n"
    "      - { name: A, trigger: properties.a = 1, send: A }\n"
    "      - name: B\n"
    "        trigger: type = \"identify\" or event = \"B\"\n"
    "        event_name: properties.name | upper\n"
    "        custom_data: { lines: { each: properties.items, code: .sku | or_skip, at: . } }\n"
    "    hold:\n"
    "      - { name: a, trigger: type = \"track\", key: properties.any || properties.a, until: "
    "event = \"B\", until_key: properties.name, cancel: properties.c = 1, then: send }\n"
    "      - { name: b, trigger: properties.b != null, key: userId | upper, until: userId = 1 }\n"
    "  - name: nested\n"
    "    pixel_id: \"4\"\n"
    "    access_token: t\n"
    "    compat: param-builder\n"
    "    pii: { values: drop, only: [em, ph, external_id, app_data, mine, contents, deep, url] }\n"
    "    original_event_data: properties.original\n"
    "    app_data: { vendor_id: context.device.id, extinfo: context.extinfo }\n"
    "    user_data: { em: [traits.email, properties.email], ct: traits.city }\n"
    "    custom_data:\n"
    "      contents: properties.contents\n"
    "      mine: { a: properties.any, l: [properties.a, { b: properties.any }, [properties.c]] }\n"
    "    actions:\n"
    "      - { name: C, trigger: lowercase(event) = \"b\" or length(properties.l) > 1, send: C }\n";

enum { PLANS = 3 };

struct world {
    struct arena arena;
    struct plan *plans[PLANS];
    struct run *run;
    struct explain *explain;
    struct buf out, told, story;
};

static void print_and_abort(struct diags *diags)
{
    struct buf out = {0};
    diags_print(&out, diags);
    fprintf(stderr, "%.*s", STR_ARG(buf_str(&out)));
    abort();
}

static struct world *world(void)
{
    static struct world w;
    struct diags diags;
    if (w.run) return &w;
    w.run = run_new();
    w.explain = explain_new(false);
    diags_init(&diags, &w.arena);
    struct config *config = config_parse(S("fuzz.yaml"), str_z(config_text), &w.arena, &diags);
    if (!config) print_and_abort(&diags);
    for (size_t i = 0; i < preset_count; i++) {
        if (!str_eq(presets[i].name, S("standard"))) continue;
        struct destination_conf *preset =
            preset_parse(presets[i].file, presets[i].text, &w.arena, &diags);
        if (!preset) print_and_abort(&diags);
        for (size_t j = 0; j < PLANS; j++) {
            w.plans[j] = plan_compile(&config->destinations[j], preset, &w.arena, &diags);
            if (!w.plans[j]) print_and_abort(&diags);
        }
    }
    return &w;
}

static void check_sends(const struct translation *t, struct str out)
{
    static struct arena arena;
    struct err err;
    for (size_t i = 0; i < t->send_count; i++) {
        struct str json = str_of(out.p + t->sends[i].json_at, t->sends[i].json_n);
        yyjson_val *root = json_read(&arena, json, &err);
        assert(yyjson_is_obj(root) && json.n <= LIMIT_OUT_EVENT_BYTES + 64);
        assert(json_get(root, "event_name") && json_get(root, "event_time"));
        assert(yyjson_obj_size(json_get(root, "user_data")) > 0);
        assert(t->sends[i].deadline_ms > 0 && t->sends[i].pixel_id.n);
        arena_reset(&arena);
    }
}

static void check_holds(const struct translation *t)
{
    assert(t->confirm_count <= LIMIT_HOLDS && t->hold_count <= LIMIT_HOLDS);
    assert(t->send_count || !t->hold_count);
    for (size_t i = 0; i < t->hold_count; i++) {
        const struct held_by *by = &t->holds[i];
        struct hold_key key = hold_key_make(by->name, by->key_text); /* reads all of both */
        assert(by->key_text.n && hold_key_eq(&key, &by->key));
        assert(by->until_ms <= translation_deadline_ms(t));
    }
}

static void map_one(struct world *w, const struct plan *plan, const struct parsed_event *parsed)
{
    static struct translation t, told;
    const int64_t now_ms = INT64_C(1768478400000);
    buf_clear(&w->out);
    buf_clear(&w->told);
    buf_clear(&w->story);
    plan_run(plan, w->run, parsed, now_ms, &w->out, &t, NULL);
    if (t.send_count) {
        assert(t.outcome.reason == REASON_NONE);
        check_sends(&t, buf_str(&w->out));
    } else {
        assert(t.outcome.reason != REASON_NONE && t.outcome.message[0] && !w->out.n);
    }
    check_holds(&t);
    plan_run(plan, w->run, parsed, now_ms, &w->told, &told, w->explain);
    assert(told.hold_count == t.hold_count && told.confirm_count == t.confirm_count);
    assert(told.redacted == t.redacted);
    assert(told.send_count == t.send_count && told.outcome.reason == t.outcome.reason);
    assert(str_eq(buf_str(&w->told), buf_str(&w->out)));
    explain_print(w->explain, &told, buf_str(&w->told), &w->story);
    assert(w->story.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *w = world();
    struct parsed_event parsed;
    struct event e = {.source = S("web"),
                      .address = S("203.0.113.7"),
                      .flags = size % 2 ? EVENT_FROM_BROWSER : 0,
                      .received_ms = INT64_C(1768478400000),
                      .json = str_of((const char *)data, size)};
    run_parse(w->run, &e, &parsed);
    for (size_t i = 0; i < countof(w->plans); i++) map_one(w, w->plans[i], &parsed);
    return 0;
}
