/* SPDX-License-Identifier: Apache-2.0 */
/* The parser and checker of triggers, by recursive descent:
 *
 *     trigger   = all ( "or" all )*
 *     all       = negated ( "and" negated )*
 *     negated   = ( "not" | "!" ) negated | condition
 *     condition = "(" trigger ")"
 *               | ( "contains" | "match" ) "(" tested "," value ")"
 *               | tested ( operator | "contains" | "match" ) value
 *               | tested "in" "[" value ( "," value )* "]"
 *     tested    = field | ( "lowercase" | "length" ) "(" field ")"
 *
 * "!" directly before contains or match belongs to them. judge.c decides the result. */
#include "map/trigger.h"

#include "base/text.h"
#include "core/limits.h"
#include "map/condition.h"
#include "map/glob.h"

struct parser {
    struct lex lex;
    const struct expr_scope *scope;
    unsigned depth;
};

enum { MAX_LISTED = 256 }; /* gathered on the stack before it is copied */

static struct condition *parse_any(struct parser *p);

static struct condition *new_condition(struct parser *p, enum condition_kind kind)
{
    struct condition *c = arena_new(p->scope->arena, struct condition);
    c->kind = kind;
    return c;
}

static struct str test_text(enum test test)
{
    static const struct str texts[] = {
#define X(NAME, text) [TEST_##NAME] = S_INIT(text),
        TESTS(X)
#undef X
    };
    return texts[test];
}

/* --- values ------------------------------------------------------------------------------------- */

static bool parse_value(struct parser *p, struct value *out)
{
    struct lex *lex = &p->lex;
    if (lex_literal(lex, out)) return true;
    if (lex->token.kind == TOKEN_WORD) {
        return lex_fail(lex, lex->token.at, "a text needs quotes: \"%.*s\"",
                        STR_ARG(lex_shown(lex->token.raw)));
    }
    return lex_unexpected(lex, "a quoted text, a number, true, false or null");
}

/* For < and its like: a number, or a text that is one. */
static bool parse_bound(struct parser *p, struct condition *c)
{
    size_t at = p->lex.token.at;
    if (!parse_value(p, &c->literal)) return false;
    bool has_text = c->literal.kind == VALUE_NUMBER || c->literal.kind == VALUE_TEXT;
    if (has_text && str_to_double(str_trim(c->literal.text), &c->number)) return true;
    return lex_fail(&p->lex, at, "%.*s compares numbers, and this is not one",
                    STR_ARG(test_text(c->test)));
}

/* For contains and match: a text; numbers, true and false are taken as such. */
static bool parse_part(struct parser *p, struct condition *c)
{
    struct lex *lex = &p->lex;
    size_t at = lex->token.at;
    bool is_match = c->test == TEST_MATCH || c->test == TEST_NOT_MATCH;
    struct str text;
    if (is_match && lex->token.kind == TOKEN_TEXT) {
        if (!glob_parse(lex, &text)) return false;
        lex_next(lex);
    } else {
        if (!parse_value(p, &c->literal)) return false;
        if (!value_scalar_text(&c->literal, &text)) {
            return lex_fail(lex, at, "%.*s needs a text", STR_ARG(test_text(c->test)));
        }
    }
    c->literal = value_text(text);
    return true;
}

static bool parse_list(struct parser *p, struct condition *c)
{
    struct value values[MAX_LISTED];
    struct lex *lex = &p->lex;
    size_t count = 0;
    if (!lex_accept(lex, TOKEN_OPEN_LIST)) {
        return lex_unexpected(lex, "a list like [\"a\", \"b\"] after in");
    }
    do {
        if (count == MAX_LISTED) {
            return lex_fail(lex, lex->token.at, "more than %d values", MAX_LISTED);
        }
        if (!parse_value(p, &values[count++])) return false;
    } while (lex_accept(lex, TOKEN_COMMA));
    if (!lex_accept(lex, TOKEN_CLOSE_LIST)) return lex_unexpected(lex, "a comma or ]");
    struct value *kept = arena_array(p->scope->arena, struct value, count);
    memcpy(kept, values, count * sizeof *values);
    c->listed = kept;
    c->listed_count = count;
    return true;
}

/* --- what is tested ----------------------------------------------------------------------------- */

static const struct {
    struct str name;
    enum view view;
} views[] = {
#define X(NAME, text, meaning) {S_INIT(text), VIEW_##NAME},
    VIEWS(X)
#undef X
};

static enum view view_at(const struct lex *lex)
{
    for (size_t i = 0; i < countof(views); i++) {
        if (lex_is(lex, views[i].name) && lex_peek(lex) == '(') return views[i].view;
    }
    return VIEW_PLAIN;
}

