/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/lane.c in the whole room: beginning, being switched off, reloaded, removed, in trouble. */
#include "support/delivery.h"

static void note_outcome(struct lane *l, uint64_t first, uint64_t end, enum reason reason);
#define settle_outcome note_outcome
#include "deliver/lane.c"
#undef settle_outcome

/* What is dropped, by the piece; who gets a new configuration between the first two, and who is stopped there. */
static _Atomic uint64_t pieces, piece_most;
static struct world *_Atomic switched, *_Atomic stopped;

static void await_stop(struct deliver *d)
{
    for (bool stop = false; !stop; clock_sleep_ms(1)) {
        lock_take(&d->lock);
        stop = d->stop;
        lock_give(&d->lock);
    }
}

static void note_outcome(struct lane *l, uint64_t first, uint64_t end, enum reason reason)
{
    struct world *w = atomic_exchange(&switched, NULL);
    atomic_fetch_add(&pieces, 1);
    if (end - first > atomic_load(&piece_most)) atomic_store(&piece_most, end - first);
    settle_outcome(l, first, end, reason);
    if (w) world_reload(w);
    w = atomic_exchange(&stopped, NULL);
    if (w) await_stop(w->deliver);
}

static void trouble_of_one_is_not_the_others(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 2);
    w.graph.bad_pixel = "111";
    world_start(&w);
    for (uint64_t id = 0; id < 3000; id += 500) {
        world_put(&w, id, 500, "");
        struct deliver_status s = world_wait(&w, 1, id + 500);
        assert_int_equal(s.requests_failed, 0);
    }
    struct deliver_status s = world_status(&w, 0);
    assert_int_equal(s.states[STATE_WAITING], 3000);
    assert_int_equal(deliver_needs(w.deliver).keep_seq, 0);
    lock_take(&w.graph.lock);
    w.graph.bad_pixel = NULL;
    lock_give(&w.graph.lock);
    (void)world_wait(&w, 0, 3000);
    world_close(&w);
}

/* A dead address, and one that never answers: the others do not notice. */
static void nobody_answers(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 2);
    w.destinations[0][0].api_url = world_text("http://127.0.0.1:1/v1/");
    world_start(&w);
    world_put(&w, 0, 100, "");
    (void)world_wait(&w, 1, 100);
    world_until(&w, 0, s, s.requests_failed >= 2);
    assert_int_equal(s.states[STATE_WAITING], 100);
    assert_false(s.paused);
    assert_true(strstr(s.last_error, "HTTP 0") != NULL);
    world_close(&w);
}

static void begins_where_it_should(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    world_start(&w);
    world_put(&w, 0, 100, "");
    (void)world_wait(&w, 0, 100);
    struct config *c = world_new_generation(&w);
    c->destination_count = 3;
    c->destinations[1].start = world_text("now");
    c->destinations[2].start = world_text("oldest");
    world_reload(&w);
    struct deliver_status *all;
    size_t count = 0;
    while (count < 3) deliver_status_all(w.deliver, &w.arena, &all, &count);
    (void)world_wait(&w, 2, 100);
    world_put(&w, 100, 10, "");
    assert_int_equal(world_wait(&w, 0, 110).states[STATE_DELIVERED], 110);
    assert_int_equal(world_wait(&w, 1, 10).states[STATE_DELIVERED], 10);
    assert_int_equal(world_wait(&w, 2, 110).states[STATE_DELIVERED], 110);
    world_close(&w);
}

/* Where a new destination begins is kept at once: a crash before its first event does not move it. */
static void a_beginning_is_durable(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    world_open_data(&w);
    world_put(&w, 0, 10, "");
    world_start_deliver(&w);
    world_stop(&w, 0);
    world_open_data(&w);
    world_put(&w, 10, 5, "");
    world_start_deliver(&w);
    graph_start(&w.graph);
    assert_int_equal(world_wait(&w, 0, 5).states[STATE_DELIVERED], 5);
    assert_int_equal(w.graph.ids[9].seen, 0);
    world_close(&w);
}

