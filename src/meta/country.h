/* SPDX-License-Identifier: Apache-2.0 */
/* Countries: their ISO 3166-1 codes, the names people call them by, and what is needed to make an
 * international phone number of a national one. Static tables; any thread. */
#ifndef META_COUNTRY_H
#define META_COUNTRY_H

#include "meta/words.h"

struct country {
    char code[3];    /* ISO 3166-1 alpha-2, lower case */
    char calling[4]; /* country calling code; empty where there are no phones */
    char trunk[3];   /* empty where national numbers are dialled as they are */
    unsigned char digits_min, digits_max; /* of a national number without the trunk prefix */
};

extern const struct country countries[];
extern const size_t country_count;
/* country_find takes a lower-case alpha-2 code; NULL when there is no such country. */
const struct country *country_find(struct str code);

/* Folded names and alpha-3 codes to alpha-2; folded states of the US and Canada to their codes. */
extern const struct words country_names;
extern const struct words state_names;

#endif
