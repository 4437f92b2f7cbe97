/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/hold.c in the whole room: what a hold keeps back is sent when it is confirmed and not before,
 * whatever comes first and whatever stops in between. */
#include "support/waiting.h"

static void waits_until_confirmed(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    waiting_open(&w);
    world_start(&w);
    for (unsigned i = 0; i < 10; i++) waiting_put(&w, i, ",\"paid\":%llu", i);
    world_put(&w, 10, 5, "");
    world_until(&w, 0, s, s.states[STATE_HELD] == 10 && s.states[STATE_DELIVERED] == 5);
    assert_int_equal(s.reasons[REASON_HELD], 10);
    assert_int_equal(s.states[STATE_WAITING], 0);
    assert_true(s.held_since_ms > 0);
    assert_int_equal(s.first_loss_ms, 0); /* nothing that delivery could lose */
    world_until(&w, 0, s, deliver_needs(w.deliver).keep_seq == 0); /* the journal has them */
    for (unsigned i = 0; i < 5; i++)
        waiting_put(&w, 20 + i, ",\"filter\":true,\"pays\":%llu", 2 * i);
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 10 && s.states[STATE_HELD] == 5);
    assert_int_equal(s.states[STATE_FILTERED], 5); /* those that confirmed went their own way */
    for (unsigned i = 0; i < 10; i++) assert_int_equal(waiting_taken(&w, i), i % 2 == 0);
    world_close(&w);
}

/* The confirmation came first, in another request and before a restart too. */
static void may_be_confirmed_before(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    waiting_open(&w);
    world_start(&w);
    waiting_put(&w, 0, ",\"pays\":%llu", 7);
    waiting_put(&w, 1, ",\"quits\":%llu", 8);
    waiting_put(&w, 2, ",\"paid\":%llu", 7);
    waiting_put(&w, 3, ",\"paid\":%llu", 8);
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 3 && s.reasons[REASON_HOLD_CANCELLED] == 1);
    waiting_restart(&w, 0);
    waiting_put(&w, 4, ",\"paid\":%llu", 7);
    waiting_put(&w, 5, ",\"paid\":%llu", 9);
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 4 && s.states[STATE_HELD] == 1);
    waiting_later(&w, MS_PER_DAY + MS_PER_HOUR); /* it is not remembered for ever */
    waiting_put(&w, 6, ",\"paid\":%llu", 7);
    world_until(&w, 0, s, s.states[STATE_HELD] == 1 && s.reasons[REASON_HOLD_EXPIRED] == 1);
    world_close(&w);
}

/* The latest word counts, and a cancelled key may be confirmed again. */
static void cancelled(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    waiting_open(&w);
    world_start(&w);
    for (unsigned i = 0; i < 3; i++) waiting_put(&w, i, ",\"paid\":%llu", 5);
    world_until(&w, 0, s, s.states[STATE_HELD] == 3);
    waiting_put(&w, 10, ",\"quits\":%llu", 5);
    world_until(&w, 0, s, s.reasons[REASON_HOLD_CANCELLED] == 3);
    waiting_put(&w, 11, ",\"paid\":%llu", 5);
    world_until(&w, 0, s, s.reasons[REASON_HOLD_CANCELLED] == 4);
    waiting_put(&w, 12, ",\"pays\":%llu", 5);
    waiting_put(&w, 13, ",\"paid\":%llu", 5);
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 3);
    assert_int_equal(waiting_taken(&w, 13), 1);
    world_close(&w);
}

/* What confirmed before comes again, from a letter that a person mended: a later word still counts. */
static void an_older_word_is_not_the_latest(void **state)
{
    static struct world w;
    struct deliver_status s;
    struct err err = {0};
    struct event e;
    struct buf record = {0};
    size_t count;
    (void)state;
    waiting_open(&w);
    world_start(&w);
    world_put(&w, 0, 1, ",\"dead\":true,\"pays\":5");
    waiting_put(&w, 1, ",\"filter\":true,\"quits\":%llu", 5);
    world_until(&w, 0, s, s.states[STATE_DEAD] == 1 && s.states[STATE_FILTERED] == 1);
    struct dead_letter *letters = world_letters(&w, "acme-us", &count);
    assert_true(event_decode(letters[0].record, &e));
    e.json = S("{\"id\":50,\"pays\":5}");
    event_encode(&record, &e);
    assert_true(
        store_letter_retry_as(w.store, S("acme-us"), letters[0].seq, buf_str(&record), &err));
    deliver_wake(w.deliver);
    world_until(&w, 0, s, waiting_taken(&w, 50) == 1);
    waiting_put(&w, 2, ",\"paid\":%llu", 5);
    world_until(&w, 0, s, s.reasons[REASON_HOLD_CANCELLED] == 1);
    buf_fini(&record);
    world_close(&w);
}

