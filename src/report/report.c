/* SPDX-License-Identifier: Apache-2.0 */
/* See report.h. The thread and its turns. */
#include "report/state.h"

#include "base/mem.h"
#include "sys/clock.h"

enum { TURN_MS = 200, SUMS_MS = 1000 };

struct report *report_open(const struct report_options *options)
{
    struct report *r = mem_new(sizeof *r);
    r->options = *options;
    r->facts = facts_new();
    r->run = run_new();
    sent_init(&r->sent);
    lock_init(&r->lock);
    lock_init(&r->stop_lock);
    signal_init(&r->stop_signal);
    r->seq = journal_next_seq(options->journal);
    keep_read(r);
    return r;
}

void report_confirmed(void *ctx, const struct deliver_confirmed *confirmed)
{
    struct report *r = ctx;
    sent_put(&r->sent, confirmed);
}

static bool wait_turn(struct report *r, int64_t ms)
{
    lock_take(&r->stop_lock);
    if (!r->stopping)
        (void)signal_wait_ms(&r->stop_signal, &r->stop_lock, ms); /* over or stopped */
    bool stop = r->stopping;
    lock_give(&r->stop_lock);
    return !stop;
}

static void turn(struct report *r)
{
    digest_confirmed(r);
    (void)follow_journal(r); /* what is left comes with the next turn */
    follow_rules(r);
}

static void report_main(void *ctx)
{
    struct report *r = ctx;
    int64_t sums_due_us = 0;
    r->kept_minute = clock_now_ms() / MS_PER_MINUTE;
    do {
        turn(r);
        if (clock_mono_us() < sums_due_us) continue;
        sums_due_us = clock_mono_us() + SUMS_MS * 1000;
        sums_look(r);
        if (clock_now_ms() / MS_PER_MINUTE != r->kept_minute) keep_write(r);
    } while (wait_turn(r, TURN_MS));
    turn(r);
    sums_look(r);
    keep_write(r);
}

void report_start(struct report *r, struct deliver *d)
{
    r->deliver = d;
    sums_begin(r);
    thread_start(&r->thread, "report", report_main, r);
}

void report_close(struct report *r)
{
    if (!r) return;
    lock_take(&r->stop_lock);
    r->stopping = true;
    signal_wake(&r->stop_signal);
    lock_give(&r->stop_lock);
    thread_join(&r->thread);
    series_fini(&r->tables.series);
    names_fini(&r->tables.names);
    quality_fini(&r->tables.quality);
    pairs_fini(&r->tables.pairs);
    latency_fini(&r->tables.latency);
    sent_fini(&r->sent);
    facts_free(r->facts);
    run_free(r->run);
    buf_fini(&r->out);
    arena_fini(&r->arena);
    mem_free(r->sums);
    signal_fini(&r->stop_signal);
    lock_fini(&r->stop_lock);
    lock_fini(&r->lock);
    mem_free(r);
}

struct report_tables *report_tables(struct report *r)
{
    lock_take(&r->lock);
    return &r->tables;
}

void report_done(struct report *r)
{
    lock_give(&r->lock);
}

uint64_t report_left_out(struct report *r)
{
    return sent_left_out(&r->sent);
}