/* A field, or a function of one. */
static bool parse_tested(struct parser *p, struct condition *c)
{
    struct lex *lex = &p->lex;
    c->view = view_at(lex);
    if (c->view != VIEW_PLAIN) {
        lex_next(lex);
        lex_next(lex); /* the bracket that view_at saw */
    }
    if (!field_parse(lex, p->scope, &c->field)) return false;
    c->root = c->view == VIEW_LENGTH ? ROOT_TREE : c->field.root;
    if (c->view == VIEW_PLAIN || lex_accept(lex, TOKEN_CLOSE)) return true;
    return lex_unexpected(lex, ")");
}

static bool has_capitals(struct str text)
{
    struct buf low = {0};
    text_lower(&low, text);
    bool differs = !str_eq(buf_str(&low), text);
    buf_fini(&low);
    return differs;
}

/* lowercase(...) and a text with capitals is a mistake that no event would show. */
static bool check_lowered(struct parser *p, const struct condition *c, size_t at)
{
    if (c->view != VIEW_LOWER) return true;
    for (size_t i = 0; i <= c->listed_count; i++) {
        const struct value *v = i ? &c->listed[i - 1] : &c->literal;
        if (v->kind != VALUE_TEXT || !has_capitals(v->text)) continue;
        return lex_fail(&p->lex, at,
                        "lowercase(...) never holds capitals; write the text in small "
                        "letters");
    }
    return true;
}

/* --- one condition ------------------------------------------------------------------------------ */

/* contains(field, value); the present token is the function's name. */
static struct condition *parse_function(struct parser *p, bool negative)
{
    struct lex *lex = &p->lex;
    struct condition *c = new_condition(p, CONDITION_TEST);
    if (lex_is(lex, S("contains"))) {
        c->test = negative ? TEST_NOT_CONTAINS : TEST_CONTAINS;
    } else {
        c->test = negative ? TEST_NOT_MATCH : TEST_MATCH;
    }
    lex_next(lex);
    if (!lex_accept(lex, TOKEN_OPEN)) {
        (void)lex_unexpected(lex, "( after contains or match");
        return NULL;
    }
    if (!parse_tested(p, c)) return NULL;
    if (!lex_accept(lex, TOKEN_COMMA)) {
        (void)lex_unexpected(lex, "a comma and what to look for");
        return NULL;
    }
    size_t at = lex->token.at;
    if (!parse_part(p, c) || !check_lowered(p, c, at)) return NULL;
    if (!lex_accept(lex, TOKEN_CLOSE)) {
        (void)lex_unexpected(lex, ")");
        return NULL;
    }
    return c;
}

static bool parse_operator(struct parser *p, const struct field *field, enum test *out)
{
    struct lex *lex = &p->lex;
    switch ((int)lex->token.kind) {
    case TOKEN_EQ: *out = TEST_EQ; break;
    case TOKEN_NE: *out = TEST_NE; break;
    case TOKEN_LT: *out = TEST_LT; break;
    case TOKEN_LE: *out = TEST_LE; break;
    case TOKEN_GT: *out = TEST_GT; break;
    case TOKEN_GE: *out = TEST_GE; break;
    case TOKEN_DOUBLE_EQ: return lex_fail(lex, lex->token.at, "write = instead of ==");
    case TOKEN_DIAMOND: return lex_fail(lex, lex->token.at, "write != instead of <>");
    default:
        if (lex_is(lex, S("contains"))) {
            *out = TEST_CONTAINS;
        } else if (lex_is(lex, S("match"))) {
            *out = TEST_MATCH;
        } else if (lex_is(lex, S("in"))) {
            *out = TEST_IN;
        } else {
            struct str name = lex_shown(field->written);
            return lex_fail(lex, lex->token.at,
                            "a comparison is missing after %.*s: for example %.*s != null, or "
                            "%.*s = true",
                            STR_ARG(name), STR_ARG(name), STR_ARG(name));
        }
    }
    lex_next(lex);
    return true;
}

static bool parse_operand(struct parser *p, struct condition *c)
{
    switch (c->test) {
    case TEST_EQ:
    case TEST_NE: return parse_value(p, &c->literal);
    case TEST_LT:
    case TEST_LE:
    case TEST_GT:
    case TEST_GE: return parse_bound(p, c);
    case TEST_IN: return parse_list(p, c);
    case TEST_CONTAINS:
    case TEST_MATCH:
    case TEST_NOT_CONTAINS:
    case TEST_NOT_MATCH: break;
    }
    return parse_part(p, c);
}

static struct condition *parse_comparison(struct parser *p)
{
    struct condition *c = new_condition(p, CONDITION_TEST);
    if (!parse_tested(p, c) || !parse_operator(p, &c->field, &c->test)) return NULL;
    size_t at = p->lex.token.at;
    return parse_operand(p, c) && check_lowered(p, c, at) ? c : NULL;
}

