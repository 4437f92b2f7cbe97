/* SPDX-License-Identifier: Apache-2.0 */
/* See str.h. Nothing here allocates or depends on the locale. */
#include "base/str.h"

#include <endian.h>
#include <math.h>
#include <stdlib.h>

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_eq_folded(struct str a, struct str b)
{
    for (size_t i = 0; i < a.n; i++) {
        if (fold(a.p[i]) != fold(b.p[i])) return false;
    }
    return true;
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    if (order) return order;
    return (a.n > b.n) - (a.n < b.n);
}

/* Needles are short and texts too: going from one first byte to the next beats memmem's preparations. */
size_t str_find(struct str s, struct str needle, size_t start)
{
    if (start > s.n) return SIZE_MAX;
    if (!needle.n) return start;
    while (s.n - start >= needle.n) {
        const char *hit = memchr(s.p + start, needle.p[0], s.n - start - needle.n + 1);
        if (!hit) return SIZE_MAX;
        if (!memcmp(hit, needle.p, needle.n)) return (size_t)(hit - s.p);
        start = (size_t)(hit - s.p) + 1;
    }
    return SIZE_MAX;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim_spaces(struct str s)
{
    while (s.n && is_space(s.p[0])) s = str_from(s, 1);
    while (s.n && is_space(s.p[s.n - 1])) s.n--;
    return s;
}

bool str_to_u64(struct str s, uint64_t *out)
{
    uint64_t value = 0;
    if (!s.n) return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit = (unsigned char)s.p[i] - '0';
        if (digit > 9 || value > (UINT64_MAX - digit) / 10) return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

bool str_to_i64(struct str s, int64_t *out)
{
    bool negative = s.n && s.p[0] == '-';
    uint64_t value;
    if (!str_to_u64(negative ? str_from(s, 1) : s, &value)) return false;
    if (value > (uint64_t)INT64_MAX + (negative ? 1U : 0U)) return false;
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

/* Checks the shape by hand first, because strtod takes hex, "inf", "nan" and leading blanks. */
static bool is_number_text(struct str s)
{
    size_t i = 0, digits = 0;
    if (i < s.n && (s.p[i] == '+' || s.p[i] == '-')) i++;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) digits++;
    if (i < s.n && s.p[i] == '.') {
        for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) digits++;
    }
    if (!digits) return false;
    if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        i++;
        if (i < s.n && (s.p[i] == '+' || s.p[i] == '-')) i++;
        size_t exponent_start = i;
        while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9') i++;
        if (i == exponent_start) return false;
    }
    return i == s.n;
}

/* Eight digits as a number, all at once: each step joins neighbours, tens before ones. */
static bool eight_digits(const char *p, uint64_t *out)
{
    uint64_t word = le64toh(str_read_8(p)) ^ 0x3030303030303030ULL;
    if (((word + 0x7676767676767676ULL) | word) & 0x8080808080808080ULL) return false;
    word = (word * 10 + (word >> 8)) & 0x00FF00FF00FF00FFULL;
    word = (word * 100 + (word >> 16)) & 0x0000FFFF0000FFFFULL;
    *out = (word * 10000 + (word >> 32)) & 0xFFFFFFFFULL;
    return true;
}

/* Digits and at most one point, short enough that both the digits and the power of ten are exact in a
 * double: then their quotient is rounded once, as strtod would. Most numbers in events are like that. */
static bool plain_to_double(struct str s, double *out)
{
    static const double powers[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    uint64_t digits = 0;
    size_t point = SIZE_MAX, i = 0;
    if (!s.n || s.n > 16) return false;
    for (uint64_t eight; s.n - i >= 8 && eight_digits(s.p + i, &eight); i += 8) {
        digits = digits * 100000000 + eight;
    }
    for (; i < s.n; i++) {
        unsigned digit = (unsigned char)s.p[i] - '0';
        if (digit <= 9) {
            digits = digits * 10 + digit;
        } else if (s.p[i] == '.' && point == SIZE_MAX) {
            point = i;
        } else {
            return false;
        }
    }
    size_t count = s.n - (point != SIZE_MAX);
    if (!count || count > 15) return false;
    *out = (double)digits / powers[point == SIZE_MAX ? 0 : s.n - 1 - point];
    return true;
}

bool str_to_double(struct str s, double *out)
{
    if (plain_to_double(s, out)) return true;
    char text[128];
    if (s.n >= sizeof text || !is_number_text(s)) return false;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    double value = strtod(text, NULL);
    if (!isfinite(value)) return false;
    *out = value;
    return true;
}

/* The bytes of s folded into words that may overlap, so that no byte is looked at alone. */
uint64_t str_hash(struct str s)
{
    uint64_t hash = s.n * 0x9E3779B97F4A7C15ULL, last;
    if (s.n >= 8) {
        for (size_t i = 0; i + 8 < s.n; i += 8) {
            hash = (hash ^ str_read_8(s.p + i)) * 0xD6E8FEB86659FD93ULL;
            hash ^= hash >> 32;
        }
        last = str_read_8(s.p + s.n - 8);
    } else if (s.n >= 4) {
        last = (uint64_t)str_read_4(s.p) << 32 | str_read_4(s.p + s.n - 4);
    } else {
        last = s.n ? (uint64_t)(unsigned char)s.p[0] << 16 |
                         (uint64_t)(unsigned char)s.p[s.n / 2] << 8 | (unsigned char)s.p[s.n - 1]
                   : 0;
    }
    hash = (hash ^ last) * 0xD6E8FEB86659FD93ULL;
    return hash ^ hash >> 32;
}

unsigned str_distance(struct str a, struct str b)
{
    unsigned row[65];
    if (a.n > 64 || b.n > 64) return 99;
    for (size_t j = 0; j <= b.n; j++) row[j] = (unsigned)j;
    for (size_t i = 1; i <= a.n; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.n; j++) {
            unsigned change = diagonal + (fold(a.p[i - 1]) != fold(b.p[j - 1]));
            unsigned best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            diagonal = row[j];
            row[j] = change < best ? change : best;
        }
    }
    return row[b.n];
}
