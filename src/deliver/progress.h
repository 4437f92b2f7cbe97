/* SPDX-License-Identifier: Apache-2.0 */
/* How far one destination is: every event below a low-water mark is finished, and so are some
 * stretches above it (struct cursor of store/store.h, which is what is kept on disk). Pure data: no
 * clock, no thread, no store. Its sums are the truth that the counts are checked against. */
#ifndef DELIVER_PROGRESS_H
#define DELIVER_PROGRESS_H

#include "store/store.h"

struct progress {
    struct cursor cursor; /* ranges point into storage */
    struct seq_range *storage;
    size_t capacity;
};

/* A zeroed struct progress is a valid one that starts at 0. */

/* progress_load takes over a copy of what the store has. */
void progress_load(struct progress *p, const struct cursor *from);
void progress_fini(struct progress *p);

/* progress_finish marks seq as finished; false when it already was. */
bool progress_finish(struct progress *p, uint64_t seq);
bool progress_is_finished(const struct progress *p, uint64_t seq);
/* progress_next is the first unfinished event at or above seq. */
uint64_t progress_next(const struct progress *p, uint64_t seq);
/* progress_gap_end is where the unfinished stretch at seq, which must be unfinished, ends: UINT64_MAX when
 * nothing behind it is finished. */
uint64_t progress_gap_end(const struct progress *p, uint64_t seq);
/* progress_finished counts the finished events from the start up to end (exclusive). */
uint64_t progress_finished(const struct progress *p, uint64_t end);
/* progress_finish_below finishes everything below end and returns how many events that were. */
uint64_t progress_finish_below(struct progress *p, uint64_t end);
/* progress_ranges_above counts the finished stretches that begin above seq. */
size_t progress_ranges_above(const struct progress *p, uint64_t seq);
/* progress_extend makes it responsible for what came before its start too: from start on. */
void progress_extend(struct progress *p, uint64_t start);
/* progress_counted is the sum of all counts: it equals progress_finished(p, UINT64_MAX). */
uint64_t progress_counted(const struct progress *p);

#endif
