/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a Meta event that are more than one value: lists of the items of a list, objects of
 * mappings, and objects and fixed lists that a client sent whole. What has nothing in it leaves nothing
 * behind. Part of emit.h. */
#include "map/emit.h"

#include "core/limits.h"
#include "map/explain.h"
#include "map/write.h"

/* --- lists of values ---------------------------------------------------------------------------- */

struct gathering {
    struct value *items;
    size_t count, capacity;
};

static void gather(struct emitter *e, struct gathering *g, const struct value *v)
{
    if (g->count == LIMIT_EACH_ITEMS) return;
    if (g->count == g->capacity) {
        size_t more = g->capacity ? g->capacity * 2 : 16;
        g->items = arena_grow(&e->job->run->scratch, g->items, g->capacity * sizeof *g->items,
                              more * sizeof *g->items);
        g->capacity = more;
    }
    g->items[g->count++] = *v;
}

/* What `[*]` made is taken apart: a value has no lists of that kind in it. */
static void gather_all(struct emitter *e, struct gathering *g, const struct value *v)
{
    if (v->kind != VALUE_LIST) {
        gather(e, g, v);
        return;
    }
    for (size_t i = 0; i < v->count; i++) gather(e, g, &v->items[i]);
}

/* The items of what a list of `each` runs over, one after the other, with their members. */
struct items {
    struct value_walk walk;
    const struct members *asked;
    struct value *members;
    size_t count;
};

static struct items items_begin(struct emitter *e, const struct target *t, const struct value *list)
{
    struct items items = {.walk = value_walk(list), .asked = t->asked};
    items.members = arena_alloc(&e->job->run->scratch, t->asked->count * sizeof *items.members);
    e->job->eval.members = items.members;
    return items;
}

static bool items_next(struct emitter *e, struct items *items)
{
    struct value *item = &e->job->eval.item;
    if (items->count == LIMIT_EACH_ITEMS || !value_next(&items->walk, item)) return false;
    items->count++;
    members_fill(items->asked, item, items->members);
    return true;
}

static void items_end(struct emitter *e)
{
    e->job->eval.item = (struct value){.kind = VALUE_MISSING};
    e->job->eval.members = NULL;
}

static bool each_values(struct emitter *e, const struct target *t, const struct value *list,
                        struct gathering *g)
{
    struct eval *eval = &e->job->eval;
    struct items items = items_begin(e, t, list);
    bool alive = true;
    while (alive && items_next(e, &items)) {
        struct value made;
        const struct value *v = expr_get(t->each_value, eval, &made);
        if (eval->verdict == EXPR_SKIP_ITEM) {
            eval->verdict = EXPR_OK;
        } else if (eval->verdict != EXPR_OK) {
            alive = emit_dead(e, t->path, t->each_value);
        } else if (!value_is_null(v) && v->kind != VALUE_LIST) {
            gather(e, g, v);
        }
    }
    items_end(e);
    return alive;
}

/* Tells explain which part of the present target the next steps belong to. */
static void tell_member(struct emitter *e, struct str name)
{
    if (e->job->eval.explain) explain_member(e->job->eval.explain, name);
}

/* With fixed places what is missing keeps its place. */
static bool list_values(struct emitter *e, const struct target *t, struct gathering *g)
{
    bool slots = t->field && t->field->type == META_SLOTS;
    for (size_t i = 0; i < t->members.count; i++) {
        const struct target *item = t->members.items[i];
        struct value made = {.kind = VALUE_MISSING};
        const struct value *v = &made;
        if (item && slots) tell_member(e, item->name);
        if (item) v = emit_evaluate(e, item, &made);
        if (!v) return false;
        if (slots) {
            gather(e, g, v);
        } else if (!value_is_null(v)) {
            gather_all(e, g, v);
        }
    }
    return true;
}

