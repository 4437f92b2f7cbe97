/* SPDX-License-Identifier: Apache-2.0 */
/* journal/dedup.c under the writer: repetitions within one request, of two at the same time, over crashes, full
 * disks and clocks that were wrong; and that none of it ever makes an event pass for one that is not kept. */
#include "support/cmocka.h"

#include "core/limits.h"
#include "journal/dedup.h"
#include "support/dir.h"
#include "support/faults.h"
#include "support/journal.h"
#include "sys/clock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

enum { TABLE_BYTES = 64 * 1024, WINDOW_MS = 6400000, STEP_MS = WINDOW_MS / 64 };

#define NOW_MS INT64_C(1795284000000)

static struct test_dir dir;

static int setup(void **state)
{
    (void)state;
    test_dir_make(&dir);
    log_setup(LOG_JSON, (enum log_level)(LOG_ERROR + 1));
    clock_freeze(NOW_MS);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)faults_off();
    clock_thaw();
    test_dir_remove(&dir);
    return 0;
}

static struct journal *open_with(uint64_t table_bytes)
{
    struct err err = {0};
    struct journal_options options = {
        .dir = dir.path, .dedup_bytes = table_bytes, .dedup_window_ms = WINDOW_MS};
    struct journal *j = journal_open(&options, &err);
    if (!j) print_error("%s\n", err.text);
    assert_non_null(j);
    return j;
}

static struct journal *open_journal(void)
{
    return open_with(TABLE_BYTES);
}

/* The event at seq: what it repeats, or UINT64_MAX. */
static uint64_t repeats(struct journal *j, uint64_t seq)
{
    struct journal_reader reader = {0};
    struct journal_view view;
    struct event e;
    struct err err = {0};
    assert_true(journal_read(j, &reader, seq, &view, &err));
    assert_true(event_decode(str_head(view.records, event_record_size(view.records)), &e));
    uint64_t first = e.flags & EVENT_DUPLICATE ? e.first_seq : UINT64_MAX;
    assert_false(e.flags & EVENT_CHANGED);
    journal_release(j, &view);
    return first;
}

static void the_journal_marks_repetitions(void **state)
{
    (void)state;
    struct err err = {0};
    uint64_t seq;
    struct journal_stats stats;
    struct journal *j = open_journal();
    assert_true(test_append(j, 100, 5, 10, NULL, &err)); /* 0 .. 4 are ids 100 .. 104 */
    assert_true(test_append(j, 103, 4, 10, NULL, &err)); /* 5 .. 8 are ids 103 .. 106 */
    const uint64_t want[] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
                             3,          4,          UINT64_MAX, UINT64_MAX};
    for (uint64_t i = 0; i < countof(want); i++) assert_int_equal(repeats(j, i), want[i]);
    assert_true(journal_find_id(j, S("shop"), S("106"), &seq));
    assert_int_equal(seq, 8);
    assert_false(journal_find_id(j, S("shop"), S("107"), &seq));
    journal_stats(j, &stats);
    assert_int_equal(stats.duplicates, 2);
    journal_close(j);
    j = open_journal();
    assert_true(test_append(j, 106, 1, 10, NULL, &err));
    assert_int_equal(repeats(j, 9), 8);
    journal_close(j);
}

/* The client got no answer and sends again: the failed commit left nothing behind. */
static void a_failed_commit_is_not_remembered(void **state)
{
    (void)state;
    static const enum fault_op ops[] = {FAULT_WRITE, FAULT_DATASYNC};
    struct err err = {0};
    uint64_t seq = 0;
    struct journal *j = open_journal();
    assert_true(test_append(j, 1, 1, 10, NULL, &err));
    for (size_t i = 0; i < countof(ops); i++) {
        faults_on(ops[i], 1, 1000, EIO);
        assert_false(test_append(j, 10 + i, 1, 10, NULL, &err));
        assert_true(faults_off());
        assert_true(test_append(j, 10 + i, 1, 10, &seq, &err));
        assert_int_equal(repeats(j, seq), UINT64_MAX);
    }
    journal_close(j);
}

/* With no room for the table the journal takes events, just without recognising repetitions. */
static void a_full_disk_takes_only_the_table(void **state)
{
    (void)state;
    struct err err = {0};
    struct journal_stats stats;
    faults_on(FAULT_ALLOCATE, 1, 1, ENOSPC);
    struct journal *j = open_journal();
    assert_true(faults_off());
    journal_stats(j, &stats);
    assert_true(stats.dedup_failed);
    assert_true(test_append(j, 1, 2, 10, NULL, &err));
    assert_true(test_append(j, 1, 2, 10, NULL, &err));
    assert_int_equal(repeats(j, 2), UINT64_MAX);
    journal_close(j);
}

