/* SPDX-License-Identifier: Apache-2.0 */
/* app_data_field: the app and the device, with extinfo's sixteen places. */
#include "import/subscription.h"

static struct piece app_piece(struct subscription *s, const struct object *o, struct str key)
{
    const struct piece empty = {PIECE_ATOM, S_INIT("\"\"")};
    const struct member *m = object_find(o, key);
    struct directives d = subscription_begin(s);
    struct target t = target_expr(key, (struct piece){PIECE_NOTHING, S("")});
    struct str what = subscription_name(s, S("app_data_field"), key);
    if (m) d.apply = m->apply;
    if (m && (!target_make(&d, m->value, false, &t) || t.form != TARGET_EXPR)) {
        target_refused(s->im, what, d.why.n ? d.why : S("no single value"), m->value);
        return empty;
    }
    if (!m && o->base.kind != PIECE_NOTHING)
        t.expr = (struct piece){
            PIECE_ATOM, arena_printf(d.arena, "%.*s.%.*s", STR_ARG(o->base.text), STR_ARG(key))};
    for (size_t i = 0; i < d.remark_count && i < DIRECTIVE_REMARKS; i++)
        writer_note(&s->im->w, "%.*s: %.*s.", STR_ARG(what), STR_ARG(d.remarks[i]));
    return t.expr;
}

/* 1 or 0, and 0 when it is not known. */
static void put_flag(struct subscription *s, const struct object *o, struct str key)
{
    const struct piece zero = {PIECE_ATOM, S_INIT("0")};
    struct piece p = app_piece(s, o, key);
    if (str_eq(p.text, S("\"\""))) p.kind = PIECE_NOTHING;
    p = piece_filter(s->im->arena, p, S("bool | pick(\"true\", 1)"));
    writer_pair(&s->im->w, key, piece_else(s->im->arena, p, S("??"), zero).text);
}

static void put_extinfo(struct subscription *s, const struct object *o)
{
    static const struct str places[] = {
#define X(key) S_INIT(#key),
        PARTNER_EXTINFO(X)
#undef X
    };
    const struct piece empty = {PIECE_ATOM, S_INIT("\"\"")};
    writer_open(&s->im->w, S("extinfo"));
    for (size_t i = 0; i < countof(places); i++) {
        struct piece p = app_piece(s, o, places[i]);
        bool is_fixed = p.kind == PIECE_ATOM && p.text.p[0] == '"';
        if (!is_fixed && p.kind != PIECE_NOTHING)
            p = piece_filter(s->im->arena, piece_else(s->im->arena, p, S("??"), empty), S("text"));
        writer_element(&s->im->w, p.kind == PIECE_NOTHING ? empty.text : p.text);
    }
    writer_close(&s->im->w);
}

static bool is_app_key(struct str key)
{
    static const struct str known[] = {S_INIT("use_app_data"),
                                       S_INIT("advertiser_tracking_enabled"),
                                       S_INIT("application_tracking_enabled"), S_INIT("madId"),
#define X(key) S_INIT(#key),
                                       PARTNER_EXTINFO(X)
#undef X
    };
    for (size_t i = 0; i < countof(known); i++)
        if (str_eq(known[i], key)) return true;
    return false;
}

void app_data_write(struct subscription *s)
{
    yyjson_val *v = yyjson_obj_get(s->mapping, "app_data_field");
    struct directives d = subscription_begin(s);
    struct object o;
    if (!object_read(&d, v, &o)) {
        target_refused(s->im, S("app_data_field"), d.why, v);
        return;
    }
    const struct member *use = object_find(&o, S("use_app_data"));
    yyjson_val *on = use ? directive_unwrap(use->value) : NULL;
    if (subscription_is_no(on)) return; /* then the vendor sends none */
    if (!subscription_is_yes(on)) {
        target_refused(s->im, S("app_data_field"), S("use_app_data is not simply true"), v);
        return;
    }
    for (size_t i = 0; i < o.count; i++)
        if (!is_app_key(o.members[i].name))
            target_refused(s->im, subscription_name(s, S("app_data_field"), o.members[i].name),
                           S("the vendor has no such field and drops it"), o.members[i].value);
    writer_open(&s->im->w, S("app_data"));
    put_flag(s, &o, S("advertiser_tracking_enabled"));
    put_flag(s, &o, S("application_tracking_enabled"));
    struct piece madid = app_piece(s, &o, S("madId"));
    if (madid.kind != PIECE_NOTHING && !str_eq(madid.text, S("\"\"")))
        writer_pair(&s->im->w, S("madid"), madid.text);
    put_extinfo(s, &o);
    writer_close(&s->im->w);
}
