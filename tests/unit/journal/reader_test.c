/* SPDX-License-Identifier: Apache-2.0 */
/* Reading: from anywhere, while the writer writes and old segments go away, and from files that
 * somebody damaged while they were open. */
#include "journal/local.h"
#include "journal/reader.c"
#include "support/bytes.h"
#include "support/journal_bench.h"

static void fill(struct journal *j, uint64_t count, size_t pad)
{
    struct err err = {0};
    for (uint64_t i = 0; i < count; i++) assert_true(test_append(j, i, 1, pad, NULL, &err));
}

/* first_id reads seq and gives the id of the view's first event; UINT64_MAX when it cannot. */
static uint64_t first_id(struct journal *j, struct journal_reader *reader, uint64_t seq)
{
    struct err err = {0};
    struct journal_view view;
    if (!journal_read(j, reader, seq, &view, &err)) return UINT64_MAX;
    uint64_t id = UINT64_MAX;
    if (view.first_seq == seq)
        id = test_event_id(str_head(view.records, event_record_size(view.records)));
    journal_release(j, &view);
    return id;
}

static void reads_from_anywhere(void **state)
{
    (void)state;
    struct journal_reader reader = {0};
    struct journal *j = open_or_fail(16 * 1024);
    struct err err = {0};
    for (uint64_t i = 0; i < 300; i += 5) assert_true(test_append(j, i, 5, 100, NULL, &err));
    uint64_t random = 12345;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 2000; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            uint64_t seq = (random >> 33) % 300;
            assert_int_equal(first_id(j, i % 2 ? &reader : &(struct journal_reader){0}, seq), seq);
        }
        for (uint64_t seq = 0; seq < 300; seq++) assert_int_equal(first_id(j, &reader, seq), seq);
        for (uint64_t seq = 300; seq--;) assert_int_equal(first_id(j, &reader, seq), seq);
        journal_close(j);
        j = open_or_fail(16 * 1024);
        reader = (struct journal_reader){0};
    }
    journal_close(j);
}

static void a_view_goes_to_the_end_of_its_chunk(void **state)
{
    (void)state;
    struct err err = {0};
    struct journal_reader reader = {0};
    struct journal_view view;
    struct journal *j = open_or_fail(0);
    assert_true(test_append(j, 70, 7, 20, NULL, &err));
    assert_true(journal_read(j, &reader, 3, &view, &err));
    assert_int_equal(view.first_seq, 3);
    assert_int_equal(view.count, 4);
    assert_true(view.commit_ms > clock_now_ms() - MS_PER_MINUTE);
    journal_release(j, &view);
    assert_null(view.pin);
    journal_release(j, &view); /* once more does nothing */
    assert_false(journal_read(j, &reader, 7, &view, &err));
    assert_int_equal(err.kind, ERR_NONE);
    assert_false(journal_read(j, &reader, UINT64_MAX, &view, &err));
    assert_int_equal(err.kind, ERR_NONE);
    journal_close(j);
}

/* A large chunk taken in pieces: each read goes on where the last view began, in either direction. */
static void a_chunk_may_be_taken_in_pieces(void **state)
{
    (void)state;
    struct err err = {0};
    struct journal_reader reader = {0};
    struct journal *j = open_or_fail(0);
    assert_true(test_append(j, 0, 500, 100, NULL, &err));
    assert_true(test_append(j, 500, 500, 100, NULL, &err));
    for (uint64_t seq = 0; seq < 1000; seq += 7) {
        assert_int_equal(first_id(j, &reader, seq), seq);
        assert_int_equal(reader.record_seq, seq);
    }
    for (uint64_t seq = 999; seq > 10; seq -= 10) assert_int_equal(first_id(j, &reader, seq), seq);
    journal_close(j);
}

