/* SPDX-License-Identifier: Apache-2.0 */
/* All numbers of one moment, for metrics and status. */
#ifndef CONSOLE_NUMBERS_H
#define CONSOLE_NUMBERS_H

#include "console/api.h"

struct numbers {
    struct deliver_status *destinations;
    size_t count;
    struct journal_stats journal;
    struct ingest_stats ingest;
    uint64_t next_seq, oldest_seq;
};

/* numbers_take fills s; its lists are in the arena. */
void numbers_take(struct console *c, struct arena *arena, struct numbers *s);

#endif
