/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/read.c in the whole room: routing, verdicts without a request, several pixels, retries, and a
 * disk that lost something. */
#include "support/bytes.h"
#include "support/delivery.h"

static size_t dead_count(struct world *w)
{
    size_t count;
    (void)world_letters(w, "acme-us", &count);
    return count;
}

static void routes_by_source(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 2);
    w.source_destinations[0][0] = world_text("acme-eu");
    w.sources[0][1].destinations =
        (struct texts){.items = w.source_destinations[0], .count = 1, .given = true};
    world_start(&w);
    world_put_from(&w, "shop", 0, 10, "");
    world_put_from(&w, "app", 10, 20, "");
    world_put_from(&w, "gone-since", 30, 5, "");
    struct deliver_status s = world_wait(&w, 0, 35);
    assert_int_equal(s.states[STATE_DELIVERED], 15);
    assert_int_equal(s.reasons[REASON_NOT_ROUTED], 20);
    s = world_wait(&w, 1, 35);
    assert_int_equal(s.states[STATE_DELIVERED], 35);
    world_close(&w);
}

static void verdicts_without_a_request(void **state)
{
    static struct world w;
    struct event e;
    size_t count;
    (void)state;
    world_open(&w, 1);
    world_start(&w);
    world_put(&w, 0, 100, ",\"filter\":1");
    world_put(&w, 100, 5, ",\"dead\":1");
    struct deliver_status s = world_wait(&w, 0, 105);
    assert_int_equal(s.reasons[REASON_FILTER], 100);
    assert_int_equal(s.reasons[REASON_NO_USER_DATA], 5);
    assert_int_equal(w.graph.requests, 0);
    world_until(&w, 0, s, deliver_needs(w.deliver).keep_seq == 105);
    struct dead_letter *letters = world_letters(&w, "acme-us", &count);
    assert_int_equal(count, 5);
    assert_int_equal(letters[4].seq, 104);
    check_str(str_z(letters[4].outcome.path), "em");
    assert_true(event_decode(letters[4].record, &e));
    check_str(e.message_id, "104");
    assert_int_equal(letters[4].code, 0);
    assert_int_equal(letters[4].pixel_id.n, 0);
    world_close(&w);
}

static void counts_what_was_redacted(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 2);
    world_start(&w);
    world_put(&w, 0, 10, ",\"redacted\":3");
    world_put(&w, 10, 5, "");
    world_put(&w, 15, 5, ",\"redacted\":1,\"filter\":1");
    assert_int_equal(world_wait(&w, 0, 20).redacted, 30);
    assert_int_equal(world_wait(&w, 1, 20).redacted, 30);
    world_close(&w);
}

/* Three destinations of the same rules: each event is mapped once, but for what is told at once or names its
 * destination, and each gets all of them, the same. */
static void equal_rules_map_once(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 3);
    w.same_rules = true;
    world_start(&w);
    world_put(&w, 0, 200, ",\"redacted\":2");
    world_put(&w, 200, 100, ",\"two\":1");
    world_put(&w, 300, 50, ",\"alone\":1");
    world_put(&w, 350, 20, ",\"filter\":1");
    world_put(&w, 370, 20, ",\"dead\":1");
    for (size_t i = 0; i < 3; i++) {
        struct deliver_status s = world_wait(&w, i, 390);
        assert_int_equal(s.states[STATE_DELIVERED], 350);
        assert_int_equal(s.reasons[REASON_FILTER], 20);
        assert_int_equal(s.states[STATE_DEAD], 20);
        assert_int_equal(s.redacted, 400);
    }
    lock_take(&w.graph.lock);
    for (size_t id = 0; id < 350; id++) {
        assert_int_equal(w.graph.ids[id].taken, id >= 200 && id < 300 ? 6 : 3);
        assert_false(w.graph.ids[id].differs);
    }
    lock_give(&w.graph.lock);
    assert_int_equal(atomic_load(&w.translated), 300 + 3 * 90);
    world_close(&w);
}

/* What was mapped for another destination goes to this one's pixel: the second one's is not to be had. */
static void equal_rules_keep_their_pixels(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 3);
    w.same_rules = true;
    w.graph.lost_pixel = "222";
    world_start(&w);
    world_put(&w, 0, 100, "");
    assert_int_equal(world_wait(&w, 0, 100).states[STATE_DELIVERED], 100);
    assert_int_equal(world_wait(&w, 2, 100).states[STATE_DELIVERED], 100);
    world_until(&w, 1, s, s.paused);
    assert_int_equal(s.states[STATE_DELIVERED], 0);
    world_close(&w);
}

