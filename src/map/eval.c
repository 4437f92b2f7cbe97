/* SPDX-License-Identifier: Apache-2.0 */
/* The evaluation of expressions: a walk over the tree, at most LIMIT_EXPRESSION_DEPTH deep, that
 * allocates only in the run's scratch. Most of what is looked at is passed over, so values are
 * borrowed from the slots and copied once at the end; what had to be made is in the caller's *made. */
#include "map/explain.h"
#include "map/tree.h"

static const struct value missing = {.kind = VALUE_MISSING};

static const struct value *eval_chain(const struct tree *tree, struct eval *ev, struct value *made);
static const struct value *eval_pipe(const struct tree *tree, struct eval *ev, struct value *made);

static inline const struct value *eval_tree(const struct tree *tree, struct eval *ev,
                                            struct value *made)
{
    switch (tree->kind) {
    case TREE_LITERAL: return &tree->literal;
    case TREE_CHAIN: return eval_chain(tree, ev, made);
    case TREE_PIPE: return eval_pipe(tree, ev, made);
    case TREE_FIELD: break;
    }
    if (tree->field.direct) return &ev->slots[tree->field.slot];
    *made = field_eval(&tree->field, ev);
    return made;
}

/* What a chain or a pipe reads from. A chain tells explain itself which of its alternatives won. */
static const struct value *eval_source(const struct tree *tree, struct eval *ev, struct value *made)
{
    const struct value *v = eval_tree(tree, ev, made);
    bool is_source = tree->kind == TREE_FIELD || tree->kind == TREE_LITERAL;
    if (ev->explain && is_source) explain_source(ev->explain, tree->written, v);
    return v;
}

/* The first of the plain paths that has something: without a walk over their trees, which makes 3 % of all
 * instructions of mapping (make guard). */
static const struct value *eval_plain(const struct tree *tree, const struct eval *ev)
{
    for (size_t i = 0; i < tree->chain.slot_count; i++) {
        const struct value *v = &ev->slots[tree->chain.slots[i]];
        if (!value_is_empty(v)) return v;
    }
    return &missing;
}

/* Most alternatives that are reached are. Explain hears how each came to nothing. */
static inline bool is_missing(const struct alternative *a, const struct eval *ev)
{
    return a->slot != SLOT_NONE && ev->slots[a->slot].kind == VALUE_MISSING && !ev->explain;
}

static const struct value *eval_chain(const struct tree *tree, struct eval *ev, struct value *made)
{
    const struct alternative *items = tree->chain.items;
    bool plain = tree->chain.slot_count && !ev->explain;
    const struct value *v = plain ? eval_plain(tree, ev) : eval_tree(items[0].tree, ev, made);
    size_t won = 0;
    for (size_t i = plain ? tree->chain.slot_count : 1; i < tree->chain.count; i++) {
        if (ev->verdict != EXPR_OK || !value_is_empty(v)) break;
        if (items[i].coalesces && !value_is_null(v)) continue;
        v = is_missing(&items[i], ev) ? &missing : eval_tree(items[i].tree, ev, made);
        won = i;
        if (!items[i].coalesces && value_is_empty(v)) v = &missing;
    }
    if (ev->explain) explain_source(ev->explain, items[won].tree->written, v);
    return v;
}

static const struct value *eval_pipe(const struct tree *tree, struct eval *ev, struct value *made)
{
    const struct value *v = eval_source(tree->pipe.input, ev, made);
    const struct use *end = tree->pipe.uses + tree->pipe.count;
    struct filter_call call = {.ev = ev};
    if (tree->pipe.strict && value_is_null(v) && !ev->explain) return &missing;
    for (call.use = tree->pipe.uses; call.use < end && ev->verdict == EXPR_OK; call.use++) {
        bool passes =
            value_is_null(v) && call.use->filter->input != FILTER_ANY; /* nothing to take */
        struct value before = ev->explain ? *v : missing;              /* for explain alone */
        *made = passes ? missing : filter_apply(&call, *v);
        v = made;
        if (ev->explain) explain_filter(ev->explain, call.use->written, &before, v);
    }
    return ev->verdict == EXPR_OK ? v : &missing;
}

struct value expr_eval(const struct expr *e, struct eval *ev)
{
    struct value made;
    ev->verdict = EXPR_OK;
    ev->message = NULL;
    const struct value *v = eval_source(e->tree, ev, &made);
    return ev->verdict == EXPR_OK ? *v : missing;
}
