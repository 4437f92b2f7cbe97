/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/settle.c in the whole room: what is kept when, a store that refuses, and kill -9. The store's
 * door is replaced here, so that it can fail on demand. */
#include "store/store.h"

static bool settle_or_fail(struct store *s, const struct settlement *settlements, size_t count,
                           struct err *err);
#define store_settle settle_or_fail
#include "deliver/settle.c"
#undef store_settle

#include "support/waiting.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

static _Atomic int disk_full;
static _Atomic unsigned settlements_made;

static bool settle_or_fail(struct store *s, const struct settlement *settlements, size_t count,
                           struct err *err)
{
    atomic_fetch_add(&settlements_made, 1);
    if (atomic_load(&disk_full)) return err_set(err, ERR_IO, "no space left on the disk");
    return store_settle(s, settlements, count, err);
}

/* Waits until so many more were tried: 20 ms each, while the disk is full. */
static void await_settlements(unsigned count)
{
    unsigned made = atomic_load(&settlements_made);
    for (int64_t left_ms = WORLD_WAIT_MS; atomic_load(&settlements_made) - made < count;) {
        if ((left_ms -= 5) <= 0) fail_msg("nothing is settled");
        clock_sleep_ms(5);
    }
}

static struct cursor stored(struct world *w)
{
    struct cursor cursor;
    struct err err = {0};
    if (!store_load_cursor(w->store, S("acme-us"), &w->arena, &cursor, &err))
        fail_msg("%s", err.text);
    return cursor;
}

/* What the store has adds up at any moment, not only what status says. */
static void check_stored_sums(struct world *w)
{
    struct cursor c = stored(w);
    uint64_t counted = 0, finished = c.low - c.start;
    for (size_t i = 0; i < REASON_COUNT; i++) counted += c.counts[i];
    for (size_t i = 0; i < c.range_count; i++) finished += c.ranges[i].end - c.ranges[i].first;
    assert_int_equal(counted, finished);
    /* What is kept of each event says the same as the counts. */
    static enum reason outcomes[100000];
    uint64_t of_reason[REASON_COUNT + 1] = {0};
    struct err err = {0};
    size_t events = (size_t)journal_next_seq(w->journal);
    assert_true(events <= countof(outcomes));
    assert_true(store_outcomes_read(w->store, S("acme-us"), 0, events, outcomes, &err));
    for (size_t i = 0; i < events; i++) of_reason[outcomes[i]]++;
    for (size_t i = 0; i < REASON_COUNT; i++) assert_int_equal(of_reason[i], c.counts[i]);
}

/* Each request is kept with its events and Meta's answer. */
static void requests_are_kept(void **state)
{
    static struct world w;
    struct attempt *all;
    size_t count;
    struct err err = {0};
    (void)state;
    world_open(&w, 1);
    world_start(&w);
    world_put(&w, 0, 10, "");
    (void)world_wait(&w, 0, 10);
    world_put(&w, 10, 1, ",\"bad\":true");
    (void)world_wait(&w, 0, 11);
    world_put(&w, 11, 1, ",\"two\":true");
    (void)world_wait(&w, 0, 12);
    struct attempt_selection which = {S("acme-us"), UINT64_MAX, UINT64_MAX, 100};
    assert_true(store_attempts_list(w.store, &which, &w.arena, &all, &count, &err));
    assert_int_equal(count, world_status(&w, 0).requests);
    assert_int_equal(all[count - 1].status, 200);
    assert_int_equal(all[count - 1].event_ranges, 1);
    assert_int_equal(all[count - 1].events[0].first, 0);
    assert_true(str_eq(all[0].pixel_id, S("601010101010101")) ||
                str_eq(all[1].pixel_id, S("601010101010101")));
    which.seq = 10;
    assert_true(store_attempts_list(w.store, &which, &w.arena, &all, &count, &err));
    assert_true(count >= 1);
    assert_int_equal(all[0].status, 400);
    assert_int_equal(all[0].code, 100);
    assert_true(all[0].text.n > 0 && all[0].took_ms >= 0 && all[0].sent_ms > 0);
    check_stored_sums(&w);
    world_close(&w);
}

