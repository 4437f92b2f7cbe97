/* SPDX-License-Identifier: Apache-2.0 */
/* One segment file: names, making, mapping, and the search behind damage. */
#include "support/cmocka.h"

#include "journal/segment.c"
#include "support/dir.h"
#include "support/faults.h"

static struct test_dir dir;
static struct err err;

static int setup(void **state)
{
    (void)state;
    test_dir_make(&dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)faults_off();
    test_dir_remove(&dir);
    return 0;
}

static void names_are_numbers(void **state)
{
    (void)state;
    uint64_t seq;
    char path[SEGMENT_PATH_BYTES];
    static const struct str bad[] = {
        S_INIT(""),
        S_INIT(".seg"),
        S_INIT("0.seg"),
        S_INIT("00000000000000000000"),
        S_INIT("00000000000000000000.seg.new"),
        S_INIT("0000000000000000000x.seg"),
        S_INIT("-0000000000000000001.seg"),
        S_INIT("18446744073709551616.seg"),
        S_INIT("000000000000000000001.seg"),
    };
    for (size_t i = 0; i < countof(bad); i++) assert_false(segment_parse_name(bad[i], &seq));
    assert_true(segment_parse_name(S("18446744073709551615.seg"), &seq));
    assert_true(seq == UINT64_MAX);
    segment_path(path, "d", seq);
    assert_string_equal(path, "d/18446744073709551615.seg");
    segment_path(path, "d", 7);
    assert_string_equal(path, "d/00000000000000000007.seg");
}

static struct segment *create_or_fail(uint64_t first_seq, uint64_t bytes, int *fd)
{
    struct segment *s = segment_create(dir.path, first_seq, bytes, 5, fd, &err);
    assert_non_null(s);
    return s;
}

static void is_reserved_and_replaces_an_empty_one(void **state)
{
    (void)state;
    int fd, again;
    struct segment *a = create_or_fail(3, 10000, &fd), *b = create_or_fail(3, 20000, &again);
    assert_true(a->mark != b->mark); /* one in four billion times this fails by chance */
    assert_int_equal(file_size(again, &err), 20000);
    assert_true(segment_map(b, dir.path, &err));
    assert_int_equal(b->map_bytes, 20000);
    assert_int_equal(b->previous_ms, 5);
    file_close(fd);
    file_close(again);
    segment_free(a);
    segment_free(b);
    segment_free(NULL);
}

static void a_failed_one_leaves_nothing(void **state)
{
    (void)state;
    static const enum fault_op ops[] = {FAULT_OPEN, FAULT_ALLOCATE, FAULT_WRITE, FAULT_DATASYNC,
                                        FAULT_RENAME};
    struct arena arena = {0};
    struct str *names;
    size_t count;
    for (size_t i = 0; i < countof(ops); i++) {
        int fd = -7;
        faults_on(ops[i], 1, 1, ENOSPC);
        assert_null(segment_create(dir.path, 1, 4096, 0, &fd, &err));
        (void)faults_off();
        assert_int_equal(fd, -7);
        assert_non_null(strstr(err.text, "No space left"));
        assert_non_null(strstr(err.text, "00000000000000000001.seg"));
        assert_true(file_list(dir.path, &arena, &names, &count, &err));
        assert_int_equal(count, 0);
    }
    arena_fini(&arena);
}

/* put writes a chunk of one event, n bytes, at the segment's end; returns where. */
static uint64_t put(struct segment *s, int fd, uint64_t seq, const char *payload, size_t n)
{
    struct chunk_head head = {
        .mark = s->mark, .payload_bytes = (uint32_t)n, .count = 1, .first_seq = seq};
    struct iovec pieces[] = {{&head, sizeof head}, {(void *)payload, n}};
    uint64_t at = atomic_load(&s->end);
    format_seal_chunk(&head, pieces + 1, 1);
    assert_true(file_write_at(fd, pieces, 2, (off_t)at, &err));
    atomic_store(&s->end, at + sizeof head + n);
    return at;
}

static void finds_only_whole_chunks(void **state)
{
    (void)state;
    int fd;
    struct chunk c = {0};
    struct segment *s = create_or_fail(10, 4096, &fd);
    assert_true(segment_map(s, dir.path, &err));
    assert_false(segment_chunk(s, FORMAT_SEGMENT_HEAD, &c));
    uint64_t first = put(s, fd, 10, "aaaa", 4);
    /* The second one's payload holds the mark, as if by chance, and a copy of the first chunk. */
    char tricky[200] = {0};
    memcpy(tricky + 3, &s->mark, 4);
    memcpy(tricky + 50, s->map + first, 36);
    uint64_t second = put(s, fd, 11, tricky, sizeof tricky);
    uint64_t third = put(s, fd, 12, "c", 1);
    assert_true(segment_chunk(s, second, &c) && segment_verify(s, &c));
    assert_int_equal(chunk_end_seq(&c), 12);
    assert_int_equal(chunk_end(&c), third);
    assert_true(segment_search(s, FORMAT_SEGMENT_HEAD, 0, &c));
    assert_int_equal(c.at, first);
    assert_true(segment_search(s, FORMAT_SEGMENT_HEAD, 11, &c));
    assert_int_equal(c.at, second);
    assert_true(
        segment_search(s, second + 1, 11, &c)); /* the planted ones are below 11, or broken */
    assert_int_equal(c.at, third);
    assert_false(segment_search(s, third + 1, 0, &c));
    assert_false(segment_search(s, 1 << 30, 0, &c));
    assert_false(segment_search(s, FORMAT_SEGMENT_HEAD, 13, &c));
    assert_false(segment_chunk(s, UINT64_MAX, &c));
    /* What is not published is not there. */
    atomic_store(&s->end, third + 10);
    assert_false(segment_chunk(s, third, &c));
    assert_false(segment_search(s, second, 12, &c));
    file_close(fd);
    segment_free(s);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(names_are_numbers),
        T(is_reserved_and_replaces_an_empty_one),
        T(a_failed_one_leaves_nothing),
        T(finds_only_whole_chunks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
