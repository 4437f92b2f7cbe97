/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of cursors and dead letters: round trips, the exact form that old stores hold, hostile
 * bytes. */
#include "support/cmocka.h"

#include "store/encode.c"

static struct arena arena;
static struct buf bytes;

static int teardown(void **state)
{
    (void)state;
    arena_fini(&arena);
    buf_fini(&bytes);
    return 0;
}

static void numbers_survive(void **state)
{
    (void)state;
    static const int64_t values[] = {0,   1,   -1,      63,      64,        -64,      -65,
                                     127, 128, INT_MAX, INT_MIN, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < countof(values); i++) {
        int64_t back = 0;
        uint64_t unsigned_back = 0;
        buf_clear(&bytes);
        put_signed(&bytes, values[i]);
        put_number(&bytes, (uint64_t)values[i]);
        struct str in = buf_str(&bytes);
        assert_true(take_signed(&in, &back));
        assert_true(take_number(&in, &unsigned_back));
        assert_true(back == values[i] && unsigned_back == (uint64_t)values[i]);
        assert_int_equal(in.n, 0);
    }
}

/* Any part of a request's bytes is refused, or at least harmless. */
static void cut_requests_are_refused(void **state)
{
    (void)state;
    const struct seq_range events[] = {{1000000, 1000900}, {5, 6}};
    struct attempt a = {.sent_ms = 1, .text = S("no"), .events = events, .event_ranges = 2}, back;
    bool carried;
    buf_clear(&bytes);
    encode_attempt(&bytes, &a);
    assert_true(decode_attempt(buf_str(&bytes), 5, &arena, &back, &carried));
    assert_true(carried);
    assert_true(decode_attempt(buf_str(&bytes), 7, &arena, &back, &carried));
    assert_false(carried);
    for (size_t n = 0; n < bytes.n; n++)
        assert_false(decode_attempt(str_of(bytes.p, n), UINT64_MAX, &arena, &back, &carried));
    for (size_t i = 0; i < bytes.n; i++) {
        char keep = bytes.p[i];
        bytes.p[i] = (char)0xff;
        (void)decode_attempt(buf_str(&bytes), UINT64_MAX, &arena, &back, &carried);
        bytes.p[i] = keep;
    }
}

/* What waits for a hold, and what confirmed it. Any part of their bytes is refused, or harmless. */
static void cut_holds_are_refused(void **state)
{
    (void)state;
    const struct hold_key key = hold_key_make(S("h"), S("1"));
    struct parked held = {.deadline_ms = 5, .held = true, .then = HOLD_DROP, .key = key},
                  back = {0};
    struct confirmation c = {.seq = 9, .time_ms = -7, .within_ms = 8, .cancels = true}, same = {0};
    struct err err = {0};
    buf_clear(&bytes);
    encode_parked(&bytes, &held);
    assert_true(decode_parked(buf_str(&bytes), &back, &err));
    assert_true(back.held && hold_key_eq(&back.key, &key) && back.then == HOLD_DROP);
    assert_int_equal(back.pixels.n, 0);
    for (size_t n = 0; n < bytes.n; n++)
        assert_false(decode_parked(str_of(bytes.p, n), &back, &err));
    for (size_t i = 0; i < bytes.n; i++) {
        char keep = bytes.p[i];
        bytes.p[i] = (char)0xff;
        (void)decode_parked(buf_str(&bytes), &back, &err);
        bytes.p[i] = keep;
    }
    buf_clear(&bytes);
    encode_confirmation(&bytes, &c);
    assert_true(decode_confirmation(buf_str(&bytes), &same, &err));
    assert_true(same.seq == 9 && same.time_ms == -7 && same.within_ms == 8 && same.cancels);
    for (size_t n = 0; n < bytes.n; n++)
        assert_false(decode_confirmation(str_of(bytes.p, n), &same, &err));
    buf_putc(&bytes, 'x');
    assert_false(decode_confirmation(buf_str(&bytes), &same, &err));
}

static void hostile_numbers_are_refused(void **state)
{
    (void)state;
    static const struct str bad[] = {S_INIT(""), S_INIT("\x80"),
                                     S_INIT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
                                     S_INIT("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01")};
    for (size_t i = 0; i < countof(bad); i++) {
        struct str in = bad[i];
        uint64_t n;
        assert_false(take_number(&in, &n));
    }
}

/* What a store written by the first version holds: reasons by name, in any order. These bytes must
 * be readable for ever. */
