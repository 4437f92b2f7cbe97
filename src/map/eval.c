/* SPDX-License-Identifier: Apache-2.0 */
/* The evaluation of expressions: a walk over the tree, at most LIMIT_EXPRESSION_DEPTH deep, that
 * allocates only in the run's scratch. Most of what is looked at is passed over, so values are
 * borrowed from the slots and copied once at the end; what had to be made is in the caller's *made. */
#include "map/explain.h"
#include "map/tree.h"

static const struct value missing = {.kind = VALUE_MISSING};

static const struct value *eval_tree(const struct tree *tree, struct eval *ev, struct value *made);

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

static const struct value *eval_chain(const struct tree *tree, struct eval *ev, struct value *made)
{
    const struct alternative *items = tree->chain.items;
    bool plain = tree->chain.slot_count && !ev->explain;
    const struct value *v = plain ? eval_plain(tree, ev) : eval_tree(items[0].tree, ev, made);
    size_t won = 0;
    for (size_t i = plain ? tree->chain.slot_count : 1; i < tree->chain.count; i++) {
        if (ev->verdict != EXPR_OK) break;
        bool replaced = items[i].coalesces ? value_is_null(v) : value_is_empty(v);
        if (!replaced) continue;
        v = eval_tree(items[i].tree, ev, made);
        won = i;
        if (!items[i].coalesces && value_is_empty(v)) v = &missing;
    }
    if (ev->explain) explain_source(ev->explain, items[won].tree->written, v);
    return v;
}

static struct value apply(const struct use *use, struct eval *ev, const struct value *v)
{
    struct filter_call call = {
        .ev = ev, .args = use->args, .arg_count = use->arg_count, .trigger = use->trigger};
    for (size_t r = 0; r < FILTER_READS; r++) {
        call.reads[r] = use->reads[r] != SIZE_MAX ? &ev->slots[use->reads[r]] : &missing;
    }
    return filter_apply(use->filter, &call, *v);
}

static const struct value *eval_pipe(const struct tree *tree, struct eval *ev, struct value *made)
{
    const struct value *v = eval_source(tree->pipe.input, ev, made);
    if (tree->pipe.strict && value_is_null(v) && !ev->explain) return &missing;
    for (size_t i = 0; i < tree->pipe.count && ev->verdict == EXPR_OK; i++) {
        const struct use *use = &tree->pipe.uses[i];
        bool passes = value_is_null(v) && use->filter->input != FILTER_ANY; /* nothing to take */
        struct value before = *v;
        *made = passes ? missing : apply(use, ev, &before);
        v = made;
        if (ev->explain) explain_filter(ev->explain, use->written, &before, v);
    }
    return ev->verdict == EXPR_OK ? v : &missing;
}

static const struct value *eval_field(const struct field *f, const struct eval *ev,
                                      struct value *made)
{
    if (f->direct) return &ev->slots[f->slot];
    *made = field_eval(f, ev);
    return made;
}

static const struct value *eval_tree(const struct tree *tree, struct eval *ev, struct value *made)
{
    switch (tree->kind) {
    case TREE_LITERAL: return &tree->literal;
    case TREE_FIELD: return eval_field(&tree->field, ev, made);
    case TREE_CHAIN: return eval_chain(tree, ev, made);
    case TREE_PIPE: break;
    }
    return eval_pipe(tree, ev, made);
}

struct value expr_eval(const struct expr *e, struct eval *ev)
{
    struct value made;
    ev->verdict = EXPR_OK;
    ev->message = NULL;
    const struct value *v = eval_source(e->tree, ev, &made);
    return ev->verdict == EXPR_OK ? *v : missing;
}
