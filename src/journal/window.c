/* SPDX-License-Identifier: Apache-2.0 */
/* See window.h. */
#include "journal/window.h"

#include <string.h>

void window_reset(struct window *w, int64_t now_ms, uint64_t seq)
{
    w->points[0].ms = now_ms;
    w->points[0].seq = seq;
    w->count = 1;
}

bool window_is_sound(const struct window *w, uint64_t next_seq)
{
    if (!w->count || w->count > WINDOW_POINTS) return false;
    for (size_t i = 1; i < w->count; i++)
        if (w->points[i].ms <= w->points[i - 1].ms || w->points[i].seq < w->points[i - 1].seq)
            return false;
    return w->points[w->count - 1].seq <= next_seq;
}

/* The index of the last point at or before ms, or 0. */
static size_t find(const struct window *w, int64_t ms)
{
    size_t i = (size_t)w->count - 1;
    while (i && w->points[i].ms > ms) i--;
    return i;
}

/* go_back forgets the points that have not come yet: the clock was wrong when they were made, or is now. */
static void go_back(struct window *w, int64_t now_ms, uint64_t seq)
{
    while (w->count && w->points[w->count - 1].ms > now_ms) w->count--;
    if (!w->count) window_reset(w, now_ms, seq);
}

void window_advance(struct window *w, int64_t now_ms, uint64_t seq, int64_t window_ms)
{
    int64_t last_ms = w->points[w->count - 1].ms;
    if (now_ms < last_ms - window_ms) go_back(w, now_ms, seq);
    last_ms = w->points[w->count - 1].ms;
    if (now_ms <= last_ms || now_ms - last_ms < window_ms / WINDOW_STEPS) return;
    if (w->count == WINDOW_POINTS)
        memmove(w->points, w->points + 1, --w->count * sizeof w->points[0]);
    w->points[w->count].ms = now_ms;
    w->points[w->count].seq = seq;
    w->count++;
}

uint64_t window_low(const struct window *w, int64_t now_ms, int64_t window_ms)
{
    return w->points[find(w, now_ms - window_ms)].seq;
}
