/* SPDX-License-Identifier: Apache-2.0 */
/* What in a text looks like an e-mail address, a phone number or the number of a payment card. Made to
 * leave order numbers, SKUs, prices and times alone: a phone number needs a + or the grouping that people
 * write, a card number its issuer's first digits and the check digit; digits alone are one only when the
 * name of the property says so. */
#ifndef MAP_DETECT_H
#define MAP_DETECT_H

#include "map/signs.h"

enum {
    DETECT_BYTES_MIN = 6,  /* no hit is shorter: a@b.de */
    DETECT_DIGITS_MIN = 8, /* and none of digits alone */
};

enum detect_kind { DETECT_MAIL, DETECT_PHONE, DETECT_CARD };

struct hit {
    size_t at, n; /* where it is in the text */
    enum detect_kind kind;
};

/* What the name of a property or URL key says about its value; asked only when digits are found. */
struct detect_hint {
    struct str name;
    bool known; /* the name has been looked at: */
    bool phone; /* digits alone may be a phone number */
    bool id;    /* digits, grouped or not, are an id, an amount or a time */
};

static inline struct detect_hint detect_hint(struct str name)
{
    return (struct detect_hint){.name = name};
}
/* detect_next finds the first hit at or behind from; false: none. Linear in the text. */
bool detect_next(struct str text, size_t from, struct detect_hint *hint, struct hit *hit);
/* detect_maybe is a quick look: when it is false there is nothing to find. */
static inline bool detect_maybe(struct str text)
{
    return signs_of(text) & SIGN_FOUND;
}
/* detect_words: "an e-mail address", for explain. */
struct str detect_words(enum detect_kind kind);

#endif
