/* SPDX-License-Identifier: Apache-2.0 */
/* A destination's preset and own rules, compiled once into an immutable plan, and run per event
 * without allocation: one walk over the parsed JSON fills the slots of all paths that any rule reads,
 * then straight-line evaluation writes the Conversions API event into the output buffer.
 *
 * What becomes of an event, in this order; the first that applies decides:
 *
 *  1. Ingest could not take it (its reject reason), or it is no JSON object: dead.
 *     Holds that it confirms or cancels for others are noted before anything else is looked at.
 *  2. The user agent is a bot's (bots.h), the connection's if that was the person's browser, else
 *     context.userAgent, and neither source nor destination says `bots: keep`: filtered (bot).
 *  3. `filter` is false, the preset's or the destination's: filtered (filter), with the rule's
 *     file:line as path.
 *  4. No `type`, or one that is not text: dead (bad_event).
 *  5. The event's own `integrations` object excludes us (our name false, or All false and our name
 *     not given): filtered (integrations).
 *  6. A track event whose name has a row in the destination's `events` that says drop: filtered
 *     (dropped). Names are compared exactly, and with `event_names: any_case` without capitals when
 *     there is no row of the exact name. Where the protocol names every event (Amplitude's), so does a page.
 *  7. The destination's own actions, in order: every action whose trigger matches sends. The trigger
 *     `otherwise` matches a track, page or screen event that no earlier action of the list matched.
 *  8. When none of them did: the row of `events`, the destination's or, if it has none of that name, the
 *     preset's. It sends to the destination's pixel, and to the row's own pixel as well when it has
 *     one; the preset's may also say drop.
 *  9. When there is no row: the preset's actions, by the same rule as 7.
 * 10. Nothing matched (an identify, group or alias only enriches): filtered (no_action).
 *
 * How a Meta event is filled: mappings are laid over each other by target name. From the bottom:
 * the preset's destination level, the preset's action, the destination's own level, its own action;
 * null takes a mapping of a lower layer away. `send` counts as a mapping of event_name in its layer.
 * For an own action or a row the preset's action is its first one with the same `send`, whatever its
 * trigger, else its `otherwise` action; for a row the own action is found by `send` in the same way.
 *
 * What is to be sent then meets the holds whose trigger matches; without their key it is dead
 * (missing_field). Whether it waits is for delivery to say, which knows what was confirmed.
 *
 * When an event makes several Meta events and one of them is dead, the whole event is dead with that
 * reason and nothing is sent: it is retried as a whole. */
#ifndef MAP_PLAN_H
#define MAP_PLAN_H

#include "base/json.h"
#include "base/nodes.h"
#include "base/table.h"
#include "conf/config.h"
#include "core/translate.h"

struct plan;

/* plan_compile makes a plan in the arena. preset may be NULL. Problems go to diags with their place
 * in the user's file or the preset; NULL when there were any. */
struct plan *plan_compile(const struct destination_conf *destination,
                          const struct destination_conf *preset, struct arena *arena,
                          struct diags *diags);
/* plan_twin makes, in the arena, the plan of a destination whose rules are those that plan was compiled of:
 * another name and pixel, and all else shared, for which plan must live as long. twins, which must live as
 * long too, will have the names of all destinations of these rules before any of their plans is run. */
struct plan *plan_twin(const struct plan *plan, const struct destination_conf *destination,
                       const struct table *twins, struct arena *arena);

/* What one thread needs to run plans; reused from event to event, grows to a steady state. */
struct run;
struct run *run_new(void);
void run_free(struct run *r);

/* Explains each step to a listener; NULL in normal operation. See map/explain.h. */
struct explain;

/* One event, ready to be mapped any number of times: parsed once. root is NULL when the JSON is not
 * usable (then reject says why). */
struct parsed_event {
    const struct event *event;
    yyjson_val *root;
    struct nodes_shape shape; /* root's; count = 0: unknown */
    enum reason reject;       /* the event's own, or what parsing found; REASON_NONE with a root */
    struct str default_country; /* the source's (alpha-2, lower case), set by the caller after
                                 * run_parse; empty: the destination's */
    /* The event is for destinations with this pixel alone, set by the caller too; empty: for all. */
    struct str pixel_id;
    bool keep_bots; /* the source's word, set by the caller too */
};
/* run_parse parses e's JSON into r's memory; the result is valid until the next run_parse on r, and as
 * long as e's JSON: its texts are views into that. */
void run_parse(struct run *r, const struct event *e, struct parsed_event *out);

/* plan_run maps one event: appends the JSON of each Meta event to out and fills *t. now_ms decides
 * about age and future. On any verdict but "send", out is left as it was. Thread: r's own. */
void plan_run(const struct plan *plan, struct run *r, const struct parsed_event *event,
              int64_t now_ms, struct buf *out, struct translation *t, struct explain *explain);

#endif