static void verdicts_are_written_together(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    world_start(&w);
    atomic_store(&settlements_made, 0);
    for (uint64_t id = 0; id < 200; id++) world_put(&w, id, 1, id % 2 ? ",\"filter\":1" : "");
    (void)world_wait(&w, 0, 200);
    world_stop(&w, 100);
    assert_true(atomic_load(&settlements_made) < 40);
    world_open_data(&w);
    check_stored_sums(&w);
    struct cursor c = stored(&w);
    assert_int_equal(c.low, 200);
    assert_int_equal(c.counts[REASON_NONE], 100);
    assert_int_equal(c.counts[REASON_FILTER], 100);
    world_start_deliver(&w);
    world_close(&w);
}

static void a_full_disk_stops_reading(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    world_start(&w);
    atomic_store(&disk_full, 1);
    world_put(&w, 0, 7500, ",\"filter\":1");
    world_put(&w, 7500, 7500, ",\"dead\":1");
    world_put(&w, 15000, 1000, "");
    await_settlements(10); /* longer than status may be behind */
    /* As many as a settlement takes; fewer, where so many cannot be read before the first one is due. */
    uint64_t stopped = world_status(&w, 0).next_seq;
    assert_in_range(stopped, 1, LIMIT_SETTLE_EVENTS + LIMIT_SLICE_EVENTS);
    await_settlements(10);
    assert_int_equal(world_status(&w, 0).next_seq, stopped);
    assert_int_equal(deliver_needs(w.deliver).keep_seq,
                     0); /* what is not kept must not be trimmed */
    atomic_store(&disk_full, 0);
    s = world_wait(&w, 0, 16000);
    assert_int_equal(s.states[STATE_DELIVERED], 1000);
    assert_int_equal(s.states[STATE_FILTERED], 7500);
    assert_int_equal(s.states[STATE_DEAD], 7500);
    assert_int_equal(world_check_ids(&w, 15000, 1000), 1);
    world_until(&w, 0, s, deliver_needs(w.deliver).keep_seq == 16000);
    check_stored_sums(&w);
    world_close(&w);
}

/* Who is held, and who was confirmed, is kept with the verdicts or not at all: nothing goes early, and nothing is
 * forgotten, also when the process ends meanwhile. */
static void holds_outlast_a_full_disk(void **state)
{
    for (unsigned restarts = 0; restarts < 2; restarts++) {
        static struct world w;
        struct deliver_status s;
        (void)state;
        waiting_open(&w);
        world_start(&w);
        for (unsigned i = 0; i < 10; i++) waiting_put(&w, i, ",\"paid\":%llu", i);
        world_until(&w, 0, s, s.states[STATE_HELD] == 10);
        world_until(&w, 0, s, stored(&w).counts[REASON_HELD] == 10);
        atomic_store(&disk_full, 1);
        for (unsigned i = 0; i < 15; i++)
            waiting_put(&w, 50 + i, ",\"filter\":true,\"pays\":%llu", i);
        for (unsigned i = 10; i < 20; i++) waiting_put(&w, i, ",\"paid\":%llu", i);
        unsigned tries = atomic_load(&settlements_made);
        world_until(&w, 0, s, atomic_load(&settlements_made) > tries + 2);
        assert_int_equal(deliver_needs(w.deliver).keep_seq, 0);
        if (restarts) waiting_restart(&w, 0);
        atomic_store(&disk_full, 0);
        world_until(&w, 0, s, s.states[STATE_DELIVERED] == 15 && s.states[STATE_HELD] == 5);
        world_until(&w, 0, s, stored(&w).counts[REASON_HELD] == 5);
        check_stored_sums(&w);
        for (unsigned i = 0; i < 20; i++) assert_true((waiting_taken(&w, i) > 0) == (i < 15));
        world_close(&w);
    }
}

/* A disk that is full when the process ends costs a second sending, nothing else. */
static void unsettled_is_sent_again(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    world_start(&w);
    atomic_store(&disk_full, 1);
    world_put(&w, 0, 300, "");
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 300);
    world_stop(&w, 100);
    atomic_store(&disk_full, 0);
    world_open_data(&w);
    assert_int_equal(stored(&w).low, 0);
    world_start_deliver(&w);
    s = world_wait(&w, 0, 300);
    assert_int_equal(s.states[STATE_DELIVERED], 300);
    assert_int_equal(world_check_ids(&w, 0, 300), 2);
    world_close(&w);
}

