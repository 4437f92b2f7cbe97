/* SPDX-License-Identifier: Apache-2.0 */
/* journal/writer.c on a disk that fails in every way at every call. The rule: done(true) means readable
 * after reopening; done(false) may be there or not, but then whole; and when the disk is well again,
 * so is the journal. */
#include "base/time.h"
#include "journal/journal.h"
#include "support/gate.h"
#include "support/journal_bench.h"

struct promise {
    uint64_t id, seq;
    bool committed;
};

/* assert_promises: every acknowledged event is at its number, and all else is whole events of ours. */
static void assert_promises(struct journal *j, const struct promise *p, size_t count)
{
    struct err err = {0};
    uint64_t ids[256];
    size_t n = test_journal_read_ids(j, 0, ids, countof(ids), &err);
    if (n == SIZE_MAX) print_error("%s\n", err.text);
    assert_true(n != SIZE_MAX && n == journal_next_seq(j));
    for (size_t i = 0; i < count; i++) {
        if (!p[i].committed) continue;
        assert_true(p[i].seq < n);
        assert_int_equal(ids[p[i].seq], p[i].id);
    }
}

/* run_with_fault appends through a fault, then after it, and reopens in between. False when the
 * fault never came to pass. */
static bool run_with_fault(enum fault_op op, unsigned from, unsigned count, int error)
{
    enum { DURING = 12, AFTER = 4 };
    struct promise promises[DURING + AFTER];
    struct err err = {0};
    struct journal *j = open_or_fail(1024);
    uint64_t seq = 0;
    faults_on(op, from, count, error);
    for (uint64_t i = 0; i < DURING; i++) {
        promises[i].id = i;
        promises[i].committed = test_append(j, i, 1, 200, &seq, &err);
        promises[i].seq = seq;
        bool failing = stats_of(j).failing;
        assert_int_equal(failing, !promises[i].committed);
        if (failing) assert_true(err.text[0] && err.kind == ERR_IO);
    }
    bool hit = faults_off();
    assert_promises(j, promises, DURING);
    for (uint64_t i = DURING; i < DURING + AFTER; i++) {
        promises[i].id = i;
        promises[i].committed = test_append(j, i, 1, 200, &seq, &err);
        promises[i].seq = seq;
        assert_true(promises[i].committed);
    }
    assert_promises(j, promises, DURING + AFTER);
    journal_close(j);
    j = open_or_fail(1024);
    assert_promises(j, promises, DURING + AFTER);
    assert_true(test_append(j, 99, 1, 200, &seq, &err));
    journal_close(j);
    test_dir_remove(&dir);
    test_dir_make(&dir);
    return hit;
}

static void survives_every_failing_call(void **state)
{
    (void)state;
    static const int errors[] = {ENOSPC, EIO, FAULT_SHORT_WRITE};
    static const unsigned lengths[] = {1, 2, 5, 1000};
    unsigned hits[FAULT_OP_COUNT] = {0};
    for (unsigned op = 0; op < FAULT_OP_COUNT; op++) {
        for (size_t e = 0; e < countof(errors); e++) {
            if (errors[e] == FAULT_SHORT_WRITE && op != FAULT_WRITE) continue;
            for (size_t l = 0; l < countof(lengths); l++) {
                unsigned from = 1;
                while (run_with_fault((enum fault_op)op, from, lengths[l], errors[e])) from++;
                hits[op] += from - 1;
            }
        }
    }
    for (unsigned op = 0; op < FAULT_OP_COUNT; op++)
        if (op != FAULT_UNLINK) assert_true(hits[op] > 0);
}

/* A kill in the middle of a failure: the journal is opened anew while the disk still holds what the
 * failure left. */
static void survives_a_crash_during_a_failure(void **state)
{
    (void)state;
    static const enum fault_op ops[] = {FAULT_WRITE, FAULT_DATASYNC, FAULT_TRUNCATE};
    for (size_t o = 0; o < countof(ops); o++) {
        for (unsigned from = 1; from < 12; from++) {
            struct promise promises[12];
            struct err err = {0};
            struct journal *j = open_or_fail(1024);
            uint64_t seq = 0;
            faults_on(ops[o], from, 1000, EIO);
            for (uint64_t i = 0; i < countof(promises); i++) {
                promises[i].id = i;
                promises[i].committed = test_append(j, i, 1, 200, &seq, &err);
                promises[i].seq = seq;
            }
            journal_close(j); /* cannot cut anything either: as good as killed */
            (void)faults_off();
            j = open_or_fail(1024);
            assert_promises(j, promises, countof(promises));
            assert_true(test_append(j, 99, 1, 200, &seq, &err));
            journal_close(j);
            test_dir_remove(&dir);
            test_dir_make(&dir);
        }
    }
}

