/* SPDX-License-Identifier: Apache-2.0 */
/* Misbehaviour on demand. A fault has a kind, and conditions: a number of times, a pixel, a
 * probability, an event in the batch. For each request the faults are tried in order: "slow" and
 * "usage" add to the answer and let the next be tried; the first other one that fits decides.
 * Server's thread only. */
#ifndef SANDBOX_FAULTS_H
#define SANDBOX_FAULTS_H

#include "base/json.h"
#include "core/limits.h"
#include "sandbox/batch.h"

/* X(NAME, "name") — what each does is in docs and in graph.c. */
#define FAULT_KINDS(X)                                                                             \
    X(STATUS, "status")     /* an HTTP status with a page of HTML; nothing is stored */            \
    X(ERROR, "error")       /* a Graph error; nothing is stored. With "event" and code 100   \
                                     only that event is refused, under the batch rule */     \
    X(HANG, "hang")         /* silence for ms, then the connection is closed */                    \
    X(RESET, "reset")       /* the connection is closed at once; nothing is stored */              \
    X(SLOW, "slow")         /* the right answer, ms late */                                        \
    X(GARBAGE, "garbage")   /* status 200 with HTML; nothing is stored */                          \
    X(TRUNCATE, "truncate") /* the events are stored, the answer is half of its JSON */            \
    X(LOST_ANSWER, "lost_answer") /* the events are stored, the connection is closed */            \
    X(FEWER, "fewer")             /* the events are stored, the answer confirms one fewer */       \
    X(USAGE, "usage")             /* the right answer with usage headers at percent */

enum fault_kind {
#define X(NAME, name) FAULT_##NAME,
    FAULT_KINDS(X)
#undef X
        FAULT_KIND_COUNT
};

const char *fault_kind_name(enum fault_kind kind);

enum { FAULT_TEXT_BYTES = 256 };

struct fault {
    enum fault_kind kind;
    int status;        /* of "status" and, if not 0, of "error" */
    int code, subcode; /* of "error" */
    int percent;       /* of "usage" */
    int minutes;       /* of "usage": estimated_time_to_regain_access */
    int retry_after_s; /* of "status" and "error"; 0 = no header */
    int64_t ms;        /* of "hang" and "slow" */
    double probability;
    uint64_t left;                   /* times to play; UINT64_MAX = until removed */
    uint64_t applied;                /* times played */
    char pixel_id[FAULT_TEXT_BYTES]; /* empty = any */
    char event[FAULT_TEXT_BYTES]; /* event_id or event_name of an event in the batch; empty = any */
};

struct faults {
    struct fault items[LIMIT_SANDBOX_FAULTS];
    size_t count;
};

/* What is to be played for one request. */
struct fault_plan {
    bool has_decision;
    struct fault decision; /* the fault that decides, when there is one */
    int64_t delay_ms;
    int usage_percent; /* -1: no usage headers */
    int usage_minutes;
};

/* A zeroed struct faults is a valid empty list. */

/* faults_add takes one fault or a list of them as JSON; all or none. */
bool faults_add(struct faults *faults, yyjson_val *spec, struct err *err);
void faults_clear(struct faults *faults);
/* faults_print appends {"faults":[..]}. */
void faults_print(const struct faults *faults, struct buf *out);
/* faults_plan decides and counts; played-out faults leave the list. batch may have no events. */
void faults_plan(struct faults *faults, struct str pixel_id, const struct batch *batch,
                 struct fault_plan *plan);
/* fault_names: is this the event that the fault's "event" means? */
bool fault_names(const struct fault *fault, yyjson_val *event);

#endif
