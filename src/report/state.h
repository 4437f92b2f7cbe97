/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the report, for the files of this room: follow.c reads the journal, digest.c what was
 * confirmed, sums.c delivery's counts; keep.c stores and loads. All on the report's thread. */
#ifndef REPORT_STATE_H
#define REPORT_STATE_H

#include "load/load.h"
#include "map/facts.h"
#include "report/report.h"
#include "report/sent.h"

/* A destination's settled events at the latest look. */
struct sums {
    char destination[LIMIT_NAME_BYTES];
    size_t destination_n;
    uint64_t states[STATE_COUNT];
};

struct report {
    struct report_options options;
    struct deliver *deliver;
    struct sent sent;
    struct thread thread;
    struct lock stop_lock;
    struct signal stop_signal;
    bool stopping;

    struct lock lock; /* for the tables; the thread alone changes them */
    struct report_tables tables;

    /* The thread's own. */
    struct journal_reader reader, finder;
    uint64_t seq; /* the next event to look at */
    struct facts *facts;
    struct run *run;
    struct buf out; /* what a name is mapped to */
    struct arena arena;
    struct sums *sums;
    size_t sums_count;
    int64_t kept_minute; /* of the latest keep_write */
    bool failing;        /* said already that the store refuses */
};

/* follow_journal looks at a bounded stretch; true when there is more at once. */
bool follow_journal(struct report *r);
/* follow_rules asks anew what Meta gets of names, after a reload, a few names at a time. */
void follow_rules(struct report *r);
/* digest_confirmed takes what was confirmed since the last call into the tables. */
void digest_confirmed(struct report *r);
/* sums_begin takes over what was settled before the start, also of destinations that are not configured now: it is
 * no news. Once, before the first sums_look. */
void sums_begin(struct report *r);
/* sums_look adds what was settled since the last look to the series. */
void sums_look(struct report *r);
/* keep_read loads the tables; keep_write stores what changed. A store that refuses is logged once. */
void keep_read(struct report *r);
void keep_write(struct report *r);

#endif
