/* SPDX-License-Identifier: Apache-2.0 */
/* An expression's tree as steps behind each other, as a machine would take them: alternatives are jumps, and
 * what cannot be there is jumped over without a look at it. A third of the instructions of a walk over the
 * tree. For explain there are steps that tell what is found and leave nothing out. */
#include "core/limits.h"
#include "map/tree.h"

enum { TO_END = UINT32_MAX }; /* of the chain that is being written */

struct writer {
    struct arena *arena;
    struct step *steps;
    size_t count, capacity;
    bool told;
};

static struct step *add(struct writer *w, enum step_kind kind)
{
    if (w->count == w->capacity) {
        size_t more = w->capacity ? w->capacity * 2 : 4, size = sizeof *w->steps;
        w->steps = arena_grow(w->arena, w->steps, w->capacity * size, more * size);
        w->capacity = more;
    }
    w->steps[w->count] = (struct step){.kind = kind};
    return &w->steps[w->count++];
}

static void land(struct writer *w, size_t jump)
{
    w->steps[jump].to = (uint32_t)w->count;
}

static void tell(struct writer *w, enum step_kind kind, const struct tree *tree)
{
    if (w->told) add(w, kind)->written = &tree->written;
}

static void add_tree(struct writer *w, const struct tree *tree);

/* --- chains ------------------------------------------------------------------------------------- */

static bool is_plain(const struct alternative *a)
{
    return a->tree->kind == TREE_FIELD && a->tree->field.direct && !a->coalesces;
}

/* How many alternatives from first on are plain paths behind ||. What is empty before ?? counts, so a
 * single one there is none of them. */
static size_t plain_run(const struct tree *chain, size_t first)
{
    size_t i = first;
    while (i < chain->chain.count && is_plain(&chain->chain.items[i])) i++;
    bool single = i == 1 && chain->chain.items[1].coalesces;
    return single ? 0 : i - first;
}

static void add_run(struct writer *w, const struct alternative *items, size_t count)
{
    uint32_t *slots = arena_alloc(w->arena, (count + 1) * sizeof *slots);
    for (size_t i = 0; i < count; i++) slots[i] = (uint32_t)items[i].tree->field.slot;
    slots[count] = SLOT_NONE;
    struct step *s = add(w, STEP_FIRST);
    s->slots = slots;
    s->to = TO_END;
}

/* The slot without which the tree has no value; SLOT_NONE: it has to be asked. Of conditions only one that is
 * first counts: what stands before it may be the event's death. */
static uint32_t need_of(const struct tree *tree)
{
    if (tree->kind == TREE_PIPE && tree->pipe.strict) {
        const struct trigger *trigger = tree->pipe.uses[0].trigger;
        tree = tree->pipe.input;
        bool asks = trigger && (tree->kind == TREE_FIELD || tree->kind == TREE_LITERAL);
        size_t slot = asks ? trigger_need(trigger) : SIZE_MAX;
        if (slot != SIZE_MAX) return (uint32_t)slot;
    }
    return tree->kind == TREE_FIELD && !tree->field.relative ? (uint32_t)tree->field.slot
                                                             : SLOT_NONE;
}

static void add_alternative(struct writer *w, const struct tree *tree)
{
    uint32_t need = w->told ? SLOT_NONE : need_of(tree);
    bool asks = need != SLOT_NONE && !(tree->kind == TREE_FIELD && tree->field.direct);
    size_t jump = w->count;
    if (asks) add(w, STEP_NEED)->slot = need;
    add_tree(w, tree);
    if (asks) land(w, jump);
    tell(w, STEP_WON, tree);
}

/* What stands between an alternative and the next one. Empty is as good as missing there, but for ??. */
static void add_test(struct writer *w, bool cleans, bool coalesces)
{
    if (cleans && coalesces) add(w, STEP_CLEAN);
    add(w, coalesces ? STEP_COALESCE : STEP_ELSE)->to = TO_END;
}

static void add_chain(struct writer *w, const struct tree *chain)
{
    const struct alternative *items = chain->chain.items;
    size_t start = w->count, count = chain->chain.count, skip = SIZE_MAX, run;
    for (size_t i = 0; i < count; i += run) {
        bool cleans = i && !items[i].coalesces;
        run = w->told ? 0 : plain_run(chain, i);
        if (run) {
            add_run(w, items + i, run);
            continue;
        }
        run = 1;
        add_alternative(w, items[i].tree);
        if (skip != SIZE_MAX) w->steps[skip].other = (uint32_t)w->count;
        skip = SIZE_MAX;
        if (i + 1 == count) {
            if (cleans) add(w, STEP_CLEAN);
        } else {
            add_test(w, cleans, items[i + 1].coalesces);
            if (items[i + 1].coalesces) skip = w->count - 1;
        }
    }
    for (size_t i = start; i < w->count; i++) {
        if (w->steps[i].to == TO_END) land(w, i);
    }
    if (w->told) add(w, STEP_LAST);
}

/* --- the others --------------------------------------------------------------------------------- */

static void add_field(struct writer *w, const struct field *field)
{
    if (field->direct) {
        add(w, STEP_SLOT)->slot = (uint32_t)field->slot;
    } else if (field->member != NO_MEMBER) {
        add(w, STEP_MEMBER)->member = field->member;
    } else {
        add(w, STEP_FIELD)->field = field;
    }
}

/* What a pipe, or the whole, reads from. A chain tells itself which of its alternatives won. */
static void add_source(struct writer *w, const struct tree *tree)
{
    add_tree(w, tree);
    if (tree->kind == TREE_FIELD || tree->kind == TREE_LITERAL) tell(w, STEP_TELL, tree);
}

static void add_pipe(struct writer *w, const struct tree *tree)
{
    add_source(w, tree->pipe.input);
    size_t jump = w->count;
    if (tree->pipe.strict) add(w, STEP_SOME);
    for (size_t i = 0; i < tree->pipe.count; i++) add(w, STEP_FILTER)->use = &tree->pipe.uses[i];
    if (tree->pipe.strict) land(w, jump);
}

/* Recursion: LIMIT_EXPRESSION_DEPTH, as deep as expr.c lets brackets be. */
static void add_tree(struct writer *w, const struct tree *tree)
{
    switch (tree->kind) {
    case TREE_LITERAL: add(w, STEP_LITERAL)->literal = &tree->literal; break;
    case TREE_FIELD: add_field(w, &tree->field); break;
    case TREE_CHAIN: add_chain(w, tree); break;
    case TREE_PIPE: add_pipe(w, tree); break;
    }
}

const struct step *steps_of(const struct tree *tree, bool told, struct arena *arena)
{
    struct writer w = {.arena = arena, .told = told};
    add_source(&w, tree);
    add(&w, STEP_END);
    return w.steps;
}
