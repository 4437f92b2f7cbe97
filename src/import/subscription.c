/* SPDX-License-Identifier: Apache-2.0 */
/* One subscription's mapping: the event's own parameters, and what has no equal. */
#include "import/subscription.h"

#include "meta/fields.h"

#include <assert.h>

static const struct field_row event_fields[] = {
#define X(key, actions) {S_INIT(#key), actions},
    PARTNER_EVENT_FIELDS(X)
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

struct directives subscription_begin(const struct subscription *s)
{
    struct directives d;
    directives_init(&d, s->im->arena);
    d.apply = s->apply;
    return d;
}

struct str subscription_name(const struct subscription *s, struct str section, struct str name)
{
    struct str shown = writer_shown(s->im->arena, name, 60);
    return section.n ? arena_printf(s->im->arena, "%.*s.%.*s", STR_ARG(section), STR_ARG(shown))
                     : shown;
}

/* --- the event's level -------------------------------------------------------------------------- */

static void tell_missing(struct subscription *s, struct str key, const char *example)
{
    writer_note(&s->im->w,
                "The mapping has no %.*s, which the vendor and Meta require: every event of this "
                "action is refused until there is one, for example %s.",
                STR_ARG(key), example);
}

/* A fixed action_source can be judged now. */
static void check_source(struct subscription *s, struct str word)
{
    const struct meta_field *field = meta_field_find(META_EVENT, S("action_source"));
    bool known = false;
    for (size_t i = 0; i < field->word_count; i++) known |= str_eq_nocase(word, field->words[i]);
    if (!known)
        writer_note(&s->im->w, "action_source: neither the vendor nor Meta know this word, so "
                               "every event of this action is refused.");
}

static void put_event_field(struct subscription *s, struct str key)
{
    yyjson_val *v = directive_unwrap(yyjson_obj_getn(s->mapping, key.p, key.n));
    struct directives d = subscription_begin(s);
    struct target t;
    bool is_source = str_eq(key, S("action_source"));
    bool is_missing = !v || yyjson_is_null(v) || (yyjson_is_str(v) && !json_str(v).n);
    if (is_missing && is_source) tell_missing(s, key, "action_source: '\"website\"'");
    if (is_missing && str_eq(key, S("event_time"))) tell_missing(s, key, "event_time: timestamp");
    if (is_missing) return;
    if (is_source && yyjson_is_str(v)) check_source(s, json_str(v));
    if (!target_make(&d, v, false, &t) || t.form != TARGET_EXPR) {
        target_refused(s->im, key, d.why.n ? d.why : S("no single value"), v);
        return;
    }
    t.name = key;
    if (!target_is_nothing(&t)) target_write(s->im, &d, key, &t);
}

bool subscription_is_yes(yyjson_val *v)
{
    return yyjson_is_true(v) || str_eq(json_str(v), S("true")) || str_eq(json_str(v), S("1"));
}

bool subscription_is_no(yyjson_val *v)
{
    if (!v || yyjson_is_null(v) || yyjson_is_false(v)) return true;
    return str_eq(json_str(v), S("false")) || str_eq(json_str(v), S("0"));
}

/* data_processing_options and its country or state, of which the vendor sends 0 when it has none. */
static void put_place(struct subscription *s, struct str key, struct piece on)
{
    yyjson_val *v = yyjson_obj_getn(s->mapping, key.p, key.n);
    const struct piece zero = {PIECE_ATOM, S_INIT("0")};
    struct directives d = subscription_begin(s);
    struct target t = target_expr(key, (struct piece){PIECE_NOTHING, S("")});
    if (v && (!target_make(&d, v, false, &t) || t.form != TARGET_EXPR)) {
        target_refused(s->im, key, d.why.n ? d.why : S("no single value"), v);
        t = target_expr(key, zero);
        v = NULL;
    }
    t.name = key;
    bool fixed = !v || directive_is_fixed(directive_unwrap(v));
    if (t.expr.kind == PIECE_NOTHING) t.expr = zero;
    if (!fixed) t.expr = piece_else(d.arena, t.expr, S("??"), zero);
    if (!str_eq(on.text, S("true"))) { /* what the filter bool takes for true */
        static const char words[] = "[\"true\", \"1\", \"yes\", \"on\"]";
        struct str test = arena_printf(d.arena, "%.*s = true or %.*s = 1 or lowercase(%.*s) in %s",
                                       STR_ARG(on.text), STR_ARG(on.text), STR_ARG(on.text), words);
        (void)piece_filter_text(d.arena, &t.expr, S("when"), test); /* a path has no NUL */
    }
    target_write(s->im, &d, key, &t);
}

static void put_processing(struct subscription *s)
{
    struct str key = S("data_processing_options");
    struct str all = S("data_processing_options, with its country and state,");
    yyjson_val *v = directive_unwrap(yyjson_obj_getn(s->mapping, key.p, key.n));
    struct directives d = subscription_begin(s);
    struct target t;
    if (subscription_is_no(v)) return;
    if (!target_make(&d, v, false, &t) || t.form != TARGET_EXPR) {
        target_refused(s->im, all, d.why.n ? d.why : S("no yes or no"), v);
        return;
    }
    t.name = key;
    if (subscription_is_yes(v)) t.expr = (struct piece){PIECE_ATOM, S("true")};
    bool is_path = t.expr.kind == PIECE_ATOM && !directive_is_fixed(v);
    if (!is_path && !str_eq(t.expr.text, S("true"))) {
        target_refused(s->im, all, S("neither yes, no nor a path"), v);
        return;
    }
    struct piece on = t.expr;
    if (str_eq(on.text, S("true"))) {
        t.expr = (struct piece){PIECE_ATOM, S("\"LDU\"")};
    } else {
        t.expr = piece_filter(d.arena, on, S("bool | pick(\"true\", \"LDU\")"));
    }
    target_write(s->im, &d, key, &t);
    put_place(s, S("data_processing_options_country"), on);
    put_place(s, S("data_processing_options_state"), on);
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
    return custom_data_has(s, key);
}

static void put_others(struct subscription *s)
{
    size_t index, count;
    yyjson_val *key, *value;
    yyjson_val *code = yyjson_obj_get(s->mapping, "test_event_code");
    yyjson_obj_foreach (s->mapping, index, count, key, value) {
        if (is_taken(s, json_str(key))) continue;
        target_refused(s->im, subscription_name(s, S(""), json_str(key)),
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
    app_data_write(&s);
    user_data_write(&s);
    custom_data_write(&s);
    put_others(&s);
}
