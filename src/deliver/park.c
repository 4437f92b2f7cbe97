/* SPDX-License-Identifier: Apache-2.0 */
/* See lane.h. Meta may refuse one pixel (it was removed, or the token may not see it) and take the others.
 * When that is the destination's own pixel the destination pauses; when it is a conversion pixel, only what
 * goes there waits: its gate is shut, and events for it are parked: noted in the store by number, pixels
 * and deadline, counted as waiting, while the journal keeps them. What else such an event sends is sent,
 * once. Every now and then a walk over what is parked lets too late ones expire, tries each shut pixel with
 * one event when its hour is over, and fetches everything for a pixel that was opened.
 *
 * What a hold keeps back (hold.c) is parked in the same way. A walk gives up what was not confirmed in time;
 * a thorough one, after a start or a reset or in trouble, also looks up what was confirmed meanwhile. */
#include "deliver/lane.h"

#include "core/log.h"

#include <assert.h>
#include <stdio.h>

enum { PAGE = 256 }; /* entries of a walk read at a time: small ones */

bool park_load(struct deliver *d, struct lane *l, struct err *err)
{
    struct letter_selection first = {.destination = l->name, .limit = 1};
    struct parked *entries;
    size_t count;
    if (!store_parked_list(d->store, &first, &d->scratch, &entries, &count, err)) return false;
    l->park.low = l->park.low_new = count ? entries->seq : UINT64_MAX;
    l->park.thorough_next = true;
    return true;
}

/* --- gates -------------------------------------------------------------------------------------- */

struct gate *park_gate(struct lane *l, struct str pixel_id)
{
    for (size_t i = 0; i < l->park.gate_count; i++)
        if (str_eq(str_z(l->park.gates[i].pixel_id), pixel_id)) return &l->park.gates[i];
    return NULL;
}

bool park_may_shut(struct lane *l, const struct batch *b)
{
    struct str pixel_id = buf_str(&b->pixel_id);
    if (!l->conf || str_eq(pixel_id, l->conf->pixel_id.text)) return false;
    return park_gate(l, pixel_id) || (l->park.gate_count < LIMIT_PAUSED_PIXELS &&
                                      pixel_id.n < sizeof l->park.gates[0].pixel_id);
}

void park_batch(struct deliver *d, struct lane *l, struct batch *b)
{
    struct str pixel_id = buf_str(&b->pixel_id);
    for (size_t i = b->search.from; i < b->count; i++)
        settle_aside(d, l, b->parts[i].item, pixel_id, b->parts[i].deadline_ms);
    b->search.from = b->count;
    lane_end_batch(d, l, b);
}

void park_shut(struct deliver *d, struct lane *l, struct batch *b, const struct reply *reply)
{
    struct str pixel_id = buf_str(&b->pixel_id);
    struct gate *gate = park_gate(l, pixel_id);
    if (!gate) {
        gate = &l->park.gates[l->park.gate_count++];
        *gate = (struct gate){.code = reply->code, .subcode = reply->subcode};
        (void)snprintf(gate->pixel_id, sizeof gate->pixel_id, "%.*s", STR_ARG(pixel_id));
        (void)snprintf(gate->reason, sizeof gate->reason, "%.*s %.*s", STR_ARG(reply->cause),
                       STR_ARG(reply->cure));
        log_line(LOG_WARN, "deliver", "a conversion pixel is paused",
                 LOG_STR("destination", l->name), LOG_STR("pixel", pixel_id),
                 LOG_NUM("code", reply->code), LOG_NUM("subcode", reply->subcode),
                 LOG_STR("cause", reply->cause), LOG_STR("cure", reply->cure));
    }
    if (!b->probe && gate->probe_us) { /* one of those that were under way */
        park_batch(d, l, b);
        return;
    }
    gate->probing = false;
    gate->probe_us = d->now_us + d->timing.pause_probe_ms * 1000;
    if (gate->probe_us < l->park.due_us || !l->park.due_us) l->park.due_us = gate->probe_us;
    park_batch(d, l, b);
}

void park_open(struct deliver *d, struct lane *l, struct str pixel_id)
{
    struct gate *gate = park_gate(l, pixel_id);
    if (!gate) return;
    log_line(LOG_INFO, "deliver", "delivering to a conversion pixel again",
             LOG_STR("destination", l->name), LOG_STR("pixel", pixel_id));
    *gate = l->park.gates[--l->park.gate_count];
    park_hurry(d, l, false);
}

void park_hurry(struct deliver *d, struct lane *l, bool try_all)
{
    struct park *p = &l->park;
    p->walking = false;
    p->thorough_next = true;
    p->due_us = d->now_us;
    for (size_t i = 0; try_all && i < p->gate_count; i++) p->gates[i].probe_us = d->now_us;
}

