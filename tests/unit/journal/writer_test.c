/* SPDX-License-Identifier: Apache-2.0 */
/* journal/writer.c on a good disk: many submitters, group commits, bounds, order, closing. What it does
 * on a bad one is in failure_test.c. */
#include "journal/format.h"
#include "journal/journal.h"
#include "support/gate.h"
#include "support/journal_bench.h"

/* --- many submitters ---------------------------------------------------------------------------- */

enum { SUBMITTERS = 6, APPENDS_EACH = 200 };

struct submitter {
    struct journal *j;
    uint64_t id;
    struct thread thread;
    uint64_t seqs[APPENDS_EACH];
    bool ok;
};

static void submit_many(void *ctx)
{
    struct submitter *s = ctx;
    struct err err = {0};
    s->ok = true;
    for (uint32_t i = 0; i < APPENDS_EACH; i++) {
        uint32_t count = 1 + i % 3;
        s->ok &= test_append(s->j, s->id + i * 10, count, 30 + i, &s->seqs[i], &err);
    }
}

static void count_calls(void *ctx)
{
    atomic_fetch_add((_Atomic unsigned *)ctx, 1);
}

static void many_threads_submit(void **state)
{
    (void)state;
    struct err err = {0};
    static struct submitter submitters[SUBMITTERS];
    static uint64_t ids[SUBMITTERS * APPENDS_EACH * 3];
    _Atomic unsigned told = 0;
    struct journal *j = open_or_fail(64 * 1024);
    journal_listen(j, count_calls, &told);
    for (uint64_t i = 0; i < SUBMITTERS; i++) {
        submitters[i].j = j;
        submitters[i].id = i * 1000000;
        thread_start(&submitters[i].thread, "submitter", submit_many, &submitters[i]);
    }
    for (size_t i = 0; i < SUBMITTERS; i++) thread_join(&submitters[i].thread);
    size_t total = test_journal_read_ids(j, 0, ids, countof(ids), &err);
    assert_int_equal(total, journal_next_seq(j));
    for (size_t i = 0; i < SUBMITTERS; i++) {
        assert_true(submitters[i].ok);
        for (size_t k = 0; k < APPENDS_EACH; k++) {
            for (size_t e = 0; e < 1 + k % 3; e++)
                assert_int_equal(ids[submitters[i].seqs[k] + e], submitters[i].id + k * 10 + e);
        }
    }
    struct journal_stats stats = stats_of(j);
    assert_int_equal(stats.queued, 0);
    assert_int_equal(stats.failures, 0);
    assert_true(stats.commits && stats.commits <= SUBMITTERS * APPENDS_EACH);
    assert_true(stats.segments > 3);
    journal_close(j);
    assert_int_equal(atomic_load(&told), stats.commits);
}

/* --- bounds ------------------------------------------------------------------------------------- */

/* What gathers while the disk is busy becomes one commit, in the order of submission. */
static void gathers_while_the_disk_is_busy(void **state)
{
    (void)state;
    struct err err = {0};
    static struct test_append first, rest[50];
    uint64_t ids[64];
    struct journal *j = open_or_fail(0);
    assert_true(test_append(j, 1, 1, 10, NULL, &err));
    hold_disk();
    test_append_init(&first, 2, 1, 10);
    assert_true(journal_submit(j, &first.append, &err));
    wait_until_held();
    for (size_t i = 0; i < countof(rest); i++) {
        test_append_init(&rest[i], 3 + i, 1, 10);
        assert_true(journal_submit(j, &rest[i].append, &err));
    }
    assert_int_equal(stats_of(j).queued, 51);
    assert_int_equal(journal_next_seq(j), 1); /* nothing shows before it is synced */
    assert_int_equal(test_journal_read_ids(j, 0, ids, 64, &err), 1);
    release_disk();
    for (size_t i = 0; i < countof(rest); i++) {
        assert_true(test_append_wait(&rest[i]));
        assert_int_equal(rest[i].append.first_seq, 2 + i);
    }
    assert_int_equal(stats_of(j).commits, 3);
    journal_close(j);
    (void)file_ops_set(&file_ops_real); /* ours */
    for (size_t i = 0; i < countof(rest); i++) test_append_fini(&rest[i]);
    test_append_fini(&first);
}

static void the_queue_is_bounded(void **state)
{
    (void)state;
    struct err err = {0};
    static struct test_append held, appends[LIMIT_APPEND_QUEUE];
    struct journal *j = open_or_fail(0);
    hold_disk();
    test_append_init(&held, 1, 1, 10);
    assert_true(journal_submit(j, &held.append, &err));
    wait_until_held();
    size_t taken = 0;
    for (size_t i = 0; i < countof(appends); i++) {
        test_append_init(&appends[i], 2 + i, 1, 10);
        taken += journal_submit(j, &appends[i].append, &err);
    }
    assert_int_equal(taken, LIMIT_APPEND_QUEUE - 1);
    assert_int_equal(err.kind, ERR_LIMIT);
    release_disk();
    for (size_t i = 0; i < taken; i++) assert_true(test_append_wait(&appends[i]));
    assert_int_equal(journal_next_seq(j), LIMIT_APPEND_QUEUE);
    assert_int_equal(stats_of(j).queued, 0);
    journal_close(j);
    (void)file_ops_set(&file_ops_real); /* ours */
    for (size_t i = 0; i < countof(appends); i++) test_append_fini(&appends[i]);
    test_append_fini(&held);
}

