/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a trigger, on an event: what stands behind a zero byte, or a fixed one. No crash, and
 * either an answer that "not" turns round, or one problem of one line inside the text. When a trigger
 * is filed under one event name, it is false of all others. */
#include "base/text.h"
#include "core/limits.h"
#include "map/trigger.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char plain_event[] =
    "{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":5,\"properties\":{\"a\":5,\"b\":"
    "\"text\",\"c\":[1,\"x\",null],\"p\":[{\"id\":1},{\"id\":\"a\"}],\"t\":true,\"n\":null}}";

struct bench {
    struct arena arena, scratch;
    struct diags diags;
    struct expr_scope scope;
    struct source_text file;
};

static bool answer(struct bench *b, const struct trigger *t, yyjson_val *root)
{
    struct event event = {.source = S("s")};
    struct buf text = {0};
    struct parsed_event parsed = {.event = &event, .root = root};
    struct value *slots = arena_array(&b->scratch, struct value, paths_count(b->scope.paths) + 1);
    paths_fill(b->scope.paths, &parsed, &b->scratch, slots);
    struct eval eval = {.slots = slots, .event = &event, .scratch = &b->scratch, .text = &text};
    bool truth = trigger_test(t, &eval);
    buf_fini(&text);
    return truth;
}

struct look {
    struct str name; /* the event's */
    bool met;
};

static void look_at_name(void *ctx, struct str name, bool lowered)
{
    struct look *look = ctx;
    struct buf low = {0};
    text_lower(&low, look->name);
    look->met |= str_eq(name, lowered ? buf_str(&low) : look->name);
    buf_fini(&low);
}

static void judge(struct bench *b, const struct trigger *t, struct str text, struct str json)
{
    struct err err;
    yyjson_val *root = json_read(&b->scratch, json, &err);
    if (root && !json_depth_ok(root, LIMIT_JSON_DEPTH)) root = NULL;
    bool truth = answer(b, t, root);
    struct path_step step = {.key = S("event")};
    struct value event = paths_walk(value_of(root), &step, 1);
    struct look look = {.name = event.kind == VALUE_TEXT ? event.text : S("")};
    if (trigger_event_names(t, look_at_name, &look)) assert(!truth || look.met);
    struct str opposite = arena_printf(&b->arena, "not(%.*s)", STR_ARG(text));
    struct trigger *not_t = trigger_compile(&b->scope, (struct text){opposite, {&b->file, 1, 1}});
    if (not_t) assert(answer(b, not_t, root) != truth); /* NULL: at a limit */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bench b = {.file = {S("fuzz"), str_of((const char *)data, size)}};
    struct str text, json;
    if (!str_cut(b.file.content, '\0', &text, &json)) json = str_z(plain_event);
    diags_init(&b.diags, &b.arena);
    b.scope = (struct expr_scope){paths_new(&b.arena), false, &b.arena, &b.diags, NULL};
    struct trigger *t = trigger_compile(&b.scope, (struct text){text, {&b.file, 1, 1}});
    assert(b.diags.count == (t ? 0 : 1));
    if (t) {
        judge(&b, t, text, json);
    } else {
        assert(b.diags.items[0].loc.column <= text.n + 1);
        assert(str_find_char(b.diags.items[0].message, '\n', 0) == SIZE_MAX);
    }
    arena_fini(&b.arena);
    arena_fini(&b.scratch);
    return 0;
}
