/* SPDX-License-Identifier: Apache-2.0 */
/* What became of one destination's events by source and event name, since the start: for metrics and the
 * status page. Names come from strangers, so the table is bounded: what comes when it is full is counted
 * in one row, "other". Delivery thread only; snapshot.c copies it for the others. */
#ifndef DELIVER_BREAKDOWN_H
#define DELIVER_BREAKDOWN_H

#include "core/limits.h"
#include "core/outcome.h"

#include <stdint.h>

enum { BREAKDOWN_SLOTS = 4 * LIMIT_BREAKDOWN_ROWS };

/* Longer names are cut, at a character's end; names that begin alike then share a row. */
struct breakdown_row {
    char source[LIMIT_NAME_BYTES], event[LIMIT_NAME_BYTES];
    unsigned char source_n, event_n;
    uint64_t counts[REASON_COUNT]; /* REASON_NONE: delivered */
};

struct breakdown {
    struct breakdown_row *rows; /* the first one is "other" */
    size_t count, capacity;
    uint16_t *slots; /* open addressing; a row's index, 0 = free */
    bool changed;    /* since the latest copy */
};

/* A zeroed struct breakdown is a valid empty one. */
void breakdown_fini(struct breakdown *t);
/* breakdown_row finds or makes the row of a pair; it stays the same for ever. */
size_t breakdown_row(struct breakdown *t, struct str source, struct str event);
/* breakdown_other is the row for what has no name. */
size_t breakdown_other(struct breakdown *t);
/* breakdown_count adds one event. */
void breakdown_count(struct breakdown *t, size_t row, enum reason reason);

#endif
