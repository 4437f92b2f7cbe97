/* SPDX-License-Identifier: Apache-2.0 */
/* Triggers: conditions on an event in the field's own language, `type = "track" and event =
 * "Order Completed"`, with real precedence (not, and, or), groups, contains() and match(). An unknown
 * name or function is an error when compiled, never a silent skip. */
#ifndef MAP_TRIGGER_H
#define MAP_TRIGGER_H

#include "map/expr.h"

struct trigger;

/* trigger_compile makes a trigger on the scope's paths, in the scope's arena; NULL and a diag with
 * the place when the text is wrong. */
struct trigger *trigger_compile(const struct expr_scope *scope, struct text text);
/* trigger_test evaluates it on filled slots. */
bool trigger_test(const struct trigger *t, const struct eval *ev);
/* trigger_event_names: when the trigger can only be true for events of certain exact names (and type "track"
 * or any), calls fn for each, some perhaps more than once; false without a call otherwise. lowered says
 * that it is the name in small letters, of an event whose own may have capitals. For the dispatch table. */
typedef void trigger_name_fn(void *ctx, struct str name, bool lowered);
bool trigger_event_names(const struct trigger *t, trigger_name_fn *fn, void *ctx);
/* trigger_slots calls fn for every slot that the trigger looks at. */
void trigger_slots(const struct trigger *t, void (*fn)(void *ctx, size_t slot), void *ctx);
/* trigger_need is a slot without whose value the trigger is false; SIZE_MAX when none can be told. */
size_t trigger_need(const struct trigger *t);

#endif
