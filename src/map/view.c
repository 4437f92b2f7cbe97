/* SPDX-License-Identifier: Apache-2.0 */
/* See view.h. The mappings of the configuration become a tree of parts; a run fills the slots of all
 * paths, writes the parts as JSON text and reads that text as the event. Webhooks are few beside what
 * SDKs send, so clearness goes before speed here; still nothing is allocated from event to event. */
#include "map/view.h"

#include "core/limits.h"
#include "map/emit.h"
#include "map/field.h"

/* One member of an object, or one item of a list. */
struct part {
    struct text name;
    enum mapping_form form;
    const struct expr *expr;  /* EXPRESSION; EACH: the list */
    const struct expr *value; /* EACH: of an item, without members */
    const struct part *members;
    size_t count;
};

struct view {
    struct paths *paths;
    const struct part *members;
    size_t count;
};

/* --- compiling ---------------------------------------------------------------------------------- */

static const struct str names[] = {
#define X(name, KIND, meaning) S_INIT(#name),
    ROOTS(X)
#undef X
};

static void check_name(const struct text *name, struct diags *diags)
{
    for (size_t i = 0; i < countof(names); i++) {
        if (str_eq(names[i], name->text) && !str_eq(name->text, S("envelope"))) return;
    }
    struct str near = diag_suggest(name->text, names, countof(names));
    if (near.n && !str_eq(near, S("envelope"))) {
        diag_add(diags, name->loc, "an event has no \"%.*s\"; did you mean \"%.*s\"?",
                 STR_ARG(name->text), STR_ARG(near));
    } else {
        diag_add(diags, name->loc,
                 "an event has no \"%.*s\"; it has type, event, userId, messageId, timestamp, "
                 "properties, traits, context, ...",
                 STR_ARG(name->text));
    }
}

static const struct expr *compile_expr(const struct expr_scope *scope, struct text text,
                                       bool in_each)
{
    struct expr_scope inner = *scope;
    inner.in_each = in_each;
    return text.text.p ? expr_compile(&inner, text) : NULL;
}

/* Recursion: as deep as YAML may be. */
static const struct part *compile_parts(const struct expr_scope *scope, const struct mappings *list,
                                        bool in_each, size_t *count)
{
    struct part *parts = arena_array(scope->arena, struct part, list->count);
    *count = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct mapping *m = &list->items[i];
        if (m->removed) continue;
        struct part *part = &parts[(*count)++];
        bool each = m->form == MAPPING_EACH;
        part->name = m->target;
        part->form = m->form;
        part->expr = compile_expr(scope, each ? m->each : m->expr, in_each);
        part->value = compile_expr(scope, m->each_value, true);
        part->members = compile_parts(scope, &m->fields, each, &part->count);
    }
    return parts;
}

const struct view *view_compile(const struct mappings *event, struct arena *arena,
                                struct diags *diags)
{
    size_t problems = diags->count + diags->dropped;
    struct view *view = arena_new(arena, struct view);
    view->paths = paths_new_native(arena);
    const struct expr_scope scope = {view->paths, false, arena, diags, NULL};
    for (size_t i = 0; i < event->count; i++) check_name(&event->items[i].target, diags);
    view->members = compile_parts(&scope, event, false, &view->count);
    return view->count && diags->count + diags->dropped == problems ? view : NULL;
}

/* --- writing ------------------------------------------------------------------------------------ */

struct writing {
    struct eval eval;
    struct buf *out;
    bool too_large; /* a large part of the body was asked for many times */
};

static bool put_part(struct writing *w, const struct part *part);

/* Between brackets; what has nothing in it leaves nothing behind. */
static bool put_parts(struct writing *w, const struct part *part, char open, char close)
{
    size_t mark = w->out->n;
    buf_putc(w->out, open);
    for (size_t i = 0; i < part->count; i++) {
        const struct part *member = &part->members[i];
        size_t before = w->out->n;
        if (open == '{') {
            json_key(w->out, member->name.text);
        } else {
            json_comma(w->out);
        }
        if (!put_part(w, member)) buf_cut(w->out, before);
    }
    buf_putc(w->out, close);
    if (w->out->n > mark + 2) return true;
    buf_cut(w->out, mark);
    return false;
}

static bool put_value(struct writing *w, const struct expr *expr)
{
    struct value v = expr_eval(expr, &w->eval);
    if (w->eval.verdict != EXPR_OK || w->too_large || value_is_null(&v)) return false;
    value_put_json(w->out, &v);
    w->too_large = w->out->n > LIMIT_OUT_EVENT_BYTES;
    return true;
}

static bool put_each(struct writing *w, const struct part *part)
{
    size_t mark = w->out->n, count = 0;
    struct value list = expr_eval(part->expr, &w->eval);
    struct value_walk walk = value_walk(&list);
    buf_putc(w->out, '[');
    while (w->eval.verdict == EXPR_OK && !w->too_large && count < LIMIT_EACH_ITEMS &&
           value_next(&walk, &w->eval.item)) {
        size_t before = w->out->n;
        json_comma(w->out);
        bool put = part->value ? put_value(w, part->value) : put_parts(w, part, '{', '}');
        bool skipped = w->eval.verdict == EXPR_SKIP_ITEM;
        if (skipped) w->eval.verdict = EXPR_OK;
        if (!put || skipped) buf_cut(w->out, before);
        count += put && !skipped;
    }
    buf_putc(w->out, ']');
    w->eval.item = (struct value){.kind = VALUE_MISSING};
    if (!count) buf_cut(w->out, mark);
    return count > 0;
}

/* Appends the value; false, with nothing of it appended, when there is none. */
static bool put_part(struct writing *w, const struct part *part)
{
    if (w->eval.verdict != EXPR_OK) return false;
    switch (part->form) {
    case MAPPING_EXPRESSION: return put_value(w, part->expr);
    case MAPPING_EACH: return put_each(w, part);
    case MAPPING_OBJECT: return put_parts(w, part, '{', '}');
    case MAPPING_LIST: return put_parts(w, part, '[', ']');
    }
    return false;
}

static void reject(struct parsed_event *event, enum reason reason)
{
    event->root = NULL;
    event->reject = reason;
}

void view_apply(const struct view *view, struct run *r, int64_t now_ms, struct parsed_event *event)
{
    struct err err;
    if (!event->root) return;
    arena_reset(&r->scratch);
    buf_clear(&r->text);
    buf_clear(&r->view);
    struct value *slots = arena_array(&r->scratch, struct value, paths_count(view->paths));
    paths_fill(view->paths, event, &r->scratch, slots);
    struct writing w = {
        .eval = {.slots = slots,
                 .event = event->event,
                 .now_ms = now_ms,
                 .scratch = &r->scratch,
                 .text = &r->text},
        .out = &r->view,
    };
    const struct part whole = {.members = view->members, .count = view->count};
    if (!put_parts(&w, &whole, '{', '}')) buf_put(&r->view, S("{}"));
    if (w.too_large) {
        reject(event, REASON_EVENT_TOO_LARGE);
        return;
    }
    if (w.eval.verdict != EXPR_OK) {
        reject(event, w.eval.verdict == EXPR_INVALID ? REASON_INVALID_VALUE : REASON_MISSING_FIELD);
        return;
    }
    event->shape.count = 0;
    event->root = json_read(&r->parsed, buf_str(&r->view), &err);
    if (!json_depth_ok(event->root, LIMIT_JSON_DEPTH)) reject(event, REASON_EVENT_TOO_DEEP);
}
