/* SPDX-License-Identifier: Apache-2.0 */
/* The members of an item of `each` that its expressions ask for (.id, .price), found in one pass over the
 * item, where each asking for itself would walk over all of it. */
#ifndef MAP_MEMBERS_H
#define MAP_MEMBERS_H

#include "base/arena.h"
#include "map/value.h"

enum {
    MEMBERS_MAX = 32, /* more than Meta's entry of contents has fields, each with a few names */
    MEMBER_MARKS = 64,
    NO_MEMBER = UINT32_MAX,
};

/* What all expressions of one `each` ask for. A zeroed one asks for nothing. */
struct members {
    struct str names[MEMBERS_MAX];
    unsigned char next[MEMBERS_MAX];   /* the next name of the same mark, plus one */
    unsigned char first[MEMBER_MARKS]; /* the first one by mark, plus one; 0: none */
    uint32_t count;
};

/* members_add is the number of a name, which is kept as it is; NO_MEMBER when there are too many. Compile
 * time. */
uint32_t members_add(struct members *m, struct str name);
/* members_fill sets values[0 .. m->count) to what the item has under each name, MISSING where it has nothing.
 * Of a name that it has twice the last counts; a list has its items under their numbers. */
void members_fill(const struct members *m, const struct value *item, struct value *values);

#endif
