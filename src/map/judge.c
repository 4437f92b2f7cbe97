/* SPDX-License-Identifier: Apache-2.0 */
/* Decides a compiled trigger. Values compare as Segment's triggers do where that has sense:
 *
 * - Kinds count in properties, traits and context: 5 equals 5.0 but not "5". In type, event, name and
 *   ids everything is a text, so `userId = 5` is true of "5" too.
 * - `= null` is true of what is missing or null.
 * - != is the opposite of =, so also true of what is missing; except with a number, which only a
 *   number can differ from, just as < and > need one.
 * - contains and match need a text (contains: or a list, of which an item must be equal). Their
 *   opposites !contains and !match need one too, while `not contains(...)` is plain negation.
 * - lowercase() and length() are what they make of the value: length is a number.
 * - behind [*] a test is true when it is of any item, a negative one (!=, !contains, !match) when it
 *   is of all. */
#include "map/condition.h"

#include "base/text.h"
#include "map/glob.h"

#include <stdio.h>

static bool as_double(const struct value *v, double *out)
{
    return v->kind == VALUE_NUMBER && str_to_double(v->text, out);
}

static bool same_number(const struct value *a, const struct value *b)
{
    double x, y;
    return as_double(a, &x) && as_double(b, &y) && x == y;
}

static bool same_text(const struct value *a, const struct value *b)
{
    struct str x, y;
    return value_scalar_text(a, &x) && value_scalar_text(b, &y) && str_eq(x, y);
}

static bool is_equal(enum root_kind root, const struct value *literal, const struct value *v)
{
    bool truths = literal->kind == VALUE_BOOL && root != ROOT_NAME;
    if (literal->kind == VALUE_NULL) return value_is_null(v);
    if (truths) return v->kind == VALUE_BOOL && v->truth == literal->truth;
    if (root != ROOT_TREE) return same_text(literal, v);
    if (literal->kind == VALUE_NUMBER) return same_number(literal, v);
    return v->kind == VALUE_TEXT && str_eq(literal->text, v->text);
}

static bool is_unequal(const struct condition *c, const struct value *v)
{
    bool needs_number = c->literal.kind == VALUE_NUMBER && c->root == ROOT_TREE;
    double ignored;
    if (needs_number && !as_double(v, &ignored)) return false;
    return !is_equal(c->root, &c->literal, v);
}

static bool is_listed(const struct condition *c, const struct value *v)
{
    for (size_t i = 0; i < c->listed_count; i++) {
        if (is_equal(c->root, &c->listed[i], v)) return true;
    }
    return false;
}

static bool is_ordered(const struct condition *c, const struct value *v)
{
    double actual;
    if (!as_double(v, &actual)) return false;
    switch ((int)c->test) {
    case TEST_LT: return actual < c->number;
    case TEST_LE: return actual <= c->number;
    case TEST_GT: return actual > c->number;
    default: return actual >= c->number;
    }
}

static bool is_list(const struct value *v)
{
    return v->kind == VALUE_NODE && yyjson_is_arr(v->node);
}

static bool does_contain(const struct value *literal, const struct value *v)
{
    if (v->kind == VALUE_TEXT) return str_find(v->text, literal->text, 0) != SIZE_MAX;
    if (!is_list(v)) return false;
    struct value_walk walk = value_walk(v);
    for (struct value item; value_next(&walk, &item);) {
        if (same_text(literal, &item)) return true;
    }
    return false;
}

static bool holds(const struct condition *c, const struct value *v)
{
    switch (c->test) {
    case TEST_EQ: return is_equal(c->root, &c->literal, v);
    case TEST_NE: return is_unequal(c, v);
    case TEST_LT:
    case TEST_LE:
    case TEST_GT:
    case TEST_GE: return is_ordered(c, v);
    case TEST_IN: return is_listed(c, v);
    case TEST_CONTAINS: return does_contain(&c->literal, v);
    case TEST_MATCH: return v->kind == VALUE_TEXT && glob_match(c->literal.text, v->text);
    case TEST_NOT_CONTAINS:
        return (v->kind == VALUE_TEXT || is_list(v)) && !does_contain(&c->literal, v);
    case TEST_NOT_MATCH: break;
    }
    return v->kind == VALUE_TEXT && !glob_match(c->literal.text, v->text);
}

