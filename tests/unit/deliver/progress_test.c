/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/progress.c: the arithmetic of cursors, against a plain table of what is finished. */
#include "deliver/progress.h"

#include "core/limits.h"
#include "support/check.h"

static void check_shape(const struct progress *p)
{
    const struct cursor *c = &p->cursor;
    uint64_t end = c->low;
    for (size_t i = 0; i < c->range_count; i++) {
        assert_true(c->ranges[i].first > end);
        assert_true(c->ranges[i].end > c->ranges[i].first);
        end = c->ranges[i].end;
    }
}

static void starts_empty(void **state)
{
    struct progress p = {0};
    (void)state;
    assert_int_equal(progress_next(&p, 0), 0);
    assert_int_equal(progress_finished(&p, UINT64_MAX), 0);
    assert_false(progress_is_finished(&p, 0));
    assert_int_equal(progress_finish_below(&p, 0), 0);
    progress_fini(&p);
}

static void in_order_leaves_no_ranges(void **state)
{
    struct progress p = {0};
    (void)state;
    for (uint64_t i = 0; i < 1000; i++) assert_true(progress_finish(&p, i));
    assert_int_equal(p.cursor.low, 1000);
    assert_int_equal(p.cursor.range_count, 0);
    assert_false(progress_finish(&p, 999));
    progress_fini(&p);
}

static void ranges_merge(void **state)
{
    struct progress p = {0};
    (void)state;
    assert_true(progress_finish(&p, 5));
    assert_true(progress_finish(&p, 7));
    assert_int_equal(p.cursor.range_count, 2);
    assert_true(progress_finish(&p, 6));
    assert_int_equal(p.cursor.range_count, 1);
    assert_false(progress_finish(&p, 6));
    assert_int_equal(progress_next(&p, 5), 8);
    assert_int_equal(progress_next(&p, 0), 0);
    assert_int_equal(progress_finished(&p, 7), 2);
    assert_true(progress_finish(&p, 4));
    assert_true(progress_finish(&p, 8));
    assert_int_equal(p.cursor.ranges[0].first, 4);
    assert_int_equal(p.cursor.ranges[0].end, 9);
    for (uint64_t i = 0; i < 4; i++) assert_true(progress_finish(&p, i));
    assert_int_equal(p.cursor.low, 9);
    assert_int_equal(p.cursor.range_count, 0);
    progress_fini(&p);
}

static void finishes_below(void **state)
{
    struct progress p = {0};
    (void)state;
    (void)progress_finish(&p, 3);
    (void)progress_finish(&p, 9);
    (void)progress_finish(&p, 10);
    assert_int_equal(progress_finish_below(&p, 10), 8); /* 0..9 without 3 and 9 */
    assert_int_equal(p.cursor.low, 11);
    assert_int_equal(progress_finish_below(&p, 5), 0);
    check_shape(&p);
    progress_fini(&p);
}

static void loads_a_copy(void **state)
{
    struct progress p = {0}, q = {0};
    (void)state;
    p.cursor.start = p.cursor.low = 100;
    (void)progress_finish(&p, 102);
    (void)progress_finish(&p, 104);
    progress_load(&q, &p.cursor);
    progress_fini(&p);
    assert_int_equal(progress_finished(&q, UINT64_MAX), 2);
    assert_true(progress_finish(&q, 103));
    assert_true(progress_finish(&q, 110));
    assert_int_equal(q.cursor.range_count, 2);
    check_shape(&q);
    progress_fini(&q);
}

/* Every second event: as many ranges as there may be, then the gaps close from either end. */
static void holds_the_most_ranges(void **state)
{
    (void)state;
    for (int backwards = 0; backwards < 2; backwards++) {
        struct progress p = {0};
        for (uint64_t i = 0; i < LIMIT_CURSOR_RANGES; i++) (void)progress_finish(&p, 2 * i + 1);
        assert_int_equal(p.cursor.range_count, LIMIT_CURSOR_RANGES);
        for (uint64_t i = 0; i < LIMIT_CURSOR_RANGES; i++)
            (void)progress_finish(&p, backwards ? 2 * (LIMIT_CURSOR_RANGES - 1 - i) : 2 * i);
        assert_int_equal(p.cursor.low, 2 * LIMIT_CURSOR_RANGES);
        assert_int_equal(p.cursor.range_count, 0);
        progress_fini(&p);
    }
}

