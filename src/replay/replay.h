/* SPDX-License-Identifier: Apache-2.0 */
/* Replays: events of the journal go to a destination again, mapped by the present rules, with the event_id
 * that they had. A thread of its own walks the journal and puts what is to go into the destination's retry
 * queue, a bounded piece at a time; delivery treats it like any dead letter that is tried again, so the
 * states go on adding up, and a pause, a reload or a crash are nothing new. What was delivered is not sent
 * again unless asked for; what the rules would filter, refuse or find too old is counted and keeps its
 * state. Jobs are kept in the store and go on after a restart. */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

#include "conf/generation.h"
#include "journal/journal.h"
#include "replay/job.h"
#include "store/store.h"

struct replay;

struct replay_options {
    struct journal *journal;
    struct store *store;
    struct generation_holder *generations;
    void (*wake)(void *ctx); /* tells delivery that its retry queue has something new */
    void *wake_ctx;
};

/* replay_open reads the jobs that are kept and starts the thread. */
struct replay *replay_open(const struct replay_options *options, struct err *err);
/* replay_close stops at the next piece; running jobs go on when it is opened again. NULL is a no-op. */
void replay_close(struct replay *r);

/* replay_submit begins a job: wanted's destination, filters, times and flags count; out is the job as it
 * begins. False and err: an unknown destination, or LIMIT_REPLAYS run already. Any thread. */
bool replay_submit(struct replay *r, const struct replay_job *wanted, struct replay_job *out,
                   struct err *err);
/* replay_cancel ends a running job; what is queued already still goes. False and err when there is no such
 * running job. Any thread. */
bool replay_cancel(struct replay *r, uint64_t id, struct err *err);
/* replay_list gives all jobs that are remembered, oldest first, in the arena. Any thread. */
void replay_list(struct replay *r, struct arena *arena, struct replay_job **out, size_t *count);

#endif
