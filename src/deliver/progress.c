/* SPDX-License-Identifier: Apache-2.0 */
/* See progress.h. The ranges are sorted and do not touch, neither each other nor the low-water mark.
 * Absorbing the first one moves a pointer instead of the array, because it is the common case. */
#include "deliver/progress.h"

#include "base/mem.h"
#include "core/limits.h"

#include <assert.h>

void progress_load(struct progress *p, const struct cursor *from)
{
    size_t bytes = from->range_count * sizeof *from->ranges;
    progress_fini(p);
    p->cursor = *from;
    p->storage = mem_new(bytes);
    p->capacity = from->range_count;
    if (bytes) memcpy(p->storage, from->ranges, bytes);
    p->cursor.ranges = p->storage;
}

void progress_fini(struct progress *p)
{
    mem_free(p->storage);
    *p = (struct progress){0};
}

/* The index of the first range that ends above seq; range_count when there is none. */
static size_t find(const struct cursor *c, uint64_t seq)
{
    size_t low = 0, high = c->range_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->ranges[middle].end <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool progress_is_finished(const struct progress *p, uint64_t seq)
{
    return progress_next(p, seq) != seq;
}

uint64_t progress_next(const struct progress *p, uint64_t seq)
{
    const struct cursor *c = &p->cursor;
    if (seq < c->low) return c->low;
    size_t at = find(c, seq);
    return at < c->range_count && c->ranges[at].first <= seq ? c->ranges[at].end : seq;
}

uint64_t progress_gap_end(const struct progress *p, uint64_t seq)
{
    const struct cursor *c = &p->cursor;
    size_t at = find(c, seq);
    assert(!progress_is_finished(p, seq));
    return at < c->range_count ? c->ranges[at].first : UINT64_MAX;
}

/* Makes room for one more range behind the last one. */
static void grow(struct progress *p)
{
    struct cursor *c = &p->cursor;
    size_t offset = p->storage ? (size_t)(c->ranges - p->storage) : 0;
    if (offset + c->range_count < p->capacity) return;
    if (offset > p->capacity / 2) {
        memmove(p->storage, c->ranges, c->range_count * sizeof *c->ranges);
        offset = 0;
    } else {
        p->capacity = p->capacity ? 2 * p->capacity : 16;
        p->storage = mem_grow(p->storage, p->capacity * sizeof *p->storage);
    }
    c->ranges = p->storage + offset;
}

static void insert(struct progress *p, size_t at, uint64_t seq)
{
    struct cursor *c = &p->cursor;
    assert(c->range_count < LIMIT_CURSOR_RANGES);
    grow(p);
    memmove(c->ranges + at + 1, c->ranges + at, (c->range_count - at) * sizeof *c->ranges);
    c->ranges[at] = (struct seq_range){seq, seq + 1};
    c->range_count++;
}

static void drop(struct cursor *c, size_t at)
{
    c->range_count--;
    memmove(c->ranges + at, c->ranges + at + 1, (c->range_count - at) * sizeof *c->ranges);
}

static void absorb(struct cursor *c)
{
    while (c->range_count && c->ranges[0].first <= c->low) {
        if (c->ranges[0].end > c->low) c->low = c->ranges[0].end;
        c->ranges++;
        c->range_count--;
    }
}

bool progress_finish(struct progress *p, uint64_t seq)
{
    struct cursor *c = &p->cursor;
    if (seq < c->low) return false;
    if (seq == c->low) {
        c->low++;
        absorb(c);
        return true;
    }
    size_t at = find(c, seq);
    if (at < c->range_count && c->ranges[at].first <= seq) return false;
    bool joins_left = at > 0 && c->ranges[at - 1].end == seq;
    bool joins_right = at < c->range_count && c->ranges[at].first == seq + 1;
    if (joins_left && joins_right) {
        c->ranges[at - 1].end = c->ranges[at].end;
        drop(c, at);
    } else if (joins_left) {
        c->ranges[at - 1].end++;
    } else if (joins_right) {
        c->ranges[at].first--;
    } else {
        insert(p, at, seq);
    }
    return true;
}

size_t progress_ranges_above(const struct progress *p, uint64_t seq)
{
    const struct cursor *c = &p->cursor;
    if (!c->range_count || c->ranges[c->range_count - 1].first <= seq) return 0;
    size_t at = find(c, seq);
    if (at < c->range_count && c->ranges[at].first <= seq) at++;
    return c->range_count - at;
}

void progress_extend(struct progress *p, uint64_t start)
{
    struct cursor *c = &p->cursor;
    uint64_t former = c->start, low = c->low;
    if (start >= former || c->range_count == LIMIT_CURSOR_RANGES) return;
    c->start = c->low = start;
    if (low == former) return;
    insert(p, 0, former);
    c->ranges[0].end = low;
}

uint64_t progress_finished(const struct progress *p, uint64_t end)
{
    const struct cursor *c = &p->cursor;
    uint64_t sum = (end < c->low ? end : c->low) - c->start;
    for (size_t i = 0; i < c->range_count && c->ranges[i].first < end; i++)
        sum += (c->ranges[i].end < end ? c->ranges[i].end : end) - c->ranges[i].first;
    return sum;
}

uint64_t progress_finish_below(struct progress *p, uint64_t end)
{
    struct cursor *c = &p->cursor;
    if (end <= c->low) return 0;
    uint64_t before = progress_finished(p, end);
    c->low = end;
    absorb(c);
    return progress_finished(p, end) - before;
}

uint64_t progress_counted(const struct progress *p)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < REASON_COUNT; i++) sum += p->cursor.counts[i];
    return sum;
}
