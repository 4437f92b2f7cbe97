/* SPDX-License-Identifier: Apache-2.0 */
/* See lane.h. Meta may refuse one pixel (it was removed, or the token may not see it) and take the others.
 * When that is the destination's own pixel the destination pauses; when it is a conversion pixel, only what
 * goes there waits: its gate is shut, and events for it are parked: noted in the store by number, pixels
 * and deadline, counted as waiting, while the journal keeps them. What else such an event sends is sent,
 * once. Every now and then a walk over what is parked lets too late ones expire, tries each shut pixel with
 * one event when its hour is over, and fetches everything for a pixel that was opened. */
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
    p->due_us = d->now_us;
    for (size_t i = 0; try_all && i < p->gate_count; i++) p->gates[i].probe_us = d->now_us;
}

void park_reset(struct deliver *d, struct lane *l, bool try_all)
{
    struct park *p = &l->park;
    park_hurry(d, l, false);
    for (size_t i = 0; i < p->gate_count; i++) p->gates[i].probing = false;
    if (try_all) p->gate_count = 0;
}

/* --- walks -------------------------------------------------------------------------------------- */

/* Dead without having been read again. */
static void bury(struct deliver *d, struct lane *l, const struct item *as, enum reason reason)
{
    struct outcome outcome;
    outcome_set(&outcome, reason, NULL, "waited for its conversion pixel");
    struct verdict verdict = {.outcome = &outcome};
    if (reason == REASON_EXPIRED) verdict.record = read_record(d, l, as);
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

static void fetch(struct deliver *d, struct lane *l, const struct parked *entry,
                  const struct item *as, struct gate *letting)
{
    struct str record = read_record(d, l, as);
    if (!record.n) return; /* tried again by the next walk */
    if (letting) letting->probing = true;
    l->park.letting = letting;
    l->park.only = entry->pixels;
    read_judge(d, l, record);
    read_take(d, l, *as, record);
    l->park.letting = NULL;
    l->park.only = S("");
}

/* False: it has to wait here until there is room. What cannot be sent for now only expires. */
static bool visit(struct deliver *d, struct lane *l, const struct parked *entry)
{
    struct park *p = &l->park;
    const struct item as = {.seq = entry->seq,
                            .retry = true,
                            .parked = true,
                            .former = REASON_PIXEL_PAUSED,
                            .row = (uint16_t)breakdown_other(&l->breakdown)};
    struct gate *letting;
    if (entry->seq < p->low_found) p->low_found = entry->seq;
    if (entry->seq < journal_oldest_seq(d->journal)) {
        bury(d, l, &as, REASON_TRIMMED);
    } else if (entry->deadline_ms <= d->now_ms) {
        bury(d, l, &as, REASON_EXPIRED);
    } else if (l->trouble != TROUBLE_NONE || !may_pass(d, l, entry->pixels, &letting)) {
        scout_count(&p->found, entry->deadline_ms, d->now_ms);
    } else if (!read_may(d, l)) {
        return false;
    } else {
        fetch(d, l, entry, &as, letting);
    }
    return true;
}

static bool begin(struct deliver *d, struct lane *l)
{
    struct park *p = &l->park;
    bool busy =
        l->retry_items || l->retry_walking || l->unsaved.parked_count || l->unsaved.unparked_count;
    if (p->low == UINT64_MAX || d->now_us < p->due_us || busy) return false;
    p->walking = true;
    p->began_us = d->now_us;
    p->seq = 0;
    p->low_found = p->low_new = UINT64_MAX;
    p->found = (struct risk){0};
    return true;
}

/* The next walk comes in a minute, or later when walks take long, or as soon as a pixel is to be tried. */
static void end(struct deliver *d, struct lane *l)
{
    struct park *p = &l->park;
    int64_t wait_us = LIMIT_LOOK_MS * 1000, took_us = d->now_us - p->began_us;
    if (took_us * LIMIT_LOOK_SHARE > wait_us) wait_us = took_us * LIMIT_LOOK_SHARE;
    p->walking = false;
    p->told = p->found;
    p->low = p->low_found < p->low_new ? p->low_found : p->low_new;
    p->due_us = d->now_us + wait_us;
    for (size_t i = 0; i < p->gate_count; i++)
        if (!p->gates[i].probing && p->gates[i].probe_us < p->due_us)
            p->due_us = p->gates[i].probe_us;
    d->changed = true;
}

bool park_read(struct deliver *d, struct lane *l, struct slice *slice)
{
    struct park *p = &l->park;
    if (!p->walking && !begin(d, l)) return true;
    while (p->walking && d->now_us >= l->read_again_us && !d->settle_failing &&
           !settle_is_full(d)) {
        struct letter_selection page = {.destination = l->name, .from_seq = p->seq, .limit = PAGE};
        struct parked *entries;
        size_t count;
        struct err err = {0};
        if (!store_parked_list(d->store, &page, &d->scratch, &entries, &count, &err)) {
            lane_fail(d, l, "what waits for a pixel cannot be read", &err);
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            if (!visit(d, l, &entries[i])) return false;
            p->seq = entries[i].seq + 1;
            if (slice_is_over(slice)) return false;
        }
        if (count < PAGE) end(d, l);
    }
    return true;
}

int64_t park_due_us(const struct lane *l)
{
    return l->park.low == UINT64_MAX || l->park.walking ? INT64_MAX : l->park.due_us;
}
