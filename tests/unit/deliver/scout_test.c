/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/scout.c in the whole room, in simulated time: deadlines are kept or told of, whatever the order
 * of arrival, and whether or not the destination can send. */
#include "support/delivery.h"

/* So short slices cannot be cut off by the end of a round, which makes others begin, too. */
static _Atomic unsigned slice_events = LIMIT_SLICE_EVENTS;

static bool is_over(struct slice *s)
{
    if (s->events + 1 < atomic_load(&slice_events)) return slice_is_over(s);
    s->events = LIMIT_SLICE_EVENTS;
    return true;
}
#define slice_is_over is_over
#include "deliver/scout.c"
#undef slice_is_over

static void pass_time(struct world *w, int64_t ms)
{
    clock_shift_ms(ms);
    deliver_wake(w->deliver);
}

/* Gives how many requests there were before. */
static uint64_t set_graph(struct world *w, enum graph_fault always)
{
    lock_take(&w->graph.lock);
    uint64_t requests = w->graph.requests;
    w->graph.always = always;
    lock_give(&w->graph.lock);
    return requests;
}

/* A long backlog, and at its end a few that have an hour left: they go first. */
static void the_urgent_overtake(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].start = world_text("oldest");
    w.destinations[0][0].batch_events = 10;
    w.destinations[0][0].in_flight = 1;
    world_open_data(&w);
    world_put(&w, 0, 3000, "");
    world_put(&w, 3000, 5, ",\"life\":3600000");
    world_put(&w, 3005, 3000, "");
    world_put(&w, 6005, 5, ",\"life\":7200000,\"two\":true");
    clock_shift_ms(5 * MS_PER_MINUTE);
    world_start_deliver(&w);
    graph_start(&w.graph);
    struct deliver_status s = world_wait(&w, 0, 6010);
    assert_int_equal(s.states[STATE_DELIVERED], 6010);
    assert_int_equal(world_check_ids(&w, 0, 3000), 1); /* nothing was sent twice */
    assert_int_equal(world_check_ids(&w, 3000, 3005), 1);
    for (uint64_t id = 3000; id < 3005; id++) assert_true(w.graph.ids[id].request < 30);
    for (uint64_t id = 6005; id < 6010; id++) assert_true(w.graph.ids[id].request < 30);
    assert_true(w.graph.ids[2999].request > 100);
    assert_int_equal(s.at_risk, 0);
    assert_int_equal(s.first_loss_ms, 0);
    world_close(&w);
}

/* An event in a hurry that was confirmed before takes that back itself: it is over, and not in memory. */
static void the_urgent_may_cancel_itself(void **state)
{
    static struct hold_conf rule = {.name = {S_INIT("until paid"), {0}}};
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].holds = &rule;
    w.destinations[0][0].hold_count = 1;
    w.destinations[0][0].start = world_text("oldest");
    w.destinations[0][0].batch_events = 10;
    w.destinations[0][0].in_flight = 1;
    world_open_data(&w);
    world_put(&w, 0, 1, ",\"filter\":true,\"pays\":5");
    world_put(&w, 1, 3000, "");
    world_put(&w, 3001, 1, ",\"life\":3600000,\"paid\":5,\"quits\":5");
    world_put(&w, 3002, 3000, "");
    clock_shift_ms(5 * MS_PER_MINUTE);
    world_start_deliver(&w);
    world_until(&w, 0, s, s.reasons[REASON_HOLD_CANCELLED] == 1); /* nothing is answered yet */
    graph_start(&w.graph);
    s = world_wait(&w, 0, 6002);
    assert_int_equal(s.states[STATE_DELIVERED], 6000);
    (void)world_new_generation(&w);
    world_reload(&w);
    world_put(&w, 6002, 1, "");
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 6001);
    world_close(&w);
}

/* More that are urgent than fit: those with minutes left go before those with hours. */
static void the_most_urgent_first(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.pause_probe_ms = 2000; /* each try begins the look anew */
    w.graph.good_token = "nobody-has-it";
    w.destinations[0][0].batch_events = 100;
    w.destinations[0][0].in_flight = 1;
    world_start(&w);
    world_put(&w, 0, 8000, ",\"life\":72000000");
    world_put(&w, 8000, 3, ",\"life\":1800000");
    world_until(&w, 0, s, s.paused && s.at_risk == 8003);
    pass_time(&w, 2 * MS_PER_MINUTE); /* now it is behind, also when it sends again */
    lock_take(&w.graph.lock);
    w.graph.good_token = NULL;
    lock_give(&w.graph.lock);
    s = world_wait(&w, 0, 8003);
    assert_int_equal(s.states[STATE_DELIVERED], 8003);
    unsigned before = 0;
    for (uint64_t id = 0; id < 8000; id++)
        before += w.graph.ids[id].request < w.graph.ids[8000].request;
    assert_true(before <= 6000);
    world_close(&w);
}

