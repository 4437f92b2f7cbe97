/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/begin.c in the whole room: where destinations begin, and what a removed store or journal does. */
#include "store/store.h"

static bool load_or_fail(struct store *s, struct str destination, struct arena *arena,
                         struct cursor *out, struct err *err);
#define store_load_cursor load_or_fail
#include "deliver/begin.c"
#undef store_load_cursor

#include "support/delivery.h"

#include <stdatomic.h>

static _Atomic int store_broken;

/* The store's door, which fails on demand. */
static bool load_or_fail(struct store *s, struct str destination, struct arena *arena,
                         struct cursor *out, struct err *err)
{
    if (atomic_load(&store_broken)) return err_set(err, ERR_IO, "the disk is on fire");
    return store_load_cursor(s, destination, arena, out, err);
}

/* A position that cannot be read is not taken for that of a new destination: it is tried again. */
static void a_store_that_cannot_be_read(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    world_start(&w);
    world_put(&w, 0, 10, "");
    (void)world_wait(&w, 0, 10);
    world_stop(&w, 100);
    world_open_data(&w);
    world_put(&w, 10, 10, "");
    atomic_store(&store_broken, 1);
    world_start_deliver(&w);
    clock_sleep_ms(150);
    struct deliver_status *all;
    size_t count;
    deliver_status_all(w.deliver, &w.arena, &all, &count);
    assert_true(strstr(all[0].last_error, "on fire") != NULL);
    assert_int_equal(deliver_needs(w.deliver).keep_seq, 0);
    assert_int_equal(w.graph.ids[10].seen, 0);
    atomic_store(&store_broken, 0);
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 20);
    assert_int_equal(world_check_ids(&w, 0, 20), 1);
    world_close(&w);
}

static void remove_data(struct world *w, const char *name)
{
    struct test_dir old;
    const char *path = arena_printf(&w->arena, "%s/%s", w->dir.path, name).p;
    (void)snprintf(old.path, sizeof old.path, "%s", path);
    test_dir_remove(&old);
}

/* The journal was removed and the state was not: new events have old numbers, and must go out. */
static void a_younger_journal(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    world_start(&w);
    world_put(&w, 0, 50, "");
    (void)world_wait(&w, 0, 50);
    world_stop(&w, 100);
    remove_data(&w, "journal");
    world_open_data(&w);
    world_put(&w, 100, 7, "");
    world_start_deliver(&w);
    assert_int_equal(world_wait(&w, 0, 7).states[STATE_DELIVERED], 7);
    (void)world_check_ids(&w, 100, 7);
    world_close(&w);
}

/* With dead letters, retries and events that waited for a pixel: their numbers mean other events now. */
static void a_younger_journal_and_what_was_put_by(void **state)
{
    static struct world w;
    struct deliver_status s;
    size_t count;
    (void)state;
    world_open(&w, 1);
    w.pause_probe_ms = 3600000;
    w.graph.lost_pixel = "601010101010101";
    world_start(&w);
    world_put(&w, 0, 10, ",\"two\":true");
    world_put(&w, 10, 10, ",\"bad\":true");
    world_until(&w, 0, s, s.reasons[REASON_PIXEL_PAUSED] == 10 && s.reasons[REASON_REFUSED] == 10);
    world_stop(&w, 100);
    remove_data(&w, "journal");
    world_open_data(&w);
    world_put(&w, 100, 15, ",\"two\":true");
    w.graph.lost_pixel = NULL;
    world_start_deliver(&w);
    s = world_wait(&w, 0, 15);
    assert_int_equal(s.states[STATE_DELIVERED], 15);
    for (uint64_t id = 100; id < 115; id++) assert_int_equal(w.graph.ids[id].taken, 2);
    (void)world_letters(&w, "acme-us", &count); /* the records are their own: they can be sent */
    assert_int_equal(count, 10);
    assert_int_equal(world_retry(&w, REASON_COUNT), 10);
    clock_sleep_ms(600);
    s = world_status(&w, 0);
    (void)world_letters(&w, "acme-us", &count);
    assert_int_equal(count, 10);
    world_close(&w); /* looks at the sums */
}

static void set_start(struct world *w, size_t generation, int64_t ms)
{
    struct buf text = {0};
    time_print(&text, ms);
    w->destinations[generation][0].start =
        world_text(arena_printf(&w->arena, "%.*s", STR_ARG(buf_str(&text))).p);
    buf_fini(&text);
}

/* Three hours of events, 100 each; gives the beginning. */
static int64_t three_hours(struct world *w)
{
    int64_t start_ms = clock_now_ms();
    for (uint64_t hour = 0; hour < 3; hour++) {
        world_put(w, 100 * hour, 60, "");
        clock_shift_ms(MS_PER_MINUTE);
        world_put(w, 100 * hour + 60, 40, "");
        clock_shift_ms(59 * MS_PER_MINUTE);
    }
    return start_ms;
}

