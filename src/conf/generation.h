/* SPDX-License-Identifier: Apache-2.0 */
/* One loaded configuration with all that was made from it: built once, then only read, by any number
 * of threads. A thread pins the present generation while it works with it; a reload puts a new one in
 * its place, and the old one goes when the last thread lets go of it. So nobody ever sees half of a
 * change, and nobody waits for a reload. */
#ifndef CONF_GENERATION_H
#define CONF_GENERATION_H

#include "base/arena.h"
#include "sys/thread.h"

#include <stdatomic.h>

struct config;

typedef void generation_free_fn(void *plans);

struct generation {
    struct config *config;
    struct arena arena; /* holds config and, as a rule, the plans */
    void *plans;        /* what higher rooms made of it; NULL is fine */
    generation_free_fn *free_plans;
    uint64_t number; /* 1, 2, ... in the order of generation_swap; 0 before */
    atomic_uint pins;
};

struct generation_holder {
    struct lock lock;
    struct generation *now; /* pinned once by the holder */
    uint64_t number;        /* of the newest */
};

/* generation_new makes an empty one, pinned once for the caller, who fills it in. free_plans (may be
 * NULL) is called with a plans that is not NULL, on the thread that releases last. */
struct generation *generation_new(generation_free_fn *free_plans);
/* generation_release gives one pin back; the last one frees. NULL does nothing. Any thread. */
void generation_release(struct generation *g);

void generation_holder_init(struct generation_holder *h);
/* generation_holder_fini gives the holder's pin back; no other thread may use h any more. */
void generation_holder_fini(struct generation_holder *h);
/* generation_acquire pins the present generation, or returns NULL before the first swap. Any thread;
 * costs an uncontended lock. */
struct generation *generation_acquire(struct generation_holder *h);
/* generation_swap makes g the present one, takes over the caller's pin, gives g its number and lets
 * go of the former one. Any thread. */
void generation_swap(struct generation_holder *h, struct generation *g);

#endif
