/* SPDX-License-Identifier: Apache-2.0 */
/* yyjson's tree over a text that stays where it is: for what is read once and soon, as events are when they are
 * mapped. No text is copied, and how deep it is nested is known without a second walk. What has escapes in it is
 * left to json_read. (1.5 KB of an event, most often not in the cache: 0.5 us instead of 0.8.) */
#ifndef BASE_NODES_H
#define BASE_NODES_H

#include "base/arena.h"

#include <yyjson.h>

/* What the names of a text are, and what is in what: a hash, whatever the values are. In all texts of one shape a
 * value of the same path has the same number among the nodes, counted from the root. */
struct nodes_shape {
    uint64_t words[2];
    size_t
        count; /* of nodes; 0: unknown, because they are too many or a name is too long or not ASCII */
};

/* Random and the process's own, else a client could send two shapes of one hash. */
enum { NODES_SHAPED = 512 };
struct nodes_secret {
    struct nodes_pair {
        uint64_t a, b;
    } pairs[2 * NODES_SHAPED]; /* the second half is for long names */
};

struct nodes {
    yyjson_val *root;
    unsigned height; /* how many containers are in each other; 0: it is a scalar */
    struct nodes_shape shape;
};

/* nodes_read makes the tree that json_read makes, in the arena: valid until that is reset, and as long as text,
 * into which its texts and numbers point. False, with *out untouched, when text is not one JSON value or has a
 * backslash; json_read knows which. */
bool nodes_read(struct arena *arena, struct str text, const struct nodes_secret *secret,
                struct nodes *out);

#endif
