/* SPDX-License-Identifier: Apache-2.0 */
/* Amounts in the smallest unit of their currency, as payment services have them. How many decimals a
 * currency has there is Stripe's list (docs.stripe.com/currencies): it is ISO 4217's but for ISK and UGX,
 * which it keeps writing with two. */
#include "map/decimal.h"
#include "map/filter.h"

static const struct str without_decimals[] = {
    S_INIT("BIF"), S_INIT("CLP"), S_INIT("DJF"), S_INIT("GNF"), S_INIT("JPY"),
    S_INIT("KMF"), S_INIT("KRW"), S_INIT("MGA"), S_INIT("PYG"), S_INIT("RWF"),
    S_INIT("VND"), S_INIT("VUV"), S_INIT("XAF"), S_INIT("XOF"), S_INIT("XPF"),
};
static const struct str three_decimals[] = {
    S_INIT("BHD"), S_INIT("JOD"), S_INIT("KWD"), S_INIT("OMR"), S_INIT("TND"),
};

static bool is_among(struct str code, const struct str *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq_nocase(code, list[i])) return true;
    }
    return false;
}

static int decimals_of(struct str currency)
{
    if (is_among(currency, without_decimals, countof(without_decimals))) return 0;
    return is_among(currency, three_decimals, countof(three_decimals)) ? 3 : 2;
}

static bool member_text(const struct value *object, struct str name, struct str *text)
{
    const struct path_step step = {name, 0};
    struct value v = paths_walk(*object, &step, 1);
    return value_scalar_text(&v, text);
}

struct value apply_minor_units(struct filter_call *call, struct value in)
{
    struct decimal d;
    struct str amount, currency;
    char digits[DECIMAL_TEXT_BYTES];
    if (!member_text(&in, call->use->args[0].text, &amount)) return value_missing();
    if (!member_text(&in, call->use->args[1].text, &currency)) return value_missing();
    if (!decimal_read(amount, &d)) return value_missing();
    if (d.count) d.exponent -= decimals_of(currency);
    return value_number(arena_str(call->ev->scratch, decimal_print(&d, digits)));
}
