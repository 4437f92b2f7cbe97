/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/answer.c in the whole room: what each kind of answer does to the events. */
#include "support/delivery.h"

/* Whatever hiccup comes first, everything arrives, with the same body each time. */
static void hiccups_cost_nothing(void **state)
{
    static const enum graph_fault faults[] = {
        GRAPH_500,   GRAPH_HTML_200, GRAPH_EMPTY_200, GRAPH_TRANSIENT, GRAPH_RESET,
        GRAPH_EATEN, GRAPH_HANG,     GRAPH_SLOW,      GRAPH_HUGE,      GRAPH_LESS,
    };
    static struct world w;
    uint64_t id = 0;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].timeout_ms = 150;
    world_start(&w);
    for (size_t i = 0; i < countof(faults); i++, id += 100) {
        GRAPH_PLAN_NEXT(&w.graph, faults[i]);
        world_put(&w, id, 100, "");
        struct deliver_status s = world_wait(&w, 0, id + 100);
        assert_int_equal(s.states[STATE_DELIVERED], id + 100);
        assert_false(s.paused);
    }
    (void)world_check_ids(&w, 0, (size_t)id);
    /* Two resets may be curl's own business: it tries a reused connection that broke once more. */
    assert_true(world_status(&w, 0).requests_failed >= 7);
    assert_true(world_status(&w, 0).events_sent_again >= 700);
    world_close(&w);
}

static void throttling_is_obeyed(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    GRAPH_PLAN_NEXT(&w.graph, GRAPH_THROTTLE);
    world_start(&w);
    int64_t before = clock_mono_us();
    world_put(&w, 0, 10, "");
    world_until(&w, 0, s, s.backoff_until_ms != 0);
    assert_int_equal(s.states[STATE_WAITING], 10);
    (void)world_wait(&w, 0, 10);
    assert_true(clock_mono_us() - before >= 1000000);
    assert_int_equal(w.graph.requests, 2);
    world_close(&w);
}

/* A third of all requests go wrong at random; good and bad events mixed, two pixels. */
static void random_faults(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 2);
    for (size_t i = 0; i < 2; i++) w.destinations[0][i].batch_events = 50;
    w.graph.percent = 33;
    world_start(&w);
    for (uint64_t id = 0; id < 2000; id += 100) {
        world_put(&w, id, 49, "");
        world_put(&w, id + 49, 1, ",\"bad\":true");
        world_put(&w, id + 50, 20, ",\"filter\":true");
        world_put(&w, id + 70, 30, ",\"two\":true");
    }
    for (size_t lane = 0; lane < 2; lane++) {
        struct deliver_status s = world_wait(&w, lane, 2000);
        assert_int_equal(s.states[STATE_DELIVERED], 79 * 20);
        assert_int_equal(s.reasons[REASON_FILTER], 20 * 20);
        assert_int_equal(s.reasons[REASON_REFUSED], 20);
    }
    for (uint64_t id = 0; id < 2000; id += 100) {
        (void)world_check_ids(&w, id, 49);
        (void)world_check_ids(&w, id + 70, 30);
        assert_int_equal(w.graph.ids[id + 49].taken, 0);
    }
    world_close(&w);
}

static void one_refused(bool keep_valid, bool named, unsigned most)
{
    static struct world w;
    size_t count;
    world_open(&w, 1);
    w.graph.keep_valid = keep_valid;
    w.graph.name_culprit = named;
    w.destinations[0][0].start = world_text("oldest");
    w.destinations[0][0].batch_linger_ms = 5000; /* one batch, however slow the machine is */
    world_open_data(&w);
    world_put(&w, 0, 700, "");
    world_put(&w, 700, 1, ",\"bad\":true");
    world_put(&w, 701, 299, "");
    world_start_deliver(&w);
    graph_start(&w.graph);
    struct deliver_status s = world_wait(&w, 0, 1000);
    assert_int_equal(s.states[STATE_DELIVERED], 999);
    assert_int_equal(s.reasons[REASON_REFUSED], 1);
    (void)world_check_ids(&w, 0, 700);
    (void)world_check_ids(&w, 701, 299);
    assert_int_equal(w.graph.ids[700].taken, 0);
    assert_true(w.graph.requests <= most);
    world_stop(&w, 0);
    world_open_data(&w);
    struct dead_letter *letter = world_letters(&w, "acme-us", &count);
    assert_int_equal(count, 1);
    assert_int_equal(letter->seq, 700);
    assert_int_equal(letter->code, 100);
    assert_int_equal(letter->subcode, 2804050);
    assert_int_equal(letter->outcome.reason, REASON_REFUSED);
    check_str(letter->meta_text, "too broad");
    check_str(letter->fbtrace_id, "Abad");
    check_str(letter->pixel_id, "111");
    struct event e;
    assert_true(event_decode(letter->record, &e));
    check_str(e.message_id, "700");
    world_start_deliver(&w);
    world_close(&w);
}

