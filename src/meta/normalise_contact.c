/* SPDX-License-Identifier: Apache-2.0 */
/* E-mail addresses and phone numbers. */
#include "meta/normalise.h"

#include "base/text.h"
#include "meta/country.h"

/* --- e-mail ------------------------------------------------------------------------------------- */

enum { EMAIL_MAX = 254, EMAIL_LOCAL_MAX = 64 }; /* RFC 5321 */

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

#define BIT(c) (UINT64_C(1) << (c))

/* What may stand in an unquoted local part (RFC 5322), once capitals are small: letters, digits, dots and
 * !#$%&'*+-/=?^_`{|}~. That is all from ! to ? but for eight, and all from ^ to ~. */
static bool is_local_char(char c)
{
    static const uint64_t refused =
        BIT('"') | BIT('(') | BIT(')') | BIT(',') | BIT(':') | BIT(';') | BIT('<') | BIT('>');
    if (c <= ' ') return false;
    return c <= '?' ? !(refused >> c & 1) : c >= '^' && c <= '~';
}

/* No dot at either end, no two in a row. */
static bool are_dots_single(struct str s)
{
    if (s.n == 0 || s.p[0] == '.' || s.p[s.n - 1] == '.') return false;
    return str_find(s, S(".."), 0) == SIZE_MAX;
}

static bool is_local(struct str s)
{
    if (s.n > EMAIL_LOCAL_MAX || !are_dots_single(s)) return false;
    for (size_t i = 0; i < s.n; i++)
        if (!is_local_char(s.p[i])) return false;
    return true;
}

/* Labels of letters, digits and inner hyphens; the last of two characters or more, a letter first. */
static bool is_domain(struct str s)
{
    if (!are_dots_single(s)) return false;
    struct str label = s, rest = s;
    size_t labels = 0;
    for (bool more = true; more; labels++) {
        more = str_cut(rest, '.', &label, &rest);
        if (label.p[0] == '-' || label.p[label.n - 1] == '-') return false;
        for (size_t i = 0; i < label.n; i++)
            if (!is_letter(label.p[i]) && !is_digit(label.p[i]) && label.p[i] != '-') return false;
    }
    return labels >= 2 && label.n >= 2 && is_letter(label.p[0]);
}

bool normalise_email(const struct meta_context *ctx, struct str in, struct buf *out)
{
    (void)ctx;
    size_t mark = out->n;
    in = text_trim(in);
    if (in.n > EMAIL_MAX) return false;
    text_lower(out, in);
    struct str local, domain;
    bool ok =
        str_cut(buf_since(out, mark), '@', &local, &domain) && is_local(local) && is_domain(domain);
    if (!ok) buf_cut(out, mark);
    return ok;
}

/* --- phone -------------------------------------------------------------------------------------- */

enum {
    PHONE_MIN = 7,
    PHONE_MAX = 15,        /* E.164, country code included */
    PHONE_DIGITS_MAX = 24, /* with a dialling prefix and zeros in front; more is no phone number */
};

/* The decimal digits of a phone number as they were written. */
struct phone {
    char digits[PHONE_DIGITS_MAX];
    size_t n;
    bool plus; /* a plus sign before the first digit */
};

/* ASCII, Arabic-Indic, Persian, Devanagari, full-width; -1 when c is none of these digits. */
static int digit_of(int32_t c)
{
    static const int32_t zeros[] = {0x660, 0x6F0, 0x966, 0xFF10};
    if (c < 0x80) return c >= '0' && c <= '9' ? c - '0' : -1;
    for (size_t i = 0; i < countof(zeros); i++)
        if (c >= zeros[i] && c <= zeros[i] + 9) return c - zeros[i];
    return -1;
}

static bool read_phone(struct str in, struct phone *phone)
{
    *phone = (struct phone){.n = 0};
    for (size_t at = 0; at < in.n;) {
        int32_t c = text_next(in, &at);
        int digit = digit_of(c);
        if (phone->n == 0 && (c == '+' || c == 0xFF0B)) phone->plus = true;
        if (c < 0) return false;
        if (digit < 0) continue;
        if (phone->n == PHONE_DIGITS_MAX) return false;
        phone->digits[phone->n++] = (char)('0' + digit);
    }
    return phone->n > 0;
}

/* What is dialled before an international number, where it is not 00. By calling code. */
static struct str exit_prefix(struct str calling)
{
    static const struct {
        struct str calling, prefix;
    } exits[] = {
        {S_INIT("1"), S_INIT("011")},   {S_INIT("7"), S_INIT("810")},
        {S_INIT("61"), S_INIT("0011")}, {S_INIT("81"), S_INIT("010")},
        {S_INIT("375"), S_INIT("810")}, {S_INIT("993"), S_INIT("810")},
    };
    for (size_t i = 0; i < countof(exits); i++)
        if (str_eq(exits[i].calling, calling)) return exits[i].prefix;
    return S("00");
}

static bool fits(const struct country *country, size_t digits)
{
    return digits >= country->digits_min && digits <= country->digits_max;
}

/* Takes a number as dialled inside the country apart: what follows the calling code, or an empty view
 * when it does not look like a number of this country (then it is left as it is). */
static struct str national_number(const struct country *country, struct str digits)
{
    struct str calling = str_z(country->calling), trunk = str_z(country->trunk);
    const struct str none = {NULL, 0};
    if (trunk.n && str_starts(digits, trunk) && fits(country, digits.n - trunk.n))
        return str_from(digits, trunk.n);
    /* Where a trunk prefix is the custom, a number without it that begins with the calling code more
     * likely is international; elsewhere a length that fits is a national number. */
    bool coded = str_starts(digits, calling) && fits(country, digits.n - calling.n);
    if (coded && trunk.n) return none;
    return fits(country, digits.n) ? digits : none;
}

static struct str drop_zeros(struct str digits)
{
    while (digits.n && digits.p[0] == '0') digits = str_from(digits, 1);
    return digits;
}

static bool put_phone(struct buf *out, struct str calling, struct str digits)
{
    size_t n = calling.n + digits.n;
    if (n < PHONE_MIN || n > PHONE_MAX) return false;
    buf_put(out, calling);
    buf_put(out, digits);
    return true;
}

bool normalise_phone(const struct meta_context *ctx, struct str in, struct buf *out)
{
    struct phone phone;
    if (!read_phone(in, &phone)) return false;
    struct str digits = str_of(phone.digits, phone.n), no_calling = {NULL, 0};
    const struct country *country = country_find(normalise_context_country(ctx));
    if (phone.plus || !country || !country->calling[0])
        return put_phone(out, no_calling, drop_zeros(digits));
    struct str calling = str_z(country->calling), exit = exit_prefix(calling);
    if (str_starts(digits, exit))
        return put_phone(out, no_calling, drop_zeros(str_from(digits, exit.n)));
    if (str_starts(digits, S("00"))) return put_phone(out, no_calling, drop_zeros(digits));
    struct str number = national_number(country, digits);
    if (number.n) return put_phone(out, calling, number);
    return put_phone(out, no_calling, drop_zeros(digits));
}
