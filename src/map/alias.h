/* SPDX-License-Identifier: Apache-2.0 */
/* Where other protocols have what the Segment specification names. Rules are written in the Segment
 * names alone; for a protocol that spells them otherwise alias_table.h says where each of them is.
 * When a plan is compiled every path is looked up for each such protocol, so one plan serves sources
 * of all of them, and the event stays as it was sent.
 *
 * The longest row that begins the path speaks for it: `properties.revenue` has its own places,
 * `properties.plan` follows `properties`. What has no row is nowhere in that protocol. */
#ifndef MAP_ALIAS_H
#define MAP_ALIAS_H

#include "map/paths.h"

struct alias_set;

/* alias_set_new makes an empty set in the arena (generation lifetime). */
struct alias_set *alias_set_new(struct arena *arena);
/* alias_add notes that a slot is for this path. Compile time only. */
void alias_add(struct alias_set *set, size_t slot, const struct path_step *steps, size_t count);
/* alias_fill sets the slots of an event whose protocol has a table; slots of paths that it has no place
 * for are left as they were. False, with nothing done, for the other protocols. */
bool alias_fill(const struct alias_set *set, const struct parsed_event *event,
                struct arena *scratch, struct value *slots);
/* alias_exists: does the protocol have a table? Its events are named in `event` whatever their type. */
bool alias_exists(enum protocol protocol);
/* alias_asks_for_address: does the event itself say that its address is the connection's? */
bool alias_asks_for_address(const struct parsed_event *event);

#endif
