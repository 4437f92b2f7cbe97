/* SPDX-License-Identifier: Apache-2.0 */
/* A destination's preset and own rules, compiled once into an immutable plan, and run per event
 * without allocation: one walk over the parsed JSON fills the slots of all paths that any rule reads,
 * then straight-line evaluation writes the Conversions API event into the output buffer. */
#ifndef MAP_PLAN_H
#define MAP_PLAN_H

#include "base/json.h"
#include "conf/config.h"
#include "core/translate.h"

struct plan;

/* plan_compile makes a plan in the arena. preset may be NULL. Problems go to diags with their place
 * in the user's file or the preset; NULL when there were any. */
struct plan *plan_compile(const struct destination_conf *destination,
                          const struct destination_conf *preset, struct arena *arena,
                          struct diags *diags);

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
};
/* run_parse parses e's JSON into r's memory; the result is valid until the next run_parse on r. */
void run_parse(struct run *r, const struct event *e, struct parsed_event *out);

/* plan_run maps one event: appends the JSON of each Meta event to out and fills *t. now_ms decides
 * about age and future. On any verdict but "send", out is left as it was. Thread: r's own. */
void plan_run(const struct plan *plan, struct run *r, const struct parsed_event *event,
              int64_t now_ms, struct buf *out, struct translation *t, struct explain *explain);

#endif