static void given_up(void **state)
{
    static struct world w;
    struct deliver_status s;
    size_t count;
    (void)state;
    waiting_open(&w);
    world_start(&w);
    world_put(&w, 0, 3, ",\"paid\":1,\"within\":3600000");
    world_put(&w, 3, 4, ",\"paid\":2,\"within\":3600000,\"then\":1");
    world_put(&w, 7, 5, ",\"paid\":3,\"within\":3600000,\"then\":2");
    world_put(&w, 12, 2, ",\"paid\":4,\"life\":7200000,\"within\":90000000,\"then\":2");
    world_until(&w, 0, s, s.states[STATE_HELD] == 14);
    waiting_later(&w, MS_PER_HOUR + 2 * LIMIT_LOOK_MS); /* and an hour before Meta's deadline */
    world_until(&w, 0, s, s.states[STATE_HELD] == 0 && s.states[STATE_WAITING] == 0);
    assert_int_equal(s.reasons[REASON_HOLD_EXPIRED], 3);
    assert_int_equal(s.reasons[REASON_HOLD_DROPPED], 4);
    assert_int_equal(s.states[STATE_DELIVERED], 7);
    assert_int_equal(s.held_since_ms, 0);
    struct dead_letter *letters = world_letters(&w, "acme-us", &count);
    assert_int_equal(count, 3);
    assert_string_equal(letters[0].outcome.message, "waited for the hold \"until paid\"");
    assert_int_equal(world_retry(&w, REASON_HOLD_EXPIRED), 3); /* a person says that it is paid */
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 10 && s.states[STATE_DEAD] == 0);
    world_close(&w);
}

/* What cannot be taken any more is given up in time, also while the destination is paused. */
static void metas_deadline_is_stronger(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    waiting_open(&w);
    w.pause_probe_ms = 100 * MS_PER_DAY;
    world_start(&w);
    world_put(&w, 0, 3, ",\"paid\":1,\"life\":3600000");
    world_put(&w, 3, 2, ",\"paid\":2,\"life\":3600000,\"then\":1");
    world_until(&w, 0, s, s.states[STATE_HELD] == 5);
    w.graph.good_token = "nobody-has-it";
    world_put(&w, 5, 1, "");
    world_until(&w, 0, s, s.paused);
    waiting_later(&w, MS_PER_HOUR + 2 * LIMIT_LOOK_MS);
    world_until(&w, 0, s,
                s.reasons[REASON_HOLD_EXPIRED] == 3 && s.reasons[REASON_HOLD_DROPPED] == 2);
    world_close(&w);
}

/* It stood still for longer than an event may wait: what was confirmed in time is confirmed. */
static void time_is_the_journals(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    waiting_open(&w);
    w.pause_probe_ms = 100 * MS_PER_DAY;
    world_start(&w);
    world_put(&w, 0, 1, ",\"paid\":1,\"within\":3600000");
    world_put(&w, 1, 1, ",\"paid\":2,\"within\":3600000");
    world_until(&w, 0, s, s.states[STATE_HELD] == 2);
    w.graph.good_token = "nobody-has-it";
    world_put(&w, 2, 1, "");
    world_until(&w, 0, s, s.paused);
    waiting_put(&w, 3, ",\"pays\":%llu", 1);
    waiting_later(&w, 3 * MS_PER_HOUR);
    world_put(&w, 4, 1, "");
    waiting_later(&w, 2 * LIMIT_LOOK_MS);
    clock_sleep_ms(300); /* nothing may be given up now, which no condition shows */
    s = world_status(&w, 0);
    assert_int_equal(s.states[STATE_HELD], 2);
    lock_take(&w.graph.lock);
    w.graph.good_token = NULL;
    lock_give(&w.graph.lock);
    (void)world_new_generation(&w);
    world_reload(&w);
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 4 && s.reasons[REASON_HOLD_EXPIRED] == 1);
    assert_int_equal(waiting_taken(&w, 0), 1);
    world_close(&w);
}

/* Meta takes its time, or has none: what was confirmed in time is remembered until it could be let go, and
 * forgotten when all of that was sent. */
