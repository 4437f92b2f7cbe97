/* SPDX-License-Identifier: Apache-2.0 */
/* Recovery, journal/local.c: whatever a crash or a bad disk left, opening never loses a whole chunk, never shows half
 * of one, and the journal takes events again. */
#include "support/cmocka.h"

#include "journal/format.h"
#include "journal/journal.h"
#include "support/bytes.h"
#include "support/dir.h"
#include "support/journal.h"

static struct test_dir dir, copy;
static struct buf original, damaged;
static char segment[512]; /* the copy's first segment */

static int setup(void **state)
{
    (void)state;
    test_dir_make(&dir);
    test_dir_make(&copy);
    (void)snprintf(segment, sizeof segment, "%s/00000000000000000000.seg", copy.path);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_dir_remove(&dir);
    test_dir_remove(&copy);
    buf_fini(&original);
    buf_fini(&damaged);
    return 0;
}

static struct journal *open_or_fail(const char *path, size_t segment_bytes)
{
    struct journal *j = test_journal_open(path, segment_bytes);
    assert_non_null(j);
    return j;
}

static void append(struct journal *j, uint64_t id, uint32_t count, size_t pad)
{
    struct err err = {0};
    assert_true(test_append(j, id, count, pad, NULL, &err));
}

static void assert_ids(struct journal *j, uint64_t seq, const uint64_t *expected, size_t count)
{
    struct err err = {0};
    uint64_t ids[64];
    assert_int_equal(test_journal_read_ids(j, seq, ids, countof(ids), &err), count);
    for (size_t i = 0; i < count; i++) assert_int_equal(ids[i], expected[i]);
}

static uint64_t cut_bytes(struct journal *j)
{
    struct journal_stats stats;
    journal_stats(j, &stats);
    return stats.cut_bytes;
}

/* make_three writes three commits of two events (ids 10, 20, 30) into dir; original is the segment as
 * it is while the journal is open, reserve included. ends[i] is where commit i ends. */
static void make_three(uint64_t ends[3])
{
    struct journal *j = open_or_fail(dir.path, 4096);
    uint64_t at = FORMAT_SEGMENT_HEAD;
    for (uint32_t i = 0; i < 3; i++) append(j, 10 * (i + 1), 2, 40 + i);
    test_dir_copy(dir.path, copy.path);
    journal_close(j);
    test_file_read(segment, &original);
    for (size_t i = 0; i < 3; i++) {
        struct chunk_head head;
        memcpy(&head, original.p + at, sizeof head);
        ends[i] = at += sizeof head + head.payload_bytes;
    }
    assert_int_equal(original.n, 4096);
}

/* damage_as puts original into the copy, cut to n bytes, with what stands from at on, len bytes,
 * inverted or zeroed. */
static void damage_as(size_t n, size_t at, size_t len, bool zero)
{
    struct err err = {0};
    buf_clear(&damaged);
    buf_put(&damaged, str_of(original.p, n));
    for (size_t i = at; i < at + len; i++) damaged.p[i] = zero ? 0 : (char)~damaged.p[i];
    test_dir_remove(&copy);
    assert_true(file_make_dirs(copy.path, &err));
    test_file_write(segment, buf_str(&damaged));
}

static void damage(size_t n, size_t at, size_t len)
{
    damage_as(n, at, len, false);
}

/* assert_recovers_two: events of the first two commits are there, and it goes on from 4. */
static void assert_recovers_two(void)
{
    struct err err = {0};
    uint64_t seq;
    struct journal *j = open_or_fail(copy.path, 4096);
    assert_int_equal(journal_next_seq(j), 4);
    assert_ids(j, 0, (uint64_t[]){10, 11, 20, 21}, 4);
    assert_true(test_append(j, 40, 1, 40, &seq, &err));
    assert_int_equal(seq, 4);
    journal_close(j);
    j = open_or_fail(copy.path, 4096);
    assert_int_equal(cut_bytes(j), 0);
    assert_ids(j, 0, (uint64_t[]){10, 11, 20, 21, 40}, 5);
    journal_close(j);
}

static void keeps_all_after_a_kill(void **state)
{
    (void)state;
    uint64_t ends[3];
    make_three(ends);
    damage(original.n, 0, 0);
    struct journal *j = open_or_fail(copy.path, 4096);
    assert_int_equal(cut_bytes(j), 0);
    assert_ids(j, 0, (uint64_t[]){10, 11, 20, 21, 30, 31}, 6);
    journal_close(j);
}

static void cuts_a_torn_tail_at_every_byte(void **state)
{
    (void)state;
    uint64_t ends[3];
    make_three(ends);
    for (size_t n = ends[1]; n < ends[2]; n++) {
        damage(n, 0, 0);
        assert_recovers_two();
    }
}

/* The same with the file at full length: what had not reached the disk reads as zeros. */
static void cuts_a_half_written_tail(void **state)
{
    (void)state;
    uint64_t ends[3];
    make_three(ends);
    for (size_t n = ends[1]; n < ends[2]; n++) {
        damage_as(original.n, n, ends[2] - n, true);
        struct journal *j = open_or_fail(copy.path, 4096);
        /* The mark, four bytes, is not zero, but any one of them may be. */
        assert_in_range(cut_bytes(j), n >= ends[1] + 4, n - ends[1]);
        journal_close(j);
        assert_recovers_two();
    }
}

