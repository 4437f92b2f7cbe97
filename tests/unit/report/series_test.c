/* SPDX-License-Identifier: Apache-2.0 */
/* report/series.c: minutes and hours in rings, sums over what fits, and what is kept. */
#include "report/series.h"

#include "base/time.h"
#include "support/check.h"

static const int64_t T = INT64_C(1795000000000) / MS_PER_HOUR * MS_PER_HOUR; /* a full hour */

static double sum(struct series_table *t, struct series_key key, enum series_range range,
                  int64_t now)
{
    double points[SERIES_MINUTES], all = 0;
    series_read(t, &key, range, now, points);
    for (size_t i = 0; i < series_shape(range).points; i++) all += points[i];
    return all;
}

static void ranges_hold_their_time(void **state)
{
    struct series_table t = {0};
    struct series_key key = {.metric = S("m"), .destination = S("d")};
    double points[SERIES_MINUTES];
    (void)state;
    series_add(&t, &key, T, 3);
    series_read(&t, &key, SERIES_1H, T + 30 * MS_PER_SECOND, points);
    assert_true(points[59] == 3);
    series_read(&t, &key, SERIES_1H, T + 59 * MS_PER_MINUTE, points);
    assert_true(points[0] == 3);
    assert_true(sum(&t, key, SERIES_1H, T + MS_PER_HOUR) == 0);
    assert_true(sum(&t, key, SERIES_24H, T + MS_PER_HOUR) == 3);
    assert_true(sum(&t, key, SERIES_24H, T + 25 * MS_PER_HOUR) == 0);
    assert_true(sum(&t, key, SERIES_7D, T + 25 * MS_PER_HOUR) == 3);
    assert_true(sum(&t, key, SERIES_30D, T + 29 * MS_PER_DAY) == 3);
    assert_true(sum(&t, key, SERIES_30D, T + 31 * MS_PER_DAY) == 0);
    series_fini(&t);
}

static void what_is_late_goes_to_its_minute(void **state)
{
    struct series_table t = {0};
    struct series_key key = {.metric = S("m")};
    double points[SERIES_MINUTES];
    (void)state;
    series_add(&t, &key, T, 1);
    series_add(&t, &key, T - 5 * MS_PER_MINUTE, 2);
    series_add(&t, &key, T - 2 * MS_PER_DAY, 4);  /* hours only */
    series_add(&t, &key, T - 40 * MS_PER_DAY, 8); /* too old */
    series_add(&t, &key, -5, 8);
    series_read(&t, &key, SERIES_1H, T, points);
    assert_true(points[59] == 1 && points[54] == 2);
    assert_true(sum(&t, key, SERIES_24H, T) == 3 && sum(&t, key, SERIES_7D, T) == 7);
    series_fini(&t);
}

static void keys_that_are_empty_take_all(void **state)
{
    struct series_table t = {0};
    (void)state;
    series_add(&t, &(struct series_key){S("m"), S("a"), S("x"), S("browser"), S("")}, T, 1);
    series_add(&t, &(struct series_key){S("m"), S("b"), S("x\ty\n"), S("server"), S("")}, T, 2);
    series_add(&t, &(struct series_key){S("n"), S("b"), S("x"), S(""), S("EUR")}, T, 4);
    assert_true(sum(&t, (struct series_key){.metric = S("m")}, SERIES_1H, T) == 3);
    assert_true(sum(&t, (struct series_key){.destination = S("b")}, SERIES_1H, T) == 6);
    assert_true(sum(&t, (struct series_key){.path = S("server")}, SERIES_1H, T) == 2);
    assert_true(sum(&t, (struct series_key){.currency = S("EUR")}, SERIES_1H, T) == 4);
    assert_true(sum(&t, (struct series_key){.metric = S("o")}, SERIES_1H, T) == 0);
    check_str(series_key_of(&t.rows[1]).event, "x y "); /* a tab would end the name */
    series_fini(&t);
}

static void it_comes_back_as_it_was_kept(void **state)
{
    struct series_table t = {0}, back = {0};
    struct series_key key = {.metric = S("value"), .currency = S("EUR")};
    struct buf text = {0}, nothing = {0};
    struct err err;
    (void)state;
    series_add(&t, &key, T, 10.05);
    assert_int_equal(t.dirty, T / MS_PER_MINUTE);
    for (int hours = 0; hours < 2; hours++) {
        buf_clear(&text);
        assert_true(series_put(&t, hours, T / (hours ? MS_PER_HOUR : MS_PER_MINUTE), &text));
        assert_true(series_take(&back, hours, buf_str(&text), T, &err));
    }
    assert_false(series_put(&t, false, T / MS_PER_MINUTE - 1, &nothing));
    assert_true(sum(&back, key, SERIES_1H, T) == 10.05 && sum(&back, key, SERIES_7D, T) == 10.05);
    /* The same place of the day before is passed over. */
    struct series_table late = {0};
    assert_true(series_take(&late, true, buf_str(&text), T + 31 * MS_PER_DAY, &err));
    assert_true(sum(&late, key, SERIES_30D, T + 31 * MS_PER_DAY) == 0);
    series_saved(&t);
    assert_int_equal(t.dirty, 0);
    buf_fini(&nothing);
    buf_fini(&text);
    series_fini(&late);
    series_fini(&back);
    series_fini(&t);
}