static void what_is_being_let_go_stays_confirmed(void **state)
{
    static struct world w;
    struct deliver_status s;
    struct confirmation c;
    struct err err = {0};
    struct hold_key key = hold_key_make(S("until paid"), S("1"));
    (void)state;
    waiting_open(&w);
    w.destinations[0][0].timeout_ms = WORLD_WAIT_MS;
    world_start(&w);
    waiting_put(&w, 1, ",\"paid\":%llu", 1);
    waiting_put(&w, 2, ",\"paid\":%llu", 2);
    world_until(&w, 0, s, s.states[STATE_HELD] == 2);
    lock_take(&w.graph.lock); /* answers wait */
    waiting_put(&w, 11, ",\"filter\":true,\"pays\":%llu", 1);
    world_until(&w, 0, s, s.in_flight_requests == 1);
    waiting_put(&w, 12, ",\"filter\":true,\"pays\":%llu", 2);
    world_until(&w, 0, s, s.states[STATE_FILTERED] == 2);
    waiting_later(&w, 2 * MS_PER_DAY);
    waiting_put(&w, 13, ",\"filter\":true,\"pays\":%llu", 3);
    world_until(&w, 0, s, s.states[STATE_FILTERED] == 3);
    lock_give(&w.graph.lock);
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 2);
    assert_true(store_confirmation_get(w.store, S("acme-us"), &key, &c, &err));
    waiting_put(&w, 14, ",\"filter\":true,\"pays\":%llu", 4);
    world_until(&w, 0, s, s.states[STATE_FILTERED] == 4);
    assert_false(store_confirmation_get(w.store, S("acme-us"), &key, &c, &err));
    world_close(&w);
}

/* The same when it fails for longer than that, and begins anew in between. */
static void trouble_takes_no_confirmation(void **state)
{
    for (unsigned restarts = 0; restarts < 2; restarts++) {
        static struct world w;
        struct deliver_status s;
        (void)state;
        waiting_open(&w);
        world_start(&w);
        waiting_put(&w, 1, ",\"paid\":%llu", 1);
        world_until(&w, 0, s, s.states[STATE_HELD] == 1);
        waiting_answers(&w, GRAPH_500);
        waiting_put(&w, 11, ",\"filter\":true,\"pays\":%llu", 1);
        world_until(&w, 0, s, s.requests_failed > 0);
        for (unsigned i = 0; i < 3; i++) {
            if (restarts)
                waiting_restart(&w, 0);
            else
                deliver_reload(w.deliver);
            world_until(&w, 0, s, s.requests_failed > 0 && s.states[STATE_FILTERED] == 1 + i);
            waiting_later(&w, 2 * MS_PER_DAY);
            waiting_put(&w, 20 + i, ",\"filter\":true,\"pays\":%llu", 3);
            world_until(&w, 0, s, s.states[STATE_FILTERED] == 2 + i);
        }
        waiting_answers(&w, GRAPH_FINE);
        deliver_reload(w.deliver);
        world_until(&w, 0, s, s.states[STATE_DELIVERED] == 1);
        world_close(&w);
    }
}

static void survives_restarts(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    waiting_open(&w);
    world_start(&w);
    for (unsigned i = 0; i < 100; i++) waiting_put(&w, i, ",\"paid\":%llu", i);
    world_until(&w, 0, s, s.states[STATE_HELD] == 100);
    waiting_restart(&w, 0);
    assert_int_equal(deliver_needs(w.deliver).keep_seq, 0);
    for (unsigned i = 0; i < 50; i++) waiting_put(&w, 200 + i, ",\"filter\":true,\"pays\":%llu", i);
    waiting_restart(&w, 0); /* at once: some were let go, some not */
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 50 && s.states[STATE_HELD] == 50);
    for (unsigned i = 0; i < 100; i++) assert_true((waiting_taken(&w, i) > 0) == (i < 50));
    (void)world_check_ids(&w, 0, 50);
    world_close(&w);
}

/* Without the rule nothing is held, and what waits is judged anew; another rule of the name too. */
static void rules_may_change(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    waiting_open(&w);
    world_start(&w);
    for (unsigned i = 0; i < 300; i++) waiting_put(&w, i, ",\"paid\":%llu", i);
    world_until(&w, 0, s, s.states[STATE_HELD] == 300);
    static struct hold_conf longer[2];
    longer[0] = waiting_holds[0];
    longer[0].within_ms = MS_PER_HOUR;
    struct config *c = world_new_generation(&w);
    c->destinations[0].holds = longer;
    world_reload(&w);
    waiting_put(&w, 1000, ",\"pays\":%llu", 5);
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 2 && s.states[STATE_HELD] == 299);
    c = world_new_generation(&w);
    c->destinations[0].hold_count = 0;
    world_reload(&w);
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 301);
    for (unsigned i = 0; i < 300; i++) assert_int_equal(waiting_taken(&w, i), 1);
    world_close(&w);
}

