/* SPDX-License-Identifier: Apache-2.0 */
/* journal/dedup.c by itself: what is a repetition, what is not, and that no damage or bad disk ever makes an
 * event pass for one. Under the writer: repeats_test.c. */
#include "support/cmocka.h"

#include "base/mem.h"
#include "core/limits.h"
#include "journal/content.h"
#include "journal/dedup.h"
#include "journal/front.h"
#include "support/bytes.h"
#include "support/dir.h"
#include "support/faults.h"
#include "support/journal.h"
#include "sys/clock.h"

#include <fcntl.h>

enum { TABLE_BYTES = 64 * 1024, WINDOW_MS = 60000 };

static struct test_dir dir;
static char path[512];

static int setup(void **state)
{
    (void)state;
    test_dir_make(&dir);
    (void)snprintf(path, sizeof path, "%s/dedup", dir.path);
    log_setup(LOG_JSON, (enum log_level)(LOG_ERROR + 1));
    clock_freeze(1000000000);
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

/* --- the table by itself ------------------------------------------------------------------------ */

static struct dedup *open_table(uint64_t bytes, uint64_t next_seq)
{
    struct err err = {0};
    struct dedup_options options = {
        .path = path, .bytes = bytes, .window_ms = WINDOW_MS, .next_seq = next_seq};
    struct dedup *d = dedup_open(&options, &err);
    if (!d) print_error("%s\n", err.text);
    assert_non_null(d);
    return d;
}

static struct dedup_key key_of(const struct dedup *d, struct str source, unsigned id,
                               struct str json)
{
    char text[24];
    struct dedup_key key;
    (void)snprintf(text, sizeof text, "m-%u", id);
    struct event e = {.source = source, .message_id = str_z(text), .json = json};
    dedup_key(d, &e, content_sum(&e), &key);
    return key;
}

/* Shows one event alone in a chunk that is kept; the number it repeats, or UINT64_MAX. */
static uint64_t take(struct dedup *d, uint64_t seq, unsigned id)
{
    struct dedup_hit hit;
    struct dedup_key key = key_of(d, S("shop"), id, S("{}"));
    dedup_begin(d, seq, 1, clock_now_ms());
    bool found = dedup_show(d, &key, &hit);
    dedup_keep(d);
    dedup_tidy(d);
    return found ? hit.seq : UINT64_MAX;
}

static void knows_what_came_before(void **state)
{
    (void)state;
    struct dedup_hit hit;
    struct dedup *d = open_table(TABLE_BYTES, 0);
    assert_int_equal(take(d, 0, 1), UINT64_MAX);
    assert_int_equal(take(d, 1, 2), UINT64_MAX);
    assert_int_equal(take(d, 2, 1), 0);
    assert_int_equal(take(d, 3, 1), 0); /* still the first one */
    dedup_close(d);
    d = open_table(TABLE_BYTES, 4);
    assert_int_equal(take(d, 4, 2), 1);
    struct dedup_key key = key_of(d, S("shop"), 2, S("{}"));
    assert_true(dedup_find(d, &key, 5, &hit));
    assert_int_equal(hit.seq, 1);
    assert_false(hit.changed);
    struct dedup_key other = key_of(d, S("other"), 2, S("{}")); /* ids are per source */
    assert_false(dedup_find(d, &other, 5, &hit));
    struct dedup_stats stats;
    dedup_stats(d, &stats);
    assert_int_equal(stats.duplicates, 1);
    assert_int_equal(stats.changed, 0);
    dedup_close(d);
}

static void a_chunk_that_failed_leaves_nothing(void **state)
{
    (void)state;
    struct dedup_hit hit;
    struct dedup *d = open_table(TABLE_BYTES, 0);
    struct dedup_key key = key_of(d, S("shop"), 1, S("{}"));
    dedup_begin(d, 0, 1, clock_now_ms());
    assert_false(dedup_show(d, &key, &hit));
    assert_int_equal(take(d, 0, 1), UINT64_MAX); /* sent again: a new event */
    assert_int_equal(take(d, 1, 1), 0);
    dedup_close(d);
}

static void finds_repetitions_within_a_chunk(void **state)
{
    (void)state;
    enum { EVENTS = 1000 };
    static struct dedup_key keys[2 * EVENTS];
    struct dedup *d = open_table(LIMIT_DEDUP_BYTES_MIN, 70);
    for (unsigned i = 0; i < 2 * EVENTS; i++)
        keys[i] = key_of(d, S("shop"), i % EVENTS, i < EVENTS ? S("{\"a\":1}") : S("{\"a\":2}"));
    dedup_begin(d, 70, 2 * EVENTS, clock_now_ms());
    for (unsigned i = 0; i < 2 * EVENTS; i++) {
        struct dedup_hit hit;
        assert_int_equal(dedup_show(d, &keys[i], &hit), i >= EVENTS);
        if (i < EVENTS) continue;
        assert_int_equal(hit.seq, 70 + i - EVENTS);
        assert_true(hit.changed);
    }
    dedup_keep(d);
    struct dedup_stats stats;
    dedup_stats(d, &stats);
    assert_int_equal(stats.changed, EVENTS);
    dedup_close(d);
}

static void the_window_ends(void **state)
{
    (void)state;
    struct dedup *d = open_table(TABLE_BYTES, 0);
    assert_int_equal(take(d, 0, 1), UINT64_MAX);
    for (uint64_t i = 1; i <= 60; i++) {
        clock_freeze(1000000000 + (int64_t)i * 1000);
        assert_int_equal(take(d, i, 100 + (unsigned)i), UINT64_MAX);
    }
    assert_int_equal(take(d, 61, 1), 0); /* a minute is a minute */
    clock_freeze(1000000000 + 62000);
    assert_int_equal(take(d, 62, 1), UINT64_MAX);
    assert_int_equal(take(d, 63, 1), 62); /* a new event, and known as the first from now on */
    dedup_set_window(d, 3600000);
    clock_freeze(1000000000 + 200000);
    assert_int_equal(take(d, 64, 1), 62);
    dedup_close(d);
}

static void the_oldest_makes_room(void **state)
{
    (void)state;
    enum { ENTRIES = TABLE_BYTES / 16 };
    struct dedup *d = open_table(TABLE_BYTES, 0);
    for (unsigned i = 0; i < 4 * ENTRIES; i++) assert_int_equal(take(d, i, i), UINT64_MAX);
    struct dedup_stats stats;
    dedup_stats(d, &stats);
    unsigned known = 0, old = 0;
    for (unsigned i = 0; i < 4 * ENTRIES; i++) {
        struct dedup_hit hit;
        struct dedup_key key = key_of(d, S("shop"), i, S("{}"));
        bool found = dedup_find(d, &key, 4 * ENTRIES, &hit);
        if (found) assert_int_equal(hit.seq, i);
        known += found;
        old += found && i < ENTRIES;
    }
    assert_true(known > ENTRIES * 9 / 10 && known <= ENTRIES * 5 / 4);
    assert_in_range(stats.evicted + known, 4 * ENTRIES - 1,
                    4 * ENTRIES);  /* event 0 may be missing */
    assert_true(old < known / 20); /* the old ones went */
    dedup_close(d);
}

/* Takes count ids from `from` on that belong to a line of the front and, in the table, to one of its lines or to
 * another one than that; notes their keys. */
static uint64_t take_at(struct dedup *d, uint64_t seq, uint64_t line, bool same, unsigned from,
                        unsigned count, struct dedup_key keys[])
{
    enum { FRONT = TABLE_BYTES / 64 / 4 };
    for (unsigned id = from, taken = 0; taken < count; id++) {
        struct dedup_key key = key_of(d, S("shop"), id, S("{}"));
        uint64_t its = front_line(FRONT, key.tag);
        if (its / FRONT_SHARE != line / FRONT_SHARE || (its == line) != same) continue;
        assert_int_equal(take(d, seq++, id), UINT64_MAX);
        keys[taken++] = key;
    }
    return seq;
}

/* Five ids of one line that are moved together, the oldest last: it is what goes. It lies at the end of the front,
 * with room for no other one there. */
static void the_oldest_goes_in_any_order(void **state)
{
    enum { IDS = 5, LINES = TABLE_BYTES / 64, FRONT = LINES / 4, FIRST = 1 };
    struct dedup_key keys[IDS], fillers[FRONT_ENTRIES - 1];
    struct dedup_hit hit;
    struct dedup_stats stats;
    (void)state;
    struct dedup *d = open_table(TABLE_BYTES, FIRST);
    uint64_t seq = take_at(d, FIRST, LINES - 1, false, 0, FRONT_ENTRIES - 1, fillers);
    seq = take_at(d, seq, LINES - 1, true, 0, IDS, keys);
    unsigned char lines[LINES] = {0};
    lines[LINES - 1] = 4;
    for (unsigned id = 1 << 24; seq < FIRST + 2 * FRONT; id++) { /* until it is moved */
        struct dedup_key key = key_of(d, S("shop"), id, S("{}"));
        if (lines[front_line(FRONT, key.tag)]++ >= 3) continue;
        (void)take(d, seq++, id);
    }
    dedup_stats(d, &stats);
    assert_int_equal(stats.evicted, 1);
    for (unsigned i = 0; i < IDS; i++) assert_int_equal(dedup_find(d, &keys[i], seq, &hit), i > 0);
    dedup_close(d);
}

/* Takes ids that stay in another line than this one until their piece is moved; the number behind the last. */
static uint64_t take_until_moved(struct dedup *d, uint64_t seq, uint64_t line, unsigned *id)
{
    enum { FRONT = TABLE_BYTES / 64 / 4, FULL = 2 * FRONT };
    for (unsigned taken = 0; taken < FULL; ++*id) {
        struct dedup_key key = key_of(d, S("shop"), *id, S("{}"));
        if (front_line(FRONT, key.tag) == line) continue;
        (void)take(d, seq++, *id);
        taken++;
    }
    return seq;
}

/* A machine that fails may leave the front as it was before a piece was moved, and what was moved since: the
 * older entry of an id does not replace the newer one. */
static void an_older_entry_replaces_nothing(void **state)
{
    enum { HEAD = 4096, FRONT = TABLE_BYTES / 64 / 4, FRONT_BYTES = FRONT * 64 };
    struct buf before = {0}, after = {0};
    struct dedup_hit hit;
    unsigned others = 100;
    (void)state;
    struct dedup *d = open_table(TABLE_BYTES, 1);
    struct dedup_key key = key_of(d, S("shop"), 1, S("{}"));
    uint64_t line = front_line(FRONT, key.tag);
    assert_int_equal(take(d, 1, 1), UINT64_MAX);
    test_file_read(path, &before);
    clock_freeze(1000000000 + WINDOW_MS);
    uint64_t seq = take_until_moved(d, 2, line, &others);
    clock_freeze(1000000000 + 10 * WINDOW_MS);
    uint64_t again = seq++;
    assert_int_equal(take(d, again, 1), UINT64_MAX); /* too late for a repetition */
    seq = take_until_moved(d, seq, line, &others);
    dedup_close(d);
    test_file_read(path, &after);
    memcpy(after.p + HEAD, before.p + HEAD, FRONT_BYTES);
    test_file_write(path, buf_str(&after));
    d = open_table(TABLE_BYTES, seq);
    seq = take_until_moved(d, seq, line, &others);
    assert_true(dedup_find(d, &key, seq, &hit));
    assert_int_equal(hit.seq, again);
    dedup_close(d);
    buf_fini(&before);
    buf_fini(&after);
}

/* More at once than fronts can take. */
static void many_in_one_chunk(void **state)
{
    (void)state;
    enum { EVENTS = 30000, FIRST = 1 }; /* 0 is not counted when it is forgotten */
    static struct dedup_key keys[EVENTS];
    struct dedup_hit hit;
    struct dedup *d = open_table(LIMIT_DEDUP_BYTES_MIN, FIRST);
    dedup_begin(d, FIRST, EVENTS, clock_now_ms());
    for (unsigned i = 0; i < EVENTS; i++) {
        keys[i] = key_of(d, S("shop"), i, S("{}"));
        assert_false(dedup_show(d, &keys[i], &hit));
    }
    dedup_keep(d);
    unsigned known = 0;
    for (unsigned i = 0; i < EVENTS; i++) {
        bool found = dedup_find(d, &keys[i], FIRST + EVENTS, &hit);
        if (found) assert_int_equal(hit.seq, FIRST + i);
        known += found;
    }
    struct dedup_stats stats;
    dedup_stats(d, &stats);
    assert_int_equal(stats.evicted + known, EVENTS);
    assert_true(known > EVENTS * 95 / 100); /* in less than half the table few lines are full */
    dedup_close(d);
}

/* What the system has to write back of ids that came in no order is one piece, not pages of the whole table. */
static void one_piece_changes_at_a_time(void **state)
{
    (void)state;
    enum { PIECES = 4, FRONT = 4096, PAGE = 4096, PIECE_PAGES = 64 };
    const size_t lines_at = PAGE + PIECES * FRONT * 16;
    bool moved[PIECES] = {0};
    struct dedup *d = open_table(LIMIT_DEDUP_BYTES_MIN, 0);
    for (unsigned round = 0; round < PIECES; round++) {
        struct buf before = {0}, after = {0};
        size_t piece = SIZE_MAX, pages = 0;
        test_file_read(path, &before);
        for (unsigned i = round * FRONT / 2; i < (round + 1) * FRONT / 2; i++)
            assert_int_equal(take(d, i, i), UINT64_MAX);
        test_file_read(path, &after);
        for (size_t at = lines_at; at < after.n; at += PAGE) {
            if (memcmp(before.p + at, after.p + at, PAGE) == 0) continue;
            size_t its = (at - lines_at) / PAGE / PIECE_PAGES;
            assert_true(piece == SIZE_MAX || piece == its);
            piece = its;
            pages++;
        }
        assert_true(pages > 10);
        assert_false(moved[piece]); /* they take turns */
        moved[piece] = true;
        buf_fini(&before);
        buf_fini(&after);
    }
    dedup_close(d);
    d = open_table(LIMIT_DEDUP_BYTES_MIN, 10000);
    unsigned known = 0;
    for (unsigned i = 0; i < PIECES * FRONT / 2; i++) known += take(d, 10000 + i, i) == i;
    assert_true(known > PIECES * FRONT / 2 * 99 / 100); /* a line or two got many */
    dedup_close(d);
}

static void numbers_beyond_forty_bits(void **state)
{
    (void)state;
    const uint64_t far = (UINT64_C(5) << 40) - 1;
    struct dedup *d = open_table(TABLE_BYTES, far);
    assert_int_equal(take(d, far, 1), UINT64_MAX);
    assert_int_equal(take(d, far + 1, 2), UINT64_MAX);
    assert_int_equal(take(d, far + 2, 1), far);
    assert_int_equal(take(d, far + 3, 2), far + 1);
    dedup_close(d);
}

/* --- keys --------------------------------------------------------------------------------------- */

static void what_is_no_event_has_no_key(void **state)
{
    (void)state;
    struct dedup_key key;
    struct dedup *d = open_table(TABLE_BYTES, 0);
    struct event e = {.source = S("s"), .message_id = S("1"), .reject = REASON_EVENT_TOO_LARGE};
    dedup_key(d, &e, content_sum(&e), &key);
    assert_int_equal(key.tag, 0);
    e.reject = REASON_NONE;
    dedup_key(d, &e, content_sum(&e), &key);
    assert_int_not_equal(key.tag, 0);
    e.message_id = S("");
    dedup_key(d, &e, content_sum(&e), &key);
    assert_int_equal(key.tag, 0);
    dedup_close(d);
}

/* --- the file ----------------------------------------------------------------------------------- */

/* A table with event 0 in it, as bytes. */
static void make_file(struct buf *out)
{
    struct dedup *d = open_table(TABLE_BYTES, 0);
    assert_int_equal(take(d, 0, 1), UINT64_MAX);
    dedup_close(d);
    test_file_read(path, out);
}

static uint64_t open_and_take(uint64_t bytes, uint64_t next_seq)
{
    struct dedup *d = open_table(bytes, next_seq);
    uint64_t seq = take(d, next_seq, 1);
    dedup_close(d);
    return seq;
}

static void damage_means_empty(void **state)
{
    (void)state;
    struct buf file = {0};
    make_file(&file);
    assert_int_equal(open_and_take(TABLE_BYTES, 1), 0);
    assert_int_equal(open_and_take(TABLE_BYTES * 2, 2), UINT64_MAX); /* another size */
    const size_t sizes[] = {0, 1, 100, 4096, 5000, TABLE_BYTES, TABLE_BYTES + 4095};
    for (size_t i = 0; i < countof(sizes); i++) { /* torn or cut short */
        test_file_write(path, str_head(buf_str(&file), sizes[i]));
        assert_int_equal(open_and_take(TABLE_BYTES, 1), UINT64_MAX);
    }
    for (size_t at = 0; at < 72; at++) { /* each byte of the head that matters */
        file.p[at] ^= 0x11;
        test_file_write(path, buf_str(&file));
        assert_int_equal(open_and_take(TABLE_BYTES, 1), UINT64_MAX);
        file.p[at] ^= 0x11;
    }
    test_file_write(path, buf_str(&file));
    assert_int_equal(open_and_take(TABLE_BYTES, 0),
                     UINT64_MAX); /* of a journal that went further */
    buf_fini(&file);
}

/* Whatever bytes the lines hold, an event is a repetition only of one that was before it. */
static void garbage_never_swallows(void **state)
{
    (void)state;
    struct buf file = {0};
    make_file(&file);
    uint64_t x = 88172645463325252u;
    for (size_t at = 4096; at + 8 <= file.n; at += 8) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        memcpy(file.p + at, &x, sizeof x);
    }
    test_file_write(path, buf_str(&file));
    struct dedup *d = open_table(TABLE_BYTES, 1);
    for (unsigned i = 0; i < 2000; i++) assert_int_equal(take(d, 1 + i, 10 + i), UINT64_MAX);
    for (unsigned i = 0; i < 50; i++) assert_int_equal(take(d, 2001 + i, 1900 + 10 + i), 1901 + i);
    dedup_close(d);
    buf_fini(&file);
}

