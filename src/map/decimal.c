/* SPDX-License-Identifier: Apache-2.0 */
/* See decimal.h. */
#include "map/decimal.h"

#include "base/text.h"

#include <assert.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* --- reading ------------------------------------------------------------------------------------ */

static int read_exponent(struct str s)
{
    bool negative = s.n && s.p[0] == '-';
    int value = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_digit(s.p[i])) continue; /* the sign */
        if (value < 100000) value = value * 10 + (s.p[i] - '0');
    }
    return negative ? -value : value;
}

/* Digits with at most one point among them, few enough to be within a double's reach: most numbers in
 * events. False for all others, numbers or not. */
static bool read_plain(struct str s, struct decimal *out)
{
    enum { PLAIN_MAX = 16 };
    char digits[PLAIN_MAX];
    size_t count = 0, point = SIZE_MAX;
    if (s.n > PLAIN_MAX) return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (is_digit(c)) {
            if (count || c != '0') digits[count++] = c;
        } else if (c == '.' && point == SIZE_MAX) {
            point = i;
        } else {
            return false;
        }
    }
    if (s.n == (point != SIZE_MAX)) return false; /* no digits */
    out->negative = false;
    out->count = count;
    out->exponent = count && point != SIZE_MAX ? -(int)(s.n - 1 - point) : 0;
    memcpy(out->digits, digits, count);
    return true;
}

bool decimal_read(struct str s, struct decimal *out)
{
    if (read_plain(s, out)) return true;
    double ignored;
    struct decimal d = {.negative = s.n && s.p[0] == '-'};
    bool behind_point = false;
    if (!str_to_double(s, &ignored)) return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == 'e' || c == 'E') {
            d.exponent += read_exponent(str_from(s, i + 1));
            break;
        }
        if (c == '.') behind_point = true;
        if (!is_digit(c)) continue;
        if (behind_point) d.exponent--;
        if (d.count || c != '0') d.digits[d.count++] = c;
    }
    if (!d.count || d.exponent + (int)d.count < -300) d = (struct decimal){0};
    *out = d;
    return true;
}

bool decimal_is_short(struct str s, unsigned places)
{
    enum { SHORT_MAX = 15 };
    size_t point = s.n;
    if (!s.n || s.n > SHORT_MAX || (s.p[0] == '0' && s.n > 1 && s.p[1] != '.')) return false;
    for (size_t i = 0; i < s.n; i++) {
        if (is_digit(s.p[i])) continue;
        if (s.p[i] != '.' || point < s.n || !i) return false;
        point = i;
    }
    size_t behind = s.n - point; /* with the point */
    return !behind || (behind > 1 && behind <= places + 1 && s.p[s.n - 1] != '0');
}

/* The currency signs that stand before or behind amounts in shops: all of Unicode's Sc that have a
 * currency in use. */
static struct str strip_currency(struct str s)
{
    static const struct str signs[] = {
        S_INIT("$"),
        S_INIT("\xC2\xA3"),
        S_INIT("\xC2\xA5"),
        S_INIT("\xE2\x82\xAC"),
        S_INIT("\xE2\x82\xB9"),
        S_INIT("\xE2\x82\xA9"),
        S_INIT("\xE2\x82\xBD"),
        S_INIT("\xE2\x82\xBA"),
        S_INIT("\xE2\x82\xB4"),
        S_INIT("\xE2\x82\xAA"),
        S_INIT("\xE2\x82\xAB"),
        S_INIT("\xE0\xB8\xBF"),
    };
    for (size_t i = 0; i < countof(signs); i++) {
        if (str_starts(s, signs[i])) return text_trim(str_from(s, signs[i].n));
        if (str_ends(s, signs[i])) return text_trim(str_head(s, s.n - signs[i].n));
    }
    return s;
}

/* An amount taken apart at its separators. */
struct groups {
    char digits[DECIMAL_DIGITS];
    size_t starts[DECIMAL_DIGITS];   /* of each group, in digits */
    char separators[DECIMAL_DIGITS]; /* between group i and i + 1: , . ' or blank */
    size_t digit_count, count;
};

static char separator_at(struct str s, size_t *at)
{
    int32_t c = text_next(s, at);
    if (c == ',' || c == '.' || c == '\'') return (char)c;
    if (c == 0x2019) return '\'';                             /* Swiss typography */
    return c == ' ' || c == 0xA0 || c == 0x202F ? ' ' : '\0'; /* also no-break spaces */
}

static bool split_groups(struct str s, struct groups *g)
{
    *g = (struct groups){.count = 1};
    for (size_t at = 0; at < s.n;) {
        if (g->digit_count == DECIMAL_DIGITS - 2) return false;
        if (is_digit(s.p[at])) {
            g->digits[g->digit_count++] = s.p[at++];
            continue;
        }
        char separator = separator_at(s, &at);
        if (!separator || g->starts[g->count - 1] == g->digit_count) return false;
        g->separators[g->count - 1] = separator;
        g->starts[g->count++] = g->digit_count;
    }
    return g->starts[g->count - 1] < g->digit_count;
}

static size_t group_length(const struct groups *g, size_t i)
{
    return (i + 1 < g->count ? g->starts[i + 1] : g->digit_count) - g->starts[i];
}

