/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/snapshot.c in the whole room: what status tells, at rest and while things happen. */
#include "support/delivery.h"

static void at_rest(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 3);
    world_start(&w);
    struct deliver_status *all;
    size_t count;
    deliver_status_all(w.deliver, &w.arena, &all, &count);
    assert_int_equal(count, 3);
    check_str(all[0].name, "acme-us");
    check_str(all[2].name, "acme-uk");
    for (size_t i = 0; i < count; i++) {
        struct deliver_status s = world_status(&w, i);
        assert_true(s.enabled);
        assert_false(s.paused);
        assert_int_equal(s.received, 0);
        assert_int_equal(s.oldest_waiting_ms, 0);
        assert_int_equal(s.last_delivered_ms, 0);
        assert_int_equal(s.last_error[0], 0);
    }
    world_close(&w);
}

/* Received and waiting are right at once, before the delivery thread had a look. */
static void received_is_never_behind(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    w.graph.always = GRAPH_HANG;
    world_start(&w);
    for (uint64_t id = 0; id < 50; id++) {
        world_put(&w, id, 1, "");
        struct deliver_status s = world_status(&w, 0);
        assert_int_equal(s.received, id + 1);
        assert_int_equal(s.states[STATE_WAITING], id + 1);
    }
    world_close(&w);
}

static void what_is_in_flight(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.graph.always = GRAPH_HANG;
    w.destinations[0][0].batch_events = 100;
    w.destinations[0][0].in_flight = 2;
    w.destinations[0][0].timeout_ms = 60000;
    world_start(&w);
    int64_t before = clock_now_ms();
    world_put(&w, 0, 1000, "");
    world_until(&w, 0, s, s.in_flight_requests == 2);
    assert_int_equal(s.in_flight_events, 200);
    assert_int_equal(s.requests, 2);
    assert_true(s.oldest_waiting_ms >= before && s.oldest_waiting_ms <= clock_now_ms());
    world_close(&w);
}

static void when_all_is_done(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    world_start(&w);
    int64_t before = clock_now_ms();
    world_put(&w, 0, 10, "");
    (void)world_wait(&w, 0, 10);
    world_until(&w, 0, s, s.oldest_waiting_ms == 0 && deliver_needs(w.deliver).keep_seq == 10);
    assert_true(s.last_delivered_ms >= before);
    assert_int_equal(s.next_seq, 10);
    assert_int_equal(s.in_flight_requests, 0);
    assert_int_equal(s.reasons[REASON_NONE], 10);
    world_close(&w);
}

/* Status and counts are as before after a restart. */
static void survives_a_restart(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    world_start(&w);
    world_put(&w, 0, 70, "");
    world_put(&w, 70, 30, ",\"filter\":1");
    (void)world_wait(&w, 0, 100);
    world_stop(&w, 1000);
    world_open_data(&w);
    world_start_deliver(&w);
    struct deliver_status s = world_status(&w, 0);
    assert_int_equal(s.received, 100);
    assert_int_equal(s.states[STATE_DELIVERED], 70);
    assert_int_equal(s.states[STATE_FILTERED], 30);
    world_close(&w);
}

static void counts_by_source_and_name(void **state)
{
    static struct world w;
    struct deliver_breakdown *rows;
    size_t count;
    struct arena arena = {0};
    (void)state;
    world_open(&w, 1);
    w.source_destinations[0][0] = world_text("acme-eu");
    w.sources[0][1].destinations =
        (struct texts){.items = w.source_destinations[0], .count = 1, .given = true};
    world_start(&w);
    world_put(&w, 0, 30, "");
    world_put(&w, 30, 10, ",\"two\":true");
    world_put(&w, 40, 5, ",\"filter\":true");
    world_put_from(&w, "app", 45, 7, "");
    (void)world_wait(&w, 0, 52);
    deliver_breakdown_all(w.deliver, &arena, &rows, &count);
    assert_int_equal(count, 4);
    check_str(rows[0].event, "other");
    check_str(rows[1].source, "shop");
    check_str(rows[1].event, "One");
    assert_int_equal(rows[1].reasons[REASON_NONE], 30);
    assert_int_equal(rows[1].reasons[REASON_FILTER], 5);
    check_str(rows[2].event, "Two");
    assert_int_equal(rows[2].reasons[REASON_NONE], 10);
    check_str(rows[3].source, "app");
    check_str(rows[3].event, "");
    assert_int_equal(rows[3].reasons[REASON_NOT_ROUTED], 7);
    arena_fini(&arena);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_by_source_and_name), cmocka_unit_test(at_rest),
        cmocka_unit_test(received_is_never_behind),  cmocka_unit_test(what_is_in_flight),
        cmocka_unit_test(when_all_is_done),          cmocka_unit_test(survives_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