static void one_refused_of_1000(void **state)
{
    (void)state;
    one_refused(false, false, 13);
    one_refused(true, false, 13);
    one_refused(false, true, 4);
    one_refused(true, true, 4);
}

static void ten_refused_of_1000(void **state)
{
    static struct world w;
    size_t count;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].start = world_text("oldest");
    w.destinations[0][0].batch_linger_ms = 5000; /* one batch, however slow the machine is */
    world_open_data(&w);
    for (uint64_t id = 0; id < 1000; id += 100) {
        world_put(&w, id, 37 + id / 20, "");
        world_put(&w, id + 37 + id / 20, 1, ",\"bad\":true");
        world_put(&w, id + 38 + id / 20, 62 - id / 20, "");
    }
    world_start_deliver(&w);
    graph_start(&w.graph);
    struct deliver_status s = world_wait(&w, 0, 1000);
    assert_int_equal(s.states[STATE_DELIVERED], 990);
    assert_int_equal(s.reasons[REASON_REFUSED], 10);
    assert_true(w.graph.requests <= 140);
    world_stop(&w, 0);
    world_open_data(&w);
    struct dead_letter *letters = world_letters(&w, "acme-us", &count);
    assert_int_equal(count, 10);
    for (size_t i = 0; i < count; i++) assert_int_equal(letters[i].seq, 105 * i + 37);
    world_start_deliver(&w);
    world_close(&w);
}

static void all_refused(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].start = world_text("oldest");
    world_open_data(&w);
    w.destinations[0][0].batch_events = 100;
    w.destinations[0][0].in_flight = 1;
    world_put(&w, 0, 1000, ",\"bad\":true");
    world_start_deliver(&w);
    graph_start(&w.graph);
    struct deliver_status s = world_wait(&w, 0, 1000);
    assert_int_equal(s.reasons[REASON_REFUSED], 1000);
    assert_true(w.graph.requests <= 1000 + 20); /* only the first batch had to learn it */
    for (uint64_t i = 0; i < 1000; i++) assert_true(w.graph.ids[i].seen > 0);
    world_close(&w);
}

/* A refusal that was a mood of Meta's: nobody dies of an inference. */
static void a_passing_refusal_kills_nobody(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    GRAPH_PLAN_NEXT(&w.graph, GRAPH_REFUSE, GRAPH_FINE, GRAPH_REFUSE);
    world_start(&w);
    world_put(&w, 0, 64, "");
    struct deliver_status s = world_wait(&w, 0, 64);
    assert_int_equal(s.states[STATE_DELIVERED], 64);
    (void)world_check_ids(&w, 0, 64);
    world_close(&w);
}

static void a_bad_token_pauses(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.graph.good_token = "Bearer better-token";
    world_start(&w);
    world_put(&w, 0, 100, "");
    world_until(&w, 0, s, s.paused && s.in_flight_requests == 0);
    assert_int_equal(s.pause_code, 190);
    assert_int_equal(s.pause_subcode, 463);
    assert_true(strlen(s.pause_reason) > 20);
    assert_true(strstr(s.last_error, "190/463") != NULL);
    assert_int_equal(s.states[STATE_WAITING], 100);
    assert_true(s.oldest_waiting_ms > 0);
    world_put(&w, 100, 900, ""); /* kept as well */
    world_until(&w, 0, s, s.states[STATE_WAITING] == 1000);
    struct config *c = world_new_generation(&w);
    struct str better = S("better-token");
    c->destinations[0].access_tokens = &better;
    world_reload(&w);
    s = world_wait(&w, 0, 1000);
    assert_false(s.paused);
    assert_int_equal(s.pause_reason[0], 0);
    assert_int_equal(world_check_ids(&w, 0, 1000), 1);
    world_close(&w);
}

