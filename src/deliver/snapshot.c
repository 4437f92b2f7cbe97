/* SPDX-License-Identifier: Apache-2.0 */
/* See lane.h. What other threads may know: copied under the lock, a few dozen times a second. How much
 * was received is asked of the journal at the moment of reading, so that an idle destination's numbers
 * are never behind. */
#include "deliver/lane.h"

#include "base/mem.h"

enum { OLDEST_US = 1000000 }; /* the journal checks a whole chunk for each look */

/* The low-water mark is the oldest unfinished event: when it came is in its record. */
static int64_t oldest_ms(struct deliver *d, struct lane *l)
{
    uint64_t low = l->progress.cursor.low;
    struct journal_view view;
    struct event e;
    struct err err = {0};
    if (!l->loaded || low >= journal_next_seq(d->journal)) return l->oldest_ms = 0;
    bool fresh = l->oldest_seq == low || d->now_us - l->oldest_us < OLDEST_US;
    if (l->oldest_ms && fresh) return l->oldest_ms;
    if (!journal_read(d->journal, &l->finder, low, &view, &err)) return 0;
    bool ok = event_decode(str_head(view.records, event_record_size(view.records)), &e);
    l->oldest_ms = ok ? e.received_ms : view.commit_ms;
    l->oldest_seq = low;
    l->oldest_us = d->now_us;
    journal_release(d->journal, &view);
    return l->oldest_ms;
}

static void show_gates(struct deliver *d, struct lane *l, struct deliver_status *s)
{
    s->paused_pixel_count = l->park.gate_count;
    for (size_t i = 0; i < l->park.gate_count; i++) {
        const struct gate *gate = &l->park.gates[i];
        struct paused_pixel *out = &s->paused_pixels[i];
        memcpy(out->pixel_id, gate->pixel_id, sizeof out->pixel_id);
        memcpy(out->reason, gate->reason, sizeof out->reason);
        out->code = gate->code;
        out->subcode = gate->subcode;
        out->probe_ms = d->now_ms + (gate->probe_us - d->now_us) / 1000;
    }
}

static void show_breakdown(struct lane *l, struct shown *out)
{
    const struct breakdown *t = &l->breakdown;
    if (out->lane == l && !l->breakdown.changed) return;
    if (out->row_capacity < t->count) {
        out->row_capacity = t->capacity;
        out->rows = mem_grow(out->rows, out->row_capacity * sizeof *out->rows);
    }
    if (t->count) memcpy(out->rows, t->rows, t->count * sizeof *t->rows);
    out->row_count = t->count;
    out->lane = l;
    l->breakdown.changed = false;
}

static void show(struct deliver *d, struct lane *l, struct shown *out)
{
    struct deliver_status *s = &l->status;
    const struct cursor *c = &l->progress.cursor;
    s->name = l->name;
    s->enabled = l->conf->enabled;
    s->next_seq = l->read_seq;
    s->in_flight_events = l->flying_events;
    s->in_flight_requests = l->flying.count;
    s->oldest_waiting_ms = oldest_ms(d, l);
    bool held = l->trouble == TROUBLE_BACKOFF && l->held_until_us > d->now_us;
    s->backoff_until_ms = held ? d->now_ms + (l->held_until_us - d->now_us) / 1000 : 0;
    struct risk risk = scout_risk(d, l);
    s->at_risk = risk.within[RISK_TIERS - 1];
    s->first_loss_ms = risk.first_ms;
    s->probe_ms =
        l->trouble == TROUBLE_PAUSE ? d->now_ms + (l->held_until_us - d->now_us) / 1000 : 0;
    show_gates(d, l, s);
    s->token = l->token;
    s->token_count = l->conf->access_token_count;
    int64_t free_us = lane_free_us(l);
    s->slowed_until_ms = free_us > d->now_us ? d->now_ms + (free_us - d->now_us) / 1000 : 0;
    memset(s->states, 0, sizeof s->states);
    for (size_t i = 0; i < REASON_COUNT; i++) {
        uint64_t picked = l->retry_formers[i] < c->counts[i] ? l->retry_formers[i] : c->counts[i];
        s->reasons[i] = c->counts[i] - picked;
        s->states[i == REASON_NONE ? STATE_DELIVERED : reason_state((enum reason)i)] +=
            s->reasons[i];
    }
    s->held_since_ms = c->counts[REASON_HELD] ? l->park.holds.since_ms : 0;
    show_breakdown(l, out);
    out->status = *s;
    out->start = l->loaded ? c->start : l->begin_seq;
}