static bool reject_function(struct parser *p)
{
    static const struct str functions[] = {S_INIT("contains"), S_INIT("match"), S_INIT("lowercase"),
                                           S_INIT("length")};
    struct lex *lex = &p->lex;
    struct str name = lex->token.raw, near = diag_suggest(name, functions, countof(functions));
    if (near.n) {
        return lex_fail(lex, lex->token.at, "unknown function \"%.*s\"; did you mean \"%.*s\"?",
                        STR_ARG(lex_shown(name)), STR_ARG(near));
    }
    return lex_fail(lex, lex->token.at,
                    "unknown function \"%.*s\"; there are contains(field, value), "
                    "match(field, pattern), lowercase(field) and length(field)",
                    STR_ARG(lex_shown(name)));
}

/* --- joining ------------------------------------------------------------------------------------ */

static bool deeper(struct parser *p)
{
    if (p->depth < LIMIT_EXPRESSION_DEPTH) {
        p->depth++;
        return true;
    }
    return lex_fail(&p->lex, p->lex.token.at, "nested deeper than %d", LIMIT_EXPRESSION_DEPTH);
}

/* Something stands where conditions are joined or end. */
static void reject_join(struct lex *lex, const char *expected)
{
    switch ((int)lex->token.kind) {
    case TOKEN_AMPERSANDS: (void)lex_fail(lex, lex->token.at, "write and instead of &&"); break;
    case TOKEN_ELSE: (void)lex_fail(lex, lex->token.at, "write or instead of ||"); break;
    default: (void)lex_unexpected(lex, expected);
    }
}

static struct condition *parse_group(struct parser *p)
{
    if (!deeper(p)) return NULL;
    lex_next(&p->lex);
    struct condition *c = parse_any(p);
    p->depth--;
    if (c && !lex_accept(&p->lex, TOKEN_CLOSE)) {
        reject_join(&p->lex, "and, or or )");
        return NULL;
    }
    return c;
}

static bool at_function(const struct lex *lex)
{
    return lex_is(lex, S("contains")) || lex_is(lex, S("match"));
}

static struct condition *parse_condition(struct parser *p)
{
    struct lex *lex = &p->lex;
    if (lex->token.kind == TOKEN_OPEN) return parse_group(p);
    if (at_function(lex)) return parse_function(p, false);
    bool is_call = lex->token.kind == TOKEN_WORD && lex_peek(lex) == '(';
    if (is_call && view_at(lex) == VIEW_PLAIN) {
        (void)reject_function(p);
        return NULL;
    }
    bool is_field =
        lex->token.kind == TOKEN_DOT ||
        (lex->token.kind == TOKEN_WORD && !lex_is(lex, S("and")) && !lex_is(lex, S("or")));
    if (is_field) return parse_comparison(p);
    (void)lex_unexpected(lex, "a condition, which begins with a field, contains, match, not or (");
    return NULL;
}

static struct condition *parse_negated(struct parser *p)
{
    bool bang = p->lex.token.kind == TOKEN_NOT;
    if (!bang && !lex_is(&p->lex, S("not"))) return parse_condition(p);
    if (!deeper(p)) return NULL;
    lex_next(&p->lex);
    if (bang && at_function(&p->lex)) {
        p->depth--;
        return parse_function(p, true);
    }
    struct condition *child = parse_negated(p);
    p->depth--;
    if (!child) return NULL;
    struct condition *c = new_condition(p, CONDITION_NOT);
    c->child = child;
    return c;
}

typedef const struct condition *parse_fn(struct parser *p);

/* One or more parts joined by the same word. A single one stands for itself. */
static struct condition *parse_joined(struct parser *p, struct condition *(*part)(struct parser *),
                                      struct str word, enum condition_kind kind)
{
    struct condition *last = part(p);
    if (!last || !lex_is(&p->lex, word)) return last;
    struct condition *joined = new_condition(p, kind);
    joined->child = last;
    while (lex_is(&p->lex, word)) {
        lex_next(&p->lex);
        last->next = part(p);
        last = last->next;
        if (!last) return NULL;
    }
    return joined;
}

static struct condition *parse_all(struct parser *p)
{
    return parse_joined(p, parse_negated, S("and"), CONDITION_AND);
}

static struct condition *parse_any(struct parser *p)
{
    return parse_joined(p, parse_all, S("or"), CONDITION_OR);
}

/* --- the door ----------------------------------------------------------------------------------- */

struct trigger *trigger_compile(const struct expr_scope *scope, struct text text)
{
    struct parser p = {.scope = scope};
    lex_init(&p.lex, text, scope->arena, scope->diags);
    struct condition *root = p.lex.failed ? NULL : parse_any(&p);
    if (root && p.lex.token.kind != TOKEN_END) reject_join(&p.lex, "and, or or the end");
    if (!root || p.lex.failed) return NULL;
    struct trigger *trigger = arena_new(scope->arena, struct trigger);
    trigger->root = root;
    return trigger;
}
