/* SPDX-License-Identifier: Apache-2.0 */
/* The clock. Everything that asks for the time asks here, so `--now` and tests can set it. */
#ifndef SYS_CLOCK_H
#define SYS_CLOCK_H

#include <stdint.h>

/* clock_now_ms is the wall clock (UTC ms since 1970). Any thread. */
int64_t clock_now_ms(void);
/* clock_mono_us is a monotonic clock in microseconds, for durations and timers. */
int64_t clock_mono_us(void);
/* clock_freeze makes clock_now_ms answer ms until clock_thaw. For --now and for tests. */
void clock_freeze(int64_t ms);
void clock_thaw(void);
/* clock_shift_ms moves both clocks on by so much, for tests that cannot wait; what waits for a time finds
 * out when it wakes up. Any thread. */
void clock_shift_ms(int64_t ms);
/* clock_sleep_ms blocks the calling thread. */
void clock_sleep_ms(int64_t ms);

#endif
