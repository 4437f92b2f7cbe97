/* SPDX-License-Identifier: Apache-2.0 */
/* custom_data: the fields of the action, laid over the customer's own keys. */
#include "import/subscription.h"

#include "meta/fields.h"

static const struct field_row custom_fields[] = {
#define X(key, actions) {S_INIT(#key), actions},
    PARTNER_CUSTOM_FIELDS(X)
#undef X
};
bool custom_data_has(const struct subscription *s, struct str key)
{
    for (size_t i = 0; i < countof(custom_fields); i++)
        if (str_eq(custom_fields[i].key, key) && (custom_fields[i].actions & s->bit)) return true;
    return false;
}

/* Can a parameter of custom_data be what was made? */
static bool fits(const struct meta_field *field, const struct target *t)
{
    bool all_plain = true, all_objects = true;
    for (size_t i = 0; i < t->count; i++) {
        all_plain &= t->fields[i].form == TARGET_EXPR;
        all_objects &= t->fields[i].form == TARGET_OBJECT;
    }
    if (!field || field->type == META_JSON || t->form == TARGET_EXPR) return true;
    if (field->type == META_TEXTS)
        return t->form == TARGET_EACH_VALUES || (t->form == TARGET_LIST && all_plain);
    return field->type == META_CONTENTS &&
           (t->form == TARGET_EACH_OBJECTS || (t->form == TARGET_LIST && all_objects));
}

static void put_checked(struct subscription *s, const struct directives *d, struct str what,
                        const struct target *t, yyjson_val *was)
{
    if (fits(meta_field_find(META_CUSTOM, t->name), t)) {
        target_write(s->im, d, what, t);
    } else {
        target_refused(s->im, what, S("Meta wants something else here"), was);
    }
}

/* A field of the action; the customer's own key of that name stands in when it has no value. */
static void put_custom_field(struct subscription *s, const struct object *o, struct str key)
{
    yyjson_val *v = yyjson_obj_getn(s->mapping, key.p, key.n);
    const struct member *own = object_find(o, key);
    struct directives d = subscription_begin(s), own_d = subscription_begin(s);
    struct target t, below;
    struct str what = subscription_name(s, S("custom_data"), key);
    if (!v || yyjson_is_null(v)) v = own ? own->value : NULL;
    if (!v) return;
    bool contents = str_eq(key, S("contents"));
    if (!target_make(&d, v, contents, &t)) {
        target_refused(s->im, what, d.why, v);
        return;
    }
    bool both = own && own->value != v;
    if (both && t.form == TARGET_EXPR && target_make(&own_d, own->value, contents, &below) &&
        below.form == TARGET_EXPR)
        t.expr = piece_else(d.arena, t.expr, S("??"), below.expr);
    t.name = key;
    if (!target_is_nothing(&t)) put_checked(s, &d, what, &t, v);
}

static void put_own_member(struct subscription *s, const struct object *o, const struct member *m)
{
    struct directives d = subscription_begin(s);
    struct target t;
    struct str what = subscription_name(s, S("custom_data"), m->name);
    d.apply = m->apply;
    if (!target_can_be_named(m->name)) {
        target_refused(s->im, what, S("a parameter cannot have this name here"), NULL);
        return;
    }
    if (!target_make(&d, m->value, str_eq(m->name, S("contents")), &t)) {
        target_refused(s->im, what, d.why, m->value);
        return;
    }
    if (m->under && t.form == TARGET_EXPR && str_eq(o->base.text, S("properties"))) {
        struct str steps[2] = {S("properties"), m->name};
        t.expr = piece_else(d.arena, piece_path(d.arena, false, steps, 2), S("??"), t.expr);
    }
    t.name = m->name;
    if (!target_is_nothing(&t)) put_checked(s, &d, what, &t, m->value);
}

/* All properties go along, or an object that has no equal is told. */
static bool take_base(struct subscription *s, const struct object *o, yyjson_val *was)
{
    if (o->base.kind == PIECE_NOTHING) return false;
    if (!str_eq(o->base.text, S("properties"))) {
        target_refused(s->im, S("custom_data"),
                       S("an object of the event as a whole, which only properties can be"), was);
        return false;
    }
    return true;
}

void custom_data_write(struct subscription *s)
{
    yyjson_val *v = yyjson_obj_get(s->mapping, "custom_data");
    struct directives d = subscription_begin(s);
    struct object o;
    if (!object_read(&d, v, &o)) target_refused(s->im, S("custom_data"), d.why, v);
    if (s->bit & IN(pageView)) {
        if (o.count || o.base.kind != PIECE_NOTHING)
            target_refused(s->im, S("custom_data"), S("the vendor never sends it with a PageView"),
                           v);
        o.count = 0;
        o.base.kind = PIECE_NOTHING;
    }
    bool all = take_base(s, &o, v);
    writer_open(&s->im->w, S("custom_data"));
    for (size_t i = 0; i < o.count; i++)
        if (!custom_data_has(s, o.members[i].name)) put_own_member(s, &o, &o.members[i]);
    for (size_t i = 0; i < countof(custom_fields); i++)
        if (custom_fields[i].actions & s->bit) put_custom_field(s, &o, custom_fields[i].key);
    writer_close(&s->im->w);
    for (size_t i = 0; i < d.remark_count && i < DIRECTIVE_REMARKS; i++)
        writer_note(&s->im->w, "custom_data: %.*s.", STR_ARG(d.remarks[i]));
    if (all)
        writer_note(&s->im->w,
                    "All properties go along, nested ones as dotted names. Names that look "
                    "personal (email, phone, city, ...) stay out, which the vendor does not do; "
                    "pii: {defaults: false} would let them through.");
    writer_plain(&s->im->w, S("properties"), all ? S("all") : S("none"));
}
