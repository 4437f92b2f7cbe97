/* SPDX-License-Identifier: Apache-2.0 */
/* A bench for expressions and triggers: compiles one text and runs it on one event. The text stands
 * in a small file behind "rule: ", so that places and carets are real. */
#ifndef SUPPORT_LANGUAGE_H
#define SUPPORT_LANGUAGE_H

#include "map/trigger.h"

#include "support/check.h"

struct language {
    struct arena arena, scratch;
    struct buf text, out;
    struct diags diags;
    struct source_text file;
    struct expr_scope scope;
    struct event event;
    struct eval eval;
};

static inline void language_init(struct language *l)
{
    *l = (struct language){0};
    diags_init(&l->diags, &l->arena);
    l->file.name = S("rules.yaml");
    l->scope = (struct expr_scope){paths_new(&l->arena), false, &l->arena, &l->diags, NULL};
}

static inline void language_fini(struct language *l)
{
    arena_fini(&l->arena);
    arena_fini(&l->scratch);
    buf_fini(&l->text);
    buf_fini(&l->out);
}

static inline struct text language_text(struct language *l, struct str text)
{
    l->file.content = arena_printf(&l->arena, "rule: %.*s", STR_ARG(text));
    return (struct text){str_from(l->file.content, 6), {&l->file, 1, 7}};
}

/* language_problems is what a person is shown, in l->out. */
static inline struct str language_problems(struct language *l)
{
    buf_clear(&l->out);
    diags_print(&l->out, &l->diags);
    return buf_str(&l->out);
}

/* language_refused: is what a person is shown of the text a case's "error" at its column "at", with the line
 * and a caret, and nothing else? Says so if not. */
static inline bool language_refused(struct language *l, struct str text, yyjson_val *line)
{
    struct buf want = {0};
    struct str message = json_str(json_get(line, "error")), at = json_str(json_get(line, "at"));
    int64_t column = 0;
    (void)str_to_i64(at, &column); /* a case without one fails */
    column += 6;                   /* behind "rule: " */
    buf_printf(&want, "rules.yaml:1:%d: %.*s\n    rule: %.*s\n    %*s^\n", (int)column,
               STR_ARG(message), STR_ARG(text), (int)column - 1, "");
    struct str got = language_problems(l);
    bool ok = str_eq(got, buf_str(&want));
    if (!ok) print_error("got  %.*s\nwant %.*s\n", STR_ARG(got), STR_ARG(buf_str(&want)));
    buf_fini(&want);
    return ok;
}

/* language_fill sets the slots from an event's JSON, which may be NULL. */
static inline void language_fill(struct language *l, yyjson_val *root)
{
    struct parsed_event parsed = {.event = &l->event, .root = root};
    struct value *slots = arena_array(&l->scratch, struct value, paths_count(l->scope.paths) + 1);
    paths_fill(l->scope.paths, &parsed, &l->scratch, slots);
    l->eval.slots = slots;
    l->eval.event = &l->event;
    l->eval.scratch = &l->scratch;
    l->eval.text = &l->text;
}

/* language_eval is the value as JSON, or what became of it: nothing, required, invalid, skipped. In
 * l->out. The buffer of filters must be left as it was. */
static inline struct str language_eval(struct language *l, const struct expr *e)
{
    static const char *const verdicts[] = {
        [EXPR_MISSING] = "required", [EXPR_INVALID] = "invalid", [EXPR_SKIP_ITEM] = "skipped"};
    size_t mark = l->text.n;
    struct value v = expr_eval(e, &l->eval);
    assert_int_equal(l->text.n, mark);
    buf_clear(&l->out);
    if (l->eval.verdict != EXPR_OK) {
        assert_int_equal(v.kind, VALUE_MISSING);
        assert_non_null(l->eval.message);
        buf_put(&l->out, str_z(verdicts[l->eval.verdict]));
    } else if (v.kind == VALUE_MISSING) {
        buf_put(&l->out, S("nothing"));
    } else {
        value_put_json(&l->out, &v);
    }
    return buf_str(&l->out);
}

#endif
