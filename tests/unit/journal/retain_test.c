/* SPDX-License-Identifier: Apache-2.0 */
/* journal/retain.c: what trimming takes and what it leaves: by age, by size, never an unfinished event. */
#include "support/cmocka.h"

#include "base/time.h"
#include "journal/journal.h"
#include "journal/segment.h"
#include "support/dir.h"
#include "support/faults.h"
#include "support/journal.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/pages.h"

#include <assert.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/vfs.h>

static struct test_dir dir;
static int64_t now_ms;
static struct err err;

static int setup(void **state)
{
    (void)state;
    test_dir_make(&dir);
    now_ms = 1795284000000;
    clock_freeze(now_ms);
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

static struct journal *open_with(size_t segment_bytes, uint64_t max_bytes, int64_t retention_ms)
{
    struct journal *j = journal_open(&(struct journal_options){.dir = dir.path,
                                                               .segment_bytes = segment_bytes,
                                                               .max_bytes = max_bytes,
                                                               .retention_ms = retention_ms},
                                     &err);
    assert_non_null(j);
    return j;
}

static void later(int64_t ms)
{
    now_ms += ms;
    clock_freeze(now_ms);
}

/* add makes count segments of one event each, a minute apart. */
static void add(struct journal *j, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        assert_true(test_append(j, i, 1, 600, NULL, &err));
        later(MS_PER_MINUTE);
    }
}

static uint64_t oldest_after_trim(struct journal *j, uint64_t keep_seq)
{
    assert_true(journal_trim(j, keep_seq, keep_seq, &err));
    return journal_oldest_seq(j);
}

static void keeps_all_without_a_rule(void **state)
{
    (void)state;
    struct journal *j = open_with(1024, 0, 0);
    add(j, 10);
    later(1000 * MS_PER_DAY);
    assert_int_equal(oldest_after_trim(j, 10), 0);
    journal_close(j);
}

static void takes_what_is_old_and_finished(void **state)
{
    (void)state;
    struct journal *j = open_with(1024, 0, 100 * MS_PER_MINUTE);
    add(j, 10);                /* committed at minutes 0 .. 9; it is minute 10 */
    later(95 * MS_PER_MINUTE); /* minute 105: older than 100 are events 0 .. 4 */
    assert_int_equal(oldest_after_trim(j, 0), 0);
    assert_int_equal(oldest_after_trim(j, 3), 3);
    assert_int_equal(oldest_after_trim(j, 10), 5);
    /* The same after a restart, when the ages have to be read from the files. */
    journal_close(j);
    j = open_with(1024, 0, 100 * MS_PER_MINUTE);
    assert_int_equal(oldest_after_trim(j, 10), 5);
    later(2 * MS_PER_MINUTE);
    assert_int_equal(oldest_after_trim(j, 10), 7);
    journal_set_limits(j, 0, MS_PER_MINUTE);
    assert_int_equal(oldest_after_trim(j, 10), 10); /* the newest began empty with this start */
    journal_close(j);
}

/* When only the newest segment is left and old, it goes too, and the numbers go on. */
static void takes_the_last_old_events(void **state)
{
    (void)state;
    uint64_t seq, ids[8];
    struct journal *j = open_with(1 << 20, 0, MS_PER_DAY);
    add(j, 5);
    later(2 * MS_PER_DAY);
    assert_int_equal(oldest_after_trim(j, 4), 0); /* event 4 is not finished */
    for (int tries = 0; oldest_after_trim(j, 5) != 5; tries++) assert_true(tries < 1000000);
    assert_int_equal(test_journal_read_ids(j, 5, ids, 8, &err), 0);
    journal_close(j);
    j = open_with(1 << 20, 0, MS_PER_DAY);
    assert_int_equal(journal_next_seq(j), 5);
    assert_int_equal(journal_oldest_seq(j), 5);
    assert_true(test_append(j, 9, 1, 10, &seq, &err));
    assert_int_equal(seq, 5);
    journal_close(j);
}

/* With slow traffic a segment is left long before it is full, so that its events can go in time. */
static void slow_traffic_does_not_keep_events_long(void **state)
{
    (void)state;
    struct journal *j = open_with(1 << 20, 0, 4 * MS_PER_DAY);
    for (uint64_t day = 0; day < 40; day++) {
        assert_true(test_append(j, day, 1, 10, NULL, &err));
        later(MS_PER_DAY);
        uint64_t oldest = oldest_after_trim(j, day + 1);
        assert_true(day < 7 || oldest + 7 > day);
    }
    journal_close(j);
}

static void takes_what_is_too_much(void **state)
{
    (void)state;
    struct journal_stats stats;
    struct journal *j = open_with(1024, 0, 0);
    add(j, 20);
    journal_set_limits(j, 10 * 1024, 0);
    assert_int_equal(oldest_after_trim(j, 5), 5);
    uint64_t oldest = oldest_after_trim(j, 20);
    journal_stats(j, &stats);
    assert_in_range(stats.bytes, 5 * 1024, 9 * 1024); /* room for one more segment */
    assert_in_range(oldest, 6, 12);
    add(j, 1);
    journal_close(j);
}

