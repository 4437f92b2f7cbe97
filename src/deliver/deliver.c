/* SPDX-License-Identifier: Apache-2.0 */
/* See deliver.h. The thread: one wheel that takes commands and answers, gives each lane a turn, settles
 * and waits. */
#include "deliver/lane.h"

#include "base/mem.h"
#include "core/log.h"
#include "sys/clock.h"

#include <assert.h>

enum {
    TURN_US = 10000,        /* lanes' turns before the network is looked at again */
    SNAPSHOT_US = 50000,    /* between two snapshots */
    RETRY_CHECK_US = 200000 /* between two looks into the retry queues */
};

struct deliver *deliver_new(const struct deliver_options *options)
{
    struct deliver *d = mem_new(sizeof *d);
    d->journal = options->journal;
    d->store = options->store;
    d->source = options->source;
    d->timing = options->timing;
    d->confirmed = options->confirmed;
    d->confirmed_ctx = options->confirmed_ctx;
    if (!d->timing.backoff_first_ms) d->timing.backoff_first_ms = LIMIT_BACKOFF_FIRST_MS;
    if (!d->timing.pause_probe_ms) d->timing.pause_probe_ms = LIMIT_PAUSE_PROBE_MS;
    if (!d->timing.disk_again_ms) d->timing.disk_again_ms = LIMIT_DISK_AGAIN_MS;
    if (!d->timing.held_max) d->timing.held_max = LIMIT_HELD;
    d->sender = sender_new();
    d->settle_due_us = d->stop_us = INT64_MAX;
    lock_init(&d->lock);
    return d;
}

void deliver_free(struct deliver *d)
{
    if (!d) return;
    assert(!d->thread.running);
    sender_free(d->sender);
    for (size_t i = 0; i < d->lane_count; i++) lane_free(d, d->lanes[i]);
    mem_free(d->lanes);
    for (size_t i = 0; i < d->shown_capacity; i++) mem_free(d->shown[i].rows);
    mem_free(d->shown);
    mem_free(d->told);
    pool_fini(&d->pool);
    budgets_fini(&d->budgets);
    buf_fini(&d->json);
    echo_fini(&d->echo);
    arena_fini(&d->scratch);
    arena_fini(&d->unsaved);
    lock_fini(&d->lock);
    mem_free(d);
}

/* --- commands ---------------------------------------------------------------------------------- */

void deliver_committed(void *deliver)
{
    struct deliver *d = deliver;
    if (gather_enough(&d->gather, journal_next_seq(d->journal))) send_wake(d->sender);
}

void deliver_wake(void *deliver)
{
    struct deliver *d = deliver;
    lock_take(&d->lock);
    bool first = !d->woken;
    d->woken = true;
    lock_give(&d->lock);
    if (first) send_wake(d->sender);
}

void deliver_reload(struct deliver *d)
{
    lock_take(&d->lock);
    d->reload = true;
    lock_give(&d->lock);
    deliver_wake(d);
}

void deliver_stop(struct deliver *d, int64_t drain_ms)
{
    lock_take(&d->lock);
    d->stop = true;
    d->drain_ms = drain_ms;
    lock_give(&d->lock);
    deliver_wake(d);
    thread_join(&d->thread);
}

/* --- the configuration ------------------------------------------------------------------------- */

static struct lane *find_lane(struct deliver *d, struct str name)
{
    for (size_t i = 0; i < d->lane_count; i++)
        if (str_eq(d->lanes[i]->name, name)) return d->lanes[i];
    return NULL;
}

static struct lane *add_lane(struct deliver *d, const struct destination_conf *conf)
{
    struct lane *l = lane_new(conf->name);
    l->conf = conf;
    begin_new(d, l);
    if (d->lane_count == d->lane_capacity) {
        d->lane_capacity = d->lane_capacity ? 2 * d->lane_capacity : 8;
        d->lanes = mem_grow(d->lanes, d->lane_capacity * sizeof(struct lane *));
    }
    d->lanes[d->lane_count++] = l;
    return l;
}

