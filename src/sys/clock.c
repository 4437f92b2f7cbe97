/* SPDX-License-Identifier: Apache-2.0 */
/* See clock.h. */
#include "sys/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t frozen_ms = -1, shifted_ms;

int64_t clock_now_ms(void)
{
    int64_t frozen = atomic_load_explicit(&frozen_ms, memory_order_relaxed);
    struct timespec now;
    if (frozen >= 0) return frozen;
    (void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail with a valid clock id */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 +
           atomic_load_explicit(&shifted_ms, memory_order_relaxed);
}

int64_t clock_mono_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail with a valid clock id */
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 +
           atomic_load_explicit(&shifted_ms, memory_order_relaxed) * 1000;
}

void clock_freeze(int64_t ms)
{
    atomic_store(&frozen_ms, ms);
}

void clock_thaw(void)
{
    atomic_store(&frozen_ms, -1);
}

void clock_shift_ms(int64_t ms)
{
    atomic_fetch_add(&shifted_ms, ms);
}

void clock_sleep_ms(int64_t ms)
{
    struct timespec left = {ms / 1000, (ms % 1000) * 1000000};
    while (nanosleep(&left, &left) && errno == EINTR) {}
}
