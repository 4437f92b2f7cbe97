/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled expression: the tree that expr.c builds, which says what is in it, and the steps that steps.c
 * makes of it, which eval.c takes. */
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
};

struct tree {
    enum tree_kind kind;
    struct str written;
    union {
        struct value literal;
        struct field field;
        struct {
            const struct alternative *items;
            size_t count;
        } chain;
        struct {
            const struct tree *input;
            const struct use *uses;
            size_t count;
            bool strict; /* of nothing all its filters make nothing */
        } pipe;
    };
};

/* What a step does with the value so far. `to` is the number of another step. */
enum step_kind {
    STEP_END,      /* that is it */
    STEP_SLOT,     /* takes what is in the slot */
    STEP_FIRST,    /* takes the first of the slots that is not empty, and on to `to`; or missing */
    STEP_MEMBER,   /* takes that member of the item */
    STEP_FIELD,    /* takes what the field reads */
    STEP_LITERAL,  /* takes the literal */
    STEP_NEED,     /* when the slot is missing takes missing, and on to `to` */
    STEP_ELSE,     /* when it is not empty on to `to` */
    STEP_COALESCE, /* the same; when it is at least not null on to `other` */
    STEP_CLEAN,    /* makes missing of empty */
    STEP_SOME,     /* when it is null takes missing, and on to `to` */
    STEP_FILTER,   /* makes of it what the filter does */
    /* For explain alone: */
    STEP_TELL, /* tells a source, as written */
    STEP_WON,  /* notes an alternative, as written */
    STEP_LAST, /* tells the alternative noted last */
};

struct step {
    enum step_kind kind;
    uint32_t to;
    union {
        uint32_t slot, member, other;
        const uint32_t *slots; /* up to SLOT_NONE */
        const struct field *field;
        const struct value *literal;
        const struct use *use;
        const struct str *written;
    };
};
enum { SLOT_NONE = UINT32_MAX };

struct expr {
    struct text text;
    const struct tree *tree;
    const struct step *steps, *told; /* told: those that tell explain */
    const uint32_t *plain;           /* see expr_plain */
    size_t plain_count;
};

/* steps_of makes the steps of a tree in the arena; told: such as tell explain all that they do. */
const struct step *steps_of(const struct tree *tree, bool told, struct arena *arena);

#endif
