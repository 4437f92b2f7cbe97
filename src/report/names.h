/* SPDX-License-Identifier: Apache-2.0 */
/* The event names that sources send: how often, since when, and what Meta gets of them. Names come from
 * strangers, so the table is bounded, and what does not fit is counted as left out.
 * Not for several threads at a time. */
#ifndef REPORT_NAMES_H
#define REPORT_NAMES_H

#include "base/buf.h"
#include "base/err.h"
#include "core/limits.h"

#include <stdint.h>

enum { NAMES_SLOTS = 4 * LIMIT_EVENT_NAMES, NAMES_TEXT_BYTES = 200 };

struct name_row {
    char source[LIMIT_NAME_BYTES], event[LIMIT_NAME_BYTES]; /* cut */
    unsigned char source_n, event_n;
    uint64_t count, from_browser;
    int64_t first_ms, last_ms;
    uint64_t last_seq;                 /* the latest event of that name */
    uint64_t generation;               /* whose rules said what follows; 0 = not asked yet */
    char meta_event[NAMES_TEXT_BYTES]; /* what Meta gets, a comma between several; "" = nothing: */
    char reason[NAMES_TEXT_BYTES];     /* because of this */
};

struct names {
    struct name_row *rows;
    size_t count;
    uint16_t *slots;   /* open addressing; a row's index + 1 */
    uint64_t left_out; /* events whose name did not fit */
    bool changed;      /* since the latest names_put */
};

/* A zeroed struct names is a valid empty one. */
void names_fini(struct names *t);

struct name_seen {
    struct str source, event;
    int64_t received_ms;
    uint64_t seq;
    uint64_t times; /* this one stands for so many */
    bool from_browser;
};
/* names_note counts one; the row, or NULL when the table is full. */
struct name_row *names_note(struct names *t, const struct name_seen *seen);
static inline struct str name_source(const struct name_row *row)
{
    return str_of(row->source, row->source_n);
}
static inline struct str name_event(const struct name_row *row)
{
    return str_of(row->event, row->event_n);
}

/* names_put appends the table as JSON, names_take reads it back; false and err when it is none. */
void names_put(const struct names *t, struct buf *out);
bool names_take(struct names *t, struct str text, struct err *err);

#endif
