/* SPDX-License-Identifier: Apache-2.0 */
/* What became of events, for lists of them: for each destination the state, the reason and what Meta
 * calls the event. Outcomes are read a stretch at a time, because lists go through the journal in order. */
#ifndef CONSOLE_FATES_H
#define CONSOLE_FATES_H

#include "console/console.h"
#include "map/plan.h"

enum { FATES_STRETCH = 256 };

struct fates {
    struct console *console;
    const struct generation *generation;
    size_t count;                           /* destinations: the first LIMIT_FATES of them */
    uint64_t first;                         /* outcomes are of the events from here on, */
    size_t known;                           /* so many of them */
    uint64_t starts[LIMIT_FATES];           /* where destinations begin; */
    bool started[LIMIT_FATES];              /* asked already */
    enum reason (*outcomes)[FATES_STRETCH]; /* of each destination */
};

/* fates_begin starts with a generation that the caller pins until fates_end. */
void fates_begin(struct fates *f, struct console *c, const struct generation *g);
void fates_end(struct fates *f);
/* fates_has: is the event in this state (by its name) at any destination? Duplicates are known from the
 * store like all others. */
bool fates_has(struct fates *f, uint64_t seq, struct str state);
/* fates_put appends the list of destinations. parsed is what load_parse made of the event, with the
 * console's run: the names that Meta gets are by the rules in force. NULL for what is no event. */
void fates_put(struct fates *f, uint64_t seq, const struct event *e,
               const struct parsed_event *parsed, struct buf *out);

#endif