static void first_format_is_still_read(void **state)
{
    (void)state;
    struct err err = {0};
    struct cursor c;
    /* version, start 5, low 300, retried 2, ranges 310..310 and 314..317, three counts */
    static const struct str old = S_INIT("\x01\x05\xac\x02\x02\x02\x0a\x01\x03\x04\x03"
                                         "\x07"
                                         "expired\x09\x04none\x80\x01\x07refused\x03");
    assert_true(decode_cursor(old, &arena, &c, &err));
    assert_int_equal(c.start, 5);
    assert_int_equal(c.low, 300);
    assert_int_equal(c.retried, 2);
    assert_int_equal(c.range_count, 2);
    assert_int_equal(c.ranges[0].first, 310);
    assert_int_equal(c.ranges[0].end, 311);
    assert_int_equal(c.ranges[1].first, 314);
    assert_int_equal(c.ranges[1].end, 318);
    assert_int_equal(c.counts[REASON_EXPIRED], 9);
    assert_int_equal(c.counts[REASON_NONE], 128);
    assert_int_equal(c.counts[REASON_REFUSED], 3);
    assert_int_equal(c.counts[REASON_FILTER], 0);
    assert_int_equal(c.drop_end, 0);
}

/* What is left to drop comes first, under a version that an older program refuses; nothing left is the first
 * format. */
static void what_is_left_to_drop_is_kept(void **state)
{
    (void)state;
    struct err err = {0};
    struct cursor c = {.start = 5, .low = 300, .drop_end = 310}, back;
    static const struct str form = S_INIT("\x02\xb6\x02\x05\xac\x02\0\0\0");
    buf_clear(&bytes);
    encode_cursor(&bytes, &c);
    assert_true(str_eq(buf_str(&bytes), form));
    assert_true(decode_cursor(form, &arena, &back, &err));
    assert_int_equal(back.drop_end, 310);
    assert_int_equal(back.start, 5);
    assert_int_equal(back.low, 300);
    for (size_t n = 0; n < form.n; n++)
        assert_false(decode_cursor(str_head(form, n), &arena, &back, &err));
    c.drop_end = 0;
    buf_clear(&bytes);
    encode_cursor(&bytes, &c);
    assert_true(str_eq(buf_str(&bytes), S("\x01\x05\xac\x02\0\0\0")));
}

static void unknown_reasons_and_versions_are_told(void **state)
{
    (void)state;
    struct err err = {0};
    struct cursor c;
    struct dead_letter d = {0};
    static const struct str strange = S_INIT("\x01\0\0\0\0\x01\x05"
                                             "alien\x01");
    static const struct str dead = S_INIT("\x01\x05"
                                          "alien\0\0\0\0\0\0\0\0");
    assert_false(decode_cursor(strange, &arena, &c, &err));
    assert_int_equal(err.kind, ERR_INPUT);
    assert_non_null(strstr(err.text, "alien"));
    assert_false(decode_cursor(S("\x03\x00\x00\x00\x00\x00"), &arena, &c, &err));
    assert_non_null(strstr(err.text, "newer"));
    assert_false(decode_dead(dead, &d, &err));
    assert_non_null(strstr(err.text, "alien"));
    assert_int_equal(decode_dead_reason(dead), REASON_COUNT);
}

static void fill_cursor(struct cursor *c, struct seq_range *ranges, size_t count)
{
    *c = (struct cursor){.start = 1, .low = 1000, .ranges = ranges, .range_count = count};
    for (size_t i = 0; i < count; i++)
        ranges[i] = (struct seq_range){2000 + i * 10, 2000 + i * 10 + 1 + i % 9};
    for (size_t i = 0; i < REASON_COUNT; i++) c->counts[i] = UINT64_MAX - i;
}

static void largest_cursor_survives(void **state)
{
    (void)state;
    struct err err = {0};
    struct cursor c, back;
    static struct seq_range ranges[LIMIT_CURSOR_RANGES];
    fill_cursor(&c, ranges, LIMIT_CURSOR_RANGES);
    buf_clear(&bytes);
    encode_cursor(&bytes, &c);
    assert_true(bytes.n < 3 * LIMIT_CURSOR_RANGES); /* compact: two small numbers a range */
    assert_true(decode_cursor(buf_str(&bytes), &arena, &back, &err));
    assert_int_equal(back.range_count, LIMIT_CURSOR_RANGES);
    assert_memory_equal(back.ranges, ranges, sizeof ranges);
    assert_memory_equal(back.counts, c.counts, sizeof c.counts);
}