static void a_disk_that_refuses_is_told(void **state)
{
    (void)state;
    struct journal *j = open_with(1024, 0, MS_PER_DAY);
    add(j, 10);
    later(2 * MS_PER_DAY);
    faults_on(FAULT_UNLINK, 3, 1, EIO);
    assert_false(journal_trim(j, 10, 10, &err));
    assert_int_equal(err.kind, ERR_IO);
    (void)faults_off();
    assert_int_equal(journal_oldest_seq(j), 2);
    faults_on(FAULT_SYNC, 1, 1, EIO);
    assert_false(journal_trim(j, 5, 5, &err));
    (void)faults_off();
    assert_int_equal(journal_oldest_seq(j), 5);
    assert_int_equal(oldest_after_trim(j, 10), 9);
    journal_close(j);
}

/* A head that cannot be read hides one age, not all of them. */
static void damage_does_not_stop_trimming(void **state)
{
    (void)state;
    char path[512];
    struct journal *j = open_with(1024, 0, MS_PER_DAY);
    add(j, 10);
    journal_close(j);
    (void)snprintf(path, sizeof path, "%s/%020d.seg", dir.path, 2);
    assert_int_equal(truncate(path, 7), 0);
    j = open_with(1024, 0, MS_PER_DAY);
    later(2 * MS_PER_DAY);
    assert_int_equal(oldest_after_trim(j, 10), 10);
    journal_close(j);
}

/* How many pages of segment first_seq are in memory. They are not touched here, so they are not brought there. */
static size_t pages_in_memory(uint64_t first_seq)
{
    enum { PAGES_MAX = 64 };
    unsigned char there[PAGES_MAX];
    char path[SEGMENT_PATH_BYTES];
    segment_path(path, dir.path, first_seq);
    int fd = file_open(path, O_RDWR, 0, &err);
    assert_true(fd >= 0);
    off_t bytes = file_size(fd, &err);
    assert_true(bytes > 0 && pages_used((size_t)bytes) / pages_used(1) <= PAGES_MAX);
    void *map = mmap(NULL, (size_t)bytes, PROT_READ, MAP_SHARED, fd, 0);
    assert_true(map != MAP_FAILED);
    assert_int_equal(mincore(map, (size_t)bytes, there), 0);
    size_t count = 0;
    for (size_t i = 0; i < pages_used((size_t)bytes) / pages_used(1); i++) count += there[i] & 1;
    file_unmap(map, (size_t)bytes);
    file_close(fd);
    return count;
}

/* Three segments of one event: what is finished leaves memory, not what somebody still reads or wants, and comes
 * again when it is read. The page that was cut may stay: it is not on the disk yet. */
static void finished_events_leave_memory(void **state)
{
    (void)state;
    enum { BYTES = 40960 };
    size_t all = pages_used(BYTES) / pages_used(1);
    struct journal_view view;
    struct journal_reader reader = {0};
    struct statfs fs;
    assert_int_equal(statfs(dir.path, &fs), 0);
    if (fs.f_type == TMPFS_MAGIC) skip(); /* memory is all it has */
    struct journal *j = open_with(48 * 1024, 0, 0);
    for (uint64_t i = 0; i < 3; i++) assert_true(test_append(j, i, 1, BYTES, NULL, &err));
    assert_true(pages_in_memory(0) >= all);
    assert_true(journal_read(j, &reader, 0, &view, &err));
    assert_int_equal(oldest_after_trim(j, 3), 0);
    assert_true(pages_in_memory(0) >= all); /* being read */
    journal_release(j, &view);
    assert_int_equal(oldest_after_trim(j, 1), 0);
    assert_true(pages_in_memory(0) <= 1);
    assert_true(pages_in_memory(1) >= all); /* wanted */
    assert_int_equal(oldest_after_trim(j, 3), 0);
    assert_true(pages_in_memory(1) <= 1);
    assert_true(pages_in_memory(2) >= all); /* being written */
    assert_true(journal_read(j, &reader, 0, &view, &err));
    assert_int_equal(test_event_id(view.records), 0);
    journal_release(j, &view);
    journal_close(j);
}

/* A segment is mapped for a reader while its memory is given back; a race is for the thread sanitizer to find. */
enum { READ_SEGMENTS = 200 };

struct reading {
    struct journal *j;
    atomic_uint_least64_t finished;
};

static void read_behind(void *ctx)
{
    struct reading *r = ctx;
    struct err failed;
    for (uint64_t seq = 0; seq < READ_SEGMENTS; seq++) {
        struct journal_view view;
        struct journal_reader reader = {0};
        while (atomic_load_explicit(&r->finished, memory_order_relaxed) <= seq) {}
        bool read = journal_read(r->j, &reader, seq, &view, &failed);
        assert(read && test_event_id(view.records) == seq);
        journal_release(r->j, &view);
    }
}

static void memory_is_given_back_beside_readers(void **state)
{
    (void)state;
    struct thread thread;
    struct reading r = {.j = open_with(1024, 0, 0)};
    add(r.j, READ_SEGMENTS);
    thread_start(&thread, "reader", read_behind, &r);
    for (uint64_t keep = 1; keep <= READ_SEGMENTS; keep++) {
        atomic_store_explicit(&r.finished, keep, memory_order_relaxed);
        assert_int_equal(oldest_after_trim(r.j, keep), 0);
    }
    thread_join(&thread);
    journal_close(r.j);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(keeps_all_without_a_rule),
        T(takes_what_is_old_and_finished),
        T(takes_the_last_old_events),
        T(slow_traffic_does_not_keep_events_long),
        T(takes_what_is_too_much),
        T(a_disk_that_refuses_is_told),
        T(damage_does_not_stop_trimming),
        T(finished_events_leave_memory),
        T(memory_is_given_back_beside_readers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
