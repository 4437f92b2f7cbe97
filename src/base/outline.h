/* SPDX-License-Identifier: Apache-2.0 */
/* What is where in a JSON text: one pass that checks all of it, as strictly as json_read and with the same
 * verdict, and notes the place of every value. Nothing is copied and nothing converted: for whoever hands on
 * pieces of the text as they came and looks at a few of its fields only. */
#ifndef BASE_OUTLINE_H
#define BASE_OUTLINE_H

#include "base/arena.h"

enum outline_kind {
    OUTLINE_OTHER, /* null, true, false */
    OUTLINE_NUMBER,
    OUTLINE_STRING,
    OUTLINE_LIST,
    OUTLINE_OBJECT,
};

/* A value. Those in a container follow it, each with all that is in it before the next; before a value of an
 * object comes its key, which is a string. */
struct outline_node {
    uint32_t at, n; /* its text; a string's is between the quotes, as it was written */
    uint32_t nodes; /* how many it is with all that is in it: so far behind it is the next */
    uint16_t
        height; /* 1: no container is in it; else one more than the highest of these; at most 65535 */
    uint8_t kind; /* enum outline_kind */
    bool escaped; /* a string with a backslash in it */
};

struct outline {
    struct str text; /* the caller's, or in the arena when json_mend had to change it */
    const struct outline_node *nodes; /* the first is the whole value's */
};

/* outline_read notes what is in text; the nodes live in the arena until it is reset, text as long as its
 * owner likes. False, with *out untouched, for anything but one JSON value, and for 4 GiB or more. */
bool outline_read(struct arena *arena, struct str text, struct outline *out);

/* outline_find is the value of the last field of that name (see json_member), the text of the key without its
 * escapes; NULL without, and for a node that is NULL or no object. */
const struct outline_node *outline_find(const struct outline *o, const struct outline_node *node,
                                        struct str name);
/* outline_get follows dotted names from an object ("context.page.url"); NULL when any step is missing. */
const struct outline_node *outline_get(const struct outline *o, const struct outline_node *node,
                                       struct str path);
/* outline_str is the text of a string, without its escapes, or of a number as it was written; p = NULL for
 * NULL and anything else. A view into the outlined text, or in the arena when there are escapes. */
struct str outline_str(const struct outline *o, const struct outline_node *node,
                       struct arena *arena);
/* outline_count is how many items a list has, or fields an object; 0 for anything else. */
size_t outline_count(const struct outline_node *node);

/* outline_text is all of a value as it was written. */
static inline struct str outline_text(const struct outline *o, const struct outline_node *node)
{
    size_t quote = node->kind == OUTLINE_STRING;
    return str_of(o->text.p + node->at - quote, node->n + 2 * quote);
}

/* outline_first is the first item of a list, and outline_behind the next; NULL: there is none. */
static inline const struct outline_node *outline_first(const struct outline_node *list)
{
    return list->nodes > 1 ? list + 1 : NULL;
}

static inline const struct outline_node *outline_behind(const struct outline_node *list,
                                                        const struct outline_node *item)
{
    item += item->nodes;
    return item < list + list->nodes ? item : NULL;
}

#endif