static void switched_off_keeps_or_drops(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 2);
    w.destinations[0][0].enabled = w.destinations[0][1].enabled = false;
    w.destinations[0][1].when_disabled = DISABLED_DROP;
    world_start(&w);
    world_put(&w, 0, 100, "");
    struct deliver_status s = world_wait(&w, 1, 100);
    assert_int_equal(s.reasons[REASON_DISABLED], 100);
    assert_false(s.enabled);
    s = world_status(&w, 0);
    assert_int_equal(s.states[STATE_WAITING], 100);
    assert_int_equal(w.graph.requests, 0);
    assert_int_equal(deliver_needs(w.deliver).keep_seq, 0);
    struct config *c = world_new_generation(&w);
    c->destinations[0].enabled = c->destinations[1].enabled = true;
    world_reload(&w);
    s = world_wait(&w, 0, 100);
    assert_int_equal(s.states[STATE_DELIVERED], 100);
    assert_true(s.enabled);
    world_put(&w, 100, 10, "");
    assert_int_equal(world_wait(&w, 1, 110).states[STATE_DELIVERED], 10);
    enum reason outcomes[110];
    struct err err = {0};
    assert_true(store_outcomes_read(w.store, S("acme-eu"), 0, 110, outcomes, &err));
    for (size_t i = 0; i < 110; i++)
        assert_int_equal(outcomes[i], i < 100 ? REASON_DISABLED : REASON_NONE);
    world_close(&w);
}

/* A long backlog is dropped piece by piece, by all who drop it, and each event once. */
static void a_backlog_is_dropped(void **state)
{
    enum { EVENTS = 70000, PIECE = 32768 };
    static struct world w;
    (void)state;
    world_open(&w, 2);
    w.destinations[0][0].enabled = w.destinations[0][1].enabled = false;
    world_start(&w);
    for (uint64_t id = 0; id < EVENTS; id += 1000) world_put(&w, id, 1000, "");
    assert_int_equal(world_status(&w, 1).states[STATE_FILTERED], 0);
    atomic_store(&pieces, 0);
    atomic_store(&piece_most, 0);
    struct config *c = world_new_generation(&w);
    c->destinations[0].when_disabled = c->destinations[1].when_disabled = DISABLED_DROP;
    world_reload(&w);
    for (size_t lane = 0; lane < 2; lane++) {
        struct deliver_status s = world_wait(&w, lane, EVENTS);
        assert_int_equal(s.reasons[REASON_DISABLED], EVENTS);
        assert_int_equal(s.received, EVENTS);
    }
    assert_true(atomic_load(&piece_most) <= PIECE);
    assert_true(atomic_load(&pieces) >= 2 * (1 + EVENTS / PIECE));
    static enum reason outcomes[EVENTS];
    struct err err = {0};
    assert_true(store_outcomes_read(w.store, S("acme-eu"), 0, EVENTS, outcomes, &err));
    for (size_t i = 0; i < EVENTS; i++) assert_int_equal(outcomes[i], REASON_DISABLED);
    world_close(&w);
}

/* Switched on while its backlog is being dropped: what came before was to be dropped, and is. */
static void switched_on_while_it_drops(void **state)
{
    enum { EVENTS = 70000 };
    static struct world w;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].enabled = false;
    world_start(&w);
    for (int i = 0; i < EVENTS; i += 1000) world_put(&w, 0, 1000, "");
    world_new_generation(&w)->destinations[0].when_disabled = DISABLED_DROP;
    lock_take(&w.lock);
    w.generation++;
    lock_give(&w.lock);
    world_new_generation(&w)->destinations[0].enabled = true;
    atomic_store(&switched, &w);
    deliver_reload(w.deliver);
    (void)world_wait(&w, 0, EVENTS);
    world_put(&w, 0, 10, "");
    struct deliver_status s = world_wait(&w, 0, EVENTS + 10);
    assert_true(s.enabled);
    assert_int_equal(s.reasons[REASON_DISABLED], EVENTS);
    assert_int_equal(s.states[STATE_DELIVERED], 10);
    world_close(&w);
}

