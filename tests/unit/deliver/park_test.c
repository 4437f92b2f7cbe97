/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/park.c in the whole room: a conversion pixel that Meta refuses costs nobody else anything. Events
 * with "two" go to 111 and to the conversion pixel 601010101010101. */
#include "support/waiting.h"

#define PIXEL "601010101010101"

/* Requests for conversion pixels so far: what each event's latest pixel was does not say. */
static unsigned requests(struct world *w)
{
    lock_take(&w->graph.lock);
    unsigned count = w->graph.requests;
    lock_give(&w->graph.lock);
    return count;
}

static void only_the_pixel_waits(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.pause_probe_ms = 300;
    w.graph.lost_pixel = PIXEL;
    world_start(&w);
    world_put(&w, 0, 100, "");
    world_put(&w, 100, 50, ",\"two\":true");
    world_put(&w, 150, 100, "");
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 200);
    world_until(&w, 0, s, s.reasons[REASON_PIXEL_PAUSED] == 50);
    assert_false(s.paused);
    assert_int_equal(s.states[STATE_WAITING], 50);
    assert_int_equal(s.paused_pixel_count, 1);
    assert_string_equal(s.paused_pixels[0].pixel_id, PIXEL);
    assert_int_equal(s.paused_pixels[0].subcode, 33);
    assert_true(strlen(s.paused_pixels[0].reason) > 20);
    assert_true(s.first_loss_ms == 0 || s.first_loss_ms > clock_now_ms() + 6 * MS_PER_DAY);
    world_until(&w, 0, s, deliver_needs(w.deliver).keep_seq == 100); /* the journal has them */
    unsigned before = requests(&w);
    clock_sleep_ms(1000);
    assert_true(requests(&w) > before);      /* it is tried, */
    assert_true(requests(&w) - before <= 5); /* with one event now and then */
    waiting_lose_pixel(&w, NULL);
    s = world_wait(&w, 0, 250);
    assert_int_equal(s.states[STATE_DELIVERED], 250);
    assert_int_equal(s.paused_pixel_count, 0);
    for (uint64_t id = 100; id < 150; id++) {
        assert_int_equal(w.graph.ids[id].taken, 2); /* once by each of its pixels */
        assert_string_equal(w.graph.ids[id].pixel, PIXEL);
        assert_false(w.graph.ids[id].differs);
    }
    clock_shift_ms(2 * LIMIT_LOOK_MS);
    deliver_wake(w.deliver);
    world_until(&w, 0, s, deliver_needs(w.deliver).keep_seq == 250);
    world_close(&w);
}

/* They are still there after a restart, and after a reload they are tried at once. */
static void waits_through_a_restart(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.pause_probe_ms = 3600000;
    w.graph.lost_pixel = PIXEL;
    world_start(&w);
    world_put(&w, 0, 500, ",\"two\":true");
    world_until(&w, 0, s, s.reasons[REASON_PIXEL_PAUSED] == 500);
    waiting_restart(&w, 100);
    assert_int_equal(deliver_needs(w.deliver).keep_seq, 0);
    world_until(&w, 0, s, s.paused_pixel_count == 1 && s.reasons[REASON_PIXEL_PAUSED] == 500);
    waiting_lose_pixel(&w, NULL);
    (void)world_new_generation(&w);
    world_reload(&w);
    s = world_wait(&w, 0, 500);
    assert_int_equal(s.states[STATE_DELIVERED], 500);
    for (uint64_t id = 0; id < 500; id++) assert_true(w.graph.ids[id].taken >= 2);
    world_close(&w);
}

static void expires_while_it_waits(void **state)
{
    static struct world w;
    struct deliver_status s;
    size_t count;
    (void)state;
    world_open(&w, 1);
    w.pause_probe_ms = 100 * MS_PER_DAY;
    w.graph.lost_pixel = PIXEL;
    world_start(&w);
    world_put(&w, 0, 5, ",\"two\":true,\"life\":3600000");
    world_put(&w, 5, 5, ",\"two\":true");
    world_until(&w, 0, s, s.reasons[REASON_PIXEL_PAUSED] == 10);
    clock_shift_ms(2 * LIMIT_LOOK_MS);
    deliver_wake(w.deliver);
    world_until(&w, 0, s, s.first_loss_ms != 0);
    assert_int_equal(s.at_risk, 5);
    clock_shift_ms(2 * MS_PER_HOUR);
    deliver_wake(w.deliver);
    world_until(&w, 0, s, s.reasons[REASON_EXPIRED] == 5);
    assert_int_equal(s.reasons[REASON_PIXEL_PAUSED], 5);
    lock_take(&w.graph.lock); /* and while the whole destination is paused */
    w.graph.good_token = "nobody-has-it";
    lock_give(&w.graph.lock);
    world_put(&w, 10, 1, "");
    world_until(&w, 0, s, s.paused);
    clock_shift_ms(7 * MS_PER_DAY);
    deliver_wake(w.deliver);
    world_until(&w, 0, s, s.reasons[REASON_EXPIRED] == 11);
    world_stop(&w, 0);
    world_open_data(&w);
    struct dead_letter *letters = world_letters(&w, "acme-us", &count);
    assert_int_equal(count, 11);
    for (size_t i = 0; i < count; i++) assert_true(letters[i].record.n > 0);
    world_start_deliver(&w);
    world_close(&w);
}