/* What was seen at risk during a pause overtakes as soon as it ends, and not after the rest between two looks. */
static void the_end_of_a_pause_is_in_time(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.pause_probe_ms = 2000;
    w.graph.good_token = "nobody-has-it";
    w.destinations[0][0].start = world_text("oldest");
    w.destinations[0][0].batch_events = 10;
    w.destinations[0][0].in_flight = 1;
    world_open_data(&w);
    world_put(&w, 0, 6000, "");
    world_put(&w, 6000, 5, ",\"life\":3600000");
    clock_shift_ms(5 * MS_PER_MINUTE);
    world_start_deliver(&w);
    graph_start(&w.graph);
    world_until(&w, 0, s, s.paused && s.at_risk == 5);
    lock_take(&w.graph.lock);
    w.graph.good_token = NULL;
    lock_give(&w.graph.lock);
    s = world_wait(&w, 0, 6005);
    assert_int_equal(s.states[STATE_DELIVERED], 6005);
    for (uint64_t id = 6000; id < 6005; id++) assert_true(w.graph.ids[id].request < 200);
    assert_true(w.graph.ids[5999].request > 500);
    world_close(&w);
}

/* What was kept and counted, and is dropped then, is at risk no more. */
static void what_is_dropped_is_not_at_risk(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].enabled = false;
    w.destinations[0][0].start = world_text("oldest");
    world_open_data(&w);
    world_put(&w, 0, 5, ",\"life\":3600000");
    clock_shift_ms(5 * MS_PER_MINUTE);
    world_start_deliver(&w);
    graph_start(&w.graph);
    world_until(&w, 0, s, s.at_risk == 5);
    world_new_generation(&w)->destinations[0].when_disabled = DISABLED_DROP;
    world_reload(&w);
    s = world_wait(&w, 0, 5);
    assert_int_equal(s.reasons[REASON_DISABLED], 5);
    world_until(&w, 0, s, s.at_risk == 0 && s.first_loss_ms == 0);
    world_close(&w);
}

/* A destination that is paused counts down, and what is too late dies in time, not at the next try. */
static void a_pause_lets_events_expire_in_time(void **state)
{
    static struct world w;
    struct deliver_status s;
    size_t count;
    (void)state;
    world_open(&w, 1);
    w.graph.good_token = "nobody-has-it";
    world_start(&w);
    int64_t put_ms = clock_now_ms();
    world_put(&w, 0, 500, "");
    world_put(&w, 500, 7, ",\"life\":3600000");
    world_until(&w, 0, s, s.paused && s.at_risk == 7);
    assert_true(s.first_loss_ms >= put_ms + MS_PER_HOUR);
    assert_true(s.first_loss_ms <= clock_now_ms() + MS_PER_HOUR);
    assert_true(s.probe_ms > 0);
    pass_time(&w, 61 * MS_PER_MINUTE);
    world_until(&w, 0, s, s.reasons[REASON_EXPIRED] == 7);
    assert_true(s.paused);
    assert_int_equal(s.states[STATE_WAITING], 500);
    world_until(&w, 0, s, s.at_risk == 0 && s.first_loss_ms > clock_now_ms() + 6 * MS_PER_DAY);
    for (uint64_t id = 500; id < 507; id++) assert_int_equal(w.graph.ids[id].taken, 0);
    pass_time(&w, 7 * MS_PER_DAY);
    s = world_wait(&w, 0, 507);
    assert_int_equal(s.reasons[REASON_EXPIRED], 507);
    world_stop(&w, 0);
    world_open_data(&w);
    assert_int_equal(world_letters(&w, "acme-us", &count)[0].outcome.reason, REASON_EXPIRED);
    assert_int_equal(count, 507);
    world_start_deliver(&w);
    world_close(&w);
}

/* The same for one that is switched off with its events kept, and for one that backs off. */
static void standing_still_is_no_excuse(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 2);
    w.destinations[0][0].enabled = false;
    w.graph.always = GRAPH_500;
    world_start(&w);
    world_put(&w, 0, 20, "");
    world_put(&w, 20, 3, ",\"life\":3600000");
    world_until(&w, 1, s, s.requests_failed >= 3);
    pass_time(&w, 2 * MS_PER_HOUR);
    world_until(&w, 0, s, s.reasons[REASON_EXPIRED] == 3);
    assert_int_equal(s.states[STATE_WAITING], 20);
    world_until(&w, 1, s, s.reasons[REASON_EXPIRED] == 3);
    assert_int_equal(s.states[STATE_WAITING], 20);
    world_close(&w);
}