static void cuts_a_tail_with_any_byte_flipped(void **state)
{
    (void)state;
    uint64_t ends[3];
    make_three(ends);
    for (size_t at = ends[1]; at < ends[2]; at++) {
        damage(original.n, at, 1);
        assert_recovers_two();
    }
}

/* Damage with whole chunks behind it is not a torn tail: nothing behind it is given up, and whoever
 * reads there learns the place and where to go on. */
static void tells_damage_in_the_middle(void **state)
{
    (void)state;
    uint64_t ends[3];
    make_three(ends);
    for (size_t at = ends[0]; at < ends[1]; at++) {
        struct err err = {0};
        struct journal_reader reader = {0};
        struct journal_view view;
        char place[64];
        damage(original.n, at, 1);
        struct journal *j = open_or_fail(copy.path, 4096);
        assert_int_equal(journal_next_seq(j), 6);
        assert_true(journal_read(j, &reader, 0, &view, &err));
        assert_int_equal(view.count, 2);
        journal_release(j, &view);
        for (int again = 0; again < 2; again++) {
            assert_false(journal_read(j, &reader, 2, &view, &err));
            assert_int_equal(err.kind, ERR_IO);
            (void)snprintf(place, sizeof place, "damaged at byte %llu",
                           (unsigned long long)ends[0]);
            assert_non_null(strstr(err.text, place));
            assert_non_null(strstr(err.text, "00000000000000000000.seg"));
            assert_int_equal(reader.skip_to, 4);
        }
        assert_ids(j, 4, (uint64_t[]){30, 31}, 2);
        append(j, 40, 1, 40);
        journal_close(j);
        j = open_or_fail(copy.path, 4096);
        assert_ids(j, 4, (uint64_t[]){30, 31, 40}, 3);
        assert_false(journal_read(j, &(struct journal_reader){0}, 3, &view, &err));
        journal_close(j);
    }
}

