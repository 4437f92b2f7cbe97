/* SPDX-License-Identifier: Apache-2.0 */
/* The decision on one event of a replay. */
#ifndef REPLAY_PICK_H
#define REPLAY_PICK_H

#include "load/mapper.h"
#include "map/facts.h"
#include "replay/job.h"

/* What is needed to decide; one thread's. */
struct picker {
    struct mapper mapper; /* its generation is the present one, pinned */
    uint64_t start;       /* the number with which the job's destination began */
    struct facts *facts;
};

void pick_init(struct picker *p);
void pick_fini(struct picker *p);
/* pick_turn pins the generation that holds now (the picker lets go of it) and finds the job's destination
 * in it; false when it is no longer configured. */
bool pick_turn(struct picker *p, struct generation *g, struct str destination);
/* pick_event decides on the record of event job->next, whose outcome so far is known (REASON_COUNT: not
 * settled): REPLAY_QUEUED means that it is to go. */
enum replay_count pick_event(struct picker *p, const struct replay_job *job, struct str record,
                             enum reason former);

#endif
