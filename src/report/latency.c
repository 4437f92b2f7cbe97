/* SPDX-License-Identifier: Apache-2.0 */
/* See latency.h. */
#include "report/latency.h"

#include "base/mem.h"
#include "base/time.h"

#include <math.h>

void latency_fini(struct latency *l)
{
    mem_free(l->rows);
    *l = (struct latency){0};
}

static void turn(struct latency *l, int64_t now_ms)
{
    int64_t hour = now_ms / MS_PER_HOUR, former = l->hour;
    /* Who asks may be a moment behind who noted. */
    if (hour == former || hour == former - 1) return;
    l->hour = hour;
    for (size_t i = 0; i < l->count; i++) {
        struct latency_row *row = &l->rows[i];
        if (hour == former + 1)
            memcpy(row->counts[1], row->counts[0], sizeof row->counts[0]);
        else
            memset(row->counts[1], 0, sizeof row->counts[1]);
        memset(row->counts[0], 0, sizeof row->counts[0]);
    }
}

static struct latency_row *find(struct latency *l, struct str destination)
{
    for (size_t i = 0; i < l->count; i++) {
        struct latency_row *row = &l->rows[i];
        if (str_eq(str_of(row->destination, row->destination_n), destination)) return row;
    }
    return NULL;
}

static struct latency_row *add(struct latency *l, struct str destination)
{
    if (l->count == LIMIT_LATENCY_ROWS) return NULL;
    if (!l->rows) l->rows = mem_new(LIMIT_LATENCY_ROWS * sizeof *l->rows);
    struct latency_row *row = &l->rows[l->count++];
    row->destination_n = destination.n;
    memcpy(row->destination, destination.p, destination.n);
    return row;
}

static size_t step_of(int64_t ms)
{
    if (ms <= 1) return 0;
    size_t step = (size_t)ceil(4 * log2((double)ms) - 1e-9);
    return step < LATENCY_STEPS ? step : LATENCY_STEPS - 1;
}

void latency_note(struct latency *l, struct str destination, int64_t ms, uint64_t times,
                  int64_t now_ms)
{
    destination = str_head(destination, LIMIT_NAME_BYTES);
    turn(l, now_ms);
    struct latency_row *row = find(l, destination);
    if (!row) row = add(l, destination);
    if (row) row->counts[0][step_of(ms)] += times;
}

int64_t latency_percentile(struct latency *l, struct str destination, double share, int64_t now_ms)
{
    turn(l, now_ms);
    const struct latency_row *row = find(l, str_head(destination, LIMIT_NAME_BYTES));
    uint64_t all = 0, below = 0;
    for (size_t i = 0; row && i < LATENCY_STEPS; i++) all += row->counts[0][i] + row->counts[1][i];
    if (!all) return -1;
    uint64_t wanted = (uint64_t)ceil(share * (double)all);
    for (size_t i = 0; i < LATENCY_STEPS; i++) {
        below += row->counts[0][i] + row->counts[1][i];
        if (below >= wanted && below) return (int64_t)llround(exp2((double)i / 4));
    }
    return (int64_t)llround(exp2((LATENCY_STEPS - 1) / 4.0));
}