/* While failing, one append at a time may try; the others are refused at the door, with the reason. */
static void lets_one_try_while_failing(void **state)
{
    (void)state;
    struct err err = {0};
    static struct test_append probe, other;
    struct journal *j = open_or_fail(1024);
    faults_on(FAULT_ALLOCATE, 1, 1000, ENOSPC);
    assert_false(test_append(j, 1, 1, 2000, NULL, &err)); /* needs a new segment */
    assert_non_null(strstr(err.text, "No space left"));
    assert_true(stats_of(j).failing);
    assert_int_equal(stats_of(j).failures, 1);
    (void)faults_off();
    hold_disk();
    test_append_init(&probe, 2, 1, 10);
    test_append_init(&other, 3, 1, 10);
    assert_true(journal_submit(j, &probe.append, &err));
    wait_until_held();
    assert_false(journal_submit(j, &other.append, &err));
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_non_null(strstr(err.text, "No space left"));
    release_disk();
    assert_true(test_append_wait(&probe));
    assert_false(stats_of(j).failing);
    assert_true(journal_submit(j, &other.append, &err));
    assert_true(test_append_wait(&other));
    journal_close(j);
    (void)file_ops_set(&file_ops_real); /* ours */
    test_append_fini(&probe);
    test_append_fini(&other);
}

static void stops_at_its_size_limit(void **state)
{
    (void)state;
    struct err err = {0};
    uint64_t id = 0;
    struct journal *j = open_or_fail(4096);
    journal_set_limits(j, 16 * 1024, 0);
    while (test_append(j, id, 1, 1000, NULL, &err)) assert_true(++id < 100);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_true(id >= 8);
    assert_true(stats_of(j).bytes <= 16 * 1024);
    assert_true(journal_trim(j, 0, 0, &err)); /* nothing may go: still refused */
    assert_false(test_append(j, id, 1, 1000, NULL, &err));
    assert_true(journal_trim(j, journal_next_seq(j), journal_next_seq(j), &err));
    assert_true(test_append(j, id, 1, 1000, NULL, &err));
    assert_true(journal_oldest_seq(j) > 0);
    journal_set_limits(j, 0, 0);
    for (int i = 0; i < 40; i++) assert_true(test_append(j, id, 1, 1000, NULL, &err));
    journal_close(j);
}

/* The numbers go on even when everything but an empty segment is gone. */
static void an_empty_segment_keeps_the_numbers(void **state)
{
    (void)state;
    struct err err = {0};
    uint64_t seq;
    struct journal *j = open_or_fail(1024);
    for (uint64_t i = 0; i < 5; i++) assert_true(test_append(j, i, 1, 10, &seq, &err));
    clock_freeze(clock_now_ms() + 10 * MS_PER_DAY);
    journal_set_limits(j, 0, MS_PER_DAY);
    for (int tries = 0; journal_oldest_seq(j) < 5; tries++) {
        assert_true(journal_trim(j, 5, 5, &err));
        clock_sleep_ms(1);
        assert_true(tries < 5000);
    }
    /* Now its only segment is empty; a failed commit there must not lose the name. */
    faults_on(FAULT_DATASYNC, 1, 1, EIO);
    assert_false(test_append(j, 9, 1, 10, &seq, &err));
    (void)faults_off();
    journal_close(j);
    j = open_or_fail(1024);
    assert_true(journal_next_seq(j) >= 5);
    journal_close(j);
    j = open_or_fail(1024);
    assert_true(test_append(j, 10, 1, 10, &seq, &err));
    assert_true(seq >= 5);
    journal_close(j);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(survives_every_failing_call),        T(survives_a_crash_during_a_failure),
        T(lets_one_try_while_failing),         T(stops_at_its_size_limit),
        T(an_empty_segment_keeps_the_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
