/* SPDX-License-Identifier: Apache-2.0 */
/* Holds: events that wait for others. Here is only what the rules say about one event: which holds it
 * meets, and which it confirms or cancels for others. What was confirmed is delivery's to know. */
#ifndef MAP_HOLD_H
#define MAP_HOLD_H

#include "map/emit.h"

/* holds_compile compiles the destination's holds, or the preset's when it has none. Problems go to the
 * diags. */
void holds_compile(struct compiler *c);
/* holds_confirm notes which holds the event confirms or cancels for others. */
void holds_confirm(struct job *job, struct translation *t);
/* holds_meet notes which holds the event, whose sends are written, has to wait for. False: it has no key
 * for one of them and is dead, outcome set. */
bool holds_meet(struct job *job, struct translation *t);

#endif