/* A look ends where the journal ended when it began, however fast events come; the next one sees the rest. */
static void a_look_has_an_end(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].enabled = false;
    w.destinations[0][0].start = world_text("oldest");
    world_open_data(&w);
    world_put(&w, 0, 6000, ",\"life\":3600000");
    world_start_deliver(&w);
    while (!atomic_load(&w.translated)) clock_sleep_ms(1);
    world_put(&w, 6000, 100, ",\"life\":3600000");
    world_until(&w, 0, s, s.at_risk >= 6000);
    assert_int_equal(s.at_risk, 6000);
    assert_int_equal(atomic_load(&w.translated), 6000);
    pass_time(&w, LIMIT_LOOK_MS);
    world_until(&w, 0, s, s.at_risk == 6100);
    assert_int_equal(s.states[STATE_WAITING], 6100);
    world_close(&w);
}

/* Of several that stand still each has its turn to look, however long the look of the first one takes. */
static void looks_take_turns(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 3);
    for (size_t i = 0; i < 3; i++) {
        w.destinations[0][i].enabled = false;
        w.destinations[0][i].start = world_text("oldest");
    }
    world_open_data(&w);
    world_put(&w, 0, 2000, ",\"life\":3600000");
    atomic_store(&slice_events, 50);
    world_start_deliver(&w);
    for (size_t i = 0; i < 3; i++) world_until(&w, i, s, s.at_risk == 2000);
    for (size_t i = 0; i < 3; i++) assert_in_range(atomic_load(&w.begun[i]), 1, 1000);
    atomic_store(&slice_events, LIMIT_SLICE_EVENTS);
    world_close(&w);
}

/* 48 hours without Meta, an hour at a time, and events of every age: all arrive, none expires. */
static void two_days_of_outage(void **state)
{
    static struct world w;
    struct deliver_status s;
    uint64_t id = 0;
    (void)state;
    world_open(&w, 1);
    w.graph.always = GRAPH_500;
    w.destinations[0][0].batch_events = 50;
    world_start(&w);
    for (int hour = 0; hour < 48; hour++, id += 100) {
        char late[64]; /* came as late as it can: it ends two hours after the outage */
        (void)snprintf(late, sizeof late, ",\"life\":%lld", (long long)((50 - hour) * MS_PER_HOUR));
        world_put(&w, id, 97, "");
        world_put(&w, id + 97, 3, late);
        uint64_t former = world_status(&w, 0).requests_failed;
        pass_time(&w, MS_PER_HOUR);
        world_until(&w, 0, s, s.requests_failed > former);
    }
    s = world_status(&w, 0);
    assert_int_equal(s.states[STATE_WAITING], 4800);
    uint64_t failed = set_graph(&w, GRAPH_FINE);
    world_until(&w, 0, s, s.requests_failed == failed || s.states[STATE_WAITING] == 0);
    pass_time(&w, 16 * MS_PER_MINUTE); /* the longest back-off */
    s = world_wait(&w, 0, 4800);
    assert_int_equal(s.states[STATE_DELIVERED], 4800);
    assert_int_equal(s.states[STATE_DEAD], 0);
    (void)world_check_ids(&w, 0, 4800);
    world_close(&w);
}

/* One destination never answers, for an hour; the other one's events go out as they come. */
static void silence_is_not_contagious(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 2);
    w.graph.mute_pixel = "111";
    w.destinations[0][0].timeout_ms = 100;
    world_start(&w);
    for (uint64_t minute = 0; minute < 60; minute++) {
        int64_t before = clock_mono_us();
        world_put(&w, minute, 1, "");
        s = world_wait(&w, 1, minute + 1);
        assert_true(clock_mono_us() - before < 2000000);
        pass_time(&w, MS_PER_MINUTE);
    }
    assert_int_equal(s.states[STATE_DELIVERED], 60);
    world_until(&w, 0, s, s.requests_failed >= 4);
    assert_int_equal(s.states[STATE_WAITING], 60);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_urgent_overtake),
        cmocka_unit_test(the_urgent_may_cancel_itself),
        cmocka_unit_test(the_most_urgent_first),
        cmocka_unit_test(the_end_of_a_pause_is_in_time),
        cmocka_unit_test(what_is_dropped_is_not_at_risk),
        cmocka_unit_test(a_pause_lets_events_expire_in_time),
        cmocka_unit_test(standing_still_is_no_excuse),
        cmocka_unit_test(a_look_has_an_end),
        cmocka_unit_test(looks_take_turns),
        cmocka_unit_test(two_days_of_outage),
        cmocka_unit_test(silence_is_not_contagious),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
