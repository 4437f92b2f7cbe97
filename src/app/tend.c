/* SPDX-License-Identifier: Apache-2.0 */
/* Housekeeping of every second, on the main thread: what is no longer kept. */
#include "app/pipeline.h"
#include "app/removed.h"

#include "core/log.h"
#include "sys/clock.h"

/* What became of an event is known as long as the event itself. */
static void forget_outcomes(struct pipeline *p)
{
    struct err err;
    bool more;
    uint64_t oldest = journal_oldest_seq(p->journal);
    if (oldest == p->forgotten_seq) return;
    if (!store_outcomes_trim(p->store, oldest, &more, &err))
        log_err("store", "cannot forget what became of old events", &err);
    else if (!more)
        p->forgotten_seq = oldest;
}

/* A look over all letters each minute: it costs a read of their heads. */
static void trim_letters(struct pipeline *p)
{
    struct err err;
    uint64_t dropped;
    int64_t now_us = clock_mono_us();
    if (now_us < p->letters_due_us) return;
    p->letters_due_us = now_us + MS_PER_MINUTE * 1000;
    struct generation *g = generation_acquire(&p->generations);
    int64_t cutoff_ms = clock_now_ms() - g->config->dead_retention_ms;
    uint64_t max_bytes = g->config->dead_max_bytes;
    generation_release(g);
    bool ok = store_letters_trim(p->store, cutoff_ms, max_bytes, &dropped, &err);
    if (!ok) log_err("store", "cannot drop old dead letters", &err);
    if (ok && dropped)
        log_line(LOG_WARN, "store", "dead letters were dropped: too old, or too many",
                 LOG_NUM("letters", dropped));
    p->console.letters_dropped += dropped;
}

void pipeline_tend(struct pipeline *p)
{
    struct err err;
    struct deliver_needs needs = deliver_needs(p->deliver);
    if (!journal_trim(p->journal, needs.keep_seq, needs.spare_seq, &err)) {
        log_err("journal", "cannot remove old segments", &err);
    }
    forget_outcomes(p);
    trim_letters(p);
    removed_tend(p, needs.leaving);
}
