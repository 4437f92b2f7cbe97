/* SPDX-License-Identifier: Apache-2.0 */
/* One subscription's mapping: which key of it becomes which parameter of Meta's. */
#include "import/object.h"
#include "import/partner.h"

#include "meta/fields.h"

#include <assert.h>

#define IN(name) (1U << PARTNER_##name)
#define ALL ((1U << PARTNER_COUNT) - 1)
#define FIVE (IN(purchase) | IN(initiateCheckout) | IN(addToCart) | IN(viewContent) | IN(search))

struct field_row {
    struct str key;
    unsigned actions;
};

static const struct field_row event_fields[] = {
#define X(key, actions) {S_INIT(#key), actions},
    PARTNER_EVENT_FIELDS(X)
#undef X
};
static const struct field_row custom_fields[] = {
#define X(key, actions) {S_INIT(#key), actions},
    PARTNER_CUSTOM_FIELDS(X)
#undef X
};
static const struct {
    struct str key, target;
} user_fields[] = {
#define X(key, target) {S_INIT(key), S_INIT(target)},
    PARTNER_USER_FIELDS(X)
#undef X
};
static const struct {
    unsigned actions;
    struct str json;
} defaults[] = {
#define X(actions, json) {actions, S_INIT(json)},
    PARTNER_DEFAULTS(X)
#undef X
};

struct subscription {
    struct import *im;
    yyjson_val *mapping, *apply;
    unsigned bit;
};

yyjson_val *subscription_default(struct arena *arena, enum partner_action action)
{
    struct buf json = {0};
    struct err err;
    buf_putc(&json, '{');
    for (size_t i = 0; i < countof(defaults); i++) {
        struct str part = defaults[i].json;
        if (!(defaults[i].actions & (1U << action))) continue;
        json_comma(&json);
        buf_put(&json, str_of(part.p + 1, part.n - 2)); /* without its braces */
    }
    buf_putc(&json, '}');
    yyjson_val *v = json_read(arena, buf_str(&json), &err);
    assert(v);
    buf_fini(&json);
    return v;
}

static struct directives begin(const struct subscription *s)
{
    struct directives d;
    directives_init(&d, s->im->arena);
    d.apply = s->apply;
    return d;
}

static struct str full_name(struct import *im, struct str section, struct str name)
{
    struct str shown = writer_shown(im->arena, name, 60);
    return section.n ? arena_printf(im->arena, "%.*s.%.*s", STR_ARG(section), STR_ARG(shown))
                     : shown;
}

/* Writes one parameter; under: what goes before it, or PIECE_NOTHING. */
static void put_target(struct subscription *s, struct directives *d, struct str section,
                       struct str name, yyjson_val *v)
{
    struct target_value t;
    struct str what = full_name(s->im, section, name);
    bool contents = str_eq(name, S("contents")) && str_eq(section, S("custom_data"));
    if (!target_make(d, v, contents, &t)) {
        target_refused(s->im, what, d->why, v);
    } else if (!target_is_nothing(&t)) {
        target_write(s->im, d, name, what, &t);
    }
}

/* --- the event's level -------------------------------------------------------------------------- */

static void put_event_field(struct subscription *s, struct str key)
{
    yyjson_val *v = yyjson_obj_getn(s->mapping, key.p, key.n);
    struct directives d = begin(s);
    struct str fixed = json_str(directive_unwrap(v));
    bool is_source = str_eq(key, S("action_source"));
    bool is_missing = !v || yyjson_is_null(v) || (yyjson_is_str(v) && !fixed.n);
    if (is_missing && (is_source || str_eq(key, S("event_time"))))
        writer_note(&s->im->w,
                    "The mapping has no %.*s, which the vendor and Meta require: every event of "
                    "this action is refused until there is one, for example %s.",
                    STR_ARG(key),
                    is_source ? "action_source: '\"website\"'" : "event_time: timestamp");
    if (is_missing) return;
    if (is_source && yyjson_is_str(directive_unwrap(v))) {
        static const struct str known[] = {S_INIT("email"),
                                           S_INIT("website"),
                                           S_INIT("app"),
                                           S_INIT("phone_call"),
                                           S_INIT("chat"),
                                           S_INIT("physical_store"),
                                           S_INIT("business_messaging"),
                                           S_INIT("system_generated"),
                                           S_INIT("other")};
        bool is_known = false;
        for (size_t i = 0; i < countof(known); i++) is_known |= str_eq(fixed, known[i]);
        if (!is_known)
            writer_note(&s->im->w, "action_source: this is not a word that the vendor or Meta "
                                   "take.");
    }
    put_target(s, &d, S(""), key, v);
}

