/* SPDX-License-Identifier: Apache-2.0 */
/* See state.h. Delivery counts each event exactly once and for ever; a series is the difference between two
 * looks at these counts. */
#include "report/state.h"

#include "base/mem.h"
#include "sys/clock.h"

static struct str name_of(const struct sums *s)
{
    return str_of(s->destination, s->destination_n);
}

/* Mostly they stand where they stood at the latest look. */
static struct sums *find(struct report *r, struct str destination, size_t hint)
{
    if (hint < r->sums_count && str_eq(name_of(&r->sums[hint]), destination)) return &r->sums[hint];
    for (size_t i = 0; i < r->sums_count; i++)
        if (str_eq(name_of(&r->sums[i]), destination)) return &r->sums[i];
    return NULL;
}

static void add(struct report *r, const struct deliver_status *d)
{
    if (r->sums_count == LIMIT_DESTINATIONS) return;
    if (!r->sums) r->sums = mem_new(LIMIT_DESTINATIONS * sizeof *r->sums);
    struct sums *s = &r->sums[r->sums_count++];
    struct str name = str_head(d->name, LIMIT_NAME_BYTES);
    s->destination_n = name.n;
    memcpy(s->destination, name.p, name.n);
    memcpy(s->states, d->states, sizeof s->states);
}

/* A count goes down when an event is tried again: it will be counted anew. What still waits, also for a
 * hold, is no verdict. */
static void note(struct report *r, struct sums *s, const struct deliver_status *d, int64_t now_ms)
{
    for (enum state state = 0; state < STATE_COUNT; state++) {
        uint64_t now = d->states[state], before = s->states[state];
        s->states[state] = now;
        if (state == STATE_WAITING || state == STATE_HELD || now <= before) continue;
        struct series_key key = {.metric = state_name(state), .destination = name_of(s)};
        series_add(&r->tables.series, &key, now_ms, (double)(now - before));
    }
}

void sums_look(struct report *r)
{
    struct deliver_status *all;
    size_t count;
    int64_t now_ms = clock_now_ms();
    arena_reset(&r->arena);
    deliver_status_all(r->deliver, &r->arena, &all, &count);
    lock_take(&r->lock);
    quality_turn(&r->tables.quality, now_ms);
    for (size_t i = 0; i < count; i++) {
        struct sums *s = find(r, all[i].name, i);
        if (s)
            note(r, s, &all[i], now_ms);
        else
            add(r, &all[i]);
    }
    lock_give(&r->lock);
}
