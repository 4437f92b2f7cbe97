/* SPDX-License-Identifier: Apache-2.0 */
/* All paths that a plan reads, as one trie: each distinct path has a slot, and one walk over the
 * event's JSON fills all slots with views. Paths are in Segment's names; for protocols that spell them
 * otherwise alias.h knows, when the plan is compiled, where their events have the same.
 *
 * A path is steps separated by dots: properties.order_id, products[0].id, traits."first name".
 * `[*]` (all items of a list, which makes the value a list) is not a trie step: the slot is the list
 * before it, the rest is walked at evaluation. Paths that begin with `envelope.` read what was seen on
 * the connection: envelope.client_ip and .user_agent (only when the connection was the person's own
 * browser, or the event says context.direct), .message_id, .received_at, .source, .from_browser. */
#ifndef MAP_PATHS_H
#define MAP_PATHS_H

#include "map/plan.h"
#include "map/shape.h"
#include "map/value.h"

struct paths;

/* A step is a key of an object or an index into a list. A key of digits is an index when it meets a
 * list (properties.list.0), as in the paths that people bring from JavaScript. */
struct path_step {
    struct str key; /* p = NULL: an index */
    size_t index;
};

/* X(FIELD, "name", "meaning"): what can stand behind `envelope.` */
#define ENVELOPE_FIELDS(X)                                                                         \
    X(CLIENT_IP, "client_ip", "the person's address, when the connection was theirs")              \
    X(USER_AGENT, "user_agent", "the person's browser, when the connection was theirs")            \
    X(MESSAGE_ID, "message_id", "the client's message id, or the one we made")                     \
    X(RECEIVED_AT, "received_at", "when the request came in, epoch milliseconds")                  \
    X(SOURCE, "source", "the source's name in the configuration")                                  \
    X(FROM_BROWSER, "from_browser", "true when the connection was the person's own browser")

/* paths_new makes an empty set in the arena (generation lifetime). */
struct paths *paths_new(struct arena *arena);
/* paths_new_native is the same without aliases: paths are followed as they are in every protocol. */
struct paths *paths_new_native(struct arena *arena);
/* paths_are_native: of paths_new_native? Then they may begin with any name. */
bool paths_are_native(const struct paths *p);
/* paths_add returns the slot of a path (a new one or the same as before). Compile time only. */
size_t paths_add(struct paths *p, const struct path_step *steps, size_t count);
size_t paths_count(const struct paths *p);
/* paths_fill walks root once and sets slots[0 .. paths_count) (missing = VALUE_MISSING). Duplicate
 * keys: the last one wins, as everywhere in JavaScript. slots has room for paths_count. */
void paths_fill(const struct paths *p, const struct parsed_event *event, struct arena *scratch,
                struct value *slots);
/* paths_fill_cleared is the same for slots that all are missing. Returns which are not any longer, a bit
 * each, in scratch; with that paths_clear makes them missing again. An event has some 30 of the 250 slots of
 * a plan: to clear all of them was 8 % of the instructions of mapping it. shapes, which may be NULL, remembers
 * where they were in events of the same shape. */
const uint64_t *paths_fill_cleared(const struct paths *p, const struct parsed_event *event,
                                   struct shapes *shapes, struct arena *scratch,
                                   struct value *slots);
void paths_clear(const struct paths *p, const uint64_t *present, struct value *slots);
/* paths_walk follows steps from a value that is not in a slot (items of `each`, `[*]`). */
struct value paths_walk(struct value from, const struct path_step *steps, size_t count);

#endif
