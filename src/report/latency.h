/* SPDX-License-Identifier: Apache-2.0 */
/* How long events take from their arrival to Meta's confirmation, per destination, over the present hour
 * and the one before. Times are counted in steps of a quarter of an octave, so a figure is at most 19 %
 * too high. In memory only. Not for several threads at a time. */
#ifndef REPORT_LATENCY_H
#define REPORT_LATENCY_H

#include "base/str.h"
#include "core/limits.h"

enum { LATENCY_STEPS = 160 }; /* up to 2^40 ms */

struct latency_row {
    char destination[LIMIT_NAME_BYTES];
    size_t destination_n;
    uint64_t counts[2][LATENCY_STEPS]; /* the present hour first */
};

struct latency {
    struct latency_row *rows;
    size_t count;
    int64_t hour; /* the present one, since 1970 */
};

/* A zeroed struct latency is a valid empty one. */
void latency_fini(struct latency *l);
/* latency_note counts one event that stands for so many; beyond LIMIT_LATENCY_ROWS destinations it is passed
 * over. */
void latency_note(struct latency *l, struct str destination, int64_t ms, uint64_t times,
                  int64_t now_ms);
/* latency_percentile is the time within which a share (0 to 1) of the events was confirmed; -1 = none. */
int64_t latency_percentile(struct latency *l, struct str destination, double share, int64_t now_ms);

#endif