/* Killed at any moment: whatever the table then takes for a repetition is on disk before it. */
static void survives_being_killed(void **state)
{
    (void)state;
    struct err err = {0};
    clock_thaw();
    for (uint64_t round = 0; round < 10; round++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (!child) {
            struct journal *j = open_journal();
            for (uint64_t id = round * 100000;; id++) (void)test_append(j, id, 1, 10, NULL, &err);
        }
        clock_sleep_ms(20 + (int64_t)round * 3);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        struct journal *j = open_journal();
        uint64_t next = journal_next_seq(j), seq = 0;
        struct journal_reader reader = {0};
        struct journal_view view;
        struct event e;
        if (!next) {
            journal_close(j);
            continue;
        }
        assert_true(journal_read(j, &reader, next - 1, &view, &err));
        assert_true(event_decode(str_head(view.records, event_record_size(view.records)), &e));
        uint64_t id;
        assert_true(str_to_u64(e.message_id, &id));
        journal_release(j, &view);
        if (id < round * 100000) { /* killed before its first event */
            journal_close(j);
            continue;
        }
        /* The last one on disk may or may not be known; what never got there must be new. */
        assert_true(test_append(j, id + 1, 1, 10, &seq, &err));
        assert_int_equal(repeats(j, seq), UINT64_MAX);
        if (id > round * 100000) { /* the one before was told, so it is known */
            assert_true(test_append(j, id - 1, 1, 10, &seq, &err));
            assert_int_equal(repeats(j, seq), next - 2);
        }
        journal_close(j);
    }
}

/* Takes event id now; what it repeats, or UINT64_MAX. */
static uint64_t take(struct journal *j, uint64_t id)
{
    struct err err = {0};
    uint64_t seq = 0;
    assert_true(test_append(j, id, 1, 10, &seq, &err));
    return repeats(j, seq);
}

/* Exactly a window later is a repetition, a window and its 64th later is not. */
static void the_window_has_an_edge(void **state)
{
    (void)state;
    struct journal *j = open_journal();
    assert_int_equal(take(j, 1), UINT64_MAX);
    for (int64_t i = 1; i < 64; i++) {
        clock_freeze(NOW_MS + i * STEP_MS);
        assert_int_equal(take(j, 100 + (uint64_t)i), UINT64_MAX);
    }
    clock_freeze(NOW_MS + WINDOW_MS);
    assert_int_equal(take(j, 1), 0);
    clock_freeze(NOW_MS + WINDOW_MS + STEP_MS);
    assert_int_equal(take(j, 1), UINT64_MAX);
    journal_close(j);
}

static void a_clock_set_back_a_little_forgets_nothing(void **state)
{
    (void)state;
    struct journal *j = open_journal();
    assert_int_equal(take(j, 1), UINT64_MAX);
    clock_freeze(NOW_MS - WINDOW_MS / 2);
    assert_int_equal(take(j, 1), 0);
    assert_int_equal(take(j, 2), UINT64_MAX);
    journal_close(j);
    j = open_journal();
    assert_int_equal(take(j, 2), 2);
    clock_freeze(NOW_MS + STEP_MS);
    assert_int_equal(take(j, 2), 2);
    journal_close(j);
}

/* A clock that was wrong for a while costs nothing that was known before; while it is far ahead, what came
 * before is out of the window. */
static void a_clock_that_was_wrong_for_a_while(void **state)
{
    (void)state;
    const int64_t year_ms = 365 * MS_PER_DAY;
    struct journal *j = open_journal();
    assert_int_equal(take(j, 1), UINT64_MAX);
    clock_freeze(NOW_MS + 2 * STEP_MS);
    assert_int_equal(take(j, 2), UINT64_MAX);
    clock_freeze(NOW_MS + year_ms);
    assert_int_equal(take(j, 1), UINT64_MAX);
    assert_int_equal(take(j, 3), UINT64_MAX);
    assert_int_equal(take(j, 3), 3);
    clock_freeze(NOW_MS + 3 * STEP_MS);
    assert_int_equal(take(j, 1), 2); /* the one of next year counts now, */
    assert_int_equal(take(j, 2), 1); /* and the one from before still does */
    assert_int_equal(take(j, 3), 3);
    journal_close(j);
    j = open_journal();
    assert_int_equal(take(j, 2), 1);
    journal_close(j);
}

