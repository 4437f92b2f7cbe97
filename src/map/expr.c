/* SPDX-License-Identifier: Apache-2.0 */
/* The parser and checker of expressions: text to tree by recursive descent, one function per rule of
 * the grammar in expr.h. */
#include "map/expr.h"

#include "core/limits.h"
#include "map/tree.h"

struct parser {
    struct lex lex;
    const struct expr_scope *scope;
    unsigned depth;
    size_t filters; /* so far in the whole expression */
};

/* What is gathered on the stack before it is copied to the arena at its size. */
enum { MAX_ALTERNATIVES = 64, MAX_ARGUMENTS = 128 };

static const struct tree *parse_expression(struct parser *p);

static struct tree *new_tree(struct parser *p, enum tree_kind kind, size_t start)
{
    struct tree *tree = arena_new(p->scope->arena, struct tree);
    tree->kind = kind;
    tree->written = str_of(p->lex.text.text.p + start, p->lex.last_end - start);
    return tree;
}

static const void *keep(struct parser *p, const void *items, size_t bytes)
{
    return bytes ? memcpy(arena_alloc(p->scope->arena, bytes), items, bytes) : NULL;
}

/* --- filters ------------------------------------------------------------------------------------ */

static bool parse_argument(struct parser *p, struct value *out)
{
    struct lex *lex = &p->lex;
    if (lex_literal(lex, out)) return true;
    if (lex->token.kind == TOKEN_WORD) {
        return lex_fail(lex, lex->token.at,
                        "arguments of filters are fixed values: write \"%.*s\" in quotes",
                        STR_ARG(lex_shown(lex->token.raw)));
    }
    return lex_unexpected(lex, "a quoted text, a number, true, false or null");
}

/* An argument that is a trigger: it is compiled where it stands. */
static bool parse_condition(struct parser *p, struct use *use, size_t at)
{
    if (!str_eq(str_z(use->filter->args), S("c"))) return true;
    struct text text = {use->args[0].text, lex_place(&p->lex, at)};
    use->trigger = trigger_compile(p->scope, text);
    p->lex.failed |= !use->trigger; /* reported there */
    return use->trigger != NULL;
}

static bool parse_arguments(struct parser *p, struct use *use, size_t name_at)
{
    struct value args[MAX_ARGUMENTS];
    size_t places[MAX_ARGUMENTS + 1], count = 0, wrong;
    struct str message;
    struct lex *lex = &p->lex;
    if (lex_accept(lex, TOKEN_OPEN) && !lex_accept(lex, TOKEN_CLOSE)) {
        do {
            if (count == MAX_ARGUMENTS) {
                return lex_fail(lex, lex->token.at, "more than %d arguments", MAX_ARGUMENTS);
            }
            places[count] = lex->token.at;
            if (!parse_argument(p, &args[count++])) return false;
        } while (lex_accept(lex, TOKEN_COMMA));
        if (!lex_accept(lex, TOKEN_CLOSE)) return lex_unexpected(lex, "a comma or )");
    }
    places[count] = name_at; /* where too few are reported */
    if (!filter_check_args(use->filter, args, count, p->scope->arena, &wrong, &message)) {
        return lex_fail(lex, places[wrong], "%.*s", STR_ARG(message));
    }
    use->args = keep(p, args, count * sizeof *args);
    use->arg_count = count;
    return parse_condition(p, use, places[0] + 1); /* behind the quote */
}

static void add_reads(struct parser *p, struct use *use)
{
    struct str rest = use->filter->reads;
    for (size_t i = 0; i < FILTER_READS; i++) {
        struct path_step step = {0};
        (void)str_cut(rest, ' ', &step.key, &rest); /* the last one has no blank behind it */
        use->reads[i] = step.key.n ? paths_add(p->scope->paths, &step, 1) : SIZE_MAX;
    }
}

static bool unknown_filter(struct parser *p, struct str name)
{
    struct str near = filter_suggest(name);
    if (near.n) {
        return lex_fail(&p->lex, p->lex.token.at, "unknown filter \"%.*s\"; did you mean \"%.*s\"?",
                        STR_ARG(name), STR_ARG(near));
    }
    return lex_fail(&p->lex, p->lex.token.at, "unknown filter \"%.*s\"", STR_ARG(lex_shown(name)));
}