void park_reset(struct deliver *d, struct lane *l, bool try_all)
{
    struct park *p = &l->park;
    park_hurry(d, l, false);
    hold_reset(l);
    for (size_t i = 0; i < p->gate_count; i++) p->gates[i].probing = false;
    if (try_all) p->gate_count = 0;
}

/* --- walks -------------------------------------------------------------------------------------- */

/* Over without having been judged again. */
static void bury(struct deliver *d, struct lane *l, const struct item *as, enum reason reason,
                 const struct parked *entry)
{
    struct outcome outcome;
    struct verdict verdict = {.outcome = &outcome};
    if (entry->held)
        outcome_set(&outcome, reason, "hold", "waited for the hold \"%.*s\"", STR_ARG(entry->name));
    else
        outcome_set(&outcome, reason, NULL, "waited for its conversion pixel");
    if (outcome.state == STATE_DEAD && reason != REASON_TRIMMED)
        verdict.record = read_record(d, l, as);
    settle_event(d, l, as, &verdict);
}

/* May something of the event go now? letting is the gate that it is to try, if it must pass one. */
static bool may_pass(struct deliver *d, struct lane *l, struct str pixels, struct gate **letting)
{
    struct str word;
    bool passes = false;
    *letting = NULL;
    for (bool more = true; more;) {
        more = str_cut(pixels, ' ', &word, &pixels);
        struct gate *gate = park_gate(l, word);
        passes |= !gate;
        if (gate && !gate->probing && gate->probe_us <= d->now_us) *letting = gate;
    }
    return passes || *letting;
}

static bool fetch(struct deliver *d, struct lane *l, const struct parked *entry,
                  const struct item *as)
{
    if (!read_may(d, l)) return false;
    struct str record = read_record(d, l, as);
    if (!record.n) return true; /* tried again by the next walk */
    read_judge(d, l, record);
    l->park.only = entry->pixels;
    read_take(d, l, *as, record);
    l->park.only = S("");
    return true;
}

/* In trouble one event may try, when it is time for that and nothing else is there to do so. */
static bool may_send(const struct deliver *d, const struct lane *l)
{
    return l->trouble == TROUBLE_NONE ||
           (d->now_us >= l->held_until_us && !l->journal_items && !l->retry_items);
}

/* What cannot be sent for now only expires. */
static bool visit_parked(struct deliver *d, struct lane *l, const struct parked *entry,
                         const struct item *as)
{
    struct gate *letting;
    if (entry->deadline_ms <= d->now_ms) {
        bury(d, l, as, REASON_EXPIRED, entry);
        return true;
    }
    if (!may_send(d, l) || !may_pass(d, l, entry->pixels, &letting)) {
        scout_count(&l->park.found, entry->deadline_ms, d->now_ms);
        return true;
    }
    l->park.letting = letting;
    bool done = fetch(d, l, entry, as);
    if (done && letting) letting->probing = true;
    l->park.letting = NULL;
    return done;
}

static bool give_up(struct deliver *d, struct lane *l, const struct parked *entry,
                    const struct item *as)
{
    bury(d, l, as, entry->then == HOLD_DROP ? REASON_HOLD_DROPPED : REASON_HOLD_EXPIRED, entry);
    return true;
}

static bool stays(struct lane *l, const struct parked *entry)
{
    struct holds *h = &l->park.holds;
    int64_t end_ms = entry->until_ms < entry->deadline_ms ? entry->until_ms : entry->deadline_ms;
    if (!h->first_ms_found || end_ms < h->first_ms_found) h->first_ms_found = end_ms;
    if (!h->since_ms_found || entry->since_ms < h->since_ms_found)
        h->since_ms_found = entry->since_ms;
    return true;
}

/* Whether it is confirmed is asked before it is given up, and when somebody says so. */
static bool visit_held(struct deliver *d, struct lane *l, const struct parked *entry,
                       const struct item *as, bool confirmed)
{
    struct holds *h = &l->park.holds;
    bool late = entry->deadline_ms <= d->now_ms, over = late || hold_is_over(d, l, entry);
    if (!late && entry->rules != h->rules)
        return may_send(d, l) ? fetch(d, l, entry, as) : stays(l, entry);
    enum hold_verdict verdict = over || confirmed ? hold_look_up(d, l, entry) : HOLD_WAITS;
    if (verdict == HOLD_IS_CANCELLED) {
        bury(d, l, as, REASON_HOLD_CANCELLED, entry);
        return true;
    }
    bool unsure = d->now_us < l->read_again_us; /* the store failed */
    if (verdict == HOLD_WAITS && (!over || unsure)) return stays(l, entry);
    if (verdict == HOLD_WAITS && (late || entry->then != HOLD_SEND))
        return give_up(d, l, entry, as);
    if (late) {
        bury(d, l, as, REASON_EXPIRED, entry);
        return true;
    }
    if (!may_send(d, l)) return stays(l, entry);
    h->passed = entry->name;
    bool done = fetch(d, l, entry, as);
    h->passed = S("");
    return done;
}

