/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the bad events of a refused batch with few requests, from left to right. Meta publishes two
 * rules for a request with a bad event: nothing of it counts, or its valid events do although the
 * request errors. Both end right here, because a good event counts as delivered only after a request
 * that succeeded as a whole, with the same event_id as before, and an event counts as bad only after
 * it was refused alone.
 *
 * One bad event in n costs about log2(n) + 3 requests: the left half of a stretch known to be bad is
 * tried; when it passes, the right half is known to be bad without asking; what lies right of a
 * found culprit goes out in one piece. From the second culprit on the next piece is as long as twice
 * the distance of the last two, so that a batch in which everything is bad costs about one request
 * per event instead of log2(n): less is not possible without losing a good one. The next batch begins
 * with that distance. */
#ifndef DELIVER_BISECT_H
#define DELIVER_BISECT_H

#include "deliver/batch.h"

/* bisect_expect makes a batch that was not sent yet begin as the search in another one went on: with
 * pieces of twice the distance gap between culprits instead of the whole, because what refuses most
 * events of one batch refuses most of the next one. */
void bisect_expect(struct batch *b, size_t gap);
/* bisect_gap is the distance between culprits as the search in b has seen it; SIZE_MAX before the
 * second one. */
size_t bisect_gap(const struct batch *b);
/* bisect_passed: the present window was accepted; sets the next. */
void bisect_passed(struct batch *b);
/* bisect_refused: the present window was refused; culprit is the index in the request that Meta named,
 * or -1. True when the window was one event: parts[search.from - 1] is now known to be bad, and the
 * window is the next one (empty when the batch is finished). */
bool bisect_refused(struct batch *b, int64_t culprit);
/* bisect_is_done: nothing is left to send. */
static inline bool bisect_is_done(const struct batch *b)
{
    return b->search.from == b->count;
}

#endif
