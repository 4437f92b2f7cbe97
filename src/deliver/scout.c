/* SPDX-License-Identifier: Apache-2.0 */
/* See lane.h. Looks ahead of a lane's reader when the lane is behind: paused, backing off, switched off
 * with its events kept, or draining a long backlog. Delivery reads in the order of arrival, which is the
 * order of deadlines for events that were sent as they happened; what an app kept for days on a phone
 * arrives late and has little time left, and must not wait behind those that have a week.
 *
 * A look goes over everything that is unread. What is beyond its deadline is settled as expired. What
 * has less left than the look's horizon is taken at once when the lane may send, and goes before all
 * else. The rest is counted, for the countdown to the first loss. Only idle time of the reader is used,
 * so a lane that can send is never slowed. The horizon is the widest tier of which the look before found
 * no more than can be in memory, so that among many with a day the few with an hour come first. A look ends
 * where the journal ended when it began: what comes meanwhile waits for the next one no longer than what comes
 * just after.
 *
 * What it takes out of turn leaves finished stretches above the reader: bounded by LIMIT_URGENT. */
#include "deliver/lane.h"

#include "base/mem.h"
#include "sys/clock.h"

#include <assert.h>

/* An event belongs to the first tier that it fits. The last one is what "at risk" means. */
static const int64_t tiers_ms[RISK_TIERS] = {10 * MS_PER_MINUTE, MS_PER_HOUR, 6 * MS_PER_HOUR,
                                             LIMIT_RISK_MS};

void scout_count(struct risk *risk, int64_t deadline_ms, int64_t now_ms)
{
    if (!risk->first_ms || deadline_ms < risk->first_ms) risk->first_ms = deadline_ms;
    for (size_t i = RISK_TIERS; i-- > 0 && deadline_ms < now_ms + tiers_ms[i];) risk->within[i]++;
}

/* --- what was taken ----------------------------------------------------------------------------- */