bool park_visit(struct deliver *d, struct lane *l, const struct parked *entry, bool confirmed)
{
    const struct item as = {.seq = entry->seq,
                            .retry = true,
                            .parked = true,
                            .former = entry->held ? REASON_HELD : REASON_PIXEL_PAUSED,
                            .row = (uint16_t)breakdown_other(&l->breakdown)};
    if (entry->seq < journal_oldest_seq(d->journal)) {
        bury(d, l, &as, REASON_TRIMMED, entry);
        return true;
    }
    return entry->held ? visit_held(d, l, entry, &as, confirmed) : visit_parked(d, l, entry, &as);
}

bool park_is_free(const struct lane *l)
{
    return !l->park.items && !l->unsaved.parked_count && !l->unsaved.unparked_count;
}

static bool begin(struct deliver *d, struct lane *l)
{
    struct park *p = &l->park;
    if (p->low == UINT64_MAX || d->now_us < p->due_us || !park_is_free(l)) return false;
    p->walking = true;
    p->thorough = p->thorough_next || l->trouble != TROUBLE_NONE;
    p->thorough_next = false;
    if (p->thorough) p->holds.keep_ms = 1; /* whatever was confirmed */
    p->began_us = d->now_us;
    p->seq = 0;
    p->low_found = p->low_new = UINT64_MAX;
    p->found = (struct risk){0};
    p->holds.first_ms_found = p->holds.since_ms_found = 0;
    return true;
}

/* When the first of what is held is given up, in the clock of walks. */
static int64_t first_end_us(const struct deliver *d, const struct holds *h)
{
    int64_t left_ms = h->first_ms ? h->first_ms - d->now_ms : LIMIT_LOOK_MS;
    if (left_ms < LIMIT_HOLD_LOOK_MS) left_ms = LIMIT_HOLD_LOOK_MS;
    return d->now_us + (left_ms < LIMIT_LOOK_MS ? left_ms : LIMIT_LOOK_MS) * 1000;
}

/* The next walk comes in a minute, or later when walks take long, or as soon as a pixel is to be tried or
 * the time of something held is over. */
static void end(struct deliver *d, struct lane *l)
{
    struct park *p = &l->park;
    int64_t rest_us = (d->now_us - p->began_us) * LIMIT_LOOK_SHARE;
    p->walking = false;
    p->told = p->found;
    p->holds.first_ms = p->holds.first_ms_found;
    p->holds.since_ms = p->holds.since_ms_found;
    p->low = p->low_found < p->low_new ? p->low_found : p->low_new;
    p->due_us = first_end_us(d, &p->holds);
    if (l->trouble != TROUBLE_NONE && l->held_until_us > d->now_us && l->held_until_us < p->due_us)
        p->due_us = l->held_until_us;
    if (p->due_us < d->now_us + rest_us) p->due_us = d->now_us + rest_us;
    for (size_t i = 0; i < p->gate_count; i++)
        if (!p->gates[i].probing && p->gates[i].probe_us < p->due_us)
            p->due_us = p->gates[i].probe_us;
    if (p->thorough_next) p->due_us = d->now_us;
    d->changed = true;
}

bool park_read(struct deliver *d, struct lane *l, struct slice *slice)
{
    struct park *p = &l->park;
    if (!p->walking && !hold_release(d, l, slice)) return false;
    if (!p->walking && !begin(d, l)) return true;
    while (p->walking && d->now_us >= l->read_again_us && !d->settle_failing &&
           !settle_is_full(d)) {
        struct letter_selection page = {.destination = l->name, .from_seq = p->seq, .limit = PAGE};
        struct parked *entries;
        size_t count;
        struct err err = {0};
        if (!store_parked_list(d->store, &page, &d->scratch, &entries, &count, &err)) {
            lane_fail(d, l, "what waits for a pixel or a hold cannot be read", &err);
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            if (entries[i].seq < p->low_found) p->low_found = entries[i].seq;
            if (!park_visit(d, l, &entries[i], p->thorough)) return false;
            p->seq = entries[i].seq + 1;
            if (slice_is_over(slice)) return false;
        }
        if (count < PAGE) end(d, l);
    }
    return true;
}

int64_t park_due_us(const struct lane *l)
{
    return l->park.low == UINT64_MAX || l->park.walking || !park_is_free(l) ? INT64_MAX
                                                                            : l->park.due_us;
}