/* Which lanes have the same rules as another one. */
static void find_shared_rules(struct deliver *d)
{
    size_t count = d->config->destination_count;
    unsigned *users = arena_array(&d->scratch, unsigned, count);
    echo_clear(&d->echo);
    for (size_t i = 0; i < d->lane_count; i++) {
        struct lane *l = d->lanes[i];
        if (!l->conf) continue;
        l->rules = l->index;
        if (d->source.rules) l->rules = d->source.rules(d->source.ctx, d->generation, l->index);
        users[l->rules]++;
    }
    for (size_t i = 0; i < d->lane_count; i++)
        if (d->lanes[i]->conf) d->lanes[i]->shares_rules = users[d->lanes[i]->rules] > 1;
}

/* Lanes are matched by name. What is in memory was mapped by the old rules, so every lane is reset; one
 * in trouble tries again at once, because the reload may have been the cure. */
static void adopt(struct deliver *d)
{
    const struct config *config;
    const void *generation = d->source.acquire(d->source.ctx, &config);
    for (size_t i = 0; i < d->lane_count; i++) {
        lane_note_drops(d, d->lanes[i]);
        d->lanes[i]->conf = NULL;
    }
    for (size_t i = 0; i < config->destination_count; i++) {
        const struct destination_conf *conf = &config->destinations[i];
        struct lane *l = find_lane(d, conf->name.text);
        if (!l) l = add_lane(d, conf);
        l->conf = conf;
        l->index = i;
        l->routed_source_n = 0;
        l->reset = true;
        l->adopted_us = d->now_us;
        l->held_until_us = d->now_us;
        l->tokens_refused = 0;
        hold_adopt(l);
        park_hurry(d, l, true);
        lane_use_token(d, l, 0);
    }
    if (d->generation) d->source.release(d->source.ctx, d->generation);
    d->generation = generation;
    d->config = config;
    d->changed = true;
    find_shared_rules(d);
}

/* A lane that is no longer configured leaves when all of its is answered and in the store. */
static bool is_over(const struct lane *l)
{
    return !l->conf && !l->flying.count && !l->unsaved.dirty;
}

static void remove_lanes(struct deliver *d)
{
    struct lane **over = arena_array(&d->scratch, struct lane *, d->lane_count);
    size_t kept = 0, over_count = 0;
    for (size_t i = 0; i < d->lane_count; i++) {
        struct lane *l = d->lanes[i];
        if (is_over(l))
            over[over_count++] = l;
        else
            d->lanes[kept++] = l;
    }
    if (!over_count) return;
    d->lane_count = kept;
    snapshot_take(d); /* so that nobody sees their names any more */
    for (size_t i = 0; i < over_count; i++) lane_free(d, over[i]);
}

/* --- the wheel --------------------------------------------------------------------------------- */

static void look_at_clock(struct deliver *d)
{
    d->now_us = clock_mono_us();
    d->now_ms = clock_now_ms();
}

static void take_commands(struct deliver *d)
{
    lock_take(&d->lock);
    bool woken = d->woken, reload = d->reload, stop = d->stop;
    int64_t drain_ms = d->drain_ms;
    d->woken = d->reload = false;
    lock_give(&d->lock);
    if (woken) d->retries_wanted = true;
    if (stop && d->stop_us == INT64_MAX) d->stop_us = d->now_us + drain_ms * 1000;
    if (reload && !stop) adopt(d);
}

static void take_answers(struct deliver *d)
{
    struct answer answer;
    while (send_next(d->sender, &answer)) {
        struct batch *b = answer.ctx;
        answer_take(d, b->lane, b, &answer);
        send_finish(d->sender, answer.transfer);
    }
}

/* A wake-up may mean a retry: the queues are looked at a few times a second. */
static void call_retries(struct deliver *d)
{
    if (!d->retries_wanted || d->now_us < d->retries_due_us) return;
    d->retries_wanted = false;
    d->retries_due_us = d->now_us + RETRY_CHECK_US;
    for (size_t i = 0; i < d->lane_count; i++) d->lanes[i]->retry_wanted = true;
}

/* Lanes take turns, from where the last round was cut off, or else from behind who looked ahead while it stands
 * still: such looks rest together, and who comes first takes the next one. True when some lane has more to do. */
