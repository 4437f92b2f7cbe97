/* SPDX-License-Identifier: Apache-2.0 */
/* Which event names alone a trigger can be true for, if it is so: so that an event finds its actions by
 * name, and not by trying all of them. When in doubt it may be true for any. */
#include "map/condition.h"

/* Is it that test of the root itself? */
static bool is_root_text(const struct condition *c, struct str root, enum test test)
{
    return c->kind == CONDITION_TEST && c->test == test && c->view != VIEW_LENGTH &&
           !c->field.spreads && c->field.count == 1 && str_eq(c->field.steps[0].key, root);
}

/* May it be true of a track event? Only looks at tests of the type. */
static bool takes_tracks(const struct condition *c)
{
    bool any = c->kind == CONDITION_OR;
    if (c->kind == CONDITION_NOT) return true;
    if (c->kind == CONDITION_TEST) {
        return !is_root_text(c, S("type"), TEST_EQ) || c->literal.kind != VALUE_TEXT ||
               str_eq(c->literal.text, S("track"));
    }
    for (const struct condition *child = c->child; child; child = child->next) {
        if (takes_tracks(child) == any) return any;
    }
    return !any;
}

/* A number or truth in the event also equals its text, and then the event has another name. */
static bool is_plain_name(const struct value *v)
{
    double ignored;
    return v->kind == VALUE_TEXT && v->text.n && !str_to_double(v->text, &ignored) &&
           !str_eq(v->text, S("true")) && !str_eq(v->text, S("false"));
}

/* Is it `event = "A"` or `event in ["A", "B"]`? */
static bool names_events(const struct condition *c)
{
    if (is_root_text(c, S("event"), TEST_EQ)) return is_plain_name(&c->literal);
    if (!is_root_text(c, S("event"), TEST_IN)) return false;
    for (size_t i = 0; i < c->listed_count; i++) {
        if (!is_plain_name(&c->listed[i])) return false;
    }
    return true;
}

/* Of an `and` one part that has names is enough, of an `or` all must have them. */
static bool has_names(const struct condition *c)
{
    bool any = c->kind == CONDITION_AND;
    if (c->kind == CONDITION_TEST) return names_events(c);
    if (c->kind == CONDITION_NOT) return false;
    for (const struct condition *child = c->child; child; child = child->next) {
        if (has_names(child) == any) return any;
    }
    return !any;
}

static void tell_names(const struct condition *c, trigger_name_fn *fn, void *ctx)
{
    bool lowered = c->view == VIEW_LOWER;
    if (c->kind == CONDITION_TEST && c->test == TEST_EQ) fn(ctx, c->literal.text, lowered);
    for (size_t i = 0; i < c->listed_count; i++) fn(ctx, c->listed[i].text, lowered);
    for (const struct condition *child = c->child; child; child = child->next) {
        if (!has_names(child)) continue;
        tell_names(child, fn, ctx);
        if (c->kind == CONDITION_AND) break;
    }
}

bool trigger_event_names(const struct trigger *t, trigger_name_fn *fn, void *ctx)
{
    if (!takes_tracks(t->root) || !has_names(t->root)) return false;
    tell_names(t->root, fn, ctx);
    return true;
}
