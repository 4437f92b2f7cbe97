/* SPDX-License-Identifier: Apache-2.0 */
/* From times to event numbers, roughly and in little space: which events came within the last so many
 * milliseconds? A point says which number came next at what time. Lives inside a mapped file, so it is
 * plain data, and is checked when it is found there. */
#ifndef JOURNAL_WINDOW_H
#define JOURNAL_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WINDOW_POINTS = 128, WINDOW_STEPS = 64 };

struct window {
    uint64_t count; /* at least 1 */
    struct {
        int64_t ms;
        uint64_t seq;
    } points[WINDOW_POINTS]; /* times rise, numbers do not fall */
};

/* window_reset begins anew: everything below seq is out of any window. */
void window_reset(struct window *w, int64_t now_ms, uint64_t seq);
/* window_is_sound: is this one that we wrote, for a journal whose next number is next_seq? */
bool window_is_sound(const struct window *w, uint64_t next_seq);
/* window_advance notes that seq comes next at now_ms, if the last point is old enough. When the clock went
 * back by more than the window, what it had noted ahead is forgotten: a clock that was wrong for a while costs
 * nothing that was known before, and one that was wrong all the time costs all. */
void window_advance(struct window *w, int64_t now_ms, uint64_t seq, int64_t window_ms);
/* window_low is the number from which on events are within the window. */
uint64_t window_low(const struct window *w, int64_t now_ms, int64_t window_ms);

#endif