static bool turn_lanes(struct deliver *d)
{
    bool more = false;
    int64_t end_us = clock_mono_us() + TURN_US;
    size_t next = d->turn_lane;
    pace_lanes(d);
    for (size_t i = 0; i < d->lane_count; i++) {
        int64_t look_us = d->look_us;
        if (d->turn_lane >= d->lane_count) d->turn_lane = 0;
        more |= lane_turn(d, d->lanes[d->turn_lane++]);
        if (d->look_us != look_us) next = d->turn_lane;
        if (clock_mono_us() >= end_us && i + 1 < d->lane_count) return true;
    }
    d->turn_lane = next;
    return more;
}

static bool is_flying(const struct deliver *d)
{
    for (size_t i = 0; i < d->lane_count; i++)
        if (d->lanes[i]->flying.count) return true;
    return false;
}

/* What others are told is what a crash would leave: nobody sees a dead letter counted that cannot be
 * looked at yet. Only while the store refuses, they see what waits for it. */
static bool may_show(const struct deliver *d)
{
    return d->changed && (!d->unsaved_events || d->settle_failing);
}

/* Once a minute, which is how long the thread sleeps at most. */
static void trim(struct deliver *d)
{
    if (d->now_us < d->trim_due_us) return;
    d->trim_due_us = d->now_us + MS_PER_MINUTE * 1000;
    pool_trim(&d->pool);
}

static bool turn(struct deliver *d)
{
    arena_reset(&d->scratch);
    look_at_clock(d);
    gather_look(&d->gather, journal_next_seq(d->journal), d->now_us);
    take_commands(d);
    take_answers(d);
    call_retries(d);
    bool more = turn_lanes(d);
    if (d->now_us >= d->settle_due_us) {
        settle_write(d);
        more = more || !d->settle_failing; /* what waited for it goes on */
    }
    remove_lanes(d);
    trim(d);
    if (may_show(d) && d->now_us >= d->snapshot_due_us) {
        d->snapshot_due_us = d->now_us + SNAPSHOT_US;
        snapshot_take(d);
    }
    return more;
}

/* How long there is nothing to do, if nobody wakes it and the journal is looked at by look_us. */
static int64_t wait_ms(struct deliver *d, int64_t look_us)
{
    int64_t due = d->settle_due_us < d->stop_us ? d->settle_due_us : d->stop_us;
    if (look_us < due) due = look_us;
    if (may_show(d) && d->snapshot_due_us < due) due = d->snapshot_due_us;
    if (d->retries_wanted && d->retries_due_us < due) due = d->retries_due_us;
    for (size_t i = 0; i < d->lane_count; i++) {
        int64_t lane_due = lane_due_us(d, d->lanes[i]);
        if (lane_due < due) due = lane_due;
    }
    if (due == INT64_MAX) return MS_PER_MINUTE;
    int64_t left_us = due - clock_mono_us();
    if (left_us <= 0) return 0;
    return left_us >= MS_PER_MINUTE * 1000 ? MS_PER_MINUTE : (left_us + 999) / 1000;
}

static void sleep_until_due(struct deliver *d, bool more)
{
    int64_t look_us = gather_sleep(&d->gather, clock_mono_us());
    bool on = more || gather_enough(&d->gather, journal_next_seq(d->journal));
    send_wait(d->sender, on ? 0 : wait_ms(d, look_us));
    gather_wake(&d->gather);
}

static void work(void *ctx)
{
    struct deliver *d = ctx;
    bool more = turn(d);
    while (d->stop_us > d->now_us && (d->stop_us == INT64_MAX || is_flying(d))) {
        sleep_until_due(d, more);
        more = turn(d);
    }
    for (size_t i = 0; i < d->lane_count; i++) lane_note_drops(d, d->lanes[i]);
    settle_write(d);
    snapshot_take(d);
    d->source.release(d->source.ctx, d->generation);
    d->generation = NULL;
}

void deliver_start(struct deliver *d)
{
    look_at_clock(d);
    gather_init(&d->gather, journal_next_seq(d->journal), d->now_us);
    begin_check_store(d);
    adopt(d);
    for (size_t i = 0; i < d->lane_count; i++) (void)begin_load(d, d->lanes[i]); /* tried again */
    settle_write(d);
    snapshot_take(d);
    thread_start(&d->thread, "deliver", work, d);
}