/* The destination's own pixel: then the destination pauses. */
static void the_own_pixel_pauses_all(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.graph.lost_pixel = "111";
    world_start(&w);
    world_put(&w, 0, 20, "");
    world_until(&w, 0, s, s.paused);
    assert_int_equal(s.paused_pixel_count, 0);
    assert_int_equal(s.pause_subcode, 33);
    waiting_lose_pixel(&w, NULL);
    assert_int_equal(world_wait(&w, 0, 20).states[STATE_DELIVERED], 20);
    world_close(&w);
}

/* The event died at one pixel while the other one is paused: it is dead, as a whole. */
static void death_is_stronger(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    w.graph.lost_pixel = PIXEL;
    world_start(&w);
    world_put(&w, 0, 3, ",\"two\":true,\"bad\":true");
    struct deliver_status s = world_wait(&w, 0, 3);
    assert_int_equal(s.reasons[REASON_REFUSED], 3);
    assert_int_equal(s.reasons[REASON_PIXEL_PAUSED], 0);
    world_close(&w);
}

/* What waits is fetched as soon as a pause of the whole destination is over. */
static void a_pause_in_between(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    world_open(&w, 1);
    w.graph.lost_pixel = PIXEL;
    world_start(&w);
    world_put(&w, 0, 30, ",\"two\":true");
    world_until(&w, 0, s, s.reasons[REASON_PIXEL_PAUSED] == 30);
    lock_take(&w.graph.lock);
    w.graph.good_token = "nobody-has-it";
    w.graph.lost_pixel = NULL;
    lock_give(&w.graph.lock);
    world_put(&w, 30, 1, "");
    world_until(&w, 0, s, s.paused);
    lock_take(&w.graph.lock);
    w.graph.good_token = NULL;
    lock_give(&w.graph.lock);
    s = world_wait(&w, 0, 31);
    assert_int_equal(s.states[STATE_DELIVERED], 31);
    world_close(&w);
}

/* A dead letter that a person sends again, mended: what waits for the pixel is what was mended, and a letter
 * that the journal has no more waits nowhere: it stays a letter. */
static void a_retried_letter_is_not_lost(void **state)
{
    static struct world w;
    struct deliver_status s;
    struct dead_letter *letters;
    struct err err = {0};
    struct event e;
    struct buf record = {0};
    size_t count;
    (void)state;
    world_open(&w, 1);
    w.pause_probe_ms = 3600000;
    w.graph.lost_pixel = PIXEL;
    world_start(&w);
    world_put(&w, 0, 1, ",\"two\":true");
    world_put(&w, 1, 2, ",\"dead\":true");
    world_until(&w, 0, s, s.reasons[REASON_NO_USER_DATA] == 2 && s.paused_pixel_count == 1);
    letters = world_letters(&w, "acme-us", &count);
    assert_int_equal(count, 2);
    assert_true(event_decode(letters[0].record, &e));
    e.json = S("{\"id\":50,\"two\":true}");
    event_encode(&record, &e);
    assert_true(
        store_letter_retry_as(w.store, S("acme-us"), letters[0].seq, buf_str(&record), &err));
    deliver_wake(w.deliver);
    world_until(&w, 0, s,
                waiting_taken(&w, 50) == 1 &&
                    (letters = world_letters(&w, "acme-us", &count), count == 2));
    assert_true(str_eq(letters[0].record, buf_str(&record)));
    waiting_lose_pixel(&w, NULL); /* a person tries again when the pixel is to be had */
    (void)world_new_generation(&w);
    world_reload(&w);
    world_until(&w, 0, s, s.paused_pixel_count == 0);
    assert_int_equal(world_retry(&w, REASON_COUNT), 2);
    world_until(&w, 0, s, waiting_taken(&w, 50) == 3);
    buf_fini(&record);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_pixel_waits),         cmocka_unit_test(waits_through_a_restart),
        cmocka_unit_test(expires_while_it_waits),       cmocka_unit_test(the_own_pixel_pauses_all),
        cmocka_unit_test(a_retried_letter_is_not_lost), cmocka_unit_test(death_is_stronger),
        cmocka_unit_test(a_pause_in_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
