/* SPDX-License-Identifier: Apache-2.0 */
/* What the stream looks like over time: event names, series, match quality, pairing, delivery times. A
 * thread of its own follows the journal with its own cursor, takes what Meta confirmed from delivery and
 * looks at delivery's sums every second. It is statistics: under a load that it cannot follow it looks at a
 * sample, after a crash up to a minute is missing, and nothing waits for it. The states of events are
 * delivery's and are exact. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "conf/generation.h"
#include "deliver/deliver.h"
#include "journal/journal.h"
#include "report/latency.h"
#include "report/names.h"
#include "report/pairs.h"
#include "report/quality.h"
#include "report/repeats.h"
#include "report/series.h"
#include "store/store.h"

struct report;

struct report_options {
    struct journal *journal;
    struct store *store;
    struct generation_holder *generations;
};

/* report_open reads what was kept; what cannot be read is begun anew and logged. report_start begins the
 * thread, after deliver_start, and looks at d until report_close, which may come after deliver_stop but not
 * after deliver_free. report_close(NULL) is a no-op. */
struct report *report_open(const struct report_options *options);
void report_start(struct report *r, struct deliver *d);
void report_close(struct report *r);
/* report_confirmed is a deliver_confirmed_fn; ctx is the report. */
deliver_confirmed_fn report_confirmed;

struct report_tables {
    struct series_table series;
    struct names names;
    struct quality quality;
    struct pairs pairs;
    struct latency latency;
    struct repeats repeats;
};
/* report_tables locks the tables and lends them until report_done: for milliseconds. Any thread. */
struct report_tables *report_tables(struct report *r);
void report_done(struct report *r);
/* report_left_out counts confirmed events that nobody could look at. */
uint64_t report_left_out(struct report *r);

#endif
