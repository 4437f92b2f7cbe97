/* SPDX-License-Identifier: Apache-2.0 */
/* journal/journal.c, the public door: what was acknowledged is there, in order, whole, again. */
#include "support/cmocka.h"

#include "journal/journal.h"
#include "support/dir.h"
#include "support/journal.h"

#include <signal.h>
#include <sys/wait.h>

static struct test_dir dir;

static int setup(void **state)
{
    (void)state;
    test_dir_make(&dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_dir_remove(&dir);
    return 0;
}

static void gives_back_what_was_appended(void **state)
{
    (void)state;
    struct err err = {0};
    uint64_t ids[64], seq;
    struct journal *j = test_journal_open(dir.path, 0);
    assert_non_null(j);
    assert_int_equal(journal_next_seq(j), 0);
    assert_int_equal(journal_oldest_seq(j), 0);
    assert_int_equal(test_journal_read_ids(j, 0, ids, 64, &err), 0);
    assert_true(test_append(j, 100, 3, 50, &seq, &err));
    assert_int_equal(seq, 0);
    assert_true(test_append(j, 200, 1, 5000, &seq, &err));
    assert_int_equal(seq, 3);
    assert_int_equal(journal_next_seq(j), 4);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(test_journal_read_ids(j, 0, ids, 64, &err), 4);
        assert_int_equal(ids[0], 100);
        assert_int_equal(ids[2], 102);
        assert_int_equal(ids[3], 200);
        assert_int_equal(test_journal_read_ids(j, 2, ids, 64, &err), 2);
        assert_int_equal(ids[0], 102);
        journal_close(j);
        j = test_journal_open(dir.path, 0);
        assert_non_null(j);
        assert_int_equal(journal_next_seq(j), 4);
    }
    assert_true(test_append(j, 300, 1, 1, &seq, &err));
    assert_int_equal(seq, 4);
    assert_int_equal(test_journal_read_ids(j, 0, ids, 64, &err), 5);
    journal_close(j);
}

/* --- killed at any moment ----------------------------------------------------------------------- */

enum { ROUNDS = 25, CHILD_THREADS = 3 };

/* What the child tells, in one write of a pipe, which is atomic. */
struct told {
    uint64_t id, seq;
};

static struct journal *child_journal;
static int child_pipe;

static void append_until_killed(void *ctx)
{
    struct err err = {0};
    struct told told = {.id = *(uint64_t *)ctx};
    for (;; told.id++) {
        /* A full journal refuses until the trimming has got so far: that is told to nobody. */
        while (!test_append(child_journal, told.id, 1, (size_t)(told.id % 900), &told.seq, &err)) {
            if (err.kind != ERR_LIMIT) _exit(2);
        }
        if (write(child_pipe, &told, sizeof told) != sizeof told) _exit(3);
    }
}

static void run_child(uint64_t first_id)
{
    struct thread threads[CHILD_THREADS];
    uint64_t ids[CHILD_THREADS];
    struct err err = {0};
    /* Small segments, so that many kills fall into the making of one; some trimming, too. */
    child_journal = test_journal_open(dir.path, 8 * 1024);
    if (!child_journal) _exit(1);
    for (uint64_t i = 0; i < CHILD_THREADS; i++) {
        ids[i] = first_id + i * 1000000;
        thread_start(&threads[i], "submitter", append_until_killed, &ids[i]);
    }
    for (;;) {
        uint64_t next = journal_next_seq(child_journal);
        journal_set_limits(child_journal, 512 * 1024, 0);
        (void)journal_trim(child_journal, next > 200 ? next - 200 : 0, next > 200 ? next - 200 : 0,
                           &err); /* only to be busy */
    }
}

/* check_told: everything that was told and is not trimmed is there, and all else is whole. */
static void check_told(const struct told *told, size_t count)
{
    struct err err = {0};
    struct journal *j = test_journal_open(dir.path, 8 * 1024);
    assert_non_null(j);
    uint64_t oldest = journal_oldest_seq(j), next = journal_next_seq(j);
    uint64_t *ids = mem_new((size_t)(next - oldest + 1) * sizeof *ids);
    size_t n = test_journal_read_ids(j, oldest, ids, (size_t)(next - oldest + 1), &err);
    assert_int_equal(n, next - oldest);
    for (size_t i = 0; i < count; i++) {
        assert_true(told[i].seq < next);
        if (told[i].seq >= oldest) assert_int_equal(ids[told[i].seq - oldest], told[i].id);
    }
    mem_free(ids);
    journal_close(j);
}

static void loses_nothing_acknowledged_when_killed(void **state)
{
    (void)state;
    enum { TOLD_MAX = 100000 };
    struct told *told = mem_new(TOLD_MAX * sizeof *told);
    size_t count = 0;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        int pipes[2], status;
        assert_int_equal(pipe(pipes), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (!child) {
            (void)close(pipes[0]);
            child_pipe = pipes[1];
            run_child(round * 100000000);
        }
        (void)close(pipes[1]);
        size_t stop = count + 1 + (size_t)(round * 37 % 101);
        while (count < TOLD_MAX && read(pipes[0], &told[count], sizeof *told) == sizeof *told) {
            if (++count >= stop) (void)kill(child, SIGKILL);
        }
        (void)close(pipes[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        check_told(told, count);
    }
    mem_free(told);
}

static void closes_nothing(void **state)
{
    (void)state;
    journal_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gives_back_what_was_appended, setup, teardown),
        cmocka_unit_test_setup_teardown(loses_nothing_acknowledged_when_killed, setup, teardown),
        cmocka_unit_test(closes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