/* A dead letter that a person mended is another event than the journal's of that number, which
 * was mapped a moment ago. */
static void a_mended_event_is_mapped_itself(void **state)
{
    static struct world w;
    struct event e;
    struct buf record = {0};
    struct err err;
    size_t count;
    (void)state;
    world_open(&w, 2);
    w.same_rules = true;
    world_start(&w);
    world_put(&w, 0, 1, ",\"bad\":true");
    world_put(&w, 1, 1, "");
    assert_int_equal(world_wait(&w, 0, 2).states[STATE_DEAD], 1);
    struct dead_letter *letters = world_letters(&w, "acme-us", &count);
    assert_int_equal(count, 1);
    assert_true(event_decode(letters[0].record, &e));
    e.json = S("{\"id\":77}");
    event_encode(&record, &e);
    assert_true(
        store_letter_retry_as(w.store, S("acme-us"), letters[0].seq, buf_str(&record), &err));
    deliver_wake(w.deliver);
    struct deliver_status s;
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 2);
    assert_int_equal(w.graph.ids[77].taken, 1);
    buf_fini(&record);
    world_close(&w);
}

/* An event with two sends is finished when both are, and dead when one is. */
static void two_pixels(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].in_flight = 1;
    GRAPH_PLAN_NEXT(&w.graph, GRAPH_FINE, GRAPH_REFUSE);
    world_start(&w);
    world_put(&w, 0, 1, ",\"two\":1");
    s = world_wait(&w, 0, 1);
    assert_int_equal(s.reasons[REASON_REFUSED], 1);
    assert_int_equal(w.graph.requests, 2);
    world_put(&w, 1, 500, ",\"two\":1");
    s = world_wait(&w, 0, 501);
    assert_int_equal(s.states[STATE_DELIVERED], 500);
    for (uint64_t i = 1; i < 501; i++) assert_int_equal(w.graph.ids[i].taken, 2);
    world_close(&w);
}

/* An event that was fine when it came and is too old now has waited here: that is not its fault. */
static void tells_waiting_from_old(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].enabled = false;
    world_start(&w);
    world_put(&w, 0, 3, ",\"life\":100");
    clock_sleep_ms(150);
    struct config *c = world_new_generation(&w);
    c->destinations[0].enabled = true;
    world_reload(&w);
    s = world_wait(&w, 0, 3);
    assert_int_equal(s.reasons[REASON_EXPIRED], 3);
    world_close(&w);
}

static void retries_dead_letters(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    world_start(&w);
    world_put(&w, 0, 200, "");
    world_put(&w, 200, 150, ",\"bad\":true");
    world_put(&w, 350, 50, ",\"dead\":1");
    s = world_wait(&w, 0, 400);
    assert_int_equal(s.states[STATE_DEAD], 200);
    world_until(&w, 0, s, deliver_needs(w.deliver).keep_seq == 400);
    lock_take(&w.graph.lock);
    w.graph.forgiving = true;
    lock_give(&w.graph.lock);
    assert_int_equal(world_retry(&w, REASON_REFUSED), 150);
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 350);
    assert_int_equal(s.reasons[REASON_REFUSED], 0);
    assert_int_equal(s.reasons[REASON_NO_USER_DATA], 50);
    world_until(&w, 0, s, dead_count(&w) == 50);
    /* Dead again is a dead letter again; and a retry of new ones while others are under way is fine. */
    assert_int_equal(world_retry(&w, REASON_COUNT), 50);
    world_put(&w, 400, 100, "");
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 450);
    world_until(&w, 0, s, dead_count(&w) == 50);
    s = world_wait(&w, 0, 500);
    assert_int_equal(s.reasons[REASON_NO_USER_DATA], 50);
    world_stop(&w, 100);
    world_open_data(&w); /* and all that is so after a restart, too */
    struct cursor cursor;
    struct err err = {0};
    assert_true(store_load_cursor(w.store, S("acme-us"), &w.arena, &cursor, &err));
    assert_int_equal(cursor.counts[REASON_NONE], 450);
    assert_int_equal(cursor.counts[REASON_NO_USER_DATA], 50);
    assert_int_equal(cursor.counts[REASON_REFUSED], 0);
    assert_int_equal(cursor.retried, 200);
    assert_int_equal(cursor.low, 500);
    world_start_deliver(&w);
    world_close(&w);
}