void snapshot_take(struct deliver *d)
{
    struct deliver_needs needs = {.keep_seq = UINT64_MAX, .spare_seq = UINT64_MAX};
    lock_take(&d->lock);
    if (d->lane_count > d->shown_capacity) {
        d->shown = mem_grow(d->shown, d->lane_count * sizeof *d->shown);
        memset(d->shown + d->shown_capacity, 0,
               (d->lane_count - d->shown_capacity) * sizeof *d->shown);
        d->shown_capacity = d->lane_count;
    }
    d->shown_count = 0;
    for (size_t i = 0; i < d->lane_count; i++) {
        struct lane *l = d->lanes[i];
        needs.leaving += !l->conf;
        if (!l->conf) continue;
        show(d, l, &d->shown[d->shown_count++]);
        uint64_t low = l->loaded ? l->saved_low : 0;
        if (l->park.low < needs.keep_seq) needs.keep_seq = l->park.low;
        if (low < needs.keep_seq) needs.keep_seq = low;
        if (low < needs.spare_seq && !lane_stands(l)) needs.spare_seq = low;
    }
    d->needs = needs;
    lock_give(&d->lock);
    d->changed = false;
}

static void finish(struct deliver *d, const struct shown *shown, struct arena *arena,
                   struct deliver_status *out)
{
    uint64_t others = 0, oldest = journal_oldest_seq(d->journal);
    *out = shown->status;
    out->skipped = shown->start > oldest ? shown->start - oldest : 0;
    out->name = arena_str(arena, shown->status.name);
    out->received = journal_next_seq(d->journal) - shown->start;
    out->states[STATE_WAITING] = 0; /* what waits for a pixel is counted; all that waits follows */
    for (size_t i = 0; i < STATE_COUNT; i++) others += out->states[i];
    out->states[STATE_WAITING] = out->received - others;
}

void deliver_status_all(struct deliver *d, struct arena *arena, struct deliver_status **out,
                        size_t *count)
{
    lock_take(&d->lock);
    *out = arena_array(arena, struct deliver_status, d->shown_count);
    *count = d->shown_count;
    for (size_t i = 0; i < d->shown_count; i++) finish(d, &d->shown[i], arena, &(*out)[i]);
    lock_give(&d->lock);
}

struct deliver_needs deliver_needs(struct deliver *d)
{
    lock_take(&d->lock);
    struct deliver_needs needs = d->needs;
    lock_give(&d->lock);
    uint64_t next = journal_next_seq(d->journal);
    if (needs.keep_seq > next) needs.keep_seq = next;
    if (needs.spare_seq > next) needs.spare_seq = next;
    return needs;
}

void deliver_breakdown_all(struct deliver *d, struct arena *arena, struct deliver_breakdown **out,
                           size_t *count)
{
    size_t n = 0;
    lock_take(&d->lock);
    for (size_t i = 0; i < d->shown_count; i++) n += d->shown[i].row_count;
    struct deliver_breakdown *to = *out = arena_array(arena, struct deliver_breakdown, n);
    for (size_t i = 0; i < d->shown_count; i++) {
        const struct shown *shown = &d->shown[i];
        struct str name = arena_str(arena, shown->status.name);
        for (size_t j = 0; j < shown->row_count; j++, to++) {
            const struct breakdown_row *row = &shown->rows[j];
            to->destination = name;
            to->source = arena_str(arena, str_of(row->source, row->source_n));
            to->event = arena_str(arena, str_of(row->event, row->event_n));
            memcpy(to->reasons, row->counts, sizeof to->reasons);
        }
    }
    *count = n;
    lock_give(&d->lock);
}
