/* SPDX-License-Identifier: Apache-2.0 */
/* See state.h. Delivery counts each event exactly once and for ever; a series is the difference between two
 * looks at these counts. Whom the store did not know at the start begins with nothing. */
#include "report/state.h"

#include "base/mem.h"
#include "core/log.h"
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

/* add remembers a destination with counts of 0; NULL when there are too many. */
static struct sums *add(struct report *r, struct str name)
{
    if (r->sums_count == LIMIT_DESTINATIONS) return NULL;
    if (!r->sums) r->sums = mem_new(LIMIT_DESTINATIONS * sizeof *r->sums);
    struct sums *s = &r->sums[r->sums_count++];
    *s = (struct sums){.destination_n = name.n};
    memcpy(s->destination, name.p, name.n);
    return s;
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

static void begin_one(struct report *r, struct str name)
{
    struct cursor c;
    struct err err; /* unreadable: delivery says so, and it counts from 0 */
    struct sums *s = add(r, name);
    if (!s || !store_load_cursor(r->options.store, name, &r->arena, &c, &err)) return;
    for (enum reason reason = 0; reason < REASON_COUNT; reason++)
        s->states[reason == REASON_NONE ? STATE_DELIVERED : reason_state(reason)] +=
            c.counts[reason];
}

void sums_begin(struct report *r)
{
    struct str *names;
    size_t count;
    struct err err;
    arena_reset(&r->arena);
    if (!store_destinations(r->options.store, &r->arena, &names, &count, &err)) {
        log_err("report", "what was settled before the start counts as new", &err);
        return;
    }
    for (size_t i = 0; i < count; i++) begin_one(r, names[i]);
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
        if (!s) s = add(r, all[i].name);
        if (s) note(r, s, &all[i], now_ms);
    }
    lock_give(&r->lock);
}
