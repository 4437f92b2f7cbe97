/* SPDX-License-Identifier: Apache-2.0 */
/* Work that survives a restart, and what it puts into the retry queue. A job is a number and a text of its
 * owner's. */
#ifndef STORE_JOBS_H
#define STORE_JOBS_H

#include "store/store.h"

struct job_text {
    uint64_t id;
    struct str text;
};

/* store_jobs_list gives all jobs, oldest first, in the arena. Any thread, like all of these. */
bool store_jobs_list(struct store *s, struct arena *arena, struct job_text **out, size_t *count,
                     struct err *err);
/* store_job_put adds or replaces one; text p = NULL removes it. Durable. */
bool store_job_put(struct store *s, const struct job_text *job, struct err *err);

/* An event that is to be sent again. */
struct again {
    uint64_t seq;
    enum reason former; /* what had become of it; REASON_NONE: delivered */
    struct str record;
};

/* store_job_queue puts events into a destination's retry queue and replaces the job's text, all or
 * nothing: a dead letter is moved there, for others one is made. An event that is there already, or whose
 * outcome is no longer the former one, is left alone. *queued says how many were put. */
bool store_job_queue(struct store *s, struct str destination, const struct again *events,
                     size_t count, const struct job_text *job, uint64_t *queued, struct err *err);
/* store_retries_count counts a destination's queued retries, up to most. */
bool store_retries_count(struct store *s, struct str destination, size_t most, size_t *count,
                         struct err *err);

#endif