static void begins_at_a_time(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    world_open_data(&w);
    int64_t start_ms = three_hours(&w);
    set_start(&w, 0, start_ms + MS_PER_HOUR - 1000);
    world_start_deliver(&w);
    graph_start(&w.graph);
    struct deliver_status s = world_wait(&w, 0, 200);
    assert_int_equal(s.states[STATE_DELIVERED], 200);
    assert_int_equal(s.skipped, 100);
    (void)world_check_ids(&w, 100, 200);
    for (uint64_t id = 0; id < 100; id++) assert_int_equal(w.graph.ids[id].seen, 0);
    world_close(&w);
}

/* One that began later is given the earlier events when it asks for them, by a reload or a restart; none
 * goes twice. */
static void begins_earlier_when_asked(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    world_open_data(&w);
    int64_t start_ms = three_hours(&w);
    world_start_deliver(&w);
    graph_start(&w.graph);
    world_put(&w, 300, 50, "");
    (void)world_wait(&w, 0, 50);
    (void)world_new_generation(&w);
    set_start(&w, 1, start_ms + 2 * MS_PER_HOUR - 1000);
    world_reload(&w);
    assert_int_equal(world_wait(&w, 0, 150).states[STATE_DELIVERED], 150);
    world_stop(&w, 0);
    w.destinations[1][0].start = world_text("oldest");
    world_open_data(&w);
    world_start_deliver(&w);
    assert_int_equal(world_wait(&w, 0, 350).states[STATE_DELIVERED], 350);
    assert_int_equal(world_check_ids(&w, 0, 350), 1);
    world_stop(&w, 0);
    world_open_data(&w);
    world_start_deliver(&w); /* and it is not asked for again */
    assert_int_equal(world_wait(&w, 0, 350).skipped, 0);
    assert_int_equal(w.graph.ids[0].seen, 1);
    world_close(&w);
}

/* One that dropped what came and is switched on with an earlier start: what it dropped stays so, the earlier
 * events are sent. */
static void begins_earlier_when_switched_on(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    world_open_data(&w);
    int64_t start_ms = three_hours(&w);
    w.destinations[0][0].enabled = false;
    w.destinations[0][0].when_disabled = DISABLED_DROP;
    world_start_deliver(&w);
    graph_start(&w.graph);
    world_put(&w, 300, 50, "");
    assert_int_equal(world_wait(&w, 0, 50).reasons[REASON_DISABLED], 50);
    world_new_generation(&w)->destinations[0].enabled = true;
    set_start(&w, 1, start_ms + 2 * MS_PER_HOUR - 1000);
    world_reload(&w);
    struct deliver_status s = world_wait(&w, 0, 150);
    assert_int_equal(s.states[STATE_DELIVERED], 100);
    assert_int_equal(s.reasons[REASON_DISABLED], 50);
    (void)world_check_ids(&w, 200, 100);
    world_close(&w);
}

static void a_lost_store_is_told(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    world_start(&w);
    assert_false(deliver_state_lost(w.deliver));
    world_put(&w, 0, 50, "");
    (void)world_wait(&w, 0, 50);
    world_stop(&w, 0);
    world_open_data(&w);
    world_start_deliver(&w);
    assert_false(deliver_state_lost(w.deliver)); /* an ordinary restart */
    world_stop(&w, 0);
    remove_data(&w, "store");
    for (int i = 0; i < 2; i++) { /* still told after the next restart */
        world_open_data(&w);
        world_start_deliver(&w);
        assert_true(deliver_state_lost(w.deliver));
        world_until(&w, 0, s, s.skipped == 50 && s.received == 0);
        world_stop(&w, 0);
    }
    world_open_data(&w);
    world_start_deliver(&w);
    world_close(&w);
}

/* A new destination beside others is an everyday matter. */
static void a_new_destination_is_no_loss(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    world_start(&w);
    world_put(&w, 0, 50, "");
    (void)world_wait(&w, 0, 50);
    world_new_generation(&w)->destination_count = 2;
    world_reload(&w);
    world_put(&w, 50, 5, "");
    assert_int_equal(world_wait(&w, 0, 55).skipped, 0);
    assert_false(deliver_state_lost(w.deliver));
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_that_cannot_be_read),
        cmocka_unit_test(a_younger_journal),
        cmocka_unit_test(a_younger_journal_and_what_was_put_by),
        cmocka_unit_test(begins_at_a_time),
        cmocka_unit_test(begins_earlier_when_asked),
        cmocka_unit_test(begins_earlier_when_switched_on),
        cmocka_unit_test(a_lost_store_is_told),
        cmocka_unit_test(a_new_destination_is_no_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