/* One after the other: a confirmed hold is not asked again. */
static void several_holds(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    waiting_open(&w);
    w.destinations[0][0].hold_count = 2;
    world_start(&w);
    world_put(&w, 0, 1, ",\"paid\":1,\"seen\":2");
    world_put(&w, 1, 1, ",\"paid\":3,\"seen\":4");
    world_until(&w, 0, s, s.states[STATE_HELD] == 2);
    waiting_put(&w, 2, ",\"pays\":%llu", 1);
    waiting_put(&w, 3, ",\"sees\":%llu", 4); /* not what it waits for first */
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 2 && s.states[STATE_HELD] == 2);
    waiting_restart(&w, 0);
    waiting_put(&w, 4, ",\"sees\":%llu", 2);
    waiting_put(&w, 5, ",\"pays\":%llu", 3);
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 6);
    assert_int_equal(waiting_taken(&w, 0) + waiting_taken(&w, 1), 2);
    world_close(&w);
}

/* One key for thousands of events, and more keys than the list of those to let go holds. */
static void many(void **state)
{
    static struct world w;
    struct deliver_status s;
    enum { EACH = 3000, KEYS = LIMIT_RELEASES + 500 };
    (void)state;
    waiting_open(&w);
    world_start(&w);
    world_put(&w, 0, EACH, ",\"paid\":999999");
    world_put(&w, EACH, KEYS, ",\"paid\":0,\"of\":5000");
    world_until(&w, 0, s, s.states[STATE_HELD] == EACH + KEYS);
    waiting_put(&w, 9000, ",\"filter\":true,\"pays\":%llu", 999999);
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == EACH);
    world_put(&w, 10000, 5000, ",\"filter\":true,\"pays\":0,\"of\":5000");
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == EACH + KEYS);
    assert_int_equal(world_check_ids(&w, 0, EACH + KEYS), 1);
    world_close(&w);
}

/* As many as there is room for wait; the others are letters that a person may try again. */
static void a_full_hold_takes_no_more(void **state)
{
    static struct world w;
    struct deliver_status s;
    size_t count;
    (void)state;
    waiting_open(&w);
    w.held_max = 5;
    world_start(&w);
    for (unsigned i = 0; i < 8; i++) waiting_put(&w, i, ",\"paid\":%llu", i);
    world_until(&w, 0, s, s.states[STATE_HELD] == 5 && s.reasons[REASON_HOLD_FULL] == 3);
    waiting_restart(&w, 0);
    waiting_put(&w, 8, ",\"paid\":%llu", 8);
    world_until(&w, 0, s, s.states[STATE_HELD] == 5 && s.reasons[REASON_HOLD_FULL] == 4);
    struct dead_letter *letters = world_letters(&w, "acme-us", &count);
    assert_string_equal(letters[0].outcome.message, "the hold \"until paid\" would keep it back");
    waiting_put(&w, 20, ",\"filter\":true,\"pays\":%llu", 0); /* makes room for one, */
    waiting_put(&w, 21, ",\"filter\":true,\"pays\":%llu", 7); /* and lets a letter pass */
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 1 && s.states[STATE_HELD] == 4);
    waiting_put(&w, 9, ",\"paid\":%llu", 9);
    world_until(&w, 0, s, s.states[STATE_HELD] == 5);
    assert_int_equal(world_retry(&w, REASON_HOLD_FULL), 4);
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 2 && waiting_taken(&w, 7) == 1);
    world_until(&w, 0, s, s.reasons[REASON_HOLD_FULL] == 3 && s.states[STATE_HELD] == 5);
    world_close(&w);
}

/* A journal beyond its size gives up what nobody is at work on, and that is what waits: each such event dies
 * and is counted, whether it would be confirmed or not, and the others go on. */