bool nested_values(struct emitter *e, const struct target *t, const struct value *over,
                   struct value *made)
{
    struct gathering g = {0};
    bool alive = t->form == FORM_EACH ? each_values(e, t, over, &g) : list_values(e, t, &g);
    *made = (struct value){.kind = VALUE_LIST, .items = g.items, .count = g.count};
    return alive;
}

/* --- lists of objects --------------------------------------------------------------------------- */

static struct str item_path(struct emitter *e, struct str list, size_t index, struct str name)
{
    return arena_printf(&e->job->run->scratch, "%.*s[%zu].%.*s", STR_ARG(list), index,
                        STR_ARG(name));
}

static bool no_id(struct emitter *e, struct str path)
{
    outcome_set(e->job->outcome, REASON_INVALID_CONTENTS, path.p,
                "an entry of contents has no id; in `each`, `| or_skip` leaves such entries out");
    return false;
}

/* Writes the members of one object; false when the event is dead. */
static bool put_members(struct emitter *e, const struct target *t, size_t index, bool *has_id)
{
    struct job *job = e->job;
    struct buf *out = job->out;
    size_t start = out->n;
    for (size_t i = 0; i < t->members.count; i++) {
        const struct target *field = t->members.items[i];
        struct value made;
        const struct value *v = expr_get(field->expr, &job->eval, &made);
        if (job->eval.verdict == EXPR_SKIP_ITEM) {
            job->eval.verdict = EXPR_OK;
            buf_cut(out, start);
            return true;
        }
        if (job->eval.verdict != EXPR_OK) {
            return emit_dead(e, item_path(e, t->path, index, field->name), field->expr);
        }
        if (value_is_null(v)) continue;
        size_t before = out->n;
        json_comma(out);
        buf_put(out, field->key);
        if (!emit_value(e, field->field, field->name, v)) {
            buf_cut(out, before);
        } else if (str_eq(field->name, S("id"))) {
            *has_id = true;
        }
    }
    return true;
}

/* Writes one object of the list; *keep is false when it is left out. */
static bool put_item(struct emitter *e, const struct target *t, size_t index, bool *keep)
{
    struct buf *out = e->job->out;
    size_t mark = out->n;
    bool has_id = false;
    json_comma(out);
    buf_putc(out, '{');
    size_t start = out->n;
    if (!put_members(e, t, index, &has_id)) return false;
    *keep = out->n > start;
    if (!*keep) {
        buf_cut(out, mark);
        return true;
    }
    buf_putc(out, '}');
    if (has_id || !t->field || t->field->type != META_CONTENTS) return emit_small(e);
    return no_id(e, item_path(e, t->path, index, S("id")));
}

bool nested_items(struct emitter *e, const struct target *t, const struct value *list)
{
    struct buf *out = e->job->out;
    struct items items = items_begin(e, t, list);
    size_t mark = out->n, count = 0;
    bool alive = true;
    json_comma(out);
    buf_put(out, t->key);
    buf_putc(out, '[');
    while (alive && items_next(e, &items)) {
        bool keep = false;
        alive = put_item(e, t, items.count - 1, &keep);
        count += keep;
    }
    items_end(e);
    if (!alive) return false;
    buf_putc(out, ']');
    if (!count) {
        buf_cut(out, mark);
    } else if (t->field) {
        meta_facts_note(&e->facts, meta_field_index(t->field));
    }
    return true;
}

/* --- objects ------------------------------------------------------------------------------------ */

/* Appends the members of an object or of a list of any values. */
static bool put_all(struct emitter *e, const struct target *t, bool *has_id)
{
    struct buf *out = e->job->out;
    for (size_t i = 0; i < t->members.count; i++) {
        const struct target *member = t->members.items[i];
        size_t mark = out->n;
        if (t->form == FORM_OBJECT) tell_member(e, member->name);
        if (!emit_target(e, member)) return false;
        if (out->n > mark && str_eq(member->name, S("id"))) *has_id = true;
    }
    return true;
}

