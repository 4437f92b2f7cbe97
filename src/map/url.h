/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses without what is personal in them: a sign-in link may carry an e-mail address or a token, and
 * addresses go to Meta in the clear. Query keys that the plan lists go away, and so do those whose value
 * looks personal, however it is encoded; in the path and in the values of utm_ keys, which stay,
 * [redacted] takes its place. fbclid is never touched. A fragment is cleaned like a query or path. */
#ifndef MAP_URL_H
#define MAP_URL_H

#include "map/program.h"

/* What was found. */
struct url_found {
    unsigned keys;   /* query keys that were taken out, and user names */
    unsigned values; /* parts that were replaced */
};

/* url_is: does the text look like an address, with a scheme or only the path or query of one? */
bool url_is(struct str text);
/* url_clean returns the address cleaned; text itself when there is nothing to clean. signs are those of the
 * text, or of a text that it is in. New text is in the arena. */
struct str url_clean(const struct plan *plan, struct str text, unsigned signs, struct arena *arena,
                     struct url_found *found);
/* url_find finds the first address with a scheme in a text; link is a view of it without the
 * punctuation of the sentence behind it. False: none. */
bool url_find(struct str text, struct str *link);
/* url_page is the address without query and fragment. */
struct str url_page(struct str text);

#endif
