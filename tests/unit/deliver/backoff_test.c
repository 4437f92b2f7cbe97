/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/backoff.c: bounds and spread of the waits. */
#include "deliver/backoff.h"

#include "core/limits.h"
#include "support/check.h"

static void stays_in_bounds(void **state)
{
    (void)state;
    for (unsigned failures = 1; failures < 200; failures++)
        for (int i = 0; i < 20; i++) {
            int64_t wait = backoff_ms(failures, 1000, 0);
            int64_t most = failures > 10 ? LIMIT_BACKOFF_MS : (int64_t)1000 << (failures - 1);
            assert_true(wait >= 1);
            assert_true(wait <= most && wait <= LIMIT_BACKOFF_MS);
        }
    assert_true(backoff_ms(0, 1000, 0) <= 1000);
    assert_true(backoff_ms(UINT32_MAX, 1000, 0) <= LIMIT_BACKOFF_MS);
}

/* Full jitter: over many draws the whole range is used. */
static void spreads(void **state)
{
    int64_t least = INT64_MAX, most = 0;
    (void)state;
    for (int i = 0; i < 1000; i++) {
        int64_t wait = backoff_ms(4, 1000, 0);
        if (wait < least) least = wait;
        if (wait > most) most = wait;
    }
    assert_true(least < 800);
    assert_true(most > 7200);
}

static void obeys_what_was_asked(void **state)
{
    (void)state;
    assert_true(backoff_ms(1, 1000, 60000) == 60000);
    assert_true(backoff_ms(1, 1000, INT64_MAX) == LIMIT_RETRY_AFTER_MS);
    assert_true(backoff_ms(1, 1000, -5) <= 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stays_in_bounds),
        cmocka_unit_test(spreads),
        cmocka_unit_test(obeys_what_was_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
