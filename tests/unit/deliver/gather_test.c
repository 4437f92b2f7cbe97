/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/gather.c: when a commit wakes the sleeper, and that none is left unseen. */
#include "deliver/gather.h"

#include "core/limits.h"
#include "support/check.h"
#include "sys/thread.h"

enum { START = 70, BEGAN_US = 1000000, REST_US = LIMIT_GATHER_MS * 1000 };

static void after_silence_the_first_commit_wakes(void **state)
{
    struct gather g;
    (void)state;
    gather_init(&g, START, BEGAN_US);
    assert_true(gather_sleep(&g, BEGAN_US) == INT64_MAX);
    assert_false(gather_enough(&g, START));
    assert_true(gather_enough(&g, START + 1));
    gather_wake(&g);
    assert_false(gather_enough(&g, START + 1)); /* awake: nobody needs to be woken */
}

static void then_events_gather(void **state)
{
    struct gather g;
    (void)state;
    gather_init(&g, START, BEGAN_US);
    gather_look(&g, START + 1, BEGAN_US);
    assert_true(gather_sleep(&g, BEGAN_US + 1) == BEGAN_US + REST_US);
    assert_false(gather_enough(&g, START + LIMIT_GATHER_EVENTS));
    assert_true(gather_enough(&g, START + 1 + LIMIT_GATHER_EVENTS));
    assert_true(gather_sleep(&g, BEGAN_US + REST_US - 1) == BEGAN_US + REST_US);
}

/* Each look that finds something begins a rest; one that finds nothing ends it. */
static void the_rest_ends(void **state)
{
    struct gather g;
    (void)state;
    gather_init(&g, START, BEGAN_US);
    gather_look(&g, START + 1, BEGAN_US);
    gather_look(&g, START + 3, BEGAN_US + REST_US);
    assert_true(gather_sleep(&g, BEGAN_US + REST_US) == BEGAN_US + 2 * REST_US);
    gather_look(&g, START + 3, BEGAN_US + 2 * REST_US);
    assert_true(gather_sleep(&g, BEGAN_US + 2 * REST_US) == INT64_MAX);
    assert_false(gather_enough(&g, START + 3));
    assert_true(gather_enough(&g, START + 4));
}

/* Those who were left to gather do not wait longer for company than those who came after silence. */
static void waiting_counts(void **state)
{
    struct gather g;
    (void)state;
    gather_init(&g, START, BEGAN_US);
    assert_true(g.since_us == BEGAN_US);
    (void)gather_sleep(&g, BEGAN_US);
    gather_look(&g, START + 1, 2 * BEGAN_US);
    assert_true(g.since_us == 2 * BEGAN_US);
    (void)gather_sleep(&g, 2 * BEGAN_US + 1);
    gather_look(&g, START + 2, 2 * BEGAN_US + REST_US + 100);
    assert_true(g.since_us == 2 * BEGAN_US);
    (void)gather_sleep(&g, 2 * BEGAN_US + REST_US + 200);
    gather_look(&g, START + 3, 2 * BEGAN_US + REST_US + 300);
    assert_true(g.since_us == 2 * BEGAN_US + REST_US + 100);
    (void)gather_sleep(&g, 4 * BEGAN_US);
    gather_look(&g, START + 4, 5 * BEGAN_US);
    assert_true(g.since_us == 5 * BEGAN_US);
}

/* What came before it fell asleep, but after its look. */
static void who_sleeps_asks_once_more(void **state)
{
    struct gather g;
    (void)state;
    gather_init(&g, START, BEGAN_US);
    gather_look(&g, START, BEGAN_US);
    assert_false(gather_enough(&g, START + 1)); /* a commit meanwhile */
    (void)gather_sleep(&g, BEGAN_US);
    assert_true(gather_enough(&g, START + 1));
}

/* --- two threads --------------------------------------------------------------------------------- */

enum { COMMITS = 20000, PATIENCE_MS = 10000 };

struct line {
    struct gather gather;
    _Atomic uint64_t next_seq, looked_seq;
    struct lock lock;
    struct signal signal;
    bool woken; /* under the lock */
};

/* The next one as soon as one was seen: then the sleeper is about to sleep. */
static void commit_all(void *ctx)
{
    struct line *line = ctx;
    for (uint64_t seq = 1; seq <= COMMITS; seq++) {
        while (atomic_load(&line->looked_seq) + 1 < seq) {}
        atomic_store_explicit(&line->next_seq, seq, memory_order_release);
        if (!gather_enough(&line->gather, seq)) continue;
        lock_take(&line->lock);
        line->woken = true;
        lock_give(&line->lock);
        signal_wake(&line->signal);
    }
}

static bool wait_for_wake(struct line *line)
{
    bool in_time = true;
    lock_take(&line->lock);
    while (!line->woken && in_time)
        in_time = signal_wait_ms(&line->signal, &line->lock, PATIENCE_MS);
    line->woken = false;
    lock_give(&line->lock);
    return in_time;
}

static uint64_t committed(struct line *line)
{
    return atomic_load_explicit(&line->next_seq, memory_order_acquire);
}

/* The sleeper never rests, because its clock runs ahead: nothing but a commit wakes it. */
static void nothing_is_left_unseen(void **state)
{
    struct line line = {.woken = false};
    struct thread writer = {0};
    int64_t now_us = BEGAN_US;
    (void)state;
    gather_init(&line.gather, 0, now_us);
    lock_init(&line.lock);
    signal_init(&line.signal);
    thread_start(&writer, "writer", commit_all, &line);
    for (uint64_t seen; (seen = committed(&line)) < COMMITS;) {
        gather_look(&line.gather, seen, now_us);
        atomic_store_explicit(&line.looked_seq, seen, memory_order_release);
        now_us += 2 * REST_US;
        assert_true(gather_sleep(&line.gather, now_us) == INT64_MAX);
        if (!gather_enough(&line.gather, committed(&line))) assert_true(wait_for_wake(&line));
        gather_wake(&line.gather);
    }
    thread_join(&writer);
    signal_fini(&line.signal);
    lock_fini(&line.lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_silence_the_first_commit_wakes),
        cmocka_unit_test(then_events_gather),
        cmocka_unit_test(the_rest_ends),
        cmocka_unit_test(waiting_counts),
        cmocka_unit_test(who_sleeps_asks_once_more),
        cmocka_unit_test(nothing_is_left_unseen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
