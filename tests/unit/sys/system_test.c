/* SPDX-License-Identifier: Apache-2.0 */
/* sys/clock.c, sys/random.c, sys/thread.c. */
#include "sys/clock.h"
#include "sys/descriptors.h"
#include "sys/random.h"
#include "sys/thread.h"

#include "support/check.h"

static void clock_can_be_frozen(void **state)
{
    (void)state;
    int64_t now = clock_now_ms();
    assert_true(now > 1700000000000);
    clock_freeze(42);
    assert_int_equal(clock_now_ms(), 42);
    clock_thaw();
    assert_true(clock_now_ms() >= now);
    int64_t before = clock_mono_us();
    clock_sleep_ms(5);
    assert_true(clock_mono_us() - before >= 5000);
    now = clock_now_ms();
    clock_shift_ms(3600000);
    assert_true(clock_now_ms() - now >= 3600000);
    assert_true(clock_mono_us() - before >= INT64_C(3600000000));
}

static void descriptors_are_raised_but_never_lowered(void **state)
{
    (void)state;
    size_t now = descriptors_raise(1);
    assert_true(now > 1);
    assert_int_equal(descriptors_raise(now), now);
    assert_true(descriptors_raise(SIZE_MAX / 2) >= now);
}

static void random_is_uniform_enough(void **state)
{
    unsigned counts[7] = {0};
    (void)state;
    for (int i = 0; i < 7000; i++) counts[random_below(7)]++;
    for (int i = 0; i < 7; i++) assert_in_range(counts[i], 800, 1200);
    assert_int_equal(random_below(1), 0);
}

struct shared {
    struct lock lock;
    struct signal changed;
    int count;
};

static void count_up(void *ctx)
{
    struct shared *s = ctx;
    for (int i = 0; i < 1000; i++) {
        lock_take(&s->lock);
        s->count++;
        signal_wake(&s->changed);
        lock_give(&s->lock);
    }
}

static void threads_share_under_a_lock(void **state)
{
    struct shared s = {0};
    struct thread a = {0}, b = {0}, never = {0};
    (void)state;
    lock_init(&s.lock);
    signal_init(&s.changed);
    thread_start(&a, "a thread with a long name", count_up, &s);
    thread_start(&b, "b", count_up, &s);
    lock_take(&s.lock);
    while (s.count < 2000) signal_wait(&s.changed, &s.lock);
    assert_false(signal_wait_ms(&s.changed, &s.lock, 5)); /* nobody wakes it any more */
    lock_give(&s.lock);
    thread_join(&a);
    thread_join(&b);
    thread_join(&never);
    assert_int_equal(s.count, 2000);
    signal_fini(&s.changed);
    lock_fini(&s.lock);
    assert_true(thread_cpu_count() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_can_be_frozen),
        cmocka_unit_test(descriptors_are_raised_but_never_lowered),
        cmocka_unit_test(random_is_uniform_enough),
        cmocka_unit_test(threads_share_under_a_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