/* The turn in which nothing was left to drop is followed by one that reads, without anything that wakes the
 * thread; while all that comes is dropped there is nothing to read. */
static void nothing_left_to_drop_is_read_on(void **state)
{
    static struct world w;
    static struct deliver d;
    struct cursor here = {.low = 5, .drop_end = 5};
    (void)state;
    world_open(&w, 1);
    world_open_data(&w);
    world_put(&w, 0, 5, "");
    d.journal = w.journal;
    struct lane *l = lane_new(w.destinations[0][0].name);
    l->conf = &w.destinations[0][0];
    progress_load(&l->progress, &here);
    assert_true(discard(&d, l));
    assert_int_equal(l->progress.cursor.drop_end, 0);
    assert_false(l->unsaved.dirty);
    w.destinations[0][0].enabled = false;
    w.destinations[0][0].when_disabled = DISABLED_DROP;
    l->progress.cursor.drop_end = 5;
    assert_false(discard(&d, l));
    lane_free(&d, l);
    journal_close(w.journal);
    store_close(w.store);
    world_close(&w);
}

/* Switched on by a restart in the middle of that: what had come is dropped by the next process. */
static void restarted_while_it_drops(void **state)
{
    enum { EVENTS = 70000 };
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].enabled = false;
    world_start(&w);
    for (int i = 0; i < EVENTS; i += 1000) world_put(&w, 0, 1000, "");
    world_new_generation(&w)->destinations[0].when_disabled = DISABLED_DROP;
    atomic_store(&stopped, &w);
    world_reload(&w);
    while (atomic_load(&stopped)) clock_sleep_ms(1);
    world_put(&w, 0, 10, ""); /* nobody has looked at these yet */
    world_stop(&w, 0);
    world_new_generation(&w)->destinations[0].enabled = true;
    w.generation++;
    world_open_data(&w);
    world_put(&w, 0, 5, "");
    world_start_deliver(&w);
    s = world_wait(&w, 0, EVENTS + 15);
    assert_int_equal(s.reasons[REASON_DISABLED], EVENTS + 10);
    assert_int_equal(s.states[STATE_DELIVERED], 5);
    world_close(&w);
}

/* Reloads in the middle of the stream lose nothing and send nothing twice. */
static void reloads_in_full_flow(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].batch_events = 20;
    world_start(&w);
    for (uint64_t id = 0; id < 3000; id += 100) {
        world_put(&w, id, 100, "");
        if (id % 1000 != 900) {
            deliver_reload(w.deliver);
            continue;
        }
        struct config *c = world_new_generation(&w);
        c->destinations[0].batch_events++;
        world_reload(&w);
    }
    struct deliver_status s = world_wait(&w, 0, 3000);
    assert_int_equal(s.states[STATE_DELIVERED], 3000);
    assert_int_equal(world_check_ids(&w, 0, 3000), 1);
    world_close(&w);
}

/* A destination that leaves the configuration holds nothing back, and goes on where it was when it
 * comes again. */
static void leaves_and_comes_back(void **state)
{
    static struct world w;
    struct deliver_status *all;
    size_t count = 2;
    (void)state;
    world_open(&w, 2);
    world_start(&w);
    world_put(&w, 0, 100, "");
    (void)world_wait(&w, 0, 100);
    (void)world_wait(&w, 1, 100);
    struct config *c = world_new_generation(&w);
    c->destination_count = 1;
    world_reload(&w);
    while (count != 1) deliver_status_all(w.deliver, &w.arena, &all, &count);
    world_put(&w, 100, 100, "");
    (void)world_wait(&w, 0, 200);
    struct deliver_status s;
    world_until(&w, 0, s, deliver_needs(w.deliver).keep_seq == 200);
    c = world_new_generation(&w);
    c->destination_count = 2;
    world_reload(&w);
    while (count != 2) deliver_status_all(w.deliver, &w.arena, &all, &count);
    s = world_wait(&w, 1, 200);
    assert_int_equal(s.states[STATE_DELIVERED], 200);
    world_close(&w);
}

