/* SPDX-License-Identifier: Apache-2.0 */
/* yyjson's tree over a text that stays where it is: for what is read once and soon, as events are when they are
 * mapped. No text is copied, and how deep it is nested is known without a second walk. What has escapes in it is
 * left to json_read. (1.5 KB of an event, most often not in the cache: 0.5 us instead of 0.8.) */
#ifndef BASE_NODES_H
#define BASE_NODES_H

#include "base/arena.h"

#include <yyjson.h>

struct nodes {
    yyjson_val *root;
    unsigned height; /* how many containers are in each other; 0: it is a scalar */
};

/* nodes_read makes the tree that json_read makes, in the arena: valid until that is reset, and as long as text,
 * into which its texts and numbers point. False, with *out untouched, when text is not one JSON value or has a
 * backslash; json_read knows which. */
bool nodes_read(struct arena *arena, struct str text, struct nodes *out);

#endif
