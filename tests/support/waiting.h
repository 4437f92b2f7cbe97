/* SPDX-License-Identifier: Apache-2.0 */
/* A world (support/delivery.h) whose events wait: for a hold, for a pixel, or for a stand-in for Meta that
 * the test lets fail and recover while it runs. */
#ifndef SUPPORT_WAITING_H
#define SUPPORT_WAITING_H

#include "support/delivery.h"

static struct hold_conf waiting_holds[2] = {{.name = {S_INIT("until paid"), {0}}},
                                            {.name = {S_INIT("until seen"), {0}}}};

/* waiting_open is a world with one lane and the first hold. */
static inline void waiting_open(struct world *w)
{
    world_open(w, 1);
    w->destinations[0][0].holds = waiting_holds;
    w->destinations[0][0].hold_count = 1;
}

/* waiting_put puts one event; format has room for a key. */
static inline void waiting_put(struct world *w, uint64_t id, const char *format,
                               unsigned long long key)
{
    char more[64];
    (void)snprintf(more, sizeof more, format, key);
    world_put(w, id, 1, more);
}

/* waiting_taken: how often did the stand-in for Meta take an event? */
static inline unsigned waiting_taken(struct world *w, size_t id)
{
    lock_take(&w->graph.lock);
    unsigned count = (unsigned)w->graph.ids[id].taken;
    lock_give(&w->graph.lock);
    return count;
}

/* waiting_lose_pixel: that pixel is not to be had from now on; NULL: all are. */
static inline void waiting_lose_pixel(struct world *w, const char *pixel_id)
{
    lock_take(&w->graph.lock);
    w->graph.lost_pixel = pixel_id;
    lock_give(&w->graph.lock);
}

/* waiting_answers: so Meta answers from now on. */
static inline void waiting_answers(struct world *w, enum graph_fault always)
{
    lock_take(&w->graph.lock);
    w->graph.always = always;
    lock_give(&w->graph.lock);
}

static inline void waiting_restart(struct world *w, int64_t drain_ms)
{
    world_stop(w, drain_ms);
    world_open_data(w);
    world_start_deliver(w);
}

/* waiting_later lets time pass, and delivery notice. */
static inline void waiting_later(struct world *w, int64_t ms)
{
    clock_shift_ms(ms);
    deliver_wake(w->deliver);
}

#endif
