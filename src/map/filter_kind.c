/* SPDX-License-Identifier: Apache-2.0 */
/* Filters about there being a value, its kind, and choice among fixed values. */
#include "core/limits.h"
#include "map/decimal.h"
#include "map/filter.h"
#include "map/trigger.h"

struct value apply_default(struct filter_call *call, struct value in)
{
    return value_is_empty(&in) ? call->use->args[0] : in;
}

struct value apply_required(struct filter_call *call, struct value in)
{
    if (!value_is_empty(&in)) return in;
    return filter_fail(call, EXPR_MISSING, "required, but there is no value");
}

struct value apply_or_skip(struct filter_call *call, struct value in)
{
    return value_is_empty(&in) ? filter_fail(call, EXPR_SKIP_ITEM, "nothing: the item is left out")
                               : in;
}

struct value apply_then(struct filter_call *call, struct value in)
{
    return value_is_empty(&in) ? value_missing() : call->use->args[0];
}

/* --- numbers ------------------------------------------------------------------------------------ */

static struct value number_of(struct filter_call *call, const struct decimal *d)
{
    char digits[DECIMAL_TEXT_BYTES];
    return value_number(arena_str(call->ev->scratch, decimal_print(d, digits)));
}

struct value apply_number(struct filter_call *call, struct value in)
{
    struct decimal d;
    if (in.kind == VALUE_NUMBER) {
        bool fits = decimal_is_short(in.text, 2) || decimal_read(in.text, &d);
        return fits ? in : value_missing();
    }
    if (in.kind != VALUE_TEXT || !decimal_read_amount(in.text, &d)) return value_missing();
    return number_of(call, &d);
}

struct value apply_money(struct filter_call *call, struct value in)
{
    struct decimal d;
    if (value_is_empty(&in)) return value_missing();
    bool single = in.kind == VALUE_NUMBER || in.kind == VALUE_TEXT;
    if (single && decimal_is_short(in.text, 2)) return value_number(in.text);
    bool is_amount = in.kind == VALUE_NUMBER
                         ? decimal_read(in.text, &d)
                         : in.kind == VALUE_TEXT && decimal_read_amount(in.text, &d);
    if (!is_amount) return filter_fail(call, EXPR_INVALID, "not an amount of money");
    decimal_round(&d, 2);
    return number_of(call, &d);
}

struct value apply_round(struct filter_call *call, struct value in)
{
    struct decimal d;
    uint64_t places = 0;
    if (call->use->arg_count)
        (void)str_to_u64(call->use->args[0].text, &places); /* checked when compiled */
    if (!decimal_read(in.text, &d)) return value_missing();
    decimal_round(&d, places < DECIMAL_DIGITS ? (unsigned)places : DECIMAL_DIGITS);
    return number_of(call, &d);
}

struct value apply_int(struct filter_call *call, struct value in)
{
    struct decimal d;
    if (decimal_is_short(in.text, 0)) return in;
    if (!decimal_read(in.text, &d)) return value_missing();
    decimal_cut(&d, 0);
    /* Whole numbers that JavaScript and double keep exactly. */
    if ((int)d.count + d.exponent > 15) return value_missing();
    return number_of(call, &d);
}

/* --- other kinds -------------------------------------------------------------------------------- */

struct value apply_text(struct filter_call *call, struct value in)
{
    (void)call;
    return value_text(in.text);
}

struct value apply_single(struct filter_call *call, struct value in)
{
    if (value_is_empty(&in)) return value_missing();
    bool is_list = in.kind == VALUE_NODE || in.kind == VALUE_LIST;
    return is_list ? filter_fail(call, EXPR_INVALID, "a list or an object, not a single value")
                   : in;
}

struct value apply_bool(struct filter_call *call, struct value in)
{
    bool yes;
    (void)call;
    return value_says(in.text, &yes) ? value_bool(yes) : value_missing();
}

struct value apply_flag(struct filter_call *call, struct value in)
{
    struct value v = apply_bool(call, in);
    return v.kind == VALUE_BOOL ? value_number(v.truth ? S("1") : S("0")) : v;
}

struct value apply_json(struct filter_call *call, struct value in)
{
    size_t mark = call->ev->text->n;
    value_put_json(call->ev->text, &in);
    return filter_made(call, mark);
}

struct value apply_from_json(struct filter_call *call, struct value in)
{
    struct err ignored;
    if (in.kind != VALUE_TEXT) return in;
    yyjson_val *v = json_read(call->ev->scratch, in.text, &ignored);
    return v && json_depth_ok(v, LIMIT_JSON_DEPTH) ? value_of(v) : in;
}

/* --- choice ------------------------------------------------------------------------------------- */

static bool is_same_text(const struct value *literal, struct str text)
{
    struct str literal_text;
    return value_scalar_text(literal, &literal_text) && str_eq(literal_text, text);
}

static bool is_listed(const struct filter_call *call, struct str text)
{
    for (size_t i = 0; i < call->use->arg_count; i++) {
        if (is_same_text(&call->use->args[i], text)) return true;
    }
    return false;
}

struct value apply_pick(struct filter_call *call, struct value in)
{
    for (size_t i = 0; i + 1 < call->use->arg_count; i += 2) {
        if (is_same_text(&call->use->args[i], in.text)) return call->use->args[i + 1];
    }
    return value_missing();
}

struct value apply_one_of(struct filter_call *call, struct value in)
{
    return is_listed(call, in.text) ? in : value_missing();
}

struct value apply_when(struct filter_call *call, struct value in)
{
    return trigger_test(call->use->trigger, call->ev) ? in : value_missing();
}

struct value apply_except(struct filter_call *call, struct value in)
{
    return is_listed(call, in.text) ? value_missing() : in;
}
