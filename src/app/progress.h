/* SPDX-License-Identifier: Apache-2.0 */
/* One line on a terminal that says how far a long command is: bar, count, rate, time to go. Where stderr is no
 * terminal it says nothing. */
#ifndef APP_PROGRESS_H
#define APP_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool on;
    bool shown;           /* the line is on the screen */
    int64_t start_us;     /* when the work began */
    int64_t next_us;      /* not drawn again before */
    uint64_t total_bytes; /* of the input; 0 = unknown: no bar */
    uint64_t first_bytes; /* of it, done by an earlier run */
};

void progress_start(struct progress *p, uint64_t done_bytes, uint64_t total_bytes);
/* progress_show draws, a few times a second at most. */
void progress_show(struct progress *p, uint64_t events, uint64_t done_bytes);
/* progress_clear wipes the line, before something else is printed on stderr. */
void progress_clear(struct progress *p);
/* progress_seconds since the start. */
double progress_seconds(const struct progress *p);

#endif
