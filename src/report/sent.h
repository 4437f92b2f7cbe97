/* SPDX-License-Identifier: Apache-2.0 */
/* What Meta confirmed, on its way from delivery's thread to the one that makes statistics: copied into a
 * bounded buffer, never waited for. When more comes than fits between two looks, an even share of all event ids
 * is taken, which stands for the rest: both copies of an event have one id, so both are in it or neither. Until
 * the share is small enough, events are left out and counted. */
#ifndef REPORT_SENT_H
#define REPORT_SENT_H

#include "base/buf.h"
#include "core/limits.h"
#include "deliver/deliver.h"
#include "sys/thread.h"

/* One confirmed event; the texts are views into the batch they were taken with. */
struct sent_mark {
    size_t destination_at, destination_n, json_at, json_n; /* in the text */
    int64_t received_ms, confirmed_ms;
    unsigned times; /* it stands for so many */
    bool from_browser;
};

struct sent_half {
    struct buf text;
    struct sent_mark *marks;
    size_t count, capacity;
};

struct sent {
    struct lock lock;
    struct sent_half filling; /* under the lock, like what follows */
    unsigned share;           /* one of 2^share ids is taken */
    bool over;                /* filling had no room */
    uint64_t left_out;

    struct sent_half reading; /* the reader's own */
};

void sent_init(struct sent *s);
void sent_fini(struct sent *s);
/* sent_put copies a confirmed request; a deliver_confirmed_fn with the struct sent as ctx. */
void sent_put(void *sent, const struct deliver_confirmed *confirmed);
/* sent_take gives what has come since the last call; valid until the next one. One reader. */
const struct sent_half *sent_take(struct sent *s);
/* sent_left_out counts the events that did not fit. Any thread. */
uint64_t sent_left_out(struct sent *s);

#endif
