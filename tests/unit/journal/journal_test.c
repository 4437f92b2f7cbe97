/* SPDX-License-Identifier: Apache-2.0 */
/* The journal through its public door: what was acknowledged is there, in order, whole, again. */
#include "support/cmocka.h"

#include "journal/journal.h"
#include "support/dir.h"
#include "support/journal.h"

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

static void closes_nothing(void **state)
{
    (void)state;
    journal_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gives_back_what_was_appended, setup, teardown),
        cmocka_unit_test(closes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
