/* SPDX-License-Identifier: Apache-2.0 */
/* See lane.h. A hold keeps an event back until another one confirms it. The event is parked (park.c): the
 * store has its number, the journal the event, and the sums count it as held. What confirms or cancels is
 * kept by the key that both have in common, in the same transaction as the verdict on the confirming event or
 * an earlier one; so it may come before or after the event that waits, and a crash loses neither.
 *
 * What waits is found by its key: a confirmation costs as much with a million held events as with one. Only
 * when the list of keys overflows, or was lost with the memory, all that waits is walked over.
 *
 * Time is the journal's: an event waits from when it was received, and is given up when everything that was
 * received in its time has been read. How fast that happens changes nothing. */
#include "deliver/lane.h"

#include "base/mem.h"
#include "base/sha256.h"

#include <assert.h>

enum {
    PAGE = 64,           /* held events of one key read at a time */
    SAME_CONFIRMED = 64, /* a repetition counts when this part of its time has passed */
};

/* --- the rules ---------------------------------------------------------------------------------- */

static void put_text(struct buf *out, struct text text)
{
    buf_put(out, text.text);
    buf_putc(out, '\0');
}

/* A number for the destination's holds, which changes with each of their words; 0: none of its own, and
 * perhaps those of its preset. */
static uint64_t fingerprint(const struct destination_conf *conf)
{
    unsigned char digest[SHA256_BYTES];
    uint64_t rules = 0;
    struct buf text = {0};
    put_text(&text, conf->preset);
    for (size_t i = 0; i < conf->hold_count; i++) {
        const struct hold_conf *h = &conf->holds[i];
        const struct text words[] = {h->name,  h->trigger,   h->key,
                                     h->until, h->until_key, h->cancel};
        for (size_t j = 0; j < countof(words); j++) put_text(&text, words[j]);
        buf_printf(&text, "%lld %u", (long long)h->within_ms, (unsigned)h->then);
    }
    sha256(buf_str(&text), digest);
    buf_fini(&text);
    memcpy(&rules, digest, sizeof rules);
    return rules;
}

void hold_adopt(struct lane *l)
{
    l->park.holds.rules = fingerprint(l->conf);
}

/* --- what was confirmed ------------------------------------------------------------------------- */

/* The latest word on a key: of those not in the store yet, which are few, or in it. */
static bool find(struct deliver *d, struct lane *l, const struct hold_key *key,
                 struct confirmation *out)
{
    struct err err = {0};
    for (size_t i = l->unsaved.confirmed_count; i-- > 0;) {
        *out = l->unsaved.confirmed[i];
        if (hold_key_eq(&out->key, key)) return true;
    }
    if (store_confirmation_get(d->store, l->name, key, out, &err)) return true;
    if (err.kind == ERR_NONE) return false;
    lane_fail(d, l, "what was confirmed cannot be read", &err);
    l->park.thorough_next = true; /* whoever is held for that now is looked up when it can be */
    return false;
}

/* Of use for an event that came before it, or not too long after. */
static enum hold_verdict look_up(struct deliver *d, struct lane *l, const struct hold_key *key,
                                 int64_t since_ms, int64_t within_ms)
{
    struct confirmation c;
    if (!find(d, l, key, &c) || since_ms > c.time_ms + within_ms) return HOLD_WAITS;
    return c.cancels ? HOLD_IS_CANCELLED : HOLD_PASSES;
}

enum hold_verdict hold_look_up(struct deliver *d, struct lane *l, const struct parked *entry)
{
    return look_up(d, l, &entry->key, entry->since_ms, entry->within_ms);
}

/* With too many keys, or nobody to fetch for, all that waits is looked up some time. */
static void release_later(struct lane *l, const struct hold_key *key, int64_t time_ms)
{
    struct holds *h = &l->park.holds;
    if (l->park.low == UINT64_MAX) return;      /* nothing waits */
    for (size_t i = h->pass; i < h->count; i++) /* a pass must not meet an event twice */
        if (hold_key_eq(&h->keys[i], key)) return;
    if (!h->keys) h->keys = mem_new(LIMIT_RELEASES * sizeof *h->keys);
    if (h->count == LIMIT_RELEASES) {
        l->park.thorough_next = true;
        l->park.due_us = 0;
        return;
    }
    h->keys[h->count++] = *key;
    if (!h->keep_next_ms || time_ms < h->keep_next_ms) h->keep_next_ms = time_ms;
}

