/* SPDX-License-Identifier: Apache-2.0 */
/* conf/generation.c: pins, swaps and the last release, with threads (run under the thread sanitizer). */
#include "base/mem.h"
#include "conf/generation.h"
#include "sys/clock.h"

#include "support/check.h"

enum { READERS = 4, SWAPS = 200 };

static atomic_uint freed;

static void count_free(void *plans)
{
    atomic_fetch_add(&freed, 1);
    *(volatile uint64_t *)plans = 0; /* whoever still reads it would see this */
    mem_free(plans);
}

static struct generation *make(uint64_t value)
{
    struct generation *g = generation_new(count_free);
    uint64_t *plans = mem_new(sizeof *plans);
    *plans = value;
    g->plans = plans;
    g->config = arena_alloc(&g->arena, 1000);
    return g;
}

static void last_release_frees(void **state)
{
    struct generation_holder h;
    (void)state;
    atomic_store(&freed, 0);
    generation_holder_init(&h);
    assert_null(generation_acquire(&h));
    generation_swap(&h, make(1));
    struct generation *pinned = generation_acquire(&h);
    assert_int_equal(pinned->number, 1);
    generation_swap(&h, make(2));
    assert_int_equal(atomic_load(&freed), 0);
    assert_int_equal(*(uint64_t *)pinned->plans, 1);
    struct generation *newer = generation_acquire(&h);
    assert_int_equal(newer->number, 2);
    generation_release(newer);
    assert_int_equal(atomic_load(&freed), 0);
    generation_release(pinned);
    assert_int_equal(atomic_load(&freed), 1);
    generation_holder_fini(&h);
    assert_int_equal(atomic_load(&freed), 2);
}

static void without_plans_nothing_is_called(void **state)
{
    (void)state;
    atomic_store(&freed, 0);
    generation_release(NULL);
    generation_release(generation_new(count_free));
    struct generation *g = generation_new(NULL);
    g->plans = &freed;
    generation_release(g);
    assert_int_equal(atomic_load(&freed), 0);
}

struct reader {
    struct generation_holder *holder;
    struct thread thread;
    atomic_bool *stop;
    uint64_t reads, wrong;
};

static void read_on(void *ctx)
{
    struct reader *r = ctx;
    uint64_t newest = 0;
    while (!atomic_load(r->stop) || r->reads == 0) {
        struct generation *g = generation_acquire(r->holder);
        r->wrong += *(uint64_t *)g->plans != g->number || g->number < newest;
        newest = g->number;
        generation_release(g);
        r->reads++;
    }
}

static void threads_see_whole_generations(void **state)
{
    struct generation_holder h;
    struct reader readers[READERS] = {0};
    atomic_bool stop = false;
    (void)state;
    atomic_store(&freed, 0);
    generation_holder_init(&h);
    generation_swap(&h, make(1));
    for (size_t i = 0; i < READERS; i++) {
        readers[i].holder = &h;
        readers[i].stop = &stop;
        thread_start(&readers[i].thread, "reader", read_on, &readers[i]);
    }
    for (uint64_t n = 2; n <= SWAPS; n++) {
        generation_swap(&h, make(n));
        if (n % 50 == 0) clock_sleep_ms(1);
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < READERS; i++) {
        thread_join(&readers[i].thread);
        assert_true(readers[i].reads > 0);
        assert_int_equal(readers[i].wrong, 0);
    }
    assert_int_equal(atomic_load(&freed), SWAPS - 1);
    generation_holder_fini(&h);
    assert_int_equal(atomic_load(&freed), SWAPS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(last_release_frees),
        cmocka_unit_test(without_plans_nothing_is_called),
        cmocka_unit_test(threads_see_whole_generations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