/* Two tokens for a rotation: when Meta refuses one, the other takes over, whichever is first. */
static void another_token_takes_over(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.tokens[1] = S("other-token");
    w.destinations[0][0].access_token_count = 2;
    w.graph.good_token = "Bearer other-token";
    world_start(&w);
    world_put(&w, 0, 50, "");
    s = world_wait(&w, 0, 50);
    assert_int_equal(s.token, 1);
    assert_int_equal(s.token_count, 2);
    assert_int_equal(w.graph.requests, 2);
    lock_take(&w.graph.lock);
    w.graph.good_token = "Bearer good-token";
    lock_give(&w.graph.lock);
    world_put(&w, 50, 50, "");
    s = world_wait(&w, 0, 100);
    assert_int_equal(s.token, 0);
    lock_take(&w.graph.lock);
    w.graph.good_token = "nobody-has-it";
    lock_give(&w.graph.lock);
    world_put(&w, 100, 50, "");
    world_until(&w, 0, s, s.paused); /* only when none is left */
    assert_int_equal(s.pause_code, 190);
    lock_take(&w.graph.lock);
    w.graph.good_token = "Bearer other-token";
    lock_give(&w.graph.lock);
    s = world_wait(&w, 0, 150); /* a probe tries all of them */
    assert_int_equal(s.states[STATE_DELIVERED], 150);
    world_close(&w);
}

/* A destination that hears that a limit is nearly used up slows down, and who shares the limit too. */
static void use_of_a_limit_slows_down(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 2);
    w.graph.always = GRAPH_BUSY;
    for (size_t i = 0; i < 2; i++) {
        w.destinations[0][i].batch_events = 10;
        w.destinations[0][i].in_flight = 1;
    }
    world_start(&w);
    int64_t before = clock_mono_us();
    world_put(&w, 0, 20, ""); /* two requests of each */
    s = world_wait(&w, 0, 20);
    assert_int_equal(s.usage_percent, 90);
    s = world_wait(&w, 1, 20);
    /* 0.8 s apart by the account's 90 %; only the first two knew nothing yet. */
    assert_true(clock_mono_us() - before >= 800000);
    assert_int_equal(s.requests_failed, 0);
    world_close(&w);
}

static void a_used_up_limit_holds_all_who_share_it(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 2);
    w.destinations[0][1].access_tokens = &w.tokens[1];
    w.tokens[1] = S("another-token");
    world_start(&w);
    for (uint64_t i = 0; i < 2; i++) { /* the account is known from the first answers */
        GRAPH_PLAN_NEXT(&w.graph, GRAPH_BUSY, GRAPH_BUSY);
        world_put(&w, i, 1, "");
        (void)world_wait(&w, 0, i + 1);
        (void)world_wait(&w, 1, i + 1);
    }
    GRAPH_PLAN_NEXT(&w.graph, GRAPH_FULL);
    lock_take(&w.graph.lock);
    unsigned before = w.graph.requests;
    lock_give(&w.graph.lock);
    world_put(&w, 2, 1, "");
    for (size_t lane = 0; lane < 2; lane++) {
        world_until(&w, lane, s, s.slowed_until_ms > clock_now_ms() + 30000);
        assert_int_equal(s.states[STATE_WAITING], 1);
        assert_false(s.paused);
    }
    lock_take(&w.graph.lock);
    assert_int_equal(w.graph.requests - before, 1);
    lock_give(&w.graph.lock);
    world_close(&w);
}

/* Whoever confirms too few is not asked again and again. */
static void a_liar_is_not_hammered(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.graph.always = GRAPH_LESS;
    world_start(&w);
    world_put(&w, 0, 500, "");
    world_until(&w, 0, s, s.requests_failed >= 5);
    assert_non_null(strstr(s.last_error, "confirmed"));
    assert_int_equal(s.states[STATE_WAITING], 500);
    lock_take(&w.graph.lock);
    w.graph.always = GRAPH_FINE;
    lock_give(&w.graph.lock);
    s = world_wait(&w, 0, 500);
    assert_int_equal(s.states[STATE_DELIVERED], 500);
    assert_true(w.graph.requests < 60);
    world_close(&w);
}

