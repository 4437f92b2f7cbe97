/* SPDX-License-Identifier: Apache-2.0 */
/* See journal_find_time. Works through the interface alone, so that it is the same for any backend. */
#include "journal/journal.h"

/* commit_ms is when the chunk of this event was committed; INT64_MAX for one that is not there yet. What
 * the disk does not give counts as old, so that the search goes on behind it. */
static int64_t commit_ms(struct journal *j, struct journal_reader *reader, uint64_t seq)
{
    struct journal_view view;
    struct err err = {0};
    if (!journal_read(j, reader, seq, &view, &err)) return err.kind == ERR_NONE ? INT64_MAX : 0;
    int64_t ms = view.commit_ms;
    journal_release(j, &view);
    return ms;
}

uint64_t journal_find_time(struct journal *j, int64_t ms)
{
    struct journal_reader reader = {0};
    uint64_t low = journal_oldest_seq(j), high = journal_next_seq(j);
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (commit_ms(j, &reader, middle) < ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