/* Every cut, and every flipped bit, is refused or gives a cursor that keeps its own rules. */
static void damaged_cursors_are_safe(void **state)
{
    (void)state;
    struct err err = {0};
    struct cursor c, back;
    struct seq_range ranges[5];
    fill_cursor(&c, ranges, countof(ranges));
    buf_clear(&bytes);
    encode_cursor(&bytes, &c);
    for (size_t n = 0; n < bytes.n; n++) {
        char *exact = memcpy(arena_alloc(&arena, n), bytes.p, n);
        assert_false(decode_cursor(str_of(exact, n), &arena, &back, &err));
    }
    for (size_t bit = 0; bit < bytes.n * 8; bit++) {
        bytes.p[bit / 8] ^= (char)(1 << bit % 8);
        if (decode_cursor(buf_str(&bytes), &arena, &back, &err)) {
            uint64_t end = back.low;
            for (size_t i = 0; i < back.range_count; i++) {
                assert_true(back.ranges[i].first >= end &&
                            back.ranges[i].end > back.ranges[i].first);
                end = back.ranges[i].end;
            }
        }
        bytes.p[bit / 8] ^= (char)(1 << bit % 8);
    }
}

static void damaged_letters_are_safe(void **state)
{
    (void)state;
    struct err err = {0};
    struct dead_letter d = {.died_ms = -5,
                            .code = 100,
                            .subcode = -2804050,
                            .meta_text = S("Invalid parameter"),
                            .fbtrace_id = S("AbC"),
                            .pixel_id = S("123"),
                            .record = S("r")};
    struct dead_letter back = {0};
    outcome_set(&d.outcome, REASON_MISSING_VALUE, "custom_data.value", "is missing");
    buf_clear(&bytes);
    encode_dead(&bytes, &d);
    assert_true(decode_dead(buf_str(&bytes), &back, &err));
    assert_true(back.died_ms == -5 && back.code == 100 && back.subcode == -2804050);
    assert_int_equal(back.outcome.reason, REASON_MISSING_VALUE);
    assert_int_equal(back.outcome.state, STATE_DEAD);
    assert_string_equal(back.outcome.path, "custom_data.value");
    assert_string_equal(back.outcome.message, "is missing");
    assert_true(str_eq(back.meta_text, d.meta_text) && str_eq(back.fbtrace_id, d.fbtrace_id));
    assert_true(str_eq(back.pixel_id, d.pixel_id) && str_eq(back.record, d.record));
    for (size_t n = 0; n + 1 < bytes.n; n++) {
        char *exact = memcpy(arena_alloc(&arena, n), bytes.p, n);
        assert_false(decode_dead(str_of(exact, n), &back, &err));
    }
    for (size_t bit = 0; bit < bytes.n * 8; bit++) {
        bytes.p[bit / 8] ^= (char)(1 << bit % 8);
        (void)decode_dead(buf_str(&bytes), &back, &err); /* must not crash; may well decode */
        bytes.p[bit / 8] ^= (char)(1 << bit % 8);
    }
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    struct err err = {0};
    struct dead_letter back = {0};
    char path[1000];
    memset(path, 'p', sizeof path);
    buf_clear(&bytes);
    buf_putc(&bytes, 1);
    put_text(&bytes, S("refused"));
    for (int i = 0; i < 3; i++) put_signed(&bytes, i);
    put_text(&bytes, str_of(path, sizeof path));
    for (int i = 0; i < 4; i++) put_text(&bytes, S(""));
    assert_true(decode_dead(buf_str(&bytes), &back, &err));
    assert_int_equal(strlen(back.outcome.path), sizeof back.outcome.path - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_survive),
        cmocka_unit_test(hostile_numbers_are_refused),
        cmocka_unit_test(cut_requests_are_refused),
        cmocka_unit_test(cut_holds_are_refused),
        cmocka_unit_test(first_format_is_still_read),
        cmocka_unit_test(what_is_left_to_drop_is_kept),
        cmocka_unit_test(unknown_reasons_and_versions_are_told),
        cmocka_unit_test(largest_cursor_survives),
        cmocka_unit_test(damaged_cursors_are_safe),
        cmocka_unit_test(damaged_letters_are_safe),
        cmocka_unit_test(long_texts_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
