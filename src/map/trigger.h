/* SPDX-License-Identifier: Apache-2.0 */
/* Triggers: conditions on an event in the field's own language, `type = "track" and event =
 * "Order Completed"`, with real precedence (not, and, or), groups, contains() and match(). An unknown
 * name or function is an error when compiled, never a silent skip. */
#ifndef MAP_TRIGGER_H
#define MAP_TRIGGER_H

#include "core/diag.h"
#include "map/plan.h"

struct trigger;

/* trigger_compile makes a stand-alone trigger in the arena (plans compile theirs the same way); NULL
 * and a diag with the place when the text is wrong. */
struct trigger *trigger_compile(struct text text, struct arena *arena, struct diags *diags);
/* trigger_test evaluates it on one event. Thread: r's own. */
bool trigger_test(const struct trigger *t, struct run *r, const struct parsed_event *event);

#endif
