/* SPDX-License-Identifier: Apache-2.0 */
/* The events that were accepted, to look at: a ring of the newest, numbered from 1 without a gap.
 * Copies of an event are accepted like Meta does, marked, and compared with the first. What the ring
 * forgets stays in the tally and in the set of ids. Server's thread only. */
#ifndef SANDBOX_INBOX_H
#define SANDBOX_INBOX_H

#include "sandbox/idset.h"
#include "sandbox/tally.h"

struct inbox_event; /* one accepted event; in inbox.c */

struct inbox {
    struct inbox_event **ring; /* capacity places; number n is at (n - 1) % capacity */
    size_t capacity;
    size_t count; /* in the ring */
    size_t bytes; /* of them */
    size_t bytes_max;
    uint64_t last; /* number of the newest; 0 = none yet */
    struct idset ids;
    struct tally tally;
    struct buf scratch;
};

/* What is to be put in; texts are copied. */
struct inbox_entry {
    struct str pixel_id;
    struct str test_event_code; /* of the request; may be empty */
    yyjson_val *event;
    struct str warnings; /* JSON list */
    size_t warning_count;
    int64_t received_ms;
};

/* Which events to list; empty texts and 0 mean all. */
struct inbox_filter {
    uint64_t since; /* numbers above this one */
    size_t limit;   /* at most LIMIT_SANDBOX_PAGE */
    struct str pixel_id, event_name, event_id;
};

/* inbox_init: events_max 1..LIMIT_SANDBOX_EVENTS_MAX. */
void inbox_init(struct inbox *in, size_t events_max);
void inbox_fini(struct inbox *in);
/* inbox_reset forgets everything, counts too, and numbers from 1 again. */
void inbox_reset(struct inbox *in);
void inbox_put(struct inbox *in, const struct inbox_entry *entry);
/* inbox_print_events appends the answer of /sandbox/events; "next" is the since of the next page. A
 * since that was never given out is from before a reset and starts anew. */
void inbox_print_events(const struct inbox *in, const struct inbox_filter *filter, struct buf *out);
/* inbox_print_summary appends the answer of /sandbox/summary. */
void inbox_print_summary(const struct inbox *in, struct buf *out);

#endif
