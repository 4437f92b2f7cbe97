/* SPDX-License-Identifier: Apache-2.0 */
/* What became of each event, and what each request to Meta brought: for one destination, one byte for each
 * event of the journal, and a ring of the latest requests. Both are written in the same transaction as the
 * verdicts (store_settle), so they tell what the counts count. */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "base/arena.h"
#include "base/err.h"
#include "core/outcome.h"

#include <stdint.h>

struct store;

struct seq_range {
    uint64_t first, end; /* end exclusive */
};

/* Neighbours that ended alike. REASON_NONE: delivered. */
struct outcome_run {
    struct seq_range events;
    enum reason reason;
};

/* One request and its answer. The texts are views. */
struct attempt {
    uint64_t number; /* of the destination's requests, set by the store */
    int64_t sent_ms, took_ms;
    int status;        /* HTTP; 0 = no answer */
    int code, subcode; /* Meta's; 0 = none */
    struct str pixel_id;
    struct str fbtrace_id;
    struct str text;                /* what went wrong; empty when nothing did */
    const struct seq_range *events; /* in the request's order; at most LIMIT_BATCH_SEND_EVENTS */
    size_t event_ranges;
};

/* store_outcomes_read tells what became of count events from first on: out[i] is a reason, or
 * REASON_COUNT for an event that is not settled, not known, or trimmed. Any thread. */
bool store_outcomes_read(struct store *s, struct str destination, uint64_t first, size_t count,
                         enum reason *out, struct err *err);
/* store_outcomes_trim forgets events below oldest, of all destinations; a step of bounded work each call,
 * *more says that there is more to do. */
bool store_outcomes_trim(struct store *s, uint64_t oldest, bool *more, struct err *err);
/* store_history_reset forgets all of one destination's, and which events it had parked and what confirmed which, because its
 * numbers begin anew. Dead letters and retries stay: they have their events with them. */
bool store_history_reset(struct store *s, struct str destination, struct err *err);

struct attempt_selection {
    struct str destination;
    uint64_t seq;    /* only requests that carried this event; UINT64_MAX: any */
    uint64_t before; /* only requests with a smaller number; UINT64_MAX: from the newest on */
    size_t limit;
};
/* store_attempts_list gives requests, newest first, in the arena. */
bool store_attempts_list(struct store *s, const struct attempt_selection *which,
                         struct arena *arena, struct attempt **out, size_t *count, struct err *err);

#endif