/* The present token is what stands behind the bar. */
static bool parse_filter(struct parser *p, struct use *use)
{
    struct lex *lex = &p->lex;
    struct str name;
    size_t start = lex->token.at;
    if (lex->token.kind != TOKEN_WORD) return lex_unexpected(lex, "a filter after |");
    if (p->filters++ == LIMIT_EXPRESSION_FILTERS) {
        return lex_fail(lex, start, "more than %d filters", LIMIT_EXPRESSION_FILTERS);
    }
    lex_word(lex, &name);
    *use = (struct use){.filter = filter_find(name)};
    if (!use->filter) return unknown_filter(p, name);
    if (use->filter->apply == apply_or_skip && !p->scope->in_each) {
        return lex_fail(lex, start, "or_skip only works inside each");
    }
    lex_next(lex);
    if (!parse_arguments(p, use, start)) return false;
    add_reads(p, use);
    use->written = str_of(lex->text.text.p + start, lex->last_end - start);
    return !lex->failed;
}

/* --- the rules of the grammar ------------------------------------------------------------------- */

static const struct tree *parse_group(struct parser *p)
{
    if (p->depth == LIMIT_EXPRESSION_DEPTH) {
        (void)lex_fail(&p->lex, p->lex.token.at, "brackets nested deeper than %d",
                       LIMIT_EXPRESSION_DEPTH);
        return NULL;
    }
    p->depth++;
    lex_next(&p->lex);
    const struct tree *tree = parse_expression(p);
    p->depth--;
    if (tree && !lex_accept(&p->lex, TOKEN_CLOSE)) {
        (void)lex_unexpected(&p->lex, "|| or | or )");
        return NULL;
    }
    return tree;
}

static const struct tree *parse_primary(struct parser *p)
{
    struct lex *lex = &p->lex;
    size_t start = lex->token.at;
    struct value literal;
    struct field field;
    if (lex->token.kind == TOKEN_OPEN) return parse_group(p);
    if (lex_literal(lex, &literal)) {
        struct tree *tree = new_tree(p, TREE_LITERAL, start);
        tree->literal = literal;
        return tree;
    }
    if (lex->token.kind != TOKEN_WORD && lex->token.kind != TOKEN_DOT) {
        (void)lex_unexpected(lex, "a path or a fixed value");
        return NULL;
    }
    if (!field_parse(lex, p->scope, &field)) return NULL;
    struct tree *tree = new_tree(p, TREE_FIELD, start);
    tree->field = field;
    return tree;
}

static const struct tree *parse_chain(struct parser *p)
{
    struct alternative items[MAX_ALTERNATIVES];
    size_t start = p->lex.token.at, count = 0;
    bool coalesces = false;
    for (;;) {
        if (count == MAX_ALTERNATIVES) {
            (void)lex_fail(&p->lex, p->lex.token.at, "more than %d alternatives", MAX_ALTERNATIVES);
            return NULL;
        }
        const struct tree *tree = parse_primary(p);
        if (!tree) return NULL;
        items[count++] = (struct alternative){tree, coalesces};
        coalesces = p->lex.token.kind == TOKEN_COALESCE;
        if (!lex_accept(&p->lex, TOKEN_ELSE) && !lex_accept(&p->lex, TOKEN_COALESCE)) break;
    }
    if (count == 1) return items[0].tree;
    struct tree *chain = new_tree(p, TREE_CHAIN, start);
    chain->chain.items = keep(p, items, count * sizeof *items);
    chain->chain.count = count;
    return chain;
}

static const struct tree *parse_expression(struct parser *p)
{
    struct use uses[LIMIT_EXPRESSION_FILTERS];
    size_t start = p->lex.token.at, count = 0;
    const struct tree *input = parse_chain(p);
    while (input && lex_accept(&p->lex, TOKEN_PIPE)) {
        if (!parse_filter(p, &uses[count++])) return NULL;
    }
    if (!input || !count) return input;
    struct tree *pipe = new_tree(p, TREE_PIPE, start);
    pipe->pipe.input = input;
    pipe->pipe.uses = keep(p, uses, count * sizeof *uses);
    pipe->pipe.count = count;
    pipe->pipe.strict = true;
    for (size_t i = 0; i < count; i++) {
        const struct filter *filter = uses[i].filter;
        pipe->pipe.strict &= filter->input != FILTER_ANY || filter->apply == apply_then;
    }
    return pipe;
}

/* --- the door ----------------------------------------------------------------------------------- */

static void reject_rest(struct lex *lex)
{
    switch ((int)lex->token.kind) {
    case TOKEN_EQ:
    case TOKEN_NE:
    case TOKEN_LT:
    case TOKEN_LE:
    case TOKEN_GT:
    case TOKEN_GE:
    case TOKEN_DOUBLE_EQ:
        (void)lex_fail(
            lex, lex->token.at,
            "this is an expression, which gives a value; conditions like \"%.*s\" belong "
            "into a trigger or filter",
            STR_ARG(lex_shown(lex->token.raw)));
        break;
    default: (void)lex_unexpected(lex, "|| or | or the end");
    }
}

