/* SPDX-License-Identifier: Apache-2.0 */
/* Events of the journal as rows of a list: what happened, when, from where, who (masked) and for how
 * much; and which of them are wanted. Reads the journal, never the other way round. */
#ifndef CONSOLE_ROWS_H
#define CONSOLE_ROWS_H

#include "console/fates.h"
#include "map/facts.h"

/* What rows are wanted; n = 0: any. person is a user id, anonymous id or e-mail address, whole. */
struct row_filter {
    struct str source, event, person;
    struct str state; /* at any destination */
};
/* row_filter_read takes it from a request's query. */
void row_filter_read(struct http_request *req, struct row_filter *out);

/* A place in the journal and what was found from there on. Zeroed but for console, filter and seq. */
struct rows {
    struct console *console;
    struct generation *generation;
    struct row_filter filter;
    struct fates fates;
    struct journal_reader reader;
    uint64_t seq;     /* the next event to look at */
    int64_t until_us; /* rows_scan stops then, by clock_mono_us; 0: at the end only */
};
void rows_begin(struct rows *r, struct console *c, const struct row_filter *filter, uint64_t seq);
void rows_end(struct rows *r);

/* rows_scan looks at events from r->seq up to end (exclusive), and appends each that is wanted as a JSON
 * object to out, behind a comma where needed; at most most of them. every: only one of so many wanted ones
 * is shown (1: all). Returns how many were wanted; damaged stretches are passed over. */
size_t rows_scan(struct rows *r, uint64_t end, size_t most, size_t every, struct buf *out,
                 void (*put)(struct buf *out, uint64_t seq, struct str row));

#endif