/* big_append is one of n bytes that are one record. */
static void big_append_init(struct test_append *t, size_t n)
{
    struct buf json = {0};
    test_append_init(t, 1, 1, 1);
    buf_clear(&t->records);
    (void)memset(buf_reserve(&json, n - 40), 'j', n - 40);
    json.n = n - 40;
    event_encode(&t->records, &(struct event){.json = buf_str(&json)});
    t->append.records = buf_str(&t->records);
    assert_int_equal(t->records.n, n);
    buf_fini(&json);
}

static void bytes_are_bounded(void **state)
{
    (void)state;
    struct err err = {0};
    enum { FIT = LIMIT_APPEND_QUEUE_BYTES / FORMAT_PAYLOAD_MAX };
    static struct test_append appends[FIT + 1];
    struct journal *j = open_or_fail(1 << 20); /* chunks larger than a segment get a larger one */
    hold_disk();
    big_append_init(&appends[0], FORMAT_PAYLOAD_MAX);
    appends[0].append.records.n++;
    assert_false(journal_submit(j, &appends[0].append, &err));
    assert_int_equal(err.kind, ERR_LIMIT);
    appends[0].append.records.n--;
    for (size_t i = 0; i < FIT; i++) {
        if (i) big_append_init(&appends[i], FORMAT_PAYLOAD_MAX);
        assert_true(journal_submit(j, &appends[i].append, &err));
    }
    big_append_init(&appends[FIT], FORMAT_PAYLOAD_MAX);
    assert_false(journal_submit(j, &appends[FIT].append, &err));
    assert_int_equal(err.kind, ERR_LIMIT);
    release_disk();
    for (size_t i = 0; i < FIT; i++) assert_true(test_append_wait(&appends[i]));
    assert_int_equal(stats_of(j).commits, FIT); /* never two of them in one chunk */
    struct journal_reader reader = {0};
    struct journal_view view;
    assert_true(journal_read(j, &reader, FIT - 1, &view, &err));
    assert_true(str_eq(view.records, appends[0].append.records));
    journal_release(j, &view);
    journal_close(j);
    (void)file_ops_set(&file_ops_real); /* ours */
    for (size_t i = 0; i < countof(appends); i++) test_append_fini(&appends[i]);
}

static void closing_commits_what_was_submitted(void **state)
{
    (void)state;
    struct err err = {0};
    static struct test_append appends[100];
    uint64_t ids[128];
    struct journal *j = open_or_fail(0);
    for (size_t i = 0; i < countof(appends); i++) {
        test_append_init(&appends[i], i, 1, 10);
        assert_true(journal_submit(j, &appends[i].append, &err));
    }
    journal_close(j);
    for (size_t i = 0; i < countof(appends); i++) {
        assert_true(appends[i].done && appends[i].committed);
        test_append_fini(&appends[i]);
    }
    j = open_or_fail(0);
    assert_int_equal(test_journal_read_ids(j, 0, ids, 128, &err), 100);
    journal_close(j);
}

struct chain {
    struct journal_append append;
    struct journal *j;
    unsigned left;
    struct test_append *last;
};

static void submit_again(struct journal_append *append, bool committed, const struct err *err)
{
    struct chain *c = append->ctx;
    struct err full;
    (void)err;
    struct journal_append *next = --c->left ? append : &c->last->append;
    if (!committed || !journal_submit(c->j, next, &full)) c->left = 1000;
}

static void done_may_submit_again(void **state)
{
    (void)state;
    struct err err = {0};
    struct test_append last;
    struct buf record = {0};
    struct journal *j = open_or_fail(0);
    test_event_put(&record, 5, 10);
    test_append_init(&last, 6, 1, 10);
    struct chain c = {.j = j, .left = 20, .last = &last};
    c.append = (struct journal_append){
        .records = buf_str(&record), .count = 1, .done = submit_again, .ctx = &c};
    assert_true(journal_submit(j, &c.append, &err));
    assert_true(test_append_wait(&last));
    assert_int_equal(last.append.first_seq, 20);
    journal_close(j);
    test_append_fini(&last);
    buf_fini(&record);
}

/* Nothing is told before it is synced, and a new segment is wholly there before it is used: reserved,
 * its head written and synced, renamed, the directory synced. The first one is there when the journal is open
 * (before it: the lock's file), so that nobody waits for it. */
static void syncs_before_it_tells(void **state)
{
    (void)state;
    struct err err = {0};
    static const char *const expected[] = {"wd", "wd", "wd",
                                           "t"
                                           "oawdros"
                                           "wd"};
    faults_on(FAULT_OPEN, 0, 0, 0);
    struct journal *j = open_or_fail(1024);
    (void)faults_off();
    assert_string_equal(faults.trace, "o"
                                      "oawdros");
    for (size_t i = 0; i < countof(expected); i++) {
        faults_on(FAULT_OPEN, 0, 0, 0);
        assert_true(test_append(j, i, 1, 200, NULL, &err));
        (void)faults_off();
        assert_string_equal(faults.trace, expected[i]);
    }
    journal_close(j);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(many_threads_submit),   T(gathers_while_the_disk_is_busy),     T(the_queue_is_bounded),
        T(bytes_are_bounded),     T(closing_commits_what_was_submitted), T(done_may_submit_again),
        T(syncs_before_it_tells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