static void a_pause_ends_by_itself(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.graph.good_token = "nobody-has-it";
    world_start(&w);
    world_put(&w, 0, 10, "");
    world_until(&w, 0, s, s.paused);
    lock_take(&w.graph.lock);
    unsigned asked = w.graph.requests;
    w.graph.good_token = NULL;
    lock_give(&w.graph.lock);
    assert_true(asked < 10); /* it does not hammer */
    s = world_wait(&w, 0, 10);
    assert_false(s.paused);
    world_close(&w);
}

/* Meta goes down in full flow: few requests try it, and they get rarer. */
static void an_outage_is_not_hammered(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].batch_events = 20;
    world_start(&w);
    for (uint64_t id = 0; id < 1000; id += 100) world_put(&w, id, 100, "");
    (void)world_wait(&w, 0, 1000);
    lock_take(&w.graph.lock);
    w.graph.always = GRAPH_500;
    unsigned before = w.graph.requests;
    lock_give(&w.graph.lock);
    for (uint64_t id = 1000; id < 3000; id += 100) world_put(&w, id, 100, "");
    clock_sleep_ms(500);
    lock_take(&w.graph.lock);
    unsigned tries = w.graph.requests - before;
    w.graph.always = GRAPH_FINE;
    lock_give(&w.graph.lock);
    assert_true(tries >= 2 && tries <= 40);
    s = world_wait(&w, 0, 3000);
    assert_int_equal(s.states[STATE_DELIVERED], 3000);
    world_close(&w);
}

/* One event makes Meta stumble whenever it is in a request: the others get through in spite of it, and
 * it is tried until its deadline. */
static void poison_holds_nobody_up(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].batch_events = 8;
    world_start(&w);
    world_put(&w, 0, 3, "");
    world_put(&w, 3, 1, ",\"poison\":true,\"life\":3000");
    world_put(&w, 4, 196, "");
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 199);
    assert_int_equal(s.states[STATE_WAITING], 1);
    world_until(&w, 0, s, deliver_needs(w.deliver).keep_seq == 3);
    (void)world_check_ids(&w, 0, 3);
    (void)world_check_ids(&w, 4, 196);
    s = world_wait(&w, 0, 200);
    assert_int_equal(s.reasons[REASON_EXPIRED], 1);
    world_close(&w);
}

/* One that a person had retried goes back to the dead letters instead: it can be retried again. */
static void poison_of_a_retry(void **state)
{
    static struct world w;
    struct deliver_status s;
    uint64_t id = 1;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].batch_events = 8;
    world_start(&w);
    world_put(&w, 0, 1, ",\"bad\":true,\"poison\":true");
    lock_take(&w.graph.lock);
    w.graph.plan[0] = GRAPH_REFUSE;
    w.graph.plan_count = 1;
    lock_give(&w.graph.lock);
    s = world_wait(&w, 0, 1);
    assert_int_equal(s.reasons[REASON_REFUSED], 1);
    world_until(&w, 0, s, deliver_needs(w.deliver).keep_seq == 1); /* the letter is in the store */
    assert_int_equal(world_retry(&w, REASON_COUNT), 1);
    world_until(&w, 0, s, s.states[STATE_WAITING] == 1);
    while (s.states[STATE_DEAD] == 0) { /* others must pass in between */
        world_put(&w, id++, 1, "");
        world_until(&w, 0, s, s.states[STATE_WAITING] <= 1);
        assert_true(id < 1000);
    }
    s = world_wait(&w, 0, id);
    assert_int_equal(s.reasons[REASON_REFUSED], 1);
    assert_int_equal(s.states[STATE_DELIVERED], id - 1);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hiccups_cost_nothing),
        cmocka_unit_test(throttling_is_obeyed),
        cmocka_unit_test(random_faults),
        cmocka_unit_test(one_refused_of_1000),
        cmocka_unit_test(ten_refused_of_1000),
        cmocka_unit_test(all_refused),
        cmocka_unit_test(a_passing_refusal_kills_nobody),
        cmocka_unit_test(a_bad_token_pauses),
        cmocka_unit_test(another_token_takes_over),
        cmocka_unit_test(use_of_a_limit_slows_down),
        cmocka_unit_test(a_used_up_limit_holds_all_who_share_it),
        cmocka_unit_test(a_liar_is_not_hammered),
        cmocka_unit_test(a_pause_ends_by_itself),
        cmocka_unit_test(an_outage_is_not_hammered),
        cmocka_unit_test(poison_holds_nobody_up),
        cmocka_unit_test(poison_of_a_retry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
