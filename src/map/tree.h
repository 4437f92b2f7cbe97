/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled expression as a tree: what expr.c builds and eval.c computes. */
#ifndef MAP_TREE_H
#define MAP_TREE_H

#include "map/field.h"
#include "map/filter.h"
#include "map/trigger.h"

enum tree_kind {
    TREE_LITERAL,
    TREE_FIELD,
    TREE_CHAIN, /* a || b ?? c */
    TREE_PIPE,  /* a | f | g */
};

struct alternative {
    const struct tree *tree;
    bool coalesces; /* stands behind ??: replaces only null; else behind ||: replaces empty too */
    uint32_t slot;  /* while this is missing, so is the alternative; SLOT_NONE: ask it */
};
enum { SLOT_NONE = UINT32_MAX };

struct tree {
    enum tree_kind kind;
    struct str written;
    union {
        struct value literal;
        struct field field;
        struct {
            const struct alternative *items;
            size_t count;
            /* The slots of the leading alternatives when at least two of them are plain paths behind
             * ||: most chains are nothing else. */
            const uint32_t *slots;
            size_t slot_count;
        } chain;
        struct {
            const struct tree *input;
            const struct use *uses;
            size_t count;
            bool strict; /* of nothing all its filters make nothing */
        } pipe;
    };
};

struct expr {
    struct text text;
    const struct tree *tree;
    const uint32_t *plain; /* see expr_plain */
    size_t plain_count;
};

#endif
