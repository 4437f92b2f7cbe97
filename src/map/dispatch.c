/* SPDX-License-Identifier: Apache-2.0 */
/* Which one event name a trigger can be true for, if there is one: so that an event finds its actions by
 * name, and not by trying all of them. When in doubt there is none. */
#include "map/condition.h"

/* Is it `root = "text"`? */
static bool is_root_text(const struct condition *c, struct str root)
{
    return c->kind == CONDITION_TEST && c->test == TEST_EQ && c->view != VIEW_LENGTH &&
           !c->field.spreads && c->field.count == 1 && str_eq(c->field.steps[0].key, root) &&
           c->literal.kind == VALUE_TEXT;
}

/* May it be true of a track event? Only looks at tests of the type. */
static bool takes_tracks(const struct condition *c)
{
    bool any = c->kind == CONDITION_OR;
    if (c->kind == CONDITION_NOT) return true;
    if (c->kind == CONDITION_TEST) {
        return !is_root_text(c, S("type")) || str_eq(c->literal.text, S("track"));
    }
    for (const struct condition *child = c->child; child; child = child->next) {
        if (takes_tracks(child) == any) return any;
    }
    return !any;
}

/* A number or truth in the event also equals its text, and then the event has another name. */
static bool is_plain_name(struct str name)
{
    double ignored;
    return name.n && !str_to_double(name, &ignored) && !str_eq(name, S("true")) &&
           !str_eq(name, S("false"));
}

static bool is_same(const struct only_name *a, const struct only_name *b)
{
    return str_eq(a->name, b->name) && a->lowered == b->lowered;
}

static struct only_name only_event(const struct condition *c)
{
    const struct only_name none = {0};
    struct only_name only = none;
    if (is_root_text(c, S("event"))) {
        only = (struct only_name){c->literal.text, c->view == VIEW_LOWER};
        return is_plain_name(c->literal.text) ? only : none;
    }
    if (c->kind == CONDITION_TEST || c->kind == CONDITION_NOT) return none;
    for (const struct condition *child = c->child; child; child = child->next) {
        struct only_name childs = only_event(child);
        if (c->kind == CONDITION_AND && childs.name.p) return childs;
        if (c->kind == CONDITION_OR &&
            (!childs.name.p || (only.name.p && !is_same(&only, &childs))))
            return none;
        only = childs;
    }
    return only;
}

struct only_name condition_only_name(const struct condition *c)
{
    const struct only_name none = {0};
    return takes_tracks(c) ? only_event(c) : none;
}
