/* SPDX-License-Identifier: Apache-2.0 */
/* See gather.h. The sleeper says what it wants and then asks how far the journal is; who commits moves the
 * journal and then asks what is wanted. Both go through wanted_seq by changing it, not only by reading it:
 * whoever comes second there sees what the first did before, so that one of them knows of both. */
#include "deliver/gather.h"

#include "core/limits.h"

enum { REST_US = LIMIT_GATHER_MS * 1000 };

void gather_init(struct gather *g, uint64_t next_seq, int64_t now_us)
{
    g->seen_seq = next_seq;
    g->rest_us = g->since_us = now_us;
    g->rested = false;
    atomic_init(&g->wanted_seq, UINT64_MAX);
}

void gather_look(struct gather *g, uint64_t next_seq, int64_t now_us)
{
    g->since_us = g->rested ? g->rest_us - REST_US : now_us;
    if (next_seq == g->seen_seq) return;
    g->seen_seq = next_seq;
    g->rest_us = now_us + REST_US;
}

int64_t gather_sleep(struct gather *g, int64_t now_us)
{
    g->rested = now_us < g->rest_us;
    uint64_t enough = g->rested ? LIMIT_GATHER_EVENTS : 1;
    (void)atomic_exchange(&g->wanted_seq, g->seen_seq + enough);
    return g->rested ? g->rest_us : INT64_MAX;
}

void gather_wake(struct gather *g)
{
    atomic_store_explicit(&g->wanted_seq, UINT64_MAX, memory_order_relaxed);
}

bool gather_enough(struct gather *g, uint64_t next_seq)
{
    return next_seq >= atomic_fetch_or(&g->wanted_seq, 0);
}
