/* SPDX-License-Identifier: Apache-2.0 */
/* See generation.h. */
#include "conf/generation.h"

#include "base/mem.h"

#include <assert.h>

struct generation *generation_new(generation_free_fn *free_plans)
{
    struct generation *g = mem_new(sizeof *g);
    g->free_plans = free_plans;
    atomic_init(&g->pins, 1);
    return g;
}

void generation_release(struct generation *g)
{
    if (!g) return;
    unsigned before = atomic_fetch_sub(&g->pins, 1);
    assert(before > 0);
    if (before > 1) return;
    if (g->plans && g->free_plans) g->free_plans(g->plans);
    arena_fini(&g->arena);
    mem_free(g);
}

void generation_holder_init(struct generation_holder *h)
{
    *h = (struct generation_holder){0};
    lock_init(&h->lock);
}

void generation_holder_fini(struct generation_holder *h)
{
    generation_release(h->now);
    h->now = NULL;
    lock_fini(&h->lock);
}

/* The lock keeps the holder's own pin from being the last one between reading now and pinning it. */
struct generation *generation_acquire(struct generation_holder *h)
{
    lock_take(&h->lock);
    struct generation *g = h->now;
    if (g) atomic_fetch_add(&g->pins, 1);
    lock_give(&h->lock);
    return g;
}

void generation_swap(struct generation_holder *h, struct generation *g)
{
    lock_take(&h->lock);
    struct generation *former = h->now;
    g->number = ++h->number;
    h->now = g;
    lock_give(&h->lock);
    generation_release(former); /* outside: freeing may take a while */
}
