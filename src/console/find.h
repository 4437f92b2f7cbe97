/* SPDX-License-Identifier: Apache-2.0 */
/* One event of the journal: by its number, by its message id, or by searching for that. */
#ifndef CONSOLE_FIND_H
#define CONSOLE_FIND_H

#include "console/console.h"

/* An event and where it lies; views into the arena given to find_read. */
struct found {
    uint64_t seq;
    int64_t commit_ms;
    struct event event;
    bool trimmed; /* the journal no longer has it: this is what a dead letter kept, or seq alone */
};

/* find_read reads event seq; false and err when it is not there, or the disk does not give it. */
bool find_read(struct console *c, uint64_t seq, struct arena *arena, struct found *out,
               struct err *err);
/* find_id looks a message id up in the journal's table, for any source; then, if it is a number, takes it
 * for an event's. What the journal no longer has may still be a dead letter's. False without err (ERR_NONE) when
 * none of it leads to an event; with out->trimmed, it was out->seq. */
bool find_id(struct console *c, struct str id, struct arena *arena, struct found *out,
             struct err *err);
/* find_scan searches for the id from *seq on, for LIMIT_ANSWER_US at most; false without err: not yet found,
 * and *seq is where to go on, or journal_next_seq at the end. What is damaged is passed over. */
bool find_scan(struct console *c, struct str id, uint64_t *seq, struct arena *arena,
               struct found *out, struct err *err);

#endif