static void no_destination_at_all(void **state)
{
    static struct world w;
    struct deliver_status *all;
    size_t count = 1;
    (void)state;
    world_open(&w, 0);
    world_start(&w);
    world_put(&w, 0, 10, "");
    deliver_status_all(w.deliver, &w.arena, &all, &count);
    assert_int_equal(count, 0);
    assert_int_equal(deliver_needs(w.deliver).keep_seq, 10);
    world_close(&w);
}

static void test_codes_expire(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].test_code = S("TEST123");
    w.destinations[0][0].test_code_expires_ms = clock_now_ms() + 500;
    world_start(&w);
    world_put(&w, 0, 1, "");
    (void)world_wait(&w, 0, 1);
    assert_int_equal(w.graph.tested, 1);
    clock_sleep_ms(500);
    world_put(&w, 1, 1, "");
    (void)world_wait(&w, 0, 2);
    assert_int_equal(w.graph.tested, 1);
    world_close(&w);
}

/* While a request is under way a batch waits for company, but not longer than it was told; on an idle
 * line it hardly waits. */
static void lingers(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].batch_linger_ms = 600;
    w.destinations[0][0].timeout_ms = 1500;
    graph_plan(&w.graph, (enum graph_fault[]){GRAPH_FINE, GRAPH_HANG}, 2);
    world_start(&w);
    int64_t before = clock_mono_us();
    world_put(&w, 0, 1, "");
    (void)world_wait(&w, 0, 1);
    assert_true(clock_mono_us() - before < 500000);
    world_put(&w, 1, 1, "");
    world_until(&w, 0, s, s.in_flight_requests == 1); /* it hangs */
    before = clock_mono_us();
    for (uint64_t id = 2; id < 12; id++) world_put(&w, id, 1, "");
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 11);
    assert_true(clock_mono_us() - before >= 600000);
    assert_int_equal(w.graph.together, 10);
    (void)world_wait(&w, 0, 12);
    world_close(&w);
}

static void expires_in_memory(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    w.graph.always = GRAPH_500;
    world_start(&w);
    world_put(&w, 0, 5, ",\"life\":300");
    world_put(&w, 5, 5, "");
    struct deliver_status s;
    world_until(&w, 0, s, s.reasons[REASON_EXPIRED] == 5);
    assert_int_equal(s.states[STATE_WAITING], 5);
    lock_take(&w.graph.lock);
    w.graph.always = GRAPH_FINE;
    lock_give(&w.graph.lock);
    assert_int_equal(world_wait(&w, 0, 10).states[STATE_DELIVERED], 5);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trouble_of_one_is_not_the_others),
        cmocka_unit_test(nobody_answers),
        cmocka_unit_test(begins_where_it_should),
        cmocka_unit_test(a_beginning_is_durable),
        cmocka_unit_test(switched_off_keeps_or_drops),
        cmocka_unit_test(a_backlog_is_dropped),
        cmocka_unit_test(switched_on_while_it_drops),
        cmocka_unit_test(nothing_left_to_drop_is_read_on),
        cmocka_unit_test(restarted_while_it_drops),
        cmocka_unit_test(reloads_in_full_flow),
        cmocka_unit_test(leaves_and_comes_back),
        cmocka_unit_test(no_destination_at_all),
        cmocka_unit_test(test_codes_expire),
        cmocka_unit_test(lingers),
        cmocka_unit_test(expires_in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