static void a_bad_disk_is_told(void **state)
{
    (void)state;
    static const enum fault_op ops[] = {FAULT_OPEN, FAULT_ALLOCATE, FAULT_WRITE, FAULT_DATASYNC,
                                        FAULT_RENAME};
    struct dedup_options options = {.path = path, .bytes = TABLE_BYTES, .window_ms = WINDOW_MS};
    for (size_t i = 0; i < countof(ops); i++) {
        struct err err = {0};
        faults_on(ops[i], 1, 1000, ENOSPC);
        assert_null(dedup_open(&options, &err));
        assert_non_null(strstr(err.text, "No space left"));
        assert_true(faults_off());
        assert_false(access(path, F_OK) == 0);
    }
    dedup_close(open_table(TABLE_BYTES, 0));
}

/* What cannot be moved stays in front, and is moved later; when there is no room left it is forgotten. */
static void a_bad_disk_forgets_nothing_at_once(void **state)
{
    (void)state;
    enum { FRONT = TABLE_BYTES / 64 };
    struct dedup *d = open_table(TABLE_BYTES, 0);
    unsigned id = 0, known = 0;
    faults_on(FAULT_WRITE, 1, 1000, EIO);
    for (; id < FRONT / 2 + 10; id++) assert_int_equal(take(d, id, id), UINT64_MAX);
    for (unsigned i = 0; i < id; i++) known += take(d, id + i, i) == i;
    assert_int_equal(known, id);
    for (unsigned i = id; i < 4 * FRONT; i++) (void)take(d, id + i, i);
    assert_true(faults_off());
    for (unsigned i = 0; i < FRONT; i++) (void)take(d, 10 * FRONT + i, 10 * FRONT + i);
    known = 0;
    for (unsigned i = 0; i < FRONT; i++)
        known += take(d, 20 * FRONT + i, 10 * FRONT + i) == 10 * FRONT + i;
    assert_true(known > FRONT * 98 / 100); /* a line or two got many */
    dedup_close(d);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(knows_what_came_before),
        TEST(a_chunk_that_failed_leaves_nothing),
        TEST(finds_repetitions_within_a_chunk),
        TEST(the_window_ends),
        TEST(the_oldest_makes_room),
        TEST(the_oldest_goes_in_any_order),
        TEST(an_older_entry_replaces_nothing),
        TEST(many_in_one_chunk),
        TEST(one_piece_changes_at_a_time),
        TEST(numbers_beyond_forty_bits),
        TEST(what_is_no_event_has_no_key),
        TEST(damage_means_empty),
        TEST(garbage_never_swallows),
        TEST(a_bad_disk_is_told),
        TEST(a_bad_disk_forgets_nothing_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