static bool is_plain(const struct tree *tree)
{
    return tree->kind == TREE_FIELD && tree->field.direct;
}

static void find_plain(struct parser *p, struct expr *e)
{
    const struct tree *tree = e->tree;
    const struct alternative one = {.tree = tree}, *items = &one;
    uint32_t slots[MAX_ALTERNATIVES];
    size_t count = 1, i = 0;
    if (tree->kind == TREE_CHAIN) {
        items = tree->chain.items;
        count = tree->chain.count;
    }
    for (; i < count && is_plain(items[i].tree) && !items[i].coalesces; i++) {
        slots[i] = (uint32_t)items[i].tree->field.slot;
    }
    if (i < count) return;
    e->plain = keep(p, slots, count * sizeof *slots);
    e->plain_count = count;
}

struct expr *expr_compile(const struct expr_scope *scope, struct text text)
{
    struct parser p = {.scope = scope};
    lex_init(&p.lex, text, scope->arena, scope->diags);
    const struct tree *tree = p.lex.failed ? NULL : parse_expression(&p);
    if (tree && p.lex.token.kind != TOKEN_END) reject_rest(&p.lex);
    if (!tree || p.lex.failed) return NULL;
    struct expr *expr = arena_new(scope->arena, struct expr);
    expr->text = text;
    expr->tree = tree;
    expr->steps = steps_of(tree, false, scope->arena);
    expr->told = steps_of(tree, true, scope->arena);
    find_plain(&p, expr);
    return expr;
}

const uint32_t *expr_plain(const struct expr *e, size_t *count)
{
    *count = e->plain_count;
    return e->plain;
}

struct text expr_text(const struct expr *e)
{
    return e->text;
}

/* Calls fn for every field of the tree that is a path from the event's root. */
static void each_field(const struct tree *tree, void (*fn)(void *ctx, const struct field *field),
                       void *ctx)
{
    switch (tree->kind) {
    case TREE_LITERAL: break;
    case TREE_FIELD:
        if (!tree->field.relative) fn(ctx, &tree->field);
        break;
    case TREE_CHAIN:
        for (size_t i = 0; i < tree->chain.count; i++)
            each_field(tree->chain.items[i].tree, fn, ctx);
        break;
    case TREE_PIPE: each_field(tree->pipe.input, fn, ctx); break;
    }
}

/* Also those that the triggers of its filters look at. */
static void each_slot(const struct tree *tree, void (*fn)(void *ctx, size_t slot), void *ctx)
{
    switch (tree->kind) {
    case TREE_LITERAL: break;
    case TREE_FIELD:
        if (!tree->field.relative) fn(ctx, tree->field.slot);
        break;
    case TREE_CHAIN:
        for (size_t i = 0; i < tree->chain.count; i++)
            each_slot(tree->chain.items[i].tree, fn, ctx);
        break;
    case TREE_PIPE:
        each_slot(tree->pipe.input, fn, ctx);
        for (size_t i = 0; i < tree->pipe.count; i++) {
            if (tree->pipe.uses[i].trigger) trigger_slots(tree->pipe.uses[i].trigger, fn, ctx);
        }
        break;
    }
}

static bool is_settled(const struct tree *tree)
{
    bool settled = true;
    switch (tree->kind) {
    case TREE_LITERAL:
    case TREE_FIELD: break;
    case TREE_CHAIN:
        for (size_t i = 0; i < tree->chain.count; i++) {
            settled = settled && is_settled(tree->chain.items[i].tree);
        }
        break;
    case TREE_PIPE:
        settled = is_settled(tree->pipe.input);
        for (size_t i = 0; i < tree->pipe.count; i++) {
            settled = settled && !tree->pipe.uses[i].filter->reads.n;
        }
        break;
    }
    return settled;
}

bool expr_is_settled(const struct expr *e)
{
    return is_settled(e->tree);
}

void expr_slots(const struct expr *e, void (*fn)(void *ctx, size_t slot), void *ctx)
{
    each_slot(e->tree, fn, ctx);
}

struct path_listener {
    void (*fn)(void *ctx, const struct path_step *steps, size_t count);
    void *ctx;
};

static void tell_path(void *ctx, const struct field *field)
{
    const struct path_listener *listener = ctx;
    listener->fn(listener->ctx, field->steps, field->count);
}

void expr_paths(const struct expr *e,
                void (*fn)(void *ctx, const struct path_step *steps, size_t count), void *ctx)
{
    struct path_listener listener = {fn, ctx};
    each_field(e->tree, tell_path, &listener);
}