/* Where seq is or would be. */
static size_t place(const struct scout *s, uint64_t seq)
{
    size_t low = 0, high = s->taken_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->taken[middle] < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool scout_has(const struct lane *l, uint64_t seq)
{
    const struct scout *s = &l->scout;
    if (!s->taken_count) return false;
    size_t at = place(s, seq);
    return at < s->taken_count && s->taken[at] == seq;
}

void scout_forget(struct lane *l, uint64_t seq)
{
    struct scout *s = &l->scout;
    size_t at = place(s, seq);
    assert(at < s->taken_count && s->taken[at] == seq);
    s->taken_count--;
    memmove(s->taken + at, s->taken + at + 1, (s->taken_count - at) * sizeof *s->taken);
}

size_t scout_ahead(const struct lane *l)
{
    return l->scout.taken_count - place(&l->scout, l->read_seq);
}

void scout_remember(struct lane *l, uint64_t seq)
{
    struct scout *s = &l->scout;
    if (!s->taken) s->taken = mem_new(LIMIT_URGENT * sizeof *s->taken);
    assert(s->taken_count < LIMIT_URGENT);
    size_t at = place(s, seq);
    memmove(s->taken + at + 1, s->taken + at, (s->taken_count - at) * sizeof *s->taken);
    s->taken[at] = seq;
    s->taken_count++;
}

void scout_reset(struct lane *l)
{
    assert(!l->scout.taken_count);
    l->scout.walking = false;
    l->scout.again_us = 0;
}

void scout_stop(struct deliver *d, struct lane *l)
{
    struct scout *s = &l->scout;
    if (s->told.first_ms) d->changed = true;
    s->walking = false;
    s->told = (struct risk){0};
}

/* What was at risk could only be counted while nothing could be sent. */
void scout_resume(struct lane *l)
{
    struct scout *s = &l->scout;
    if (!s->told.within[RISK_TIERS - 1] && !s->found.within[RISK_TIERS - 1]) return;
    s->walking = false;
    s->again_us = 0;
}

/* --- one event ---------------------------------------------------------------------------------- */

/* May something above the reader be finished now? */
static bool may_overtake(const struct deliver *d, const struct lane *l)
{
    size_t ranges = progress_ranges_above(&l->progress, l->read_seq);
    return ranges + l->scout.taken_count < LIMIT_URGENT && !read_is_full(d, l) &&
           !d->settle_failing && !settle_is_full(d);
}

/* False: it has to wait here until there is room. */
static bool look_at(struct deliver *d, struct lane *l, uint64_t seq, struct str record)
{
    struct scout *s = &l->scout;
    const struct translation *t = &d->translation;
    read_judge(d, l, record);
    bool expired = t->outcome.reason == REASON_EXPIRED;
    if (!expired && t->outcome.state != STATE_WAITING) return true; /* the reader will see to it */
    const struct held_by *by;
    if (!expired && hold_judge(d, l, &(struct item){.seq = seq}, &by) != HOLD_PASSES) return true;
    int64_t deadline_ms = expired ? 0 : translation_deadline_ms(t);
    bool sends = l->conf->enabled && l->trouble == TROUBLE_NONE;
    bool take = expired || (sends && deadline_ms < d->now_ms + s->horizon_ms);
    if (!take) {
        scout_count(&s->found, deadline_ms, d->now_ms);
        return true;
    }
    if (!may_overtake(d, l) || (!expired && l->urgent.count >= 2)) return expired;
    read_take(d, l, (struct item){.seq = seq, .urgent = !expired}, record);
    return true;
}

/* --- a look ------------------------------------------------------------------------------------- */

static bool is_behind(const struct deliver *d, const struct lane *l)
{
    if (l->read_seq >= journal_next_seq(d->journal)) return false;
    return lane_stands(l) || l->trouble != TROUBLE_NONE ||
           d->now_ms - l->read_commit_ms > LIMIT_BEHIND_MS;
}

static void begin(struct deliver *d, struct lane *l)
{
    struct scout *s = &l->scout;
    size_t tier = RISK_TIERS - 1;
    while (tier > 0 && s->told.within[tier] > LIMIT_URGENT) tier--;
    s->walking = true;
    s->seq = l->read_seq;
    s->end_seq = journal_next_seq(d->journal);
    s->took_us = 0;
    s->horizon_ms = tiers_ms[tier];
    s->found = (struct risk){0};
}

static void end(struct deliver *d, struct lane *l)
{
    struct scout *s = &l->scout;
    int64_t wait_us = LIMIT_LOOK_MS * 1000;
    bool whole = s->horizon_ms == tiers_ms[RISK_TIERS - 1] || l->trouble != TROUBLE_NONE;
    if (whole && s->took_us * LIMIT_LOOK_SHARE > wait_us) wait_us = s->took_us * LIMIT_LOOK_SHARE;
    s->walking = false;
    s->told = s->found;
    s->again_us = d->now_us + wait_us;
    d->changed = true;
}

/* False when the look has to stop for now. */
static bool look_over(struct deliver *d, struct lane *l, const struct journal_view *view,
                      struct slice *slice)
{
    struct scout *s = &l->scout;
    struct str rest = view->records;
    for (uint64_t seq = view->first_seq; seq < view->first_seq + view->count; seq++) {
        size_t size = event_record_size(rest);
        bool open = seq >= l->read_seq && !progress_is_finished(&l->progress, seq);
        if (open && !scout_has(l, seq) && !look_at(d, l, seq, str_head(rest, size))) return false;
        rest = str_from(rest, size);
        s->seq = seq + 1;
        if (slice_is_over(slice)) return false;
    }
    return true;
}

/* What cannot be read is passed over: it is the reader's to give up. */
static bool next_view(struct deliver *d, struct lane *l, struct journal_view *view)
{
    struct scout *s = &l->scout;
    struct err err = {0};
    if (s->seq < l->read_seq) s->seq = l->read_seq;
    s->seq = progress_next(&l->progress, s->seq);
    while (s->seq < s->end_seq && !journal_read(d->journal, &s->reader, s->seq, view, &err)) {
        if (err.kind == ERR_NONE || s->reader.skip_to <= s->seq) return false;
        s->seq = s->reader.skip_to;
        err.kind = ERR_NONE;
    }
    return s->seq < s->end_seq;
}

/* Goes on for one slice; true when the slice is over, false when the look is, or has to wait for room. */
static bool go_on(struct deliver *d, struct lane *l, struct slice *slice)
{
    struct journal_view view;
    for (bool on = true; on;) {
        if (!next_view(d, l, &view)) {
            end(d, l);
            return false;
        }
        on = look_over(d, l, &view, slice);
        journal_release(d->journal, &view);
    }
    /* Over means that the slice is; else it waits for room, which an answer brings. */
    return slice->events >= LIMIT_SLICE_EVENTS || clock_mono_us() >= slice->end_us;
}

bool scout_turn(struct deliver *d, struct lane *l)
{
    struct scout *s = &l->scout;
    if (!is_behind(d, l)) {
        scout_stop(d, l);
        return false;
    }
    bool stands = lane_stands(l);
    if (stands && d->now_us < d->look_us) return false;
    if (!s->walking && d->now_us < s->again_us) return false;
    if (!s->walking) begin(d, l);
    int64_t began_us = clock_mono_us();
    struct slice slice = {.end_us = began_us + LIMIT_SLICE_US};
    bool more = go_on(d, l, &slice);
    int64_t took_us = clock_mono_us() - began_us;
    if (took_us > 2 * LIMIT_SLICE_US) took_us = 2 * LIMIT_SLICE_US; /* the rest was others' */
    s->took_us += took_us;
    if (stands) d->look_us = d->now_us + took_us * (1 + LIMIT_LOOK_REST);
    return more && !stands;
}

int64_t scout_due_us(const struct deliver *d, const struct lane *l)
{
    if (!is_behind(d, l)) return INT64_MAX;
    int64_t due_us = l->scout.walking ? 0 : l->scout.again_us;
    return lane_stands(l) && d->look_us > due_us ? d->look_us : due_us;
}

/* --- what to tell ------------------------------------------------------------------------------- */

static void add_batches(struct risk *risk, const struct batch_list *list, int64_t now_ms)
{
    for (const struct batch *b = list->head; b; b = b->next) {
        if (!risk->first_ms || b->deadline_ms < risk->first_ms) risk->first_ms = b->deadline_ms;
        if (b->deadline_ms >= now_ms + LIMIT_RISK_MS) continue;
        for (size_t i = b->search.from; i < b->count; i++)
            scout_count(risk, b->parts[i].deadline_ms, now_ms);
    }
}

static void add_risk(struct risk *risk, const struct risk *more)
{
    if (!risk->first_ms || more->first_ms < risk->first_ms) risk->first_ms = more->first_ms;
    for (size_t i = 0; i < RISK_TIERS; i++) risk->within[i] += more->within[i];
}

struct risk scout_risk(const struct deliver *d, const struct lane *l)
{
    const struct scout *s = &l->scout;
    struct risk risk = s->told;
    const struct batch_list *const lists[] = {&l->open, &l->ready, &l->flying, &l->later,
                                              &l->urgent};
    if (s->walking && s->found.within[RISK_TIERS - 1] > risk.within[RISK_TIERS - 1])
        risk = s->found;
    if (l->park.told.first_ms) add_risk(&risk, &l->park.told);
    for (size_t i = 0; i < countof(lists); i++) add_batches(&risk, lists[i], d->now_ms);
    return risk;
}