/* While it is taken in pieces it is not checked again; whoever comes to it anew does. */
static void a_chunk_is_checked_when_come_to(void **state)
{
    (void)state;
    struct err err = {0};
    struct journal_reader reader = {0};
    struct journal_view view;
    char path[512];
    struct journal *j = open_or_fail(0);
    assert_true(test_append(j, 0, 5, 100, NULL, &err));
    assert_true(test_append(j, 5, 5, 100, NULL, &err));
    assert_int_equal(first_id(j, &reader, 1), 1);
    (void)snprintf(path, sizeof path, "%s/%020d.seg", dir.path, 0);
    FILE *f = fopen(path, "r+");
    assert_non_null(f);
    assert_int_equal(fseek(f, FORMAT_SEGMENT_HEAD + FORMAT_CHUNK_HEAD + 40, SEEK_SET), 0);
    assert_int_equal(fputc(0x7f, f), 0x7f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(first_id(j, &reader, 2), 2);
    assert_int_equal(first_id(j, &reader, 5), 5);
    assert_false(journal_read(j, &reader, 2, &view, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_int_equal(reader.skip_to, 5);
    journal_close(j);
}

/* Reading on walks one head, and a jump walks at most from the last waypoint. */
static void walks_little(void **state)
{
    (void)state;
    struct journal_reader reader = {0};
    struct journal *j = open_or_fail(4 << 20);
    fill(j, 100, 20 * 1024);
    for (uint64_t seq = 0; seq < 100; seq++) assert_int_equal(first_id(j, &reader, seq), seq);
    struct segment *s = local_of(j)->segments[0];
    for (uint64_t seq = 0; seq < 100; seq++) {
        uint64_t at = segment_waypoint(s, seq);
        struct chunk c = {0};
        assert_true(segment_chunk(s, at, &c));
        assert_true(c.head.first_seq <= seq && seq - c.head.first_seq <= 14);
    }
    journal_close(j);
}

/* Only so many segments stay mapped, however many are read; one that is pinned stays. */
static void maps_a_bounded_number(void **state)
{
    (void)state;
    struct err err = {0};
    struct journal_reader reader = {0};
    struct journal_view pinned;
    enum { SEGMENTS = LIMIT_SEGMENTS_MAPPED + 20 };
    struct journal *j = open_or_fail(1024);
    fill(j, SEGMENTS, 600);
    assert_true(journal_read(j, &reader, 0, &pinned, &err));
    for (uint64_t seq = 0; seq < SEGMENTS; seq++) {
        assert_int_equal(first_id(j, &reader, seq), seq);
        assert_true(local_of(j)->mapped <= LIMIT_SEGMENTS_MAPPED);
    }
    assert_int_equal(test_event_id(pinned.records), 0);
    assert_non_null(local_of(j)->segments[0]->map);
    assert_null(local_of(j)->segments[1]->map);
    journal_release(j, &pinned);
    journal_close(j);
}

static void a_pinned_view_outlives_trimming(void **state)
{
    (void)state;
    struct err err = {0};
    struct journal_reader reader = {0};
    struct journal_view a, b;
    struct journal *j = open_or_fail(1024);
    fill(j, 20, 300);
    assert_true(journal_read(j, &reader, 0, &a, &err));
    assert_true(journal_read(j, &reader, 1, &b, &err));
    journal_set_limits(j, 4096, 0);
    assert_true(journal_trim(j, 20, 20, &err));
    assert_true(journal_oldest_seq(j) > 1);
    assert_int_equal(test_event_id(a.records), 0);
    journal_release(j, &a);
    assert_int_equal(test_event_id(b.records), 1);
    journal_release(j, &b);
    assert_false(journal_read(j, &reader, 1, &a, &err));
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_int_equal(reader.skip_to, journal_oldest_seq(j));
    assert_int_equal(first_id(j, &reader, reader.skip_to), reader.skip_to);
    journal_close(j);
}

/* Somebody makes the file shorter while it is mapped: an error, not SIGBUS. */
static void a_shortened_file_is_an_error(void **state)
{
    (void)state;
    struct err err = {0};
    struct journal_reader reader = {0};
    struct journal_view view;
    char path[512];
    struct journal *j = open_or_fail(1 << 20);
    fill(j, 100, 1000);
    assert_int_equal(first_id(j, &reader, 99), 99);
    (void)snprintf(path, sizeof path, "%s/%020d.seg", dir.path, 0);
    assert_int_equal(truncate(path, 4096), 0);
    assert_false(journal_read(j, &reader, 99, &view, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_int_equal(reader.skip_to, 100);
    assert_false(journal_read(j, &(struct journal_reader){0}, 50, &view, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_int_equal(first_id(j, &(struct journal_reader){0}, 1), 1);
    journal_close(j);
}

/* A chunk whose length is wrong hides the way, not the events behind it. */
static void finds_the_way_behind_a_broken_head(void **state)
{
    (void)state;
    struct buf bytes = {0};
    char path[512];
    struct journal *j = open_or_fail(1 << 20);
    struct err err = {0};
    struct journal_view view;
    struct chunk_head head;
    fill(j, 10, 100);
    journal_close(j);
    (void)snprintf(path, sizeof path, "%s/%020d.seg", dir.path, 0);
    test_file_read(path, &bytes);
    uint64_t at = FORMAT_SEGMENT_HEAD;
    for (int i = 0; i < 3; i++) {
        memcpy(&head, bytes.p + at, sizeof head);
        at += sizeof head + head.payload_bytes;
    }
    bytes.p[at + offsetof(struct chunk_head, payload_bytes)] ^= 8; /* event 3 */
    test_file_write(path, buf_str(&bytes));
    j = open_or_fail(1 << 20);
    assert_int_equal(journal_next_seq(j), 10);
    for (uint64_t seq = 0; seq < 10; seq++) {
        struct journal_reader reader = {0};
        if (seq != 3)
            assert_int_equal(first_id(j, &reader, seq), seq);
        else
            assert_false(journal_read(j, &reader, seq, &view, &err));
        if (seq == 3) assert_int_equal(reader.skip_to, 4);
    }
    journal_close(j);
    buf_fini(&bytes);
}

/* Records that are not core/event.h's cannot be counted off; the rest of the chunk is skipped. */
static void records_of_another_kind_are_told(void **state)
{
    (void)state;
    struct err err = {0};
    struct journal_reader reader = {0};
    struct journal_view view;
    struct test_append t;
    struct journal *j = open_or_fail(0);
    test_append_init(&t, 1, 2, 10);
    t.append.records = S("this is not a record, and this is not one either");
    assert_true(journal_submit(j, &t.append, &err));
    assert_true(test_append_wait(&t));
    assert_true(
        journal_read(j, &reader, 0, &view, &err)); /* the journal looks inside only to count */
    journal_release(j, &view);
    assert_false(journal_read(j, &reader, 1, &view, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_int_equal(reader.skip_to, 2);
    test_append_fini(&t);
    journal_close(j);
}

/* --- everything at the same time ---------------------------------------------------------------- */

enum { WRITES = 1500, READERS = 3 };

static _Atomic bool writes_done;

struct race {
    struct journal *j;
    _Atomic uint64_t at;
    bool ok;
    struct thread thread;
};

static void read_all(void *ctx)
{
    struct race *r = ctx;
    struct journal_reader reader = {0};
    struct journal_view view, held = {0};
    struct err err = {0};
    r->ok = true;
    for (uint64_t seq = 0; seq < WRITES && r->ok;) {
        if (!journal_read(r->j, &reader, seq, &view, &err)) {
            r->ok = err.kind == ERR_NONE;
            clock_sleep_ms(1);
            continue;
        }
        struct str rest = view.records;
        for (uint32_t i = 0; i < view.count; i++) {
            size_t n = event_record_size(rest);
            r->ok &= test_event_id(str_head(rest, n)) == seq + i;
            rest = str_from(rest, n);
        }
        seq += view.count;
        journal_release(r->j, &held); /* keep one pinned across the next read */
        held = view;
        atomic_store(&r->at, seq);
    }
    journal_release(r->j, &held);
}

static void trim_all(void *ctx)
{
    struct race *races = ctx;
    struct err err = {0};
    while (!atomic_load(&writes_done)) {
        uint64_t keep = UINT64_MAX;
        for (int i = 0; i < READERS; i++) {
            uint64_t at = atomic_load(&races[i].at);
            if (at < keep) keep = at;
        }
        (void)journal_trim(races[0].j, keep, keep, &err); /* checked by what the readers see */
        clock_sleep_ms(1);
    }
}

static void reads_beside_writer_and_trim(void **state)
{
    (void)state;
    struct err err = {0};
    static struct race races[READERS];
    struct thread trimmer = {0};
    struct journal *j = open_or_fail(8 * 1024);
    atomic_store(&writes_done, false);
    for (int i = 0; i < READERS; i++) {
        races[i].j = j;
        atomic_store(&races[i].at, 0);
        thread_start(&races[i].thread, "reader", read_all, &races[i]);
    }
    journal_set_limits(j, 64 * 1024, 0);
    thread_start(&trimmer, "trimmer", trim_all, races);
    for (uint64_t i = 0; i < WRITES;) {
        if (test_append(j, i, 1, 300, NULL, &err))
            i++;
        else
            clock_sleep_ms(1); /* at its size limit until a reader moves on */
    }
    for (int i = 0; i < READERS; i++) thread_join(&races[i].thread);
    atomic_store(&writes_done, true);
    thread_join(&trimmer);
    for (int i = 0; i < READERS; i++) assert_true(races[i].ok);
    assert_true(journal_oldest_seq(j) > 0);
    journal_close(j);
}

/* journal/seek.c: by when it was stored. */
static void finds_times(void **state)
{
    (void)state;
    struct err err = {0};
    struct journal *j = open_or_fail(1024);
    assert_int_equal(journal_find_time(j, 5), 0);
    for (uint64_t i = 0; i < 100; i++) {
        clock_freeze(1000 + (int64_t)i / 10 * 100); /* ten each */
        assert_true(test_append(j, i, 1, 100, NULL, &err));
    }
    assert_int_equal(journal_find_time(j, 0), 0);
    assert_int_equal(journal_find_time(j, 1000), 0);
    for (int64_t i = 1; i < 10; i++) {
        assert_int_equal(journal_find_time(j, 1000 + i * 100), i * 10);
        assert_int_equal(journal_find_time(j, 1000 + i * 100 - 50), i * 10);
    }
    assert_int_equal(journal_find_time(j, 5000), 100);
    journal_close(j);
    clock_thaw();
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(reads_from_anywhere),
        T(a_view_goes_to_the_end_of_its_chunk),
        T(a_chunk_may_be_taken_in_pieces),
        T(a_chunk_is_checked_when_come_to),
        T(walks_little),
        T(maps_a_bounded_number),
        T(a_pinned_view_outlives_trimming),
        T(a_shortened_file_is_an_error),
        T(finds_the_way_behind_a_broken_head),
        T(records_of_another_kind_are_told),
        T(reads_beside_writer_and_trim),
        T(finds_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
