/* SPDX-License-Identifier: Apache-2.0 */
/* See bisect.h. */
#include "deliver/bisect.h"

#include <assert.h>

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Sets the end of the window that starts at search.from. */
static void choose(struct batch *b)
{
    struct bisect *s = &b->search;
    size_t left = b->count - s->from;
    if (s->bad_to > s->from) {
        size_t length = s->bad_to - s->from;
        bool hinted = s->hint >= s->from && s->hint < s->bad_to;
        if (hinted)
            s->to = larger(s->hint, s->from + 1);
        else
            s->to = s->from + larger(length / 2, 1);
        return;
    }
    size_t step = s->found < 2 ? left : larger(2 * larger(s->gap, s->good), 1);
    s->to = s->from + (step < left ? step : left);
}

void bisect_expect(struct batch *b, size_t gap)
{
    assert(b->search.from == 0 && !b->search.found);
    b->search.found = 2;
    b->search.gap = gap;
    choose(b);
}

size_t bisect_gap(const struct batch *b)
{
    return b->search.found < 2 ? SIZE_MAX : larger(b->search.gap, b->search.good);
}

void bisect_passed(struct batch *b)
{
    struct bisect *s = &b->search;
    s->good += s->to - s->from;
    s->from = s->to;
    if (s->bad_to <= s->from) s->bad_to = 0;
    choose(b);
}

bool bisect_refused(struct batch *b, int64_t culprit)
{
    struct bisect *s = &b->search;
    size_t length = s->to - s->from;
    assert(length > 0);
    if (length > 1) {
        bool named = culprit >= 0 && (uint64_t)culprit < length;
        s->bad_to = s->to;
        s->hint = named ? s->from + (size_t)culprit : SIZE_MAX;
        choose(b);
        return false;
    }
    s->found++;
    s->gap = s->good;
    s->good = 0;
    s->from++;
    s->bad_to = 0;
    choose(b);
    return true;
}
