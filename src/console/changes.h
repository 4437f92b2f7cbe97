/* SPDX-License-Identifier: Apache-2.0 */
/* What other rules would make of events of the journal, compared with the rules in force. */
#ifndef CONSOLE_CHANGES_H
#define CONSOLE_CHANGES_H

#include "load/mapper.h"

#include "journal/journal.h"

/* Zeroed but for the two mappers, each at its destination; changes_fini frees the buffers, not those. */
struct changes {
    struct mapper *before, *after;
    struct buf was, is; /* what the two make of the present event */
    struct buf samples; /* the first differences, as a JSON list without brackets */
    size_t shown;
    uint64_t total, same, changed;
    uint64_t newly[STATE_COUNT]; /* by the state that they have now and had not; WAITING: sent */
};

/* changes_scan compares events from seq up to end, at most most of them; returns where it stopped. Any one
 * thread. Damaged stretches are passed over. */
uint64_t changes_scan(struct changes *c, struct journal *journal, uint64_t seq, uint64_t end,
                      uint64_t most);
/* changes_put appends the numbers and samples as members of an object that the caller has begun. */
void changes_put(const struct changes *c, struct buf *out);
void changes_fini(struct changes *c);

#endif