/* Are the first count groups one number in thousands: 1 to 3 digits, then always 3, and one kind of
 * separator? */
static bool is_thousands(const struct groups *g, size_t count)
{
    if (group_length(g, 0) > 3 || g->digits[0] == '0') return false;
    for (size_t i = 1; i < count; i++) {
        if (group_length(g, i) != 3 || g->separators[i - 1] != g->separators[0]) return false;
    }
    return true;
}

/* Where the decimals begin (an offset in digits); false when there are two ways to read it. */
static bool find_point(const struct groups *g, size_t *point)
{
    size_t last = g->count - 1;
    char separator = last ? g->separators[last - 1] : '\0';
    *point = g->starts[last];
    if (!last) {
        *point = g->digit_count;
        return true;
    }
    bool can_be_point = separator == '.' || separator == ',';
    if (last == 1 && can_be_point) return !is_thousands(g, 2); /* 1.234 alone was read before */
    if (is_thousands(g, g->count)) {
        *point = g->digit_count;
        return true;
    }
    return can_be_point && is_thousands(g, last) && g->separators[0] != separator;
}

bool decimal_read_amount(struct str s, struct decimal *out)
{
    struct groups g;
    size_t point;
    char plain[DECIMAL_DIGITS + 3];
    s = text_trim(s);
    if (decimal_read(s, out)) return true;
    bool negative = str_starts(s, S("-"));
    if (negative) s = text_trim(str_from(s, 1));
    s = strip_currency(s);
    if (!negative && str_starts(s, S("-"))) { /* $-5 */
        negative = true;
        s = str_from(s, 1);
    }
    if (!split_groups(s, &g) || !find_point(&g, &point)) return false;
    size_t n = 0;
    if (negative) plain[n++] = '-';
    memcpy(plain + n, g.digits, point);
    n += point;
    plain[n++] = '.';
    memcpy(plain + n, g.digits + point, g.digit_count - point);
    n += g.digit_count - point;
    return decimal_read(str_of(plain, n), out);
}

/* --- rounding ----------------------------------------------------------------------------------- */

static void drop_trailing_zeros(struct decimal *d)
{
    while (d->count && d->exponent < 0 && d->digits[d->count - 1] == '0') {
        d->count--;
        d->exponent++;
    }
    if (!d->count) *d = (struct decimal){0};
}

static void add_one(struct decimal *d)
{
    size_t i = d->count;
    while (i && d->digits[i - 1] == '9') d->digits[--i] = '0';
    if (i) {
        d->digits[i - 1]++;
        return;
    }
    assert(d->count < DECIMAL_DIGITS); /* rounding dropped at least one digit */
    memmove(d->digits + 1, d->digits, d->count);
    d->digits[0] = '1';
    d->count++;
}

/* Drops the digits behind places and returns the first of them. */
static char drop_digits(struct decimal *d, unsigned places)
{
    int extra = -d->exponent - (int)places;
    if (extra <= 0) return '0';
    char first = extra <= (int)d->count ? d->digits[d->count - (size_t)extra] : '0';
    d->count = extra < (int)d->count ? d->count - (size_t)extra : 0;
    d->exponent = -(int)places;
    return first;
}

void decimal_cut(struct decimal *d, unsigned places)
{
    (void)drop_digits(d, places);
    drop_trailing_zeros(d);
}

void decimal_round(struct decimal *d, unsigned places)
{
    if (drop_digits(d, places) >= '5') add_one(d);
    drop_trailing_zeros(d);
}

bool decimal_multiply(struct decimal *d, uint64_t count)
{
    char digits[DECIMAL_DIGITS];
    size_t n = DECIMAL_DIGITS;
    uint64_t carry = 0;
    if (count > 1000000) return false;
    for (size_t i = d->count; i > 0 || carry;) {
        if (i) carry += (uint64_t)(d->digits[--i] - '0') * count;
        if (!n) return false;
        digits[--n] = (char)('0' + carry % 10);
        carry /= 10;
    }
    while (n < DECIMAL_DIGITS && digits[n] == '0') n++;
    d->count = DECIMAL_DIGITS - n;
    memcpy(d->digits, digits + n, d->count);
    if (!d->count) *d = (struct decimal){0};
    return true;
}

/* --- printing ----------------------------------------------------------------------------------- */

static void put_zeros(char *out, size_t *n, int count)
{
    for (int i = 0; i < count; i++) out[(*n)++] = '0';
}

struct str decimal_print(const struct decimal *d, char out[DECIMAL_TEXT_BYTES])
{
    size_t n = 0;
    int whole = (int)d->count + d->exponent; /* digits before the point */
    assert(whole <= 320 && d->exponent >= -460);
    if (!d->count) out[n++] = '0';
    if (d->negative) out[n++] = '-';
    if (d->count && whole <= 0) {
        out[n++] = '0';
        out[n++] = '.';
        put_zeros(out, &n, -whole);
        whole = 0;
    }
    for (size_t i = 0; i < d->count; i++) {
        if (i && i == (size_t)whole) out[n++] = '.';
        out[n++] = d->digits[i];
    }
    put_zeros(out, &n, d->exponent);
    assert(n < DECIMAL_TEXT_BYTES);
    return str_of(out, n);
}