/* A machine that starts in 1970 and learns the time later: nothing is a repetition that is not. */
static void a_clock_that_begins_wrong(void **state)
{
    (void)state;
    struct journal *j = open_journal();
    assert_int_equal(take(j, 1), UINT64_MAX);
    journal_close(j);
    clock_freeze(1000);
    j = open_journal();
    assert_int_equal(take(j, 1), UINT64_MAX);
    assert_int_equal(take(j, 2), UINT64_MAX);
    clock_freeze(NOW_MS + STEP_MS);
    assert_int_equal(take(j, 1), 1);
    assert_int_equal(take(j, 2), 2);
    assert_int_equal(take(j, 3), UINT64_MAX);
    journal_close(j);
}

static void switched_off_and_on_again(void **state)
{
    (void)state;
    struct journal *j = open_journal();
    assert_int_equal(take(j, 1), UINT64_MAX);
    journal_close(j);
    j = open_with(0);
    assert_int_equal(take(j, 1), UINT64_MAX); /* nobody looks */
    assert_int_equal(take(j, 2), UINT64_MAX);
    journal_close(j);
    j = open_journal();
    assert_int_equal(take(j, 1), 0);          /* what was known is known */
    assert_int_equal(take(j, 2), UINT64_MAX); /* what came meanwhile is not */
    assert_int_equal(take(j, 2), 4);
    journal_close(j);
}

/* A smaller or larger table begins empty, and says nothing wrong. */
static void a_table_of_another_size(void **state)
{
    (void)state;
    struct journal *j = open_journal();
    assert_int_equal(take(j, 1), UINT64_MAX);
    journal_close(j);
    j = open_with(2 * TABLE_BYTES);
    assert_int_equal(take(j, 1), UINT64_MAX);
    assert_int_equal(take(j, 1), 1);
    journal_close(j);
}

/* The first of two of the same id in one request counts, whatever was in the chunk besides. */
static void twice_in_one_request(void **state)
{
    (void)state;
    struct test_append t;
    struct err err = {0};
    struct journal *j = open_journal();
    test_append_init(&t, 1, 2, 10);
    test_event_put(&t.records, 1, 10);
    test_event_put(&t.records, 1, 10);
    t.append.records = buf_str(&t.records);
    t.append.count = 4;
    assert_true(journal_submit(j, &t.append, &err) && test_append_wait(&t));
    test_append_fini(&t);
    const uint64_t want[] = {UINT64_MAX, UINT64_MAX, 0, 0};
    for (uint64_t i = 0; i < countof(want); i++) assert_int_equal(repeats(j, i), want[i]);
    journal_close(j);
}

enum { IDS = 500, CLIENTS = 4 };

static void send_all(void *ctx)
{
    struct err err = {0};
    for (uint64_t id = 0; id < IDS; id++) assert_true(test_append(ctx, id, 1, 10, NULL, &err));
}

/* A client that gives up waiting sends again while the first is under way, to whichever thread. */
static void several_at_the_same_time(void **state)
{
    (void)state;
    struct thread clients[CLIENTS] = {0};
    uint64_t firsts = 0;
    struct journal *j = open_with(1024 * 1024);
    for (size_t i = 0; i < CLIENTS; i++) thread_start(&clients[i], "client", send_all, j);
    for (size_t i = 0; i < CLIENTS; i++) thread_join(&clients[i]);
    assert_int_equal(journal_next_seq(j), IDS * CLIENTS);
    for (uint64_t seq = 0; seq < IDS * CLIENTS; seq++) {
        uint64_t first = repeats(j, seq);
        firsts += first == UINT64_MAX;
        if (first != UINT64_MAX) assert_true(first < seq && repeats(j, first) == UINT64_MAX);
    }
    assert_int_equal(firsts, IDS);
    journal_close(j);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_journal_marks_repetitions),
        TEST(a_failed_commit_is_not_remembered),
        TEST(a_full_disk_takes_only_the_table),
        TEST(survives_being_killed),
        TEST(the_window_has_an_edge),
        TEST(a_clock_set_back_a_little_forgets_nothing),
        TEST(a_clock_that_was_wrong_for_a_while),
        TEST(a_clock_that_begins_wrong),
        TEST(switched_off_and_on_again),
        TEST(a_table_of_another_size),
        TEST(twice_in_one_request),
        TEST(several_at_the_same_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
