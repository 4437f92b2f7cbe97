/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of alias.c, as data: per protocol where each Segment name is. For alias.c alone. */
#ifndef MAP_ALIAS_TABLE_H
#define MAP_ALIAS_TABLE_H

#include "core/event.h"

/* A text there and what it is in the Segment specification; an empty `there` is every other text. */
struct alias_word {
    struct str there, here;
};

/* One place of one path. Steps stand between slashes, because names have dots and blanks in them; a
 * step of digits is also an index. The places of a path follow each other; the first that has a value
 * wins. */
struct alias {
    struct str path;   /* Segment's: "context/page/url" */
    struct str place;  /* theirs */
    struct str except; /* this text there is no value; n = 0: none */
    struct str factor; /* the place of a whole number that the value is times; n = 0: none */
    const struct alias_word *words; /* NULL: the value as it is; else only what they list */
    size_t word_count;
};

struct alias_list {
    const struct alias *items; /* NULL: the protocol has Segment's names */
    size_t count;
    /* The key, and its text, by which an event says that its address is the connection's. */
    struct alias_word address;
};

extern const struct alias_list alias_lists[PROTOCOL_COUNT];

#endif
