/* SPDX-License-Identifier: Apache-2.0 */
/* The evaluation of expressions: a walk over the tree, at most LIMIT_EXPRESSION_DEPTH deep, that
 * allocates only in the run's scratch. */
#include "map/explain.h"
#include "map/tree.h"

static struct value eval_tree(const struct tree *tree, struct eval *ev);

/* What a chain or a pipe reads from. A chain tells explain itself which of its alternatives won. */
static struct value eval_source(const struct tree *tree, struct eval *ev)
{
    struct value v = eval_tree(tree, ev);
    bool is_source = tree->kind == TREE_FIELD || tree->kind == TREE_LITERAL;
    if (ev->explain && is_source) explain_source(ev->explain, tree->written, &v);
    return v;
}

static struct value eval_chain(const struct tree *tree, struct eval *ev)
{
    const struct alternative *items = tree->chain.items;
    struct value v = eval_tree(items[0].tree, ev);
    size_t won = 0;
    for (size_t i = 1; i < tree->chain.count && ev->verdict == EXPR_OK; i++) {
        bool replaced = items[i].coalesces ? value_is_null(&v) : value_is_empty(&v);
        if (!replaced) continue;
        v = eval_tree(items[i].tree, ev);
        won = i;
        if (!items[i].coalesces && value_is_empty(&v)) v = value_missing();
    }
    if (ev->explain) explain_source(ev->explain, items[won].tree->written, &v);
    return v;
}

static struct value eval_pipe(const struct tree *tree, struct eval *ev)
{
    struct value v = eval_source(tree->pipe.input, ev);
    for (size_t i = 0; i < tree->pipe.count && ev->verdict == EXPR_OK; i++) {
        const struct use *use = &tree->pipe.uses[i];
        struct filter_call call = {
            .ev = ev, .args = use->args, .arg_count = use->arg_count, .trigger = use->trigger};
        for (size_t r = 0; r < FILTER_READS; r++) {
            if (use->reads[r] != SIZE_MAX) call.reads[r] = ev->slots[use->reads[r]];
        }
        struct value before = v;
        v = filter_apply(use->filter, &call, before);
        if (ev->explain) explain_filter(ev->explain, use->written, &before, &v);
    }
    return ev->verdict == EXPR_OK ? v : value_missing();
}

static struct value eval_tree(const struct tree *tree, struct eval *ev)
{
    switch (tree->kind) {
    case TREE_LITERAL: return tree->literal;
    case TREE_FIELD: return field_eval(&tree->field, ev);
    case TREE_CHAIN: return eval_chain(tree, ev);
    case TREE_PIPE: break;
    }
    return eval_pipe(tree, ev);
}

struct value expr_eval(const struct expr *e, struct eval *ev)
{
    ev->verdict = EXPR_OK;
    ev->message = NULL;
    struct value v = eval_source(e->tree, ev);
    return ev->verdict == EXPR_OK ? v : value_missing();
}
