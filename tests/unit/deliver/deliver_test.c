/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/deliver.c, and all of the room together on an ordinary day. deliver/lane.c, deliver/read.c,
 * deliver/answer.c, deliver/settle.c and deliver/snapshot.c have tests of their own beside this. */
#include "support/delivery.h"

#include <time.h>

static void delivers_all_once(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    w.graph.good_token = "Authorization: Bearer good-token";
    w.destinations[0][0].batch_linger_ms =
        WORLD_WAIT_MS; /* full requests, however slow the reader */
    world_start(&w);
    world_put(&w, 0, 2500, "");
    world_put(&w, 2500, 1, "");
    struct deliver_status s = world_wait(&w, 0, 2501);
    assert_int_equal(s.states[STATE_DELIVERED], 2501);
    assert_int_equal(world_check_ids(&w, 0, 2501), 1);
    assert_true(w.graph.together == 1000);
    assert_true(w.graph.requests <= 5);
    assert_true(w.graph.connects <= LIMIT_IN_FLIGHT);
    world_close(&w);
}

static void many_destinations(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 4);
    world_start(&w);
    for (uint64_t id = 0; id < 5000; id += 50) world_put(&w, id, 50, id % 100 ? "" : ",\"two\":1");
    for (size_t lane = 0; lane < 4; lane++)
        assert_int_equal(world_wait(&w, lane, 5000).states[STATE_DELIVERED], 5000);
    assert_int_equal(w.graph.ids[50].taken, 4);
    assert_int_equal(w.graph.ids[100].taken, 8);
    world_close(&w);
}

/* Commits of one event each come faster than they are looked at: besides the rests, only a batch that closes, its
 * answer, and the store make it look. */
static void commits_gather(void **state)
{
    static struct world w;
    uint64_t count = 0;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].batch_linger_ms = WORLD_WAIT_MS;
    world_start(&w);
    int64_t began_ms = clock_now_ms(), took_ms = 0;
    while (took_ms < 400 || count < 20) { /* at least so many, however slow the disk */
        world_put(&w, count++, 1, "");
        took_ms = clock_now_ms() - began_ms;
    }
    unsigned looks = atomic_load(&w.looks);
    assert_true(looks >= 2 && looks <= (unsigned)took_ms / 2);
    assert_int_equal(world_wait(&w, 0, count).states[STATE_DELIVERED], count);
    assert_int_equal(world_check_ids(&w, 0, count), 1);
    world_close(&w);
}

/* An idle wheel stands still. */
static void idles(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 2);
    world_start(&w);
    world_put(&w, 0, 1, "");
    (void)world_wait(&w, 1, 1);
    clock_sleep_ms(300);
    clock_t before = clock();
    clock_sleep_ms(500);
    assert_true(clock() - before < CLOCKS_PER_SEC / 10);
    world_close(&w);
}

static void starts_and_stops(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 2);
    for (int i = 0; i < 10; i++) {
        world_open_data(&w);
        world_start_deliver(&w);
        deliver_wake(w.deliver);
        if (i % 2) deliver_reload(w.deliver);
        world_stop(&w, i % 3);
    }
    deliver_free(NULL);
    deliver_free(deliver_new(&(struct deliver_options){0}));
    graph_start(&w.graph);
    world_close(&w);
}

static size_t count_lanes(struct world *w)
{
    struct deliver_status *all;
    size_t count;
    struct arena arena = {0};
    deliver_status_all(w->deliver, &arena, &all, &count);
    arena_fini(&arena);
    return count;
}

static void await_lanes(struct world *w, size_t count)
{
    int64_t left_ms = WORLD_WAIT_MS;
    while (count_lanes(w) != count) {
        if ((left_ms -= 5) <= 0) fail_msg("never %zu destinations", count);
        clock_sleep_ms(5);
    }
}

/* The new token came while Meta was still refusing a request with the old one: that says nothing of it. */
static void a_refusal_from_before_a_reload_says_nothing(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.pause_probe_ms = MS_PER_DAY;
    w.destinations[0][0].timeout_ms = WORLD_WAIT_MS;
    w.graph.good_token = "Bearer better-token";
    world_start(&w);
    lock_take(&w.graph.lock); /* answers wait */
    world_put(&w, 0, 10, "");
    world_until(&w, 0, s, s.in_flight_requests == 1);
    struct config *c = world_new_generation(&w);
    struct str better = S("better-token");
    c->destination_count = 2;
    c->destinations[0].access_tokens = c->destinations[1].access_tokens = &better;
    world_reload(&w);
    await_lanes(&w, 2); /* it is adopted */
    lock_give(&w.graph.lock);
    s = world_wait(&w, 0, 10);
    assert_false(s.paused);
    assert_int_equal(s.requests_failed, 1);
    assert_int_equal(world_check_ids(&w, 0, 10), 1);
    world_close(&w);
}

/* Whatever comes for a destination that was removed meanwhile: it goes, and the others go on. */
static void a_removed_destination_is_refused(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 2);
    w.tokens[1] = S("another-token");
    for (size_t i = 0; i < 2; i++) {
        w.destinations[0][i].timeout_ms = WORLD_WAIT_MS;
        w.destinations[0][i].access_tokens = &w.tokens[i];
    }
    w.graph.good_token = "Bearer good-token";
    world_start(&w);
    lock_take(&w.graph.lock);
    world_put(&w, 0, 10, "");
    world_until(&w, 1, s, s.in_flight_requests == 1);
    struct config *c = world_new_generation(&w);
    c->destination_count = 1;
    world_reload(&w);
    await_lanes(&w, 1);
    assert_int_equal(deliver_needs(w.deliver).leaving, 1);
    lock_give(&w.graph.lock);
    for (int64_t left_ms = WORLD_WAIT_MS; deliver_needs(w.deliver).leaving; left_ms -= 5) {
        assert_true(left_ms > 0);
        clock_sleep_ms(5);
    }
    s = world_wait(&w, 0, 10);
    assert_int_equal(s.states[STATE_DELIVERED], 10);
    world_close(&w);
}

/* Everything at once: commits, reloads, statuses, random faults. */
static void a_busy_day(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 3);
    w.graph.percent = 15;
    for (size_t i = 0; i < 3; i++) w.destinations[0][i].batch_events = 70;
    world_start(&w);
    for (uint64_t id = 0; id < 6000; id += 60) {
        world_put(&w, id, 40, "");
        world_put(&w, id + 40, 20, id % 240 ? ",\"filter\":1" : ",\"bad\":true");
        if (id % 600 == 0) deliver_reload(w.deliver);
        (void)world_status(&w, (size_t)(id / 60 % 3));
    }
    for (size_t lane = 0; lane < 3; lane++) {
        struct deliver_status s = world_wait(&w, lane, 6000);
        assert_int_equal(s.states[STATE_DELIVERED], 4000);
        assert_int_equal(s.reasons[REASON_FILTER], 1500);
        assert_int_equal(s.reasons[REASON_REFUSED], 500);
    }
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delivers_all_once),
        cmocka_unit_test(many_destinations),
        cmocka_unit_test(commits_gather),
        cmocka_unit_test(idles),
        cmocka_unit_test(starts_and_stops),
        cmocka_unit_test(a_refusal_from_before_a_reload_says_nothing),
        cmocka_unit_test(a_removed_destination_is_refused),
        cmocka_unit_test(a_busy_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
