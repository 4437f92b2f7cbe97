/* SPDX-License-Identifier: Apache-2.0 */
/* report/report.c with report/follow.c, report/digest.c, report/sums.c, report/keep.c and report/sent.c, on a
 * real journal and store: what is seen, what is kept over a restart, what does not fit. */
#include "report/report.h"

#include "load/load.h"
#include "report/state.h"
#include "support/check.h"
#include "support/dir.h"
#include "support/journal.h"
#include "sys/clock.h"

static struct test_dir dir;
static struct arena arena;
static struct journal *journal;
static struct store *store;
static struct deliver *deliver;
static struct generation_holder generations;

static int setup(void **state)
{
    (void)state;
    struct err err = {0};
    test_dir_make(&dir);
    journal = test_journal_open(arena_printf(&arena, "%s/journal", dir.path).p, 0);
    store = store_open(arena_printf(&arena, "%s/store", dir.path).p, 64 << 20, &err);
    assert_true(journal && store);
    generation_holder_init(&generations);
    struct load wanted = {.write_key = S("key"), .sandbox_url = S("http://127.0.0.1:1/v1")};
    struct generation *g = load_all(&wanted, &(struct load_problems){0});
    assert_non_null(g);
    generation_swap(&generations, g);
    deliver = deliver_new(&(struct deliver_options){.journal = journal, .store = store});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    deliver_free(deliver);
    journal_close(journal);
    store_close(store);
    generation_holder_fini(&generations);
    arena_fini(&arena);
    test_dir_remove(&dir);
    return 0;
}

static struct report *opened(void)
{
    struct report *r = report_open(&(struct report_options){journal, store, &generations});
    report_start(r, deliver);
    return r;
}

static void put_times(const char *json, unsigned flags, uint32_t times)
{
    struct test_append t = {0};
    struct err err = {0};
    lock_init(&t.lock);
    signal_init(&t.told);
    for (uint32_t i = 0; i < times; i++)
        event_encode(&t.records, &(struct event){.received_ms = clock_now_ms(),
                                                 .flags = flags,
                                                 .source = S("default"),
                                                 .message_id = S("m-1"),
                                                 .json = str_z(json)});
    t.append = (struct journal_append){
        .records = buf_str(&t.records), .count = times, .done = test_append_done, .ctx = &t};
    assert_true(journal_submit(journal, &t.append, &err) && test_append_wait(&t));
    test_append_fini(&t);
}

static void confirm(struct report *r, const char *json, bool browser)
{
    struct confirmed_event e = {str_z(json), clock_now_ms() - 100, browser};
    report_confirmed(r, &(struct deliver_confirmed){S("meta"), clock_now_ms(), &e, 1});
}

static void put(const char *json, unsigned flags)
{
    put_times(json, flags, 1);
}

/* Waits until check says so of the tables. */
static void wait_for(struct report *r, bool (*check)(struct report_tables *t))
{
    for (int left = 10000; left > 0; left -= 5) {
        bool ok = check(report_tables(r));
        report_done(r);
        if (ok) return;
        clock_sleep_ms(5);
    }
    fail_msg("the tables never say so");
}

static double total(struct report_tables *t, struct series_key key)
{
    double points[60], all = 0;
    series_read(&t->series, &key, SERIES_1H, clock_now_ms(), points);
    for (size_t i = 0; i < 60; i++) all += points[i];
    return all;
}

#define ORDER                                                                                      \
    "{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"u\",\"properties\":{"          \
    "\"revenue\":1,\"currency\":\"EUR\"},\"context\":{\"traits\":{\"email\":\"a@example.com\"}}}"

static bool has_three(struct report_tables *t)
{
    return t->names.count == 2 && t->names.rows[0].count == 2 && t->repeats.total == 1;
}

static void the_journal_is_followed_and_kept(void **state)
{
    (void)state;
    struct report *r = opened();
    put(ORDER, 0);
    put(ORDER, EVENT_FROM_BROWSER);
    put("{\"type\":\"track\",\"event\":\"Blub\",\"userId\":\"u\"}", 0);
    put(ORDER, EVENT_DUPLICATE | EVENT_CHANGED);
    put("not JSON", 0);
    wait_for(r, has_three);
    report_close(r);
    put(ORDER, 0); /* while nobody looks */
    r = report_open(&(struct report_options){journal, store, &generations});
    struct report_tables *t = report_tables(r);
    assert_int_equal(t->names.rows[0].count, 2);
    assert_true(total(t, (struct series_key){.metric = S("received"), .path = S("browser")}) == 1);
    report_done(r);
    report_start(r, deliver);
    report_close(r); /* looks at what has come before it ends */
    r = opened();
    t = report_tables(r);
    assert_int_equal(t->names.rows[0].count, 3);
    assert_true(total(t, (struct series_key){.metric = S("received")}) == 6);
    check_str(str_z(t->names.rows[0].source), "default");
    report_done(r);
    report_close(r);
}