/* data_processing_options and its country or state, of which the vendor sends 0 when it has none. */
static void put_place(struct subscription *s, struct str key, struct piece on)
{
    yyjson_val *v = yyjson_obj_getn(s->mapping, key.p, key.n);
    const struct piece zero = {PIECE_ATOM, S_INIT("0")};
    struct directives d = begin(s);
    struct target_value t = {.expr = {PIECE_NOTHING, S_INIT("")}};
    if (v && !target_make(&d, v, false, &t)) target_refused(s->im, key, d.why, v);
    bool always = str_eq(on.text, S("true"));
    bool fixed = !v || directive_is_fixed(directive_unwrap(v));
    if (t.expr.kind == PIECE_NOTHING) t.expr = zero;
    if (always && !fixed) t.expr = piece_else(d.arena, t.expr, S("??"), zero);
    if (!always && fixed)
        t.expr = piece_filter(
            d.arena, on,
            arena_printf(d.arena, "bool | pick(\"true\", %.*s)", STR_ARG(t.expr.text)));
    if (!always && !fixed)
        directive_remark(&d, S("there it is only sent together with data_processing_options"));
    target_write(s->im, &d, key, key, &t);
}

static void put_processing(struct subscription *s)
{
    struct str key = S("data_processing_options");
    yyjson_val *v = directive_unwrap(yyjson_obj_getn(s->mapping, key.p, key.n));
    struct directives d = begin(s);
    struct target_value t;
    if (!v || yyjson_is_null(v) || yyjson_is_false(v) || str_eq(json_str(v), S("false"))) return;
    if (!target_make(&d, v, false, &t) || t.is_list) {
        target_refused(s->im, key, d.why.n ? d.why : S("a list"), v);
        return;
    }
    if (str_eq(json_str(v), S("true"))) t.expr = (struct piece){PIECE_ATOM, S("true")};
    struct piece on = t.expr;
    if (str_eq(on.text, S("true"))) {
        t.expr = (struct piece){PIECE_ATOM, S("\"LDU\"")};
    } else {
        t.expr = piece_filter(d.arena, on, S("bool | pick(\"true\", \"LDU\")"));
    }
    target_write(s->im, &d, key, key, &t);
    put_place(s, S("data_processing_options_country"), on);
    put_place(s, S("data_processing_options_state"), on);
}

/* --- user_data ---------------------------------------------------------------------------------- */

static void put_user_member(struct subscription *s, const struct object *o, size_t row)
{
    struct str key = user_fields[row].key, target = user_fields[row].target;
    const struct member *m = object_find(o, key);
    struct directives d = begin(s);
    struct target_value t = {.expr = {PIECE_NOTHING, S_INIT("")}};
    struct str what = full_name(s->im, S("user_data"), target);
    struct piece of_base = o->base;
    if (m) d.apply = m->apply;
    if (m && !target_make(&d, m->value, false, &t)) {
        target_refused(s->im, what, d.why, m->value);
        return;
    }
    if (of_base.kind != PIECE_NOTHING) {
        of_base.text = arena_printf(d.arena, "%.*s.%.*s", STR_ARG(o->base.text), STR_ARG(key));
        t.expr = m && !m->under ? piece_else(d.arena, t.expr, S("??"), of_base)
                                : piece_else(d.arena, of_base, S("??"), t.expr);
    }
    if (!target_is_nothing(&t)) target_write(s->im, &d, target, what, &t);
}

static bool is_user_key(struct str key)
{
    for (size_t i = 0; i < countof(user_fields); i++)
        if (str_eq(user_fields[i].key, key)) return true;
    return false;
}

static void put_user_data(struct subscription *s)
{
    yyjson_val *v = yyjson_obj_get(s->mapping, "user_data");
    struct directives d = begin(s);
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
            target_refused(s->im, full_name(s->im, S("user_data"), o.members[i].name),
                           S("the vendor has no such field and drops it"), o.members[i].value);
    writer_open(&s->im->w, S("user_data"));
    for (size_t i = 0; i < countof(user_fields); i++) put_user_member(s, &o, i);
    writer_close(&s->im->w);
}