/* Tests what the function around the field makes of its value. */
static bool holds_viewed(const struct condition *c, const struct value *v, const struct eval *ev)
{
    char digits[24];
    if (c->view == VIEW_LOWER && v->kind == VALUE_TEXT) {
        size_t mark = ev->text->n;
        text_lower(ev->text, v->text);
        struct value low = value_text(buf_since(ev->text, mark));
        bool yes = holds(c, &low);
        buf_cut(ev->text, mark);
        return yes;
    }
    if (c->view != VIEW_LENGTH) return holds(c, v);
    struct value length = {.kind = VALUE_MISSING};
    if (v->kind == VALUE_TEXT || v->kind == VALUE_LIST || is_list(v)) {
        size_t n = v->kind == VALUE_TEXT ? v->text.n : value_length(v);
        length = value_number(str_of(digits, (size_t)snprintf(digits, sizeof digits, "%zu", n)));
    }
    return holds(c, &length);
}

/* Tests the items that [*] gave; null and missing ones are not among them. */
static bool holds_spread(const struct condition *c, const struct value *list, const struct eval *ev)
{
    bool negative = c->test == TEST_NE || c->test == TEST_NOT_CONTAINS || c->test == TEST_NOT_MATCH;
    if (c->literal.kind == VALUE_NULL && c->test != TEST_IN) {
        return negative == (value_length(list) > 0);
    }
    struct value_walk walk = value_walk(list);
    for (struct value item; value_next(&walk, &item);) {
        if (holds_viewed(c, &item, ev) != negative) return !negative;
    }
    return negative;
}

/* Most tests by far: a plain path that is equal to a text, and the event has a text there. */
static bool is_plain_test(const struct condition *c, const struct value *v)
{
    return c->test == TEST_EQ && c->view == VIEW_PLAIN && c->literal.kind == VALUE_TEXT &&
           v->kind == VALUE_TEXT;
}

static bool judge_test(const struct condition *c, const struct eval *ev)
{
    if (c->field.direct) {
        const struct value *v = &ev->slots[c->field.slot];
        return is_plain_test(c, v) ? str_eq(c->literal.text, v->text) : holds_viewed(c, v, ev);
    }
    struct value v = field_eval(&c->field, ev);
    return c->field.spreads ? holds_spread(c, &v, ev) : holds_viewed(c, &v, ev);
}

bool condition_judge(const struct condition *c, const struct eval *ev)
{
    if (c->kind == CONDITION_TEST) return judge_test(c, ev);
    if (c->kind == CONDITION_NOT) return !condition_judge(c->child, ev);
    bool until = c->kind == CONDITION_OR; /* the answer of a child that ends it */
    for (const struct condition *child = c->child; child; child = child->next) {
        if (condition_judge(child, ev) == until) return until;
    }
    return !until;
}

bool trigger_test(const struct trigger *t, const struct eval *ev)
{
    return condition_judge(t->root, ev);
}

static void condition_slots(const struct condition *c, void (*fn)(void *ctx, size_t slot),
                            void *ctx)
{
    if (c->kind == CONDITION_TEST && !c->field.relative) fn(ctx, c->field.slot);
    for (const struct condition *child = c->child; child; child = child->next) {
        condition_slots(child, fn, ctx);
    }
}

void trigger_slots(const struct trigger *t, void (*fn)(void *ctx, size_t slot), void *ctx)
{
    condition_slots(t->root, fn, ctx);
}

/* Is the test false of what is missing? */
static bool needs_value(const struct condition *c)
{
    bool of_null = c->literal.kind == VALUE_NULL;
    switch (c->test) {
    case TEST_EQ: return !of_null;
    case TEST_NE: return of_null;
    case TEST_IN:
    case TEST_LT:
    case TEST_LE:
    case TEST_GT:
    case TEST_GE:
    case TEST_CONTAINS:
    case TEST_MATCH:
    case TEST_NOT_CONTAINS:
    case TEST_NOT_MATCH: break;
    }
    return c->test != TEST_IN || !is_listed(c, &(struct value){.kind = VALUE_MISSING});
}

static size_t condition_need(const struct condition *c)
{
    size_t slot = SIZE_MAX;
    if (c->kind == CONDITION_TEST && c->field.direct && c->view != VIEW_LENGTH) {
        return needs_value(c) ? c->field.slot : SIZE_MAX;
    }
    if (c->kind != CONDITION_AND) return SIZE_MAX;
    for (c = c->child; c && slot == SIZE_MAX; c = c->next) slot = condition_need(c);
    return slot;
}

size_t trigger_need(const struct trigger *t)
{
    return condition_need(t->root);
}