static bool has_two(struct report_tables *t)
{
    return t->quality.count == 1 && quality_count(&t->quality.rows[0]) == 2;
}

static void what_was_confirmed_is_read(void **state)
{
    (void)state;
    struct report *r = opened();
    confirm(r,
            "{\"event_name\":\"Purchase\",\"event_id\":\"1\",\"user_data\":{\"em\":\"x\"},"
            "\"custom_data\":{\"value\":2.50,\"currency\":\"EUR\"}}",
            true);
    confirm(
        r,
        "{\"event_name\":\"Purchase\",\"event_id\":\"1\",\"user_data\":{\"em\":\"x\",\"ph\":\"y\"},"
        "\"custom_data\":{\"value\":2.50,\"currency\":\"EUR\"}}",
        false);
    confirm(r, "{\"half", false);
    wait_for(r, has_two);
    struct pair_counts n;
    struct report_tables *t = report_tables(r);
    pairs_count(&t->pairs, &n, 1);
    assert_int_equal(n.both, 1);
    assert_true(total(t, (struct series_key){.metric = S("value"), .currency = S("EUR")}) == 5);
    assert_true(total(t, (struct series_key){.metric = S("sent"), .path = S("browser")}) == 1);
    assert_true(latency_percentile(&t->latency, S("meta"), 0.5, clock_now_ms()) >= 100);
    report_done(r);
    assert_int_equal(report_left_out(r), 0);
    report_close(r);
}

static void nobody_waits_for_the_reader(void **state)
{
    struct sent s;
    struct buf json = {0};
    (void)state;
    sent_init(&s);
    (void)buf_reserve(&json, LIMIT_SENT_BYTES / 2);
    memset(json.p, 'x', LIMIT_SENT_BYTES / 2);
    const struct str half_full = str_of(json.p, LIMIT_SENT_BYTES / 2);
    struct confirmed_event events[] = {
        {half_full, 1, false}, {half_full, 1, false}, {S("{}"), 1, false}};
    const struct deliver_confirmed c = {S("meta"), 2, events, 3};
    sent_put(&s, &c); /* the destination's name is there too, so two do not fit */
    assert_int_equal(sent_left_out(&s), 2);
    sent_put(&s, &c);
    assert_int_equal(sent_left_out(&s), 5);
    const struct sent_half *half = sent_take(&s);
    assert_int_equal(half->count, 1);
    assert_true(half->text.capacity <= LIMIT_SENT_BYTES);
    check_str(str_of(half->text.p + half->marks[0].destination_at, half->marks[0].destination_n),
              "meta");
    assert_int_equal(half->marks[0].json_n, LIMIT_SENT_BYTES / 2);
    assert_int_equal(sent_take(&s)->count, 0); /* with room to spare all are taken again */
    sent_put(&s, &c);
    assert_int_equal(sent_take(&s)->count, 1);
    buf_fini(&json);
    sent_fini(&s);
}

enum { SENT_IDS = 40000, SENT_BYTES = 200 };

/* Ids 0 .. SENT_IDS - 1 in one request, twice over; gives for how many the taken ones stand. */
static uint64_t offer_ids(struct sent *s, struct buf *json, struct confirmed_event *events,
                          unsigned *copies)
{
    uint64_t sum = 0;
    buf_clear(json);
    for (int i = 0; i < SENT_IDS; i++)
        buf_printf(json, "{\"event_name\":\"P\",\"event_id\":\"%06d\",\"x\":\"%0*d\"}", i,
                   SENT_BYTES - 46, 0);
    for (size_t i = 0; i < SENT_IDS; i++) {
        struct str one = str_of(json->p + i * (json->n / SENT_IDS), json->n / SENT_IDS);
        events[i] = (struct confirmed_event){one, 1, false};
    }
    memset(copies, 0, SENT_IDS * sizeof *copies);
    for (int copy = 0; copy < 2; copy++)
        for (size_t i = 0; i < SENT_IDS; i += 1000)
            sent_put(s, &(struct deliver_confirmed){S("meta"), 2, events + i, 1000});
    const struct sent_half *half = sent_take(s);
    for (size_t i = 0; i < half->count; i++) {
        uint64_t id;
        struct str text = str_of(half->text.p + half->marks[i].json_at, half->marks[i].json_n);
        assert_true(
            str_to_u64(str_head(str_from(text, str_find(text, S("_id\":\""), 0) + 6), 6), &id));
        copies[id]++;
        sum += half->marks[i].times;
    }
    return sum;
}

