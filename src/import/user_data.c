/* SPDX-License-Identifier: Apache-2.0 */
/* user_data: the vendor's names of the person's data become Meta's. */
#include "import/subscription.h"

#include "meta/fields.h"

static const struct {
    struct str key, target;
} user_fields[] = {
#define X(key, target) {S_INIT(key), S_INIT(target)},
    PARTNER_USER_FIELDS(X)
#undef X
};
/* The vendor hashes ids in small letters; so do Meta's own libraries. Whatever may be a list is lowered
 * item by item. */
static void lower_ids(struct directives *d, struct target *t)
{
    struct str text = t->expr.text;
    const struct piece item = {PIECE_ATOM, S_INIT(".")};
    bool single = str_find_char(text, '.', 0) == SIZE_MAX || text.p[0] == '"';
    if (t->form == TARGET_LIST) {
        for (size_t i = 0; i < t->count; i++)
            if (t->fields[i].form == TARGET_EXPR)
                t->fields[i].expr = piece_filter(d->arena, t->fields[i].expr, S("lower"));
    } else if (t->form == TARGET_EXPR && single) {
        t->expr = piece_filter(d->arena, t->expr, S("lower"));
    } else if (t->form == TARGET_EXPR) {
        t->fields = arena_new(d->arena, struct target);
        t->fields[0] = target_expr(S(""), piece_filter(d->arena, item, S("lower")));
        t->count = 1;
        t->form = TARGET_EACH_VALUES;
    } else if (t->form == TARGET_EACH_VALUES) {
        t->fields[0].expr = piece_filter(d->arena, t->fields[0].expr, S("lower"));
    }
}

/* Lists are for the parameters that Meta takes several of. */
static bool fits(struct str target, const struct target *t)
{
    const struct meta_field *field = meta_field_find(META_USER, target);
    if (t->form == TARGET_EXPR || t->form == TARGET_EACH_VALUES) return true;
    for (size_t i = 0; i < t->count; i++)
        if (t->fields[i].form != TARGET_EXPR) return false;
    return t->form == TARGET_LIST && field->list;
}

static void put_user_member(struct subscription *s, const struct object *o, size_t row)
{
    struct str key = user_fields[row].key, target = user_fields[row].target;
    const struct member *m = object_find(o, key);
    struct directives d = subscription_begin(s);
    struct target t = target_expr(target, (struct piece){PIECE_NOTHING, S("")});
    struct str what = subscription_name(s, S("user_data"), target);
    struct piece of_base = o->base;
    if (m) d.apply = m->apply;
    if (m && !target_make(&d, m->value, false, &t)) {
        target_refused(s->im, what, d.why, m->value);
        return;
    }
    if (of_base.kind != PIECE_NOTHING && t.form == TARGET_EXPR) {
        of_base.text = arena_printf(d.arena, "%.*s.%.*s", STR_ARG(o->base.text), STR_ARG(key));
        t.expr = m && !m->under ? piece_else(d.arena, t.expr, S("??"), of_base)
                                : piece_else(d.arena, of_base, S("??"), t.expr);
    }
    if (target_is_nothing(&t)) return;
    if (!fits(target, &t)) {
        target_refused(s->im, what, S("no single value"), m ? m->value : NULL);
        return;
    }
    t.name = target;
    if (str_eq(target, S("external_id"))) lower_ids(&d, &t);
    target_write(s->im, &d, what, &t);
}

static bool is_user_key(struct str key)
{
    for (size_t i = 0; i < countof(user_fields); i++)
        if (str_eq(user_fields[i].key, key)) return true;
    return false;
}

void user_data_write(struct subscription *s)
{
    yyjson_val *v = yyjson_obj_get(s->mapping, "user_data");
    struct directives d = subscription_begin(s);
    struct object o;
    if (!v || yyjson_is_null(v)) {
        writer_note(&s->im->w, "The mapping has no user_data, which the vendor and Meta require: "
                               "every event of this action is refused until there is some.");
        return;
    }
    if (!object_read(&d, v, &o)) {
        target_refused(s->im, S("user_data"), d.why, v);
        return;
    }
    for (size_t i = 0; i < o.count; i++)
        if (!is_user_key(o.members[i].name))
            target_refused(s->im, subscription_name(s, S("user_data"), o.members[i].name),
                           S("the vendor has no such field and drops it"), o.members[i].value);
    writer_open(&s->im->w, S("user_data"));
    for (size_t i = 0; i < countof(user_fields); i++) put_user_member(s, &o, i);
    writer_close(&s->im->w);
}
