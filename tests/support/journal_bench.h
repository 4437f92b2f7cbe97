/* SPDX-License-Identifier: Apache-2.0 */
/* A directory with journals in it, for the tests of a whole journal on good and bad disks; whatever a test
 * did to the disk and the clock is undone behind it. */
#ifndef SUPPORT_JOURNAL_BENCH_H
#define SUPPORT_JOURNAL_BENCH_H

#include "support/cmocka.h"
#include "support/dir.h"
#include "support/faults.h"
#include "support/journal.h"
#include "sys/clock.h"

static struct test_dir dir;

static inline int setup(void **state)
{
    (void)state;
    test_dir_make(&dir);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    (void)faults_off();
    clock_thaw();
    test_dir_remove(&dir);
    return 0;
}

static inline struct journal *open_or_fail(size_t segment_bytes)
{
    struct journal *j = test_journal_open(dir.path, segment_bytes);
    assert_non_null(j);
    return j;
}

static inline struct journal_stats stats_of(struct journal *j)
{
    struct journal_stats stats;
    journal_stats(j, &stats);
    return stats;
}

#endif