static void note(struct deliver *d, struct lane *l, uint64_t seq, const struct confirms *of)
{
    struct confirmation c = {.key = of->key,
                             .seq = seq,
                             .time_ms = d->received_ms,
                             .within_ms = of->within_ms,
                             .cancels = of->cancels};
    struct confirmation known;
    if (find(d, l, &of->key, &known)) {
        bool repeats = known.cancels == c.cancels &&
                       c.time_ms - known.time_ms < of->within_ms / SAME_CONFIRMED;
        if (repeats || known.seq > seq) return; /* what is read again is not the latest word */
    }
    settle_confirm(d, l, &c);
    release_later(l, &c.key, c.time_ms);
}

void hold_note(struct deliver *d, struct lane *l, uint64_t seq)
{
    for (size_t i = 0; i < d->translation.confirm_count; i++)
        note(d, l, seq, &d->translation.confirms[i]);
}

/* The time that the lane has come to in the journal; 0 = not known yet. */
static int64_t stream_ms(const struct deliver *d, const struct lane *l)
{
    return l->read_seq >= journal_next_seq(d->journal) ? d->now_ms : l->read_commit_ms;
}

bool hold_is_over(const struct deliver *d, const struct lane *l, const struct parked *entry)
{
    return entry->until_ms <= stream_ms(d, l);
}

/* What is unfinished may be read again, and then needs what was confirmed for it; so does what is being let
 * go until it was sent, however long that takes. */
int64_t hold_stale_ms(const struct deliver *d, const struct lane *l)
{
    const struct holds *h = &l->park.holds;
    const int64_t needed[] = {l->oldest_ms, h->keep_ms, h->keep_next_ms};
    int64_t stale_ms = stream_ms(d, l);
    if (l->park.low != UINT64_MAX && l->park.thorough_next) return 0; /* perhaps all is needed */
    for (size_t i = 0; i < countof(needed); i++)
        if (needed[i] && needed[i] < stale_ms) stale_ms = needed[i];
    return stale_ms;
}

/* --- events that wait --------------------------------------------------------------------------- */

/* Has it passed its holds before? What was for Meta already, waits for a pixel only, or is sent again by a
 * person after its time was over. */
static bool has_passed(const struct item *as)
{
    return as->retry && (as->former == REASON_PIXEL_PAUSED || as->former == REASON_NONE ||
                         as->former == REASON_REFUSED || as->former == REASON_HOLD_EXPIRED);
}

/* The first hold behind the one that let it go; all of them when that is not among them any more. */
static size_t first_hold(const struct lane *l, const struct translation *t)
{
    for (size_t i = 0; l->park.holds.passed.n && i < t->hold_count; i++)
        if (str_eq(t->holds[i].name, l->park.holds.passed)) return i + 1;
    return 0;
}

enum hold_verdict hold_judge(struct deliver *d, struct lane *l, const struct item *as,
                             const struct held_by **by)
{
    const struct translation *t = &d->translation;
    if (!t->hold_count || has_passed(as)) return HOLD_PASSES;
    for (size_t i = first_hold(l, t); i < t->hold_count; i++) {
        *by = &t->holds[i];
        enum hold_verdict verdict = look_up(d, l, &(*by)->key, (*by)->since_ms, (*by)->within_ms);
        if (verdict != HOLD_PASSES) return verdict;
    }
    return HOLD_PASSES;
}

/* The next walk has to come in time for it. */
static void hurry(struct deliver *d, struct lane *l, const struct parked *entry)
{
    struct holds *h = &l->park.holds;
    int64_t left_ms = entry->until_ms - d->now_ms;
    if (left_ms < LIMIT_HOLD_LOOK_MS) left_ms = LIMIT_HOLD_LOOK_MS;
    if (left_ms < LIMIT_LOOK_MS && d->now_us + left_ms * 1000 < l->park.due_us)
        l->park.due_us = d->now_us + left_ms * 1000;
    if (!h->since_ms) h->since_ms = entry->since_ms;
}