/* Of more than fits an even share is taken, both copies of each event, and stands for all. */
static void a_share_stands_for_all(void **state)
{
    static struct confirmed_event events[SENT_IDS];
    static unsigned copies[SENT_IDS];
    struct sent s;
    struct buf json = {0};
    (void)state;
    sent_init(&s);
    for (int turn = 0; turn < 6; turn++) (void)offer_ids(&s, &json, events, copies);
    uint64_t before = sent_left_out(&s), sum = offer_ids(&s, &json, events, copies);
    assert_true(before > 0);
    assert_int_equal(sent_left_out(&s), before);
    assert_in_range(sum, 2 * SENT_IDS * 9 / 10, 2 * SENT_IDS * 11 / 10);
    for (size_t i = 0; i < SENT_IDS; i++) assert_true(copies[i] == 0 || copies[i] == 2);
    for (int turn = 0; turn < 6; turn++) (void)sent_take(&s);
    sent_put(&s, &(struct deliver_confirmed){S("meta"), 2, events, 1000});
    assert_int_equal(sent_take(&s)->count, 1000);
    buf_fini(&json);
    sent_fini(&s);
}

static double of_gone(struct report *r, enum series_range range)
{
    static double points[SERIES_MINUTES];
    double all = 0;
    struct series_table *t = &report_tables(r)->series;
    series_read(t, &(struct series_key){.destination = S("gone")}, range, clock_now_ms(), points);
    for (size_t i = 0; i < series_shape(range).points; i++) all += points[i];
    report_done(r);
    return all;
}

static void add_gone(struct report *r, double value)
{
    const struct series_key key = {.metric = S("sent"), .destination = S("gone")};
    series_add(&report_tables(r)->series, &key, clock_now_ms(), value);
    report_done(r);
    keep_write(r);
}

static struct report *reopened(struct report *r)
{
    report_close(r);
    return report_open(&(struct report_options){journal, store, &generations});
}

/* What a destination did stays for its time when it is no longer configured, and no longer, whether or not
 * somebody looked meanwhile. */
static void figures_of_who_is_gone_end(void **state)
{
    (void)state;
    struct report *r = report_open(&(struct report_options){journal, store, &generations});
    add_gone(r, 5);
    r = reopened(r);
    assert_true(of_gone(r, SERIES_1H) == 5 && of_gone(r, SERIES_30D) == 5);
    clock_shift_ms(25 * MS_PER_HOUR);
    keep_write(r);
    assert_true(of_gone(r, SERIES_24H) == 0 && of_gone(r, SERIES_7D) == 5);
    r = reopened(r);
    assert_true(of_gone(r, SERIES_24H) == 0 && of_gone(r, SERIES_7D) == 5);
    clock_shift_ms(30 * MS_PER_DAY);
    r = reopened(r);
    assert_true(of_gone(r, SERIES_24H) == 0 && of_gone(r, SERIES_30D) == 0);
    add_gone(r, 3);
    r = reopened(r);
    assert_true(of_gone(r, SERIES_24H) == 3 && of_gone(r, SERIES_30D) == 3);
    report_close(r);
}

/* A clock that was ahead emptied the places of the day before: they are read again. */
static void a_clock_that_goes_back_finds_its_figures(void **state)
{
    (void)state;
    struct report *r = report_open(&(struct report_options){journal, store, &generations});
    add_gone(r, 5);
    clock_shift_ms(26 * MS_PER_HOUR);
    keep_write(r);
    assert_true(of_gone(r, SERIES_24H) == 0);
    clock_shift_ms(-26 * MS_PER_HOUR);
    keep_write(r);
    assert_true(of_gone(r, SERIES_24H) == 5 && of_gone(r, SERIES_7D) == 5);
    report_close(r);
}

/* With a long way to go runs of events stand for those between them. */
static void a_flood_is_looked_at_in_runs(void **state)
{
    enum { FLOOD = 60000, TURNS_ALL = FLOOD / LIMIT_FOLLOW_EVENTS };
    (void)state;
    struct report *r = report_open(&(struct report_options){journal, store, &generations});
    for (int i = 0; i < 60; i++) put_times(ORDER, 0, 1000);
    int turns = 1;
    while (follow_journal(r)) turns++;
    assert_true(turns >= 20 && turns < TURNS_ALL / 2);
    struct report_tables *t = report_tables(r);
    double seen = total(t, (struct series_key){.metric = S("received")});
    assert_true(seen > FLOOD * 0.9 && seen < FLOOD * 1.1);
    assert_int_equal(t->names.count, 1);
    assert_true((double)t->names.rows[0].count == seen);
    report_done(r);
    report_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_journal_is_followed_and_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_confirmed_is_read, setup, teardown),
        cmocka_unit_test(nobody_waits_for_the_reader),
        cmocka_unit_test(a_share_stands_for_all),
        cmocka_unit_test_setup_teardown(figures_of_who_is_gone_end, setup, teardown),
        cmocka_unit_test_setup_teardown(a_clock_that_goes_back_finds_its_figures, setup, teardown),
        cmocka_unit_test_setup_teardown(a_flood_is_looked_at_in_runs, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
