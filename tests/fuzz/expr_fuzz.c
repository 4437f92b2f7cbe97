/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as an expression, on an event: what stands behind a zero byte, or a fixed one. No crash,
 * bounded memory, and either a value that is JSON or one problem of one line inside the text. */
#include "core/limits.h"
#include "map/expr.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char plain_event[] =
    "{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":5,\"channel\":\"web\","
    "\"timestamp\":\"2026-11-21T18:04:05Z\",\"properties\":{\"a\":\" 1.234,50 \",\"b\":1.005,"
    "\"u\":\"https://x.example/?a=%41+b&fbclid=c#h\",\"d\":\"2025-10-09\",\"e\":\"\",\"n\":null,"
    "\"p\":[{\"id\":1,\"t\":[\"x\",\"\\u017d\"]},{\"id\":\"a\"},null,[1,[2]]]},\"traits\":{"
    "\"name\":"
    "\"Jane van Doe\"}}";

static void evaluate(const struct expr *e, const struct paths *paths, struct str json,
                     struct arena *scratch)
{
    struct event event = {.received_ms = 1795284245123, .sent_ms = 1795284240000, .source = S("s")};
    struct buf text = {0}, out = {0};
    struct err err;
    struct parsed_event parsed = {.event = &event, .root = json_read(scratch, json, &err)};
    if (parsed.root && !json_depth_ok(parsed.root, LIMIT_JSON_DEPTH)) parsed.root = NULL;
    struct value *slots = arena_array(scratch, struct value, paths_count(paths) + 1);
    paths_fill(paths, &parsed, scratch, slots);
    struct eval eval = {.slots = slots, .event = &event, .scratch = scratch, .text = &text};
    eval.item = value_of(json_get(parsed.root, "properties"));
    struct value v = expr_eval(e, &eval);
    assert(text.n == 0);
    assert(eval.verdict == EXPR_OK ? !eval.message : v.kind == VALUE_MISSING && eval.message);
    value_put_json(&out, &v);
    assert(json_read(scratch, buf_str(&out), &err));
    buf_fini(&text);
    buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0}, scratch = {0};
    struct diags diags;
    struct str text, json;
    struct source_text file = {S("fuzz"), str_of((const char *)data, size)};
    if (!str_cut(file.content, '\0', &text, &json)) json = str_z(plain_event);
    diags_init(&diags, &arena);
    struct expr_scope scope = {paths_new(&arena), true, &arena, &diags, NULL};
    struct expr *e = expr_compile(&scope, (struct text){text, {&file, 1, 1}});
    assert(diags.count == (e ? 0 : 1));
    if (e) {
        evaluate(e, scope.paths, json, &scratch);
    } else {
        assert(diags.items[0].loc.column <= text.n + 1);
        assert(str_find_char(diags.items[0].message, '\n', 0) == SIZE_MAX);
    }
    arena_fini(&arena);
    arena_fini(&scratch);
    return 0;
}