static void wait(struct deliver *d, struct lane *l, const struct item *as, const struct held_by *by)
{
    struct parked entry = {.seq = as->seq,
                           .deadline_ms = translation_deadline_ms(&d->translation),
                           .held = true,
                           .name = by->name,
                           .key = by->key,
                           .since_ms = by->since_ms,
                           .until_ms = by->until_ms,
                           .within_ms = by->within_ms,
                           .then = by->then,
                           .rules = l->park.holds.rules};
    settle_hold(d, l, as, &entry);
    hurry(d, l, &entry);
}

bool hold_take(struct deliver *d, struct lane *l, const struct item *as, struct str record)
{
    const struct held_by *by;
    struct outcome outcome;
    struct verdict verdict = {.outcome = &outcome, .record = record};
    enum hold_verdict found = hold_judge(d, l, as, &by);
    bool counted = as->parked && as->former == REASON_HELD;
    if (found == HOLD_PASSES) return false;
    if (found == HOLD_IS_CANCELLED) {
        outcome_set(&outcome, REASON_HOLD_CANCELLED, "hold", "waited for the hold \"%.*s\"",
                    STR_ARG(by->name));
    } else if (!counted && l->progress.cursor.counts[REASON_HELD] >= d->timing.held_max) {
        outcome_set(&outcome, REASON_HOLD_FULL, "hold", "the hold \"%.*s\" would keep it back",
                    STR_ARG(by->name));
    } else {
        wait(d, l, as, by);
        return true;
    }
    settle_event(d, l, as, &verdict);
    return true;
}

/* --- letting go --------------------------------------------------------------------------------- */

/* False when the slice is over, there is no room, or the store failed. */
static bool release_key(struct deliver *d, struct lane *l, struct slice *slice)
{
    struct holds *h = &l->park.holds;
    for (bool more = true; more;) {
        struct parked *entries;
        size_t count;
        struct err err = {0};
        struct letter_selection page = {.destination = l->name, .from_seq = h->seq, .limit = PAGE};
        if (!store_held_list(d->store, &page, &h->keys[h->at], &d->scratch, &entries, &count,
                             &err)) {
            lane_fail(d, l, "what waits for a hold cannot be read", &err);
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            if (!park_visit(d, l, &entries[i], true)) return false;
            h->seq = entries[i].seq + 1;
            if (slice_is_over(slice)) return false;
        }
        more = count == PAGE;
    }
    return true;
}

void hold_reset(struct lane *l)
{
    struct holds *h = &l->park.holds;
    h->count = h->pass = h->at = 0;
    h->seq = 0;
    h->keep_next_ms = 0; /* until that is done, all is kept */
    l->park.thorough_next = true;
}

static void begin_pass(struct holds *h)
{
    h->pass = h->count;
    h->keep_ms = h->keep_next_ms; /* what was let go before is sent */
    h->keep_next_ms = 0;
}

/* A pass works off the keys of its beginning; those that come meanwhile are the next one's. No walk comes in
 * between, which would meet the same events. */
bool hold_release(struct deliver *d, struct lane *l, struct slice *slice)
{
    struct holds *h = &l->park.holds;
    bool idle = park_is_free(l) && l->trouble == TROUBLE_NONE && !l->park.thorough_next;
    if (!h->count && idle) h->keep_ms = 0;
    if (!h->count || d->now_us < l->read_again_us) return !h->pass;
    if (l->trouble != TROUBLE_NONE) { /* its end is told, and all is looked through then */
        hold_reset(l);
        return true;
    }
    if (!h->pass && !park_is_free(l)) return true;
    if (!h->pass) begin_pass(h);
    for (; h->at < h->pass; h->at++, h->seq = 0)
        if (d->settle_failing || settle_is_full(d) || !release_key(d, l, slice)) return false;
    h->count -= h->pass;
    memmove(h->keys, h->keys + h->pass, h->count * sizeof *h->keys);
    h->pass = h->at = 0;
    return true;
}
