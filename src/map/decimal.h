/* SPDX-License-Identifier: Apache-2.0 */
/* Decimal numbers as their digits, so that 1.005 is rounded as it is written and not as the nearest
 * double. Also reads amounts as people write them, as long as there is only one way to understand
 * them. */
#ifndef MAP_DECIMAL_H
#define MAP_DECIMAL_H

#include "base/buf.h"

enum {
    DECIMAL_DIGITS = 128,     /* str_to_double takes no longer text */
    DECIMAL_TEXT_BYTES = 512, /* 128 digits and an exponent of at most 308 on either side */
};

/* digits x 10^exponent; no digits is zero. No leading zeros. */
struct decimal {
    bool negative;
    size_t count;
    int exponent;
    char digits[DECIMAL_DIGITS];
};

/* decimal_read takes the whole of s as a number: sign, digits, point, exponent. False for anything
 * else, and beyond what a double holds. */
bool decimal_read(struct str s, struct decimal *out);
/* decimal_is_short: is s just what decimal_print makes of the number, and so short that there is nothing to
 * round at that many places? Most numbers are, and then need not be read. */
bool decimal_is_short(struct str s, unsigned places);
/* decimal_read_amount also takes a currency sign at either end and separators when they are
 * unambiguous: $1,234.50 · 1.234,50 € · 1 234,5 · 1'234.50 · 1,234,567 · 12,50; but not 1,234 or
 * €1.234, which mean two things. A plain 1.234 is a number as in JSON. White space around is trimmed. */
bool decimal_read_amount(struct str s, struct decimal *out);
/* decimal_round keeps places decimals, half away from zero, and drops trailing zeros behind the
 * point; decimal_cut drops what is behind them. */
void decimal_round(struct decimal *d, unsigned places);
void decimal_cut(struct decimal *d, unsigned places);
/* decimal_multiply is false, with d as it was, when the product has more than DECIMAL_DIGITS digits or
 * count is above a million. */
bool decimal_multiply(struct decimal *d, uint64_t count);
/* decimal_print writes it as JSON, without exponent; zero has no sign. */
struct str decimal_print(const struct decimal *d, char out[DECIMAL_TEXT_BYTES]);

#endif