/* Retries wait while Meta is away, survive a restart, and are not lost or counted twice. */
static void retries_survive(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    world_start(&w);
    world_put(&w, 0, 100, ",\"bad\":true");
    (void)world_wait(&w, 0, 100);
    world_until(&w, 0, s, deliver_needs(w.deliver).keep_seq == 100);
    lock_take(&w.graph.lock);
    w.graph.always = GRAPH_500;
    w.graph.forgiving = true;
    lock_give(&w.graph.lock);
    assert_int_equal(world_retry(&w, REASON_COUNT), 100);
    world_until(&w, 0, s, s.states[STATE_WAITING] == 100);
    assert_int_equal(s.states[STATE_DEAD], 0);
    world_stop(&w, 0);
    world_open_data(&w);
    world_start_deliver(&w);
    world_until(&w, 0, s, s.states[STATE_WAITING] == 100);
    deliver_reload(w.deliver);
    lock_take(&w.graph.lock);
    w.graph.always = GRAPH_FINE;
    lock_give(&w.graph.lock);
    s = world_wait(&w, 0, 100);
    assert_int_equal(s.states[STATE_DELIVERED], 100);
    (void)world_check_ids(&w, 0, 100);
    world_close(&w);
}

/* Bytes of the journal go bad: what was in them is counted as lost, the rest goes out. */
static void a_damaged_journal(void **state)
{
    static struct world w;
    struct buf bytes = {0};
    struct str *names;
    size_t count;
    struct err err = {0};
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].start = world_text("oldest");
    world_open_data(&w);
    for (uint64_t id = 0; id < 30; id += 10) world_put(&w, id, 10, "");
    const char *dir = arena_printf(&w.arena, "%s/journal", w.dir.path).p;
    assert_true(file_list(dir, &w.arena, &names, &count, &err));
    for (size_t i = 0; i < count; i++) {
        if (!str_ends(names[i], S(".seg"))) continue;
        const char *path = arena_printf(&w.arena, "%s/%s", dir, names[i].p).p;
        test_file_read(path, &bytes);
        size_t at = str_find(buf_str(&bytes), S("{\"id\":15"), 0);
        assert_true(at != SIZE_MAX);
        FILE *f = fopen(path, "r+");
        assert_true(f && !fseek(f, (long)at, SEEK_SET) && fputc('!', f) == '!' && !fclose(f));
    }
    world_start_deliver(&w);
    graph_start(&w.graph);
    struct deliver_status s = world_wait(&w, 0, 30);
    assert_int_equal(s.states[STATE_DELIVERED], 20);
    assert_int_equal(s.reasons[REASON_DAMAGED], 10);
    (void)world_check_ids(&w, 0, 10);
    (void)world_check_ids(&w, 20, 10);
    buf_fini(&bytes);
    world_close(&w);
}

/* A long backlog of one destination leaves others their turn: what is new for them goes out long
 * before the backlog is through. */
static void a_backlog_does_not_starve(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    w.destinations[0][0].start = world_text("oldest");
    w.destinations[0][0].batch_events = 1;
    w.destinations[0][0].in_flight = 1;
    world_open_data(&w);
    for (uint64_t id = 0; id < 10000; id += 1000) world_put(&w, id, 1000, "");
    w.configs[0].destination_count = 2;
    world_start_deliver(&w);
    graph_start(&w.graph);
    world_put(&w, 10000, 1, "");
    (void)world_wait(&w, 1, 1);
    assert_true(world_status(&w, 0).states[STATE_WAITING] > 1000);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes_by_source),
        cmocka_unit_test(verdicts_without_a_request),
        cmocka_unit_test(counts_what_was_redacted),
        cmocka_unit_test(two_pixels),
        cmocka_unit_test(equal_rules_map_once),
        cmocka_unit_test(equal_rules_keep_their_pixels),
        cmocka_unit_test(a_mended_event_is_mapped_itself),
        cmocka_unit_test(tells_waiting_from_old),
        cmocka_unit_test(retries_dead_letters),
        cmocka_unit_test(retries_survive),
        cmocka_unit_test(a_damaged_journal),
        cmocka_unit_test(a_backlog_does_not_starve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
