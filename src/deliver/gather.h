/* SPDX-License-Identifier: Apache-2.0 */
/* When delivery looks at the journal. A commit may be of one event, and to be woken costs more than to map
 * it: so after a look that found something, events gather for LIMIT_GATHER_MS, or until LIMIT_GATHER_EVENTS
 * are there. After silence the first commit wakes the sleeper at once. Nothing is left unseen: who rests has a
 * time to look again, who does not rest is woken by the next commit, and each looks once more before it sleeps.
 *
 * One thread looks and sleeps; any thread asks whether that is enough to wake it. */
#ifndef DELIVER_GATHER_H
#define DELIVER_GATHER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct gather {
    uint64_t seen_seq; /* the journal's next event at the latest look */
    int64_t rest_us;   /* until then events gather */
    bool rested;       /* before the present look */
    int64_t
        since_us; /* what this look finds waits for company since then, not only since it is looked at */
    _Atomic uint64_t
        wanted_seq; /* the sleeper is woken when that is the journal's next event, or above;
                                  * UINT64_MAX: nobody sleeps */
};

/* gather_init is for a journal whose next event is this: what is below needs no wake-up. */
void gather_init(struct gather *g, uint64_t next_seq, int64_t now_us);
/* gather_look notes how far the journal is, before it is read; all below next_seq must be looked at then. */
void gather_look(struct gather *g, uint64_t next_seq, int64_t now_us);
/* gather_sleep says that its thread is about to sleep, and gives the time at which it must look again;
 * INT64_MAX: not before it is woken. gather_enough must be asked behind it, with how far the journal is now. */
int64_t gather_sleep(struct gather *g, int64_t now_us);
/* gather_wake says that it does not sleep. */
void gather_wake(struct gather *g);
/* gather_enough: is the sleeper to be woken, or not to sleep, when this is the journal's next event? Any
 * thread; ask behind the commit that made it so. */
bool gather_enough(struct gather *g, uint64_t next_seq);

#endif