enum { TABLE = 400 };

static void check_against(const struct progress *p, const bool *done)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < TABLE; i++) {
        uint64_t next = i;
        assert_int_equal(progress_is_finished(p, i), done[i]);
        assert_int_equal(progress_finished(p, i), sum);
        while (next < TABLE && done[next]) next++;
        assert_int_equal(progress_next(p, i), next);
        for (next = i; next < TABLE && !done[next];) next++;
        if (!done[i]) assert_int_equal(progress_gap_end(p, i), next < TABLE ? next : UINT64_MAX);
        sum += done[i];
    }
}

static void random_against_a_table(void **state)
{
    uint64_t random = 0x2545F4914F6CDD1Du;
    (void)state;
    for (int round = 0; round < 50; round++) {
        struct progress p = {0};
        bool done[TABLE] = {0};
        for (int i = 0; i < TABLE * 2; i++) {
            uint64_t seq = check_random(&random) % (TABLE - 1);
            if (i % 100 == 99) {
                (void)progress_finish_below(&p, seq / 4);
                for (uint64_t j = 0; j < seq / 4; j++) done[j] = true;
                continue;
            }
            assert_int_equal(progress_finish(&p, seq), !done[seq]);
            done[seq] = true;
        }
        check_shape(&p);
        check_against(&p, done);
        progress_fini(&p);
    }
}

static void counts_ranges_above(void **state)
{
    struct progress p = {0};
    (void)state;
    assert_int_equal(progress_ranges_above(&p, 0), 0);
    for (uint64_t seq = 10; seq < 50; seq += 10) (void)progress_finish(&p, seq);
    assert_int_equal(progress_ranges_above(&p, 0), 4);
    assert_int_equal(progress_ranges_above(&p, 9), 4);
    assert_int_equal(progress_ranges_above(&p, 10), 3);
    assert_int_equal(progress_ranges_above(&p, 11), 3);
    assert_int_equal(progress_ranges_above(&p, 40), 0);
    progress_fini(&p);
}

/* What came before is unfinished, what was finished stays so. */
static void extends_to_the_past(void **state)
{
    struct cursor from = {.start = 100, .low = 120};
    struct progress p = {0};
    (void)state;
    progress_load(&p, &from);
    (void)progress_finish(&p, 125);
    progress_extend(&p, 100);
    progress_extend(&p, 150); /* never to the future */
    assert_int_equal(p.cursor.start, 100);
    progress_extend(&p, 30);
    check_shape(&p);
    assert_int_equal(p.cursor.start, 30);
    assert_int_equal(p.cursor.low, 30);
    assert_int_equal(progress_finished(&p, UINT64_MAX), 21);
    assert_int_equal(progress_next(&p, 100), 120);
    assert_int_equal(progress_finish_below(&p, 120), 70);
    assert_int_equal(p.cursor.low, 120);
    progress_fini(&p);
    from = (struct cursor){.start = 100, .low = 100};
    progress_load(&p, &from);
    progress_extend(&p, 0);
    assert_int_equal(p.cursor.range_count, 0);
    progress_fini(&p);
}

static void counts_add_up(void **state)
{
    struct progress p = {0};
    (void)state;
    p.cursor.counts[REASON_NONE] = 5;
    p.cursor.counts[REASON_EXPIRED] = 2;
    assert_int_equal(progress_counted(&p), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_empty),           cmocka_unit_test(in_order_leaves_no_ranges),
        cmocka_unit_test(ranges_merge),           cmocka_unit_test(finishes_below),
        cmocka_unit_test(loads_a_copy),           cmocka_unit_test(holds_the_most_ranges),
        cmocka_unit_test(random_against_a_table), cmocka_unit_test(counts_ranges_above),
        cmocka_unit_test(random_against_a_table), cmocka_unit_test(extends_to_the_past),
        cmocka_unit_test(random_against_a_table), cmocka_unit_test(counts_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
