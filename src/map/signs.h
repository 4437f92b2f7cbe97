/* SPDX-License-Identifier: Apache-2.0 */
/* The quick look at a text that is to leave: what is in it, so that most texts need no second look. Who
 * only has to know asks signs_of; signs_put writes the text as it looks, which is all that most need. */
#ifndef MAP_SIGNS_H
#define MAP_SIGNS_H

#include "base/buf.h"

enum sign {
    SIGN_FOUND = 1, /* eight digits, @ or %40: without this bit there is nothing personal to find */
    SIGN_CODED = 2, /* % or +: decoded as part of an address it may become another text */
    SIGN_QUERY = 4, /* ? or #, without which an address is only a page */
    SIGN_ODD = 8,   /* of signs_put: not only printable ASCII, or something to escape */
};

/* signs_of returns the signs of a text, bits of enum sign. */
unsigned signs_of(struct str text);
/* signs_put is the same and appends the text in quotes; with SIGN_ODD nothing, since json_put_str has to
 * write such a text. */
unsigned signs_put(struct buf *out, struct str text);
/* These are the same without special instructions; tests compare the two. */
unsigned signs_of_portable(struct str text);
unsigned signs_put_portable(struct buf *out, struct str text);

#endif
