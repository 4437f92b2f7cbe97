/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as decimal text: checked and rounded on their digits, so that 1.005 becomes 1.01 and money
 * is never a binary fraction. */
#ifndef MAP_DECIMAL_H
#define MAP_DECIMAL_H

#include "base/buf.h"

/* decimal_read takes a JSON number, also with blanks around it or a leading +, and gives it as JSON
 * writes it (a view into text). False for anything else. */
bool decimal_read(struct str text, struct str *number);
/* decimal_round appends a JSON number with at most places decimals, half away from zero; trailing
 * zeros and "-0" are not written. number is a JSON number; false, with nothing appended, when it has
 * more than DECIMAL_DIGITS digits before the point. */
bool decimal_round(struct str number, unsigned places, struct buf *out);
/* decimal_integer appends the number without its fraction when that is all zeros; false otherwise. */
bool decimal_integer(struct str number, struct buf *out);

enum { DECIMAL_DIGITS = 40 };

#endif
