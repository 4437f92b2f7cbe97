/* SPDX-License-Identifier: Apache-2.0 */
/* See decimal.h. A number is taken apart into its significant digits and the place of its point:
 * 0.0123 is the digits 123 with the point at -1. Digits behind the one that decides about rounding
 * are never looked at, so the work is bounded whatever a client sends. */
#include "map/decimal.h"

#include <assert.h>

enum { DIGITS = DECIMAL_DIGITS + 8, EXPONENT_MAX = 10000 };

struct decimal {
    bool negative;
    bool more;     /* non-zero digits were cut off */
    int64_t point; /* the point stands behind this many digits; may be negative */
    unsigned count;
    char digits[DIGITS + 1]; /* one in front for a carry */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t skip_digits(struct str s, size_t at)
{
    while (at < s.n && is_digit(s.p[at])) at++;
    return at;
}

/* The length of the JSON number at the start of s; 0 when there is none. */
static size_t number_length(struct str s)
{
    size_t at = s.n && s.p[0] == '-', start = at;
    at = skip_digits(s, at);
    if (at == start || (s.p[start] == '0' && at > start + 1)) return 0;
    if (at < s.n && s.p[at] == '.') {
        start = ++at;
        at = skip_digits(s, at);
        if (at == start) return 0;
    }
    if (at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
        at++;
        if (at < s.n && (s.p[at] == '+' || s.p[at] == '-')) at++;
        start = at;
        at = skip_digits(s, at);
        if (at == start) return 0;
    }
    return at;
}

bool decimal_read(struct str text, struct str *number)
{
    struct str s = str_trim(text);
    if (s.n > 1 && s.p[0] == '+' && is_digit(s.p[1])) s = str_from(s, 1);
    if (!s.n || number_length(s) != s.n) return false;
    *number = s;
    return true;
}

static void add_digit(struct decimal *d, char digit)
{
    if (!d->count && digit == '0') {
        d->point--; /* a leading zero says nothing but where the point is */
    } else if (d->count < DIGITS) {
        d->digits[1 + d->count++] = digit;
    } else if (digit != '0') {
        d->more = true;
    }
}

static void take_apart(struct str s, struct decimal *d)
{
    size_t at = 0;
    *d = (struct decimal){.negative = s.p[0] == '-'};
    if (d->negative) at++;
    for (; at < s.n && is_digit(s.p[at]); at++) {
        d->point++;
        add_digit(d, s.p[at]);
    }
    if (at < s.n && s.p[at] == '.') {
        for (at++; at < s.n && is_digit(s.p[at]); at++) add_digit(d, s.p[at]);
    }
    if (at >= s.n) return;
    bool down = s.p[++at] == '-';
    int64_t exponent = 0;
    for (; at < s.n; at++) {
        if (is_digit(s.p[at]) && exponent < EXPONENT_MAX) exponent = exponent * 10 + s.p[at] - '0';
    }
    d->point += down ? -exponent : exponent;
}

/* Keeps keep digits, rounding half away from zero. */
static void cut(struct decimal *d, int64_t keep)
{
    if (keep >= d->count) return;
    bool up = keep >= 0 && d->digits[1 + keep] >= '5';
    d->count = keep > 0 ? (unsigned)keep : 0;
    if (!up) return;
    unsigned at = d->count;
    d->digits[0] = '0';
    while (d->digits[at] == '9') d->digits[at--] = '0';
    d->digits[at]++;
    if (at) return;
    memmove(d->digits + 1, d->digits, d->count + 1);
    d->count++;
    d->point++;
}

static void put(const struct decimal *d, struct buf *out)
{
    unsigned count = d->count;
    while (count && d->digits[count] == '0') count--;
    if (!count) {
        buf_putc(out, '0');
        return;
    }
    if (d->negative) buf_putc(out, '-');
    if (d->point <= 0) buf_putc(out, '0');
    for (int64_t i = 0; i < d->point; i++) buf_putc(out, i < count ? d->digits[1 + i] : '0');
    if (d->point >= count) return;
    buf_putc(out, '.');
    for (int64_t i = d->point; i < 0; i++) buf_putc(out, '0');
    for (int64_t i = d->point > 0 ? d->point : 0; i < count; i++) buf_putc(out, d->digits[1 + i]);
}

bool decimal_round(struct str number, unsigned places, struct buf *out)
{
    struct decimal d;
    assert(number_length(number) == number.n && places <= 6);
    take_apart(number, &d);
    if (d.count && d.point > DECIMAL_DIGITS) return false;
    cut(&d, d.point + (int64_t)places);
    put(&d, out);
    return true;
}

bool decimal_integer(struct str number, struct buf *out)
{
    struct decimal d;
    assert(number_length(number) == number.n);
    take_apart(number, &d);
    if (d.count && d.point > DECIMAL_DIGITS) return false;
    for (int64_t i = d.point > 0 ? d.point : 0; i < d.count; i++) {
        if (d.digits[1 + i] != '0') return false;
    }
    if (d.more) return false;
    put(&d, out);
    return true;
}
