/* SPDX-License-Identifier: Apache-2.0 */
/* Values that the configuration writes out, as an object or a list with an expression for each member.
 * A member without a value is left out, and so is an object or list without members. */
#include "map/emit.h"

#include "map/write.h"

static struct str member_path(struct emitter *e, struct str path, const struct target *t,
                              size_t index)
{
    struct arena *arena = &e->job->run->scratch;
    if (t->name.n) return arena_printf(arena, "%.*s.%.*s", STR_ARG(path), STR_ARG(t->name));
    return arena_printf(arena, "%.*s[%zu]", STR_ARG(path), index);
}

/* Appends a member's value, or nothing. */
static bool put_leaf(struct emitter *e, struct str path, const struct target *t)
{
    struct job *job = e->job;
    struct value v = expr_eval(t->expr, &job->eval);
    if (job->eval.verdict != EXPR_OK) return emit_dead_expr(e, path, t->expr);
    (void)write_value(job->out, t->field, &v); /* what has no value is left out */
    return emit_small(e);
}

/* Meta refuses an entry of contents without an id. */
static bool check_id(struct emitter *e, struct str path, bool has_id)
{
    if (has_id) return true;
    path = arena_printf(&e->job->run->scratch, "%.*s.id", STR_ARG(path));
    outcome_set(e->job->outcome, REASON_INVALID_CONTENTS, path.p, "an entry of contents has no id");
    return false;
}

/* Appends the object or list, or nothing. contents: each object in it is an entry of contents. */
static bool put_members(struct emitter *e, struct str path, const struct target *t, bool contents)
{
    struct buf *out = e->job->out;
    size_t mark = out->n;
    bool has_id = false;
    buf_putc(out, t->is_list ? '[' : '{');
    size_t start = out->n;
    for (size_t i = 0; i < t->members->count; i++) {
        const struct target *member = t->members->items[i];
        struct str at = member_path(e, path, member, i);
        size_t before = out->n;
        json_comma(out);
        if (!t->is_list) buf_put(out, member->key);
        size_t value = out->n;
        bool alive =
            member->members ? put_members(e, at, member, contents) : put_leaf(e, at, member);
        if (!alive) return false;
        if (out->n == value) {
            buf_cut(out, before);
        } else if (str_eq(member->name, S("id"))) {
            has_id = true;
        }
    }
    if (out->n == start) {
        buf_cut(out, mark);
        return true;
    }
    buf_putc(out, t->is_list ? ']' : '}');
    return t->is_list || !contents || check_id(e, path, has_id);
}

static struct str target_path(struct emitter *e, enum meta_section section, const struct target *t)
{
    if (section == META_EVENT) return t->name;
    return arena_printf(&e->job->run->scratch, "%.*s.%.*s", STR_ARG(meta_section_name(section)),
                        STR_ARG(t->name));
}

bool written_put(struct emitter *e, enum meta_section section, const struct target *t)
{
    struct buf *out = e->job->out;
    const struct value none = {.kind = VALUE_MISSING};
    size_t mark = out->n;
    json_comma(out);
    buf_put(out, t->key);
    size_t value = out->n;
    bool contents = t->field && t->field->type == META_CONTENTS;
    if (!put_members(e, target_path(e, section, t), t, contents)) return false;
    if (out->n == value) {
        buf_cut(out, mark);
    } else if (t->field) {
        emit_note(e, t->field, &none, buf_since(out, value));
    }
    return true;
}

bool written_list(struct emitter *e, struct str path, const struct target *t, struct value *v)
{
    struct job *job = e->job;
    size_t count = 0;
    struct value *items = arena_array(&job->run->scratch, struct value, t->members->count);
    for (size_t i = 0; i < t->members->count; i++) {
        const struct target *member = t->members->items[i];
        struct value item = expr_eval(member->expr, &job->eval);
        if (job->eval.verdict != EXPR_OK)
            return emit_dead_expr(e, member_path(e, path, member, i), member->expr);
        if (!value_is_null(&item) && item.kind != VALUE_LIST) items[count++] = item;
    }
    if (count) *v = (struct value){.kind = VALUE_LIST, .items = items, .count = count};
    return true;
}