bool nested_written(struct emitter *e, const struct target *t)
{
    struct buf *out = e->job->out;
    bool object = t->form == FORM_OBJECT, has_id = false;
    size_t mark = out->n;
    json_comma(out);
    buf_put(out, t->key);
    buf_putc(out, object ? '{' : '[');
    size_t start = out->n;
    if (!put_all(e, t, &has_id)) return false;
    if (out->n == start) {
        buf_cut(out, mark);
        return true;
    }
    buf_putc(out, object ? '}' : ']');
    if (t->field) meta_facts_note(&e->facts, meta_field_index(t->field));
    return !t->entry || has_id ||
           no_id(e, arena_printf(&e->job->run->scratch, "%.*s.id", STR_ARG(t->path)));
}

/* The last of equal names counts, as everywhere. */
static yyjson_val *find_last(yyjson_val *object, struct str name)
{
    size_t index, count;
    yyjson_val *key, *value, *found = NULL;
    yyjson_obj_foreach (object, index, count, key, value) {
        if (str_eq(json_str(key), name)) found = value;
    }
    return found;
}

static bool put_known_members(struct emitter *e, enum meta_section section, yyjson_val *object)
{
    struct buf *out = e->job->out;
    size_t count, mark = out->n;
    bool has_id = false;
    const struct meta_field *rows = meta_section_fields(section, &count);
    buf_putc(out, '{');
    for (size_t i = 0; i < count; i++) {
        struct value v = value_of(find_last(object, rows[i].name));
        if (v.kind == VALUE_MISSING || !emit_named(e, &rows[i], rows[i].name, &v)) continue;
        has_id |= str_eq(rows[i].name, S("id"));
    }
    buf_putc(out, '}');
    /* An entry of contents without an id is nothing: Meta refuses it. */
    if (out->n > mark + 2 && (has_id || section != META_CONTENT)) return true;
    buf_cut(out, mark);
    return false;
}

static bool put_contents(struct emitter *e, const struct value *list)
{
    struct buf *out = e->job->out;
    struct value_walk walk = value_walk(list);
    size_t mark = out->n, count = 0;
    buf_putc(out, '[');
    for (struct value item; count < LIMIT_EACH_ITEMS && value_next(&walk, &item);) {
        size_t before = out->n;
        if (item.kind != VALUE_NODE || !yyjson_is_obj(item.node)) continue;
        json_comma(out);
        if (put_known_members(e, META_CONTENT, item.node)) {
            count++;
        } else {
            buf_cut(out, before);
        }
    }
    buf_putc(out, ']');
    if (count) return true;
    buf_cut(out, mark);
    return false;
}

/* Every place is written, "" where nothing is known. */
static bool put_slots(struct emitter *e, enum meta_section section, const struct value *list)
{
    struct buf *out = e->job->out;
    struct value_walk walk = value_walk(list);
    size_t slots, known = 0, mark = out->n;
    const struct meta_field *rows = meta_section_fields(section, &slots);
    buf_putc(out, '[');
    for (size_t i = 0; i < slots; i++) {
        struct value v = {.kind = VALUE_MISSING};
        (void)value_next(&walk, &v); /* beyond its end nothing is known */
        json_comma(out);
        if (write_value(out, &rows[i], &v)) {
            meta_facts_note(&e->facts, meta_field_index(&rows[i]));
            known++;
        } else {
            buf_put(out, S("\"\""));
        }
    }
    buf_putc(out, ']');
    if (known) return true;
    buf_cut(out, mark);
    return false;
}

bool nested_known(struct emitter *e, const struct meta_field *field, const struct value *v)
{
    bool object = v->kind == VALUE_NODE && yyjson_is_obj(v->node);
    bool list = v->kind == VALUE_LIST || (v->kind == VALUE_NODE && yyjson_is_arr(v->node));
    if (field->type == META_CONTENTS) return put_contents(e, v);
    if (field->type == META_OBJECT) return object && put_known_members(e, field->members, v->node);
    return list && put_slots(e, field->members, v);
}