/* The same in an older segment, which opening does not look into. */
static void finds_damage_in_older_segments(void **state)
{
    (void)state;
    struct err err = {0};
    struct journal_reader reader = {0};
    struct journal_view view;
    struct journal *j = open_or_fail(copy.path, 1024);
    for (uint32_t i = 0; i < 10; i++) append(j, i, 1, 500);
    journal_close(j);
    test_file_read(segment, &original);
    original.p[original.n - 1] ^= 1;
    test_file_write(segment, buf_str(&original));
    j = open_or_fail(copy.path, 1024);
    assert_int_equal(journal_next_seq(j), 10);
    assert_false(journal_read(j, &reader, 0, &view, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_int_equal(reader.skip_to, 1);
    assert_ids(j, 1, (uint64_t[]){1, 2, 3, 4, 5, 6, 7, 8, 9}, 9);
    /* A whole older segment that is cut short, then one that is gone. */
    for (size_t n = 0; n < FORMAT_SEGMENT_HEAD + FORMAT_CHUNK_HEAD; n += 8) {
        journal_close(j);
        test_file_write(segment, str_of(original.p, n));
        j = open_or_fail(copy.path, 1024);
        assert_false(journal_read(j, &reader, 0, &view, &err));
        assert_int_equal(err.kind, ERR_IO);
        assert_non_null(strstr(err.text, "00000000000000000000.seg"));
        assert_int_equal(reader.skip_to, 1);
    }
    journal_close(j);
    assert_true(file_unlink(segment, &err));
    j = open_or_fail(copy.path, 1024);
    assert_int_equal(journal_oldest_seq(j), 1);
    assert_false(journal_read(j, &reader, 0, &view, &err));
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_int_equal(reader.skip_to, 1);
    journal_close(j);
}

static void refuses_a_newest_segment_that_is_not_ours(void **state)
{
    (void)state;
    uint64_t ends[3];
    struct err err = {0};
    struct journal_options options = {.dir = copy.path};
    make_three(ends);
    for (size_t at = 0; at < FORMAT_SEGMENT_HEAD; at++) {
        damage(original.n, at, 1);
        assert_null(journal_open(&options, &err));
        assert_int_equal(err.kind, ERR_IO);
        assert_non_null(strstr(err.text, segment));
    }
    damage(10, 0, 0);
    assert_null(journal_open(&options, &err));
    assert_null(journal_open(&(struct journal_options){.dir = "/proc/no/where"}, &err));
}

static void an_empty_newest_segment_is_fine(void **state)
{
    (void)state;
    uint64_t ends[3];
    make_three(ends);
    const size_t lengths[] = {FORMAT_SEGMENT_HEAD, FORMAT_SEGMENT_HEAD + 5};
    for (size_t i = 0; i < countof(lengths); i++) {
        damage(lengths[i], 0, 0);
        for (int again = 0; again < 2; again++) {
            struct journal *j = open_or_fail(copy.path, 4096);
            assert_int_equal(journal_next_seq(j), 0);
            assert_ids(j, 0, NULL, 0);
            journal_close(j);
        }
        struct journal *j = open_or_fail(copy.path, 4096);
        append(j, 7, 1, 1);
        assert_ids(j, 0, (uint64_t[]){7}, 1);
        journal_close(j);
    }
}

static void clears_leftovers_and_leaves_others(void **state)
{
    (void)state;
    char leftover[512], other[512];
    (void)snprintf(leftover, sizeof leftover, "%s/00000000000000000009.seg.new", dir.path);
    (void)snprintf(other, sizeof other, "%s/notes.txt", dir.path);
    test_file_write(leftover, S("half"));
    test_file_write(other, S("mine"));
    struct journal *j = open_or_fail(dir.path, 0);
    assert_int_equal(access(leftover, F_OK), -1);
    assert_int_equal(access(other, F_OK), 0);
    assert_int_equal(journal_next_seq(j), 0);
    journal_close(j);
}

static void one_process_at_a_time(void **state)
{
    (void)state;
    struct err err = {0};
    struct journal_options options = {.dir = dir.path};
    struct journal *j = open_or_fail(dir.path, 0);
    assert_null(journal_open(&options, &err));
    assert_non_null(strstr(err.text, "another pixeld"));
    journal_close(j);
    j = open_or_fail(dir.path, 0);
    journal_close(j);
}

/* A client cannot plant a chunk: bytes that were one in another segment mean nothing in this one. */
static void ignores_chunks_inside_events(void **state)
{
    (void)state;
    uint64_t ends[3];
    make_three(ends);
    struct journal *j = open_or_fail(dir.path, 1 << 20);
    struct buf record = {0};
    struct event e = {.source = S("x"), .json = str_of(original.p, ends[2])};
    event_encode(&record, &e);
    struct test_append t;
    struct err err = {0};
    test_append_init(&t, 1, 1, 1);
    t.append.records = buf_str(&record);
    assert_true(journal_submit(j, &t.append, &err));
    assert_true(test_append_wait(&t));
    test_append_fini(&t);
    test_dir_remove(&copy);
    assert_true(file_make_dirs(copy.path, &err));
    test_dir_copy(dir.path, copy.path);
    journal_close(j);
    /* The planted chunks stand in a torn one. */
    (void)snprintf(segment, sizeof segment, "%s/%020d.seg", copy.path, 6);
    test_file_read(segment, &original);
    damage(original.n, FORMAT_SEGMENT_HEAD + 8, 1);
    j = open_or_fail(copy.path, 4096);
    assert_int_equal(journal_next_seq(j), 6);
    assert_true(cut_bytes(j) > ends[2]);
    journal_close(j);
    buf_fini(&record);
}

static struct journal *open_behind(uint64_t next_seq_min)
{
    struct err err = {0};
    struct journal_options options = {.dir = dir.path, .next_seq_min = next_seq_min};
    log_setup(LOG_JSON, (enum log_level)(LOG_ERROR + 1));
    struct journal *j = journal_open(&options, &err);
    assert_non_null(j);
    return j;
}

/* A journal that was removed, or restored from an older backup, gives no number twice. */
static void numbers_go_on_behind_those_that_were_given(void **state)
{
    (void)state;
    struct journal_reader reader = {0};
    struct journal_view view;
    struct err err = {0};
    struct journal *j = open_behind(0);
    append(j, 1, 3, 10); /* 0, 1, 2 */
    journal_close(j);
    j = open_behind(2); /* nothing to make up for */
    assert_int_equal(journal_next_seq(j), 3);
    journal_close(j);

    j = open_behind(10);
    assert_int_equal(journal_next_seq(j), 10);
    append(j, 50, 2, 10);
    journal_close(j);
    j = open_behind(0); /* it is known from then on */
    assert_int_equal(journal_next_seq(j), 12);
    assert_ids(j, 10, (const uint64_t[]){50, 51}, 2);
    assert_true(journal_read(j, &reader, 0, &view, &err) && view.count == 3);
    journal_release(j, &view);
    assert_false(journal_read(j, &reader, 5, &view, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_int_equal(reader.skip_to, 10);
    journal_close(j);

    test_dir_remove(&dir);
    j = open_behind(100);
    assert_int_equal(journal_oldest_seq(j), 100);
    assert_false(journal_read(j, &reader, 99, &view, &err));
    assert_int_equal(err.kind, ERR_LIMIT);
    append(j, 7, 1, 10);
    assert_ids(j, 100, (const uint64_t[]){7}, 1);
    journal_close(j);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(keeps_all_after_a_kill),
        T(cuts_a_torn_tail_at_every_byte),
        T(cuts_a_half_written_tail),
        T(cuts_a_tail_with_any_byte_flipped),
        T(tells_damage_in_the_middle),
        T(finds_damage_in_older_segments),
        T(refuses_a_newest_segment_that_is_not_ours),
        T(an_empty_newest_segment_is_fine),
        T(clears_leftovers_and_leaves_others),
        T(one_process_at_a_time),
        T(ignores_chunks_inside_events),
        T(numbers_go_on_behind_those_that_were_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