/* --- custom_data -------------------------------------------------------------------------------- */

static const struct field_row *custom_field(const struct subscription *s, struct str key)
{
    for (size_t i = 0; i < countof(custom_fields); i++)
        if (str_eq(custom_fields[i].key, key) && (custom_fields[i].actions & s->bit))
            return &custom_fields[i];
    return NULL;
}

/* A field of the action; the customer's own key of that name stands in when it has no value. */
static void put_custom_field(struct subscription *s, const struct object *o, struct str key)
{
    yyjson_val *v = yyjson_obj_getn(s->mapping, key.p, key.n);
    const struct member *own = object_find(o, key);
    struct directives d = begin(s), own_d = begin(s);
    struct target_value t, below;
    struct str what = full_name(s->im, S("custom_data"), key);
    if (!v || yyjson_is_null(v)) v = own ? own->value : NULL;
    if (!v) return;
    bool contents = str_eq(key, S("contents"));
    if (!target_make(&d, v, contents, &t)) {
        target_refused(s->im, what, d.why, v);
        return;
    }
    bool both = own && own->value != v;
    if (both && !t.is_list && target_make(&own_d, own->value, contents, &below) && !below.is_list)
        t.expr = piece_else(d.arena, t.expr, S("??"), below.expr);
    if (!target_is_nothing(&t)) target_write(s->im, &d, key, what, &t);
}

static void put_own_member(struct subscription *s, const struct object *o, const struct member *m)
{
    struct directives d = begin(s);
    struct target_value t;
    struct str what = full_name(s->im, S("custom_data"), m->name);
    d.apply = m->apply;
    if (!target_make(&d, m->value, str_eq(m->name, S("contents")), &t)) {
        target_refused(s->im, what, d.why, m->value);
        return;
    }
    if (m->under && !t.is_list && str_eq(o->base.text, S("properties"))) {
        struct str steps[2] = {S("properties"), m->name};
        t.expr = piece_else(d.arena, piece_path(d.arena, false, steps, 2), S("??"), t.expr);
    }
    if (!target_is_nothing(&t)) target_write(s->im, &d, m->name, what, &t);
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

static void put_custom_data(struct subscription *s)
{
    yyjson_val *v = yyjson_obj_get(s->mapping, "custom_data");
    struct directives d = begin(s);
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
        if (!custom_field(s, o.members[i].name)) put_own_member(s, &o, &o.members[i]);
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

/* --- the rest ----------------------------------------------------------------------------------- */

static bool is_taken(const struct subscription *s, struct str key)
{
    static const struct str others[] = {S_INIT("user_data"),
                                        S_INIT("custom_data"),
                                        S_INIT("event_name"),
                                        S_INIT("data_processing_options"),
                                        S_INIT("data_processing_options_country"),
                                        S_INIT("data_processing_options_state"),
                                        S_INIT("app_data_field"),
                                        S_INIT("test_event_code"),
                                        S_INIT("__segment_internal_sync_mode"),
                                        S_INIT("__segment_internal_directive")};
    for (size_t i = 0; i < countof(event_fields); i++)
        if (str_eq(event_fields[i].key, key)) return true;
    for (size_t i = 0; i < countof(others); i++)
        if (str_eq(others[i], key)) return true;
    return custom_field(s, key) != NULL;
}

static void put_others(struct subscription *s)
{
    size_t index, count;
    yyjson_val *key, *value;
    yyjson_val *code = yyjson_obj_get(s->mapping, "test_event_code");
    yyjson_obj_foreach (s->mapping, index, count, key, value) {
        if (is_taken(s, json_str(key))) continue;
        target_refused(s->im, full_name(s->im, S(""), json_str(key)),
                       S("this action has no such field and the vendor drops it"), value);
    }
    if (code && !yyjson_is_null(code) && json_str(code).n + !yyjson_is_str(code))
        target_refused(s->im, S("test_event_code"),
                       S("it belongs to the destination here, as test_event_code"), code);
}

void subscription_write(struct import *im, yyjson_val *mapping, enum partner_action action,
                        yyjson_val *apply)
{
    struct subscription s = {im, mapping, apply, 1U << action};
    for (size_t i = 0; i < countof(event_fields); i++) put_event_field(&s, event_fields[i].key);
    put_processing(&s);
    put_user_data(&s);
    put_custom_data(&s);
    put_others(&s);
}
