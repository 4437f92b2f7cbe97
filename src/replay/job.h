/* SPDX-License-Identifier: Apache-2.0 */
/* One replay: which events of the journal go to a destination again, how far it is, and what it found. Plain
 * data; its text form is what the store keeps and what the API shows. */
#ifndef REPLAY_JOB_H
#define REPLAY_JOB_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "core/limits.h"

/* X(NAME, "name") — what became of the events that a replay looked at; they add up to looked_at. */
#define REPLAY_COUNTS(X)                                                                           \
    X(LOOKED_AT, "looked_at")                                                                      \
    X(OTHER, "other")           /* another source or event, or not for this destination */         \
    X(QUEUED, "queued")         /* to be sent; in a dry run: would be */                           \
    X(DELIVERED, "delivered")   /* was before, and is left alone */                                \
    X(WAITING, "waiting")       /* not settled yet: will go by itself */                           \
    X(BEFORE, "before")         /* from before the destination began: not its own */               \
    X(DUPLICATE, "duplicate")   /* repeats an event that has a verdict of its own */               \
    X(FILTERED, "filtered")     /* the present rules leave it out */                               \
    X(WOULD_FAIL, "would_fail") /* the present rules make nothing of it that Meta would take */    \
    X(TOO_OLD, "too_old")       /* Meta takes it no more */                                        \
    X(LOST, "lost")             /* trimmed or damaged */

enum replay_count {
#define X(NAME, name) REPLAY_##NAME,
    REPLAY_COUNTS(X)
#undef X
        REPLAY_COUNT
};

/* X(NAME, "name") */
#define REPLAY_STATES(X)                                                                           \
    X(RUNNING, "running")                                                                          \
    X(DONE, "done")                                                                                \
    X(CANCELLED, "cancelled")                                                                      \
    X(FAILED, "failed")

enum replay_state {
#define X(NAME, name) REPLAY_IS_##NAME,
    REPLAY_STATES(X)
#undef X
        REPLAY_STATE_COUNT
};

enum { REPLAY_EVENT_BYTES = 256 }; /* of an event's name; Meta takes fewer */

struct replay_job {
    uint64_t id;
    char destination[LIMIT_NAME_BYTES + 1];
    char source[LIMIT_NAME_BYTES + 1]; /* "": any */
    char event[REPLAY_EVENT_BYTES];    /* its own name, exactly; "": any */
    int64_t from_ms, to_ms;            /* when it was stored; 0: from the oldest, up to the start */
    bool include_delivered, dry_run;
    enum replay_state state;
    uint64_t first, next, end; /* numbers: where it began, is, and will end */
    uint64_t counts[REPLAY_COUNT];
    int64_t started_ms, ended_ms;
    char error[256];
};

/* job_put appends the job as a JSON object. */
void job_put(struct buf *out, const struct replay_job *job);
/* job_read is its inverse; false and err for anything else. The arena holds the tree for the call. */
bool job_read(struct str text, struct arena *arena, struct replay_job *out, struct err *err);

#endif
