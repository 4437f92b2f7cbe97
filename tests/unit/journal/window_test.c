/* SPDX-License-Identifier: Apache-2.0 */
/* journal/window.c: which events came within the last so many milliseconds. */
#include "support/cmocka.h"

#include "journal/window.h"

#include <string.h>

enum { WINDOW_MS = 6400 }; /* a point every 100 ms */

static void the_low_number_follows_the_clock(void **state)
{
    (void)state;
    struct window w;
    window_reset(&w, 1000000, 50);
    assert_int_equal(window_low(&w, 1000000, WINDOW_MS), 50);
    for (int64_t ms = 0; ms < 100000; ms += 10) {
        uint64_t seq = 50 + (uint64_t)ms; /* an event each millisecond */
        window_advance(&w, 1000000 + ms, seq, WINDOW_MS);
        assert_true(window_is_sound(&w, seq));
        uint64_t low = window_low(&w, 1000000 + ms, WINDOW_MS);
        uint64_t exact = ms < WINDOW_MS ? 50 : seq - WINDOW_MS;
        assert_true(low <= exact);                            /* never shorter than asked for, */
        assert_true(exact - low <= WINDOW_MS / WINDOW_STEPS); /* and hardly longer */
    }
}

static void quiet_times_are_no_hole(void **state)
{
    (void)state;
    struct window w;
    window_reset(&w, 0, 0);
    window_advance(&w, 1000, 10, WINDOW_MS);
    window_advance(&w, 1000 + 100 * WINDOW_MS, 20, WINDOW_MS);
    assert_int_equal(window_low(&w, 1000 + 100 * WINDOW_MS, WINDOW_MS), 10);
    window_advance(&w, 1000 + 102 * WINDOW_MS, 30, WINDOW_MS);
    assert_int_equal(window_low(&w, 1000 + 102 * WINDOW_MS, WINDOW_MS), 20);
}

static void a_clock_that_goes_back_forgets(void **state)
{
    (void)state;
    struct window w;
    window_reset(&w, 1000000, 0);
    window_advance(&w, 1005000, 10, WINDOW_MS);
    window_advance(&w, 1001000, 20, WINDOW_MS); /* a little: nothing happens */
    assert_int_equal(w.count, 2);
    assert_int_equal(window_low(&w, 1001000, WINDOW_MS), 0);
    window_advance(&w, 5000, 30, WINDOW_MS); /* far: nothing known holds */
    assert_int_equal(window_low(&w, 5000, WINDOW_MS), 30);
}

static void a_window_that_grows_stays_within_its_points(void **state)
{
    (void)state;
    struct window w;
    window_reset(&w, 0, 0);
    for (int64_t ms = 0; ms < 100000; ms++)
        window_advance(&w, ms, (uint64_t)ms, ms < 50000 ? 64 : 1000000);
    assert_true(window_is_sound(&w, 100000));
    for (int64_t ms = 100000; ms < 100000 + 64 * 15625 * 3; ms += 100)
        window_advance(&w, ms, (uint64_t)ms, 1000000);
    assert_true(w.count <= WINDOW_POINTS);
}

static void what_is_not_ours_is_seen(void **state)
{
    (void)state;
    struct window w, bad;
    window_reset(&w, 1000, 5);
    window_advance(&w, 2000, 9, WINDOW_MS);
    assert_true(window_is_sound(&w, 9));
    assert_false(window_is_sound(&w, 8)); /* of a journal that went further */
    memset(&bad, 0, sizeof bad);
    assert_false(window_is_sound(&bad, 100));
    bad = w;
    bad.count = WINDOW_POINTS + 1;
    assert_false(window_is_sound(&bad, 100));
    bad = w;
    bad.points[1].ms = 1000;
    assert_false(window_is_sound(&bad, 100));
    bad = w;
    bad.points[1].seq = 4;
    assert_false(window_is_sound(&bad, 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_low_number_follows_the_clock),
        cmocka_unit_test(quiet_times_are_no_hole),
        cmocka_unit_test(a_clock_that_goes_back_forgets),
        cmocka_unit_test(a_window_that_grows_stays_within_its_points),
        cmocka_unit_test(what_is_not_ours_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