static void stops_without_draining(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].timeout_ms = WORLD_WAIT_MS;
    w.graph.always = GRAPH_HANG;
    world_start(&w);
    world_put(&w, 0, 2000, "");
    world_until(&w, 0, s, s.in_flight_events == 2000);
    int64_t before = clock_mono_us();
    world_stop(&w, 0);
    assert_true(clock_mono_us() - before < 500000);
    lock_take(&w.graph.lock);
    w.graph.always = GRAPH_FINE;
    lock_give(&w.graph.lock);
    world_open_data(&w);
    world_start_deliver(&w);
    s = world_wait(&w, 0, 2000);
    assert_int_equal(s.states[STATE_DELIVERED], 2000);
    (void)world_check_ids(&w, 0, 2000);
    world_close(&w);
}

static void draining_waits_for_answers(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.graph.always = GRAPH_SLOW;
    world_start(&w);
    world_put(&w, 0, 100, "");
    world_until(&w, 0, s, s.in_flight_events == 100 || s.states[STATE_DELIVERED] == 100);
    world_stop(&w, 5000);
    world_open_data(&w);
    assert_int_equal(stored(&w).low, 100);
    world_start_deliver(&w);
    world_close(&w);
}

/* The check that is always on does see what does not add up. */
static void sums_are_checked(void **state)
{
    struct lane l = {0};
    (void)state;
    check_sums(&l);
    assert_false(l.wrong_sums);
    l.read_seq = 3;
    l.journal_items = 3;
    check_sums(&l);
    assert_false(l.wrong_sums);
    (void)progress_finish(&l.progress, 1); /* finished, but still in memory and not counted */
    check_sums(&l);
    assert_true(l.wrong_sums);
    l.wrong_sums = false;
    l.progress.cursor.counts[REASON_NONE]++;
    check_sums(&l);
    assert_true(l.wrong_sums);
    l.wrong_sums = false;
    l.journal_items--;
    check_sums(&l);
    assert_false(l.wrong_sums);
    progress_fini(&l.progress);
}

/* The child delivers until it is killed; the parent is Meta and outlives it. */
static void deliver_until_killed(struct world *w, uint64_t id, int round)
{
    world_open_data(w);
    world_start_deliver(w);
    world_put(w, id, 300, "");
    world_put(w, id + 300, 50, ",\"filter\":1");
    world_put(w, id + 350, 50, ",\"bad\":true");
    world_put(w, id + 400, 100, ",\"two\":1");
    clock_sleep_ms(40 * (round + 1));
    (void)kill(getpid(), SIGKILL);
}

static void killed_at_any_moment(void **state)
{
    enum { ROUNDS = 5, EACH = 500 };
    static struct world w;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].batch_events = 50;
    w.destinations[0][0].start = world_text("oldest");
    for (int round = 0; round < ROUNDS; round++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (!child) deliver_until_killed(&w, (uint64_t)round * EACH, round);
        graph_start(&w.graph); /* after the fork: a child of many threads may not start its own */
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        graph_pause(&w.graph);
        world_open_data(&w);
        check_stored_sums(&w);
        journal_close(w.journal);
        store_close(w.store);
    }
    graph_start(&w.graph);
    world_open_data(&w);
    world_start_deliver(&w);
    struct deliver_status s = world_wait(&w, 0, ROUNDS * EACH);
    assert_int_equal(s.states[STATE_DELIVERED], ROUNDS * 400);
    assert_int_equal(s.reasons[REASON_FILTER], ROUNDS * 50);
    assert_int_equal(s.reasons[REASON_REFUSED], ROUNDS * 50);
    for (uint64_t id = 0; id < ROUNDS * EACH; id += EACH) {
        (void)world_check_ids(&w, id, 300);
        (void)world_check_ids(&w, id + 400, 100);
    }
    check_stored_sums(&w);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_at_any_moment),
        cmocka_unit_test(verdicts_are_written_together),
        cmocka_unit_test(a_full_disk_stops_reading),
        cmocka_unit_test(holds_outlast_a_full_disk),
        cmocka_unit_test(unsettled_is_sent_again),
        cmocka_unit_test(sums_are_checked),
        cmocka_unit_test(stops_without_draining),
        cmocka_unit_test(draining_waits_for_answers),
        cmocka_unit_test(requests_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