static void a_long_name_comes_back_as_itself(void **state)
{
    struct series_table t = {0}, back = {0};
    /* The limit of 64 bytes falls into the second letter. */
    struct series_key key = {.metric = S("sent"),
                             .event =
                                 S("0123456789012345678901234567890123456789012345678901234567890"
                                   "12\xC3\xBC\xC3\xBC")};
    struct buf text = {0};
    struct err err;
    (void)state;
    series_add(&t, &key, T, 1);
    assert_true(series_put(&t, true, T / MS_PER_HOUR, &text));
    assert_true(series_take(&back, true, buf_str(&text), T, &err));
    series_add(&back, &key, T, 1);
    assert_int_equal(back.count, 1);
    buf_fini(&text);
    series_fini(&t);
    series_fini(&back);
}

/* Minutes and hours that the clock never came to must neither stay nor keep the right
 * ones from being counted. */
static void a_clock_that_was_ahead_is_forgotten(void **state)
{
    static const int64_t ahead[] = {2 * MS_PER_DAY, 60 * MS_PER_DAY, 90 * MS_PER_MINUTE};
    (void)state;
    for (size_t i = 0; i < countof(ahead); i++) {
        struct series_table t = {0};
        struct series_key key = {.metric = S("m")};
        series_add(&t, &key, T + ahead[i], 64);
        assert_true(series_turn(&t, T));
        assert_int_equal(t.dirty, T / MS_PER_MINUTE);
        assert_true(sum(&t, key, SERIES_24H, T) == 0 && sum(&t, key, SERIES_30D, T) == 0);
        series_add(&t, &key, T, 1);
        series_add(&t, &key, T + MS_PER_HOUR, 2);
        assert_true(sum(&t, key, SERIES_24H, T + MS_PER_HOUR) == 3);
        assert_true(sum(&t, key, SERIES_30D, T + MS_PER_HOUR) == 3);
        assert_true(sum(&t, key, SERIES_30D, T + ahead[i]) <= 3);
        series_fini(&t);
    }
}

/* Threads ask the clock before they wait for the table. */
static void a_moment_behind_takes_nothing_back(void **state)
{
    struct series_table t = {0};
    struct series_key key = {.metric = S("m")};
    (void)state;
    series_add(&t, &key, T, 1);
    assert_false(series_turn(&t, T - MS_PER_MINUTE));
    assert_false(series_turn(&t, 0));
    assert_true(sum(&t, key, SERIES_1H, T) == 1);
    assert_false(series_turn(&t, T + 2 * MS_PER_HOUR));
    assert_true(sum(&t, key, SERIES_1H, T + 2 * MS_PER_HOUR) == 0);
    series_fini(&t);
}

static void damage_is_told(void **state)
{
    static const char *const bad[] = {"", "{", "[]", "{\"at\":\"x\"}", "3"};
    struct series_table t = {0};
    (void)state;
    for (size_t i = 0; i < countof(bad); i++) {
        struct err err;
        assert_false(series_take(&t, false, str_z(bad[i]), T, &err));
    }
    series_fini(&t);
}

static void strangers_cannot_grow_it(void **state)
{
    struct series_table t = {0};
    (void)state;
    for (int i = 0; i < LIMIT_SERIES + 10; i++) {
        char name[20];
        (void)snprintf(name, sizeof name, "e%d", i);
        series_add(&t, &(struct series_key){.metric = S("m"), .event = str_z(name)}, T, 1);
    }
    assert_int_equal(t.count, LIMIT_SERIES);
    assert_int_equal(t.left_out, 10);
    series_fini(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_hold_their_time),
        cmocka_unit_test(what_is_late_goes_to_its_minute),
        cmocka_unit_test(keys_that_are_empty_take_all),
        cmocka_unit_test(it_comes_back_as_it_was_kept),
        cmocka_unit_test(a_long_name_comes_back_as_itself),
        cmocka_unit_test(a_clock_that_was_ahead_is_forgotten),
        cmocka_unit_test(a_moment_behind_takes_nothing_back),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(strangers_cannot_grow_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