static void the_journal_gives_up_what_waits(void **state)
{
    static struct world w;
    struct deliver_status s;
    struct err err = {0};
    size_t count;
    (void)state;
    waiting_open(&w);
    w.segment_bytes = 4096;
    world_start(&w);
    for (unsigned i = 0; i < 20; i++) waiting_put(&w, i, ",\"paid\":%llu", i);
    world_put(&w, 100, 100, "");
    world_until(&w, 0, s, s.states[STATE_HELD] == 20 && s.states[STATE_DELIVERED] == 100);
    waiting_put(&w, 20, ",\"paid\":%llu", 20);
    world_until(&w, 0, s, s.states[STATE_HELD] == 21);
    struct deliver_needs needs = deliver_needs(w.deliver);
    assert_int_equal(needs.keep_seq, 0);
    journal_set_limits(w.journal, 1, 0);
    assert_true(journal_trim(w.journal, needs.keep_seq, needs.spare_seq, &err));
    uint64_t oldest = journal_oldest_seq(w.journal);
    assert_true(oldest >= 20 && oldest <= 120);
    for (unsigned i = 0; i <= 20; i += 2)
        waiting_put(&w, 300 + i, ",\"filter\":true,\"pays\":%llu", i);
    waiting_later(&w, 2 * MS_PER_DAY);
    world_until(&w, 0, s, s.states[STATE_HELD] == 0 && s.states[STATE_WAITING] == 0);
    assert_int_equal(s.reasons[REASON_TRIMMED], 20);
    assert_int_equal(waiting_taken(&w, 20), 1);
    struct dead_letter *letters = world_letters(&w, "acme-us", &count);
    assert_int_equal(count, 20); /* of an event that is gone: */
    for (size_t i = 0; i < count; i++) assert_int_equal(letters[i].record.n, 0);
    assert_int_equal(world_retry(&w, REASON_TRIMMED), 20); /* trying it again changes nothing */
    for (count = 0; count != 20;) letters = world_letters(&w, "acme-us", &count);
    world_until(&w, 0, s, s.states[STATE_DEAD] == 20 && s.states[STATE_WAITING] == 0);
    world_close(&w);
}

/* Let go, it meets a conversion pixel that is not to be had: then it waits for that, and not again for what
 * was confirmed. */
static void then_waits_for_a_pixel(void **state)
{
    static struct world w;
    struct deliver_status s;
    (void)state;
    waiting_open(&w);
    w.pause_probe_ms = 200;
    w.graph.lost_pixel = "601010101010101";
    world_start(&w);
    world_put(&w, 0, 20, ",\"two\":true,\"paid\":1");
    world_until(&w, 0, s, s.states[STATE_HELD] == 20);
    waiting_put(&w, 30, ",\"filter\":true,\"pays\":%llu", 1);
    world_until(&w, 0, s, s.reasons[REASON_PIXEL_PAUSED] == 20);
    waiting_lose_pixel(&w, NULL);
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 20);
    for (unsigned i = 0; i < 20; i++) assert_int_equal(waiting_taken(&w, i), 2);
    world_close(&w);
}

/* A letter that died of something else still has to be confirmed; one that a person mended cannot wait,
 * because only the journal's own events can, and stays a letter. */
static void retried_letters(void **state)
{
    static struct world w;
    struct deliver_status s;
    struct dead_letter *letters;
    struct err err = {0};
    struct event e;
    struct buf record = {0};
    size_t count;
    (void)state;
    waiting_open(&w);
    world_start(&w);
    world_put(&w, 0, 1, ",\"dead\":true");
    world_until(&w, 0, s, s.reasons[REASON_NO_USER_DATA] == 1);
    letters = world_letters(&w, "acme-us", &count);
    assert_true(event_decode(letters[0].record, &e));
    e.json = S("{\"id\":50,\"paid\":6}");
    event_encode(&record, &e);
    assert_true(
        store_letter_retry_as(w.store, S("acme-us"), letters[0].seq, buf_str(&record), &err));
    deliver_wake(w.deliver);
    world_put(&w, 1, 1, "");
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 1 && s.reasons[REASON_NO_USER_DATA] == 1);
    for (count = 0; count != 1;) letters = world_letters(&w, "acme-us", &count);
    assert_non_null(strstr(letters[0].outcome.message, "until paid"));
    waiting_put(&w, 2, ",\"pays\":%llu", 6);
    world_until(&w, 0, s, s.states[STATE_DELIVERED] == 2);
    assert_int_equal(world_retry(&w, REASON_COUNT), 1);
    world_until(&w, 0, s, waiting_taken(&w, 50) == 1);
    buf_fini(&record);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_until_confirmed),
        cmocka_unit_test(may_be_confirmed_before),
        cmocka_unit_test(cancelled),
        cmocka_unit_test(an_older_word_is_not_the_latest),
        cmocka_unit_test(given_up),
        cmocka_unit_test(what_is_being_let_go_stays_confirmed),
        cmocka_unit_test(trouble_takes_no_confirmation),
        cmocka_unit_test(time_is_the_journals),
        cmocka_unit_test(metas_deadline_is_stronger),
        cmocka_unit_test(survives_restarts),
        cmocka_unit_test(rules_may_change),
        cmocka_unit_test(several_holds),
        cmocka_unit_test(many),
        cmocka_unit_test(a_full_hold_takes_no_more),
        cmocka_unit_test(the_journal_gives_up_what_waits),
        cmocka_unit_test(then_waits_for_a_pixel),
        cmocka_unit_test(retried_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
