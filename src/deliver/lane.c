/* SPDX-License-Identifier: Apache-2.0 */
/* See lane.h. The life of a lane: loaded from the store, turned by the wheel, held back while there
 * is trouble, emptied by a reset. */
#include "deliver/lane.h"

#include "base/mem.h"
#include "base/sha256.h"
#include "core/log.h"
#include "deliver/bisect.h"

#include <assert.h>
#include <stdio.h>

/* What a lane that drops all that comes settles in one turn: few enough blocks of outcomes that many lanes
 * share a transaction. */
enum { DISCARD_EVENTS = 16 * LIMIT_OUTCOME_BLOCK };

struct lane *lane_new(struct text name)
{
    struct lane *l = mem_new(sizeof *l);
    char *copy = mem_new(name.text.n);
    memcpy(copy, name.text.p, name.text.n);
    l->name = str_of(copy, name.text.n);
    l->retry_wanted = true;
    l->culprit_gap = SIZE_MAX;
    l->breakdown.changed = true;
    return l;
}

void lane_free(struct deliver *d, struct lane *l)
{
    struct batch *b;
    while ((b = batch_pop(&l->flying))) lane_end_batch(d, l, b);
    lane_drop(d, l);
    progress_fini(&l->progress);
    breakdown_fini(&l->breakdown);
    mem_free(l->scout.taken);
    mem_free(l->unsaved.dead);
    mem_free(l->unsaved.retried);
    mem_free(l->unsaved.parked);
    mem_free(l->unsaved.unparked);
    mem_free(l->unsaved.confirmed);
    mem_free(l->park.holds.keys);
    mem_free(l->unsaved.outcomes);
    mem_free(l->unsaved.attempts);
    mem_free((char *)l->name.p);
    mem_free(l);
}

void lane_fail(struct deliver *d, struct lane *l, const char *message, const struct err *err)
{
    l->read_again_us = d->now_us + d->timing.disk_again_ms * 1000;
    if (++l->read_failures > 1) return;
    d->changed = true;
    (void)snprintf(l->status.last_error, sizeof l->status.last_error, "%.200s", err->text);
    log_line(LOG_ERROR, "deliver", message, LOG_STR("destination", l->name),
             LOG_Z("error", err->text));
}

/* Destinations with the same token share its budget; one without a token, at a sandbox, is alone. */
void lane_use_token(struct deliver *d, struct lane *l, size_t token)
{
    struct str name = token < l->conf->access_token_count ? l->conf->access_tokens[token] : l->name;
    l->token = token;
    l->budgets[BUDGET_TOKEN] = budgets_get(&d->budgets, BUDGET_TOKEN, name);
}

void lane_count_bytes(struct deliver *d, struct lane *l, size_t before, size_t after)
{
    l->bytes += after - before;
    d->bytes += after - before;
}

void lane_end_batch(struct deliver *d, struct lane *l, struct batch *b)
{
    for (size_t i = b->search.from; i < b->count; i++) settle_forget(d, l, b->parts[i].item);
    lane_count_bytes(d, l, batch_bytes(b), 0);
    batch_give(&d->pool, b);
}

void lane_drop(struct deliver *d, struct lane *l)
{
    struct batch *b;
    assert(!l->flying.count);
    while ((b = batch_pop(&l->open))) lane_end_batch(d, l, b);
    while ((b = batch_pop(&l->ready))) lane_end_batch(d, l, b);
    while ((b = batch_pop(&l->later))) lane_end_batch(d, l, b);
    while ((b = batch_pop(&l->urgent))) lane_end_batch(d, l, b);
    scout_reset(l);
    park_reset(d, l, l->trouble == TROUBLE_NONE);
    assert(!l->journal_items && !l->retry_items && !l->bytes);
    l->reset = false;
    l->read_seq = l->progress.cursor.low;
    l->read_commit_ms = 0;
    l->retry_walking = false;
    l->retry_wanted = true;
}

/* --- sending ----------------------------------------------------------------------------------- */

struct expiry {
    struct deliver *d;
    struct lane *l;
    const struct batch *b;
};

static void expire(void *ctx, struct part *part)
{
    struct expiry *x = ctx;
    struct death death = {0};
    outcome_set(&death.outcome, REASON_EXPIRED, NULL,
                "could not be delivered before Meta's deadline; last trouble: %.120s",
                x->l->status.last_error[0] ? x->l->status.last_error : "none");
    (void)snprintf(death.pixel_id, sizeof death.pixel_id, "%.*s",
                   STR_ARG(buf_str(&x->b->pixel_id)));
    settle_send(x->d, x->l, part->item, &death);
}

/* One event that is too old costs a whole request, so those go first. */
static void cut_expired(struct deliver *d, struct lane *l, struct batch *b)
{
    struct expiry x = {d, l, b};
    size_t before = batch_bytes(b);
    if (b->deadline_ms > d->now_ms) return;
    batch_cut(b, d->now_ms, expire, &x);
    lane_count_bytes(d, l, before, batch_bytes(b));
}

/* While nothing can be sent, what becomes too old in memory dies in time and not at the next try. */
static void expire_held(struct deliver *d, struct lane *l)
{
    struct batch_list *const lists[] = {&l->ready, &l->open, &l->later, &l->urgent};
    for (size_t i = 0; i < countof(lists); i++) {
        for (struct batch *b = lists[i]->head, *next; b; b = next) {
            next = b->next;
            cut_expired(d, l, b);
            if (!bisect_is_done(b)) continue;
            batch_remove(lists[i], b);
            lane_end_batch(d, l, b);
        }
    }
}

static int64_t held_deadline_ms(const struct lane *l)
{
    const struct batch_list *const lists[] = {&l->ready, &l->open, &l->later, &l->urgent};
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < countof(lists); i++)
        for (const struct batch *b = lists[i]->head; b; b = b->next)
            if (b->deadline_ms < first) first = b->deadline_ms;
    return first;
}

static struct str test_code(const struct deliver *d, const struct destination_conf *conf)
{
    bool expired = conf->test_code_expires_ms && conf->test_code_expires_ms <= d->now_ms;
    return expired ? str_of(NULL, 0) : conf->test_code;
}

static void put_frame(struct deliver *d, struct lane *l, struct batch *b, struct str token,
                      struct buf *out)
{
    const struct destination_conf *conf = l->conf;
    struct str code = test_code(d, conf);
    struct buf proof = {0};
    if (conf->app_secret.n && token.n) hmac_sha256_put_hex(&proof, conf->app_secret, token);
    b->tested = code.n > 0;
    batch_frame(out, code, buf_str(&proof));
    buf_fini(&proof);
}

static void start(struct deliver *d, struct lane *l, struct batch *b)
{
    const struct destination_conf *conf = l->conf;
    struct transfer *t = send_begin(d->sender);
    size_t events = b->search.to - b->search.from;
    struct str base = conf->api_url.text, token = {0};
    while (str_ends(base, S("/"))) base.n--;
    if (l->token < conf->access_token_count) token = conf->access_tokens[l->token];
    put_frame(d, l, b, token, send_body(t));
    struct post post = {
        .url = arena_printf(&d->scratch, "%.*s/%.*s/events", STR_ARG(base),
                            STR_ARG(buf_str(&b->pixel_id))),
        .inside = batch_events(b),
        .inside_at = BATCH_EVENTS_AT,
        .token = token,
        .timeout_ms = conf->timeout_ms,
        .ctx = b,
    };
    if (b->sent_us) l->status.events_sent_again += events;
    b->sent_us = d->now_us;
    b->token = l->token;
    b->lane = l;
    for (size_t i = 0; i < countof(l->budgets); i++)
        if (l->budgets[i]) budget_draw(l->budgets[i], d->now_us);
    l->flying_events += events;
    l->status.requests++;
    d->changed = true;
    batch_push(&l->flying, b);
    send_start(d->sender, t, &post);
}

int64_t lane_free_us(const struct lane *l)
{
    int64_t latest = 0;
    for (size_t i = 0; i < countof(l->budgets); i++)
        if (l->budgets[i] && l->budgets[i]->free_us > latest) latest = l->budgets[i]->free_us;
    return latest;
}

/* A budget that runs short allows one request at a time. */
static bool is_short(const struct lane *l, int64_t now_us)
{
    for (size_t i = 0; i < countof(l->budgets); i++)
        if (l->budgets[i] && budget_gap_us(l->budgets[i], now_us)) return true;
    return false;
}

/* How many requests the lane may have in flight now. */
static size_t window(const struct deliver *d, const struct lane *l)
{
    if (d->now_us < lane_free_us(l)) return 0;
    if (l->trouble == TROUBLE_NONE) return is_short(l, d->now_us) ? 1 : l->conf->in_flight;
    return d->now_us < l->held_until_us ? 0 : 1;
}

/* What waited by itself comes back into the queue. */
static void recall(struct deliver *d, struct lane *l)
{
    for (struct batch *b = l->later.head, *next; b; b = next) {
        next = b->next;
        if (b->due_us > d->now_us) continue;
        batch_remove(&l->later, b);
        batch_push(&l->ready, b);
    }
}

static void send_ready(struct deliver *d, struct lane *l)
{
    recall(d, l);
    while (l->urgent.count + l->ready.count && l->flying.count < window(d, l)) {
        struct batch *b = batch_pop(l->urgent.count ? &l->urgent : &l->ready);
        cut_expired(d, l, b);
        if (!b->probe && !bisect_is_done(b) && park_gate(l, buf_str(&b->pixel_id))) {
            park_batch(d, l, b);
            continue;
        }
        if (!b->sent_us && l->culprit_gap < b->count / 2) bisect_expect(b, l->culprit_gap);
        if (bisect_is_done(b))
            lane_end_batch(d, l, b);
        else
            start(d, l, b);
    }
}

/* How long an open batch waits for company: while requests are under way or the reader is in the middle of
 * a backlog, as long as configured (more events ride along for free); on an idle line only a moment,
 * because waiting gains nothing. */
static int64_t closes_us(const struct lane *l, const struct batch *b)
{
    int64_t linger_ms = l->conf->batch_linger_ms;
    bool idle = !l->flying.count && !l->ready.count && !l->reads_on;
    if (idle && linger_ms > LIMIT_IDLE_LINGER_MS) linger_ms = LIMIT_IDLE_LINGER_MS;
    return b->opened_us + linger_ms * 1000;
}

/* Open batches go when they waited for company long enough, or when none can come. */
static void close_batches(struct deliver *d, struct lane *l)
{
    bool full = read_is_full(d, l);
    for (struct batch *b = l->open.head, *next; b; b = next) {
        next = b->next;
        if (!full && d->now_us < closes_us(l, b)) continue;
        batch_remove(&l->open, b);
        batch_push(&l->ready, b);
    }
}

/* --- turns ------------------------------------------------------------------------------------- */

/* Switched off and nothing kept: whatever comes is filtered without being read, a bounded piece at a time,
 * because each block of outcomes is written: a backlog of 10 million for 50 destinations in one transaction
 * kept the disk, and all who waited for a commit, for half a second. What is left when the lane is switched on
 * goes the same way: it came to be dropped. True when there is more. */
static bool discard(struct deliver *d, struct lane *l)
{
    struct cursor *c = &l->progress.cursor;
    uint64_t newest = c->drop_end, end = c->low + DISCARD_EVENTS;
    assert(!l->journal_items);
    scout_stop(d, l);                    /* what is dropped has no deadline */
    if (settle_is_full(d)) return false; /* goes on when that is written */
    if (end >= newest) {
        end = newest;
        c->drop_end = 0;
    }
    for (uint64_t seq = c->low, gap; seq < end; seq = progress_next(&l->progress, gap)) {
        gap = progress_gap_end(&l->progress, seq);
        if (gap > end) gap = end;
        settle_outcome(l, seq, gap, REASON_DISABLED);
    }
    uint64_t count = progress_finish_below(&l->progress, end);
    if (count) {
        c->counts[REASON_DISABLED] += count;
        l->read_seq = c->low;
        settle_mark(d, l, 1 + (size_t)(count / LIMIT_OUTCOME_BLOCK));
    }
    if (c->drop_end) return true;
    if (lane_drops(l)) return false;
    begin_extend(d, l);
    return true;
}

bool lane_drops(const struct lane *l)
{
    return l->conf && !l->conf->enabled && l->conf->when_disabled == DISABLED_DROP;
}

/* One that could not be loaded yet has no position to keep it with: begin_load joins the two. */
void lane_note_drops(struct deliver *d, struct lane *l)
{
    uint64_t next = journal_next_seq(d->journal);
    if (!lane_drops(l) || next <= l->progress.cursor.low) return;
    l->progress.cursor.drop_end = next;
    if (l->loaded) settle_mark(d, l, 0);
}

bool lane_stands(const struct lane *l)
{
    return !l->conf->enabled || l->trouble == TROUBLE_PAUSE;
}

bool lane_turn(struct deliver *d, struct lane *l)
{
    if (!l->loaded && (d->now_us < l->read_again_us || !begin_load(d, l))) return false;
    if (l->reset && !l->flying.count) {
        lane_drop(d, l);
        if (l->conf) begin_extend(d, l);
    }
    if (!l->conf || l->reset || d->stop_us != INT64_MAX) return false;
    if (lane_stands(l)) read_skip_trimmed(d, l);
    if (lane_drops(l)) l->progress.cursor.drop_end = journal_next_seq(d->journal);
    if (l->progress.cursor.drop_end) return discard(d, l);
    if (!l->conf->enabled) return scout_turn(d, l);
    bool waits = l->read_seq >= l->read_end;
    l->reads_on = read_lane(d, l) && read_may(d, l);
    bool more = l->reads_on && !waits;
    if (!l->reads_on) more = scout_turn(d, l); /* only when the reader has nothing to do */
    if (l->trouble != TROUBLE_NONE) expire_held(d, l);
    close_batches(d, l);
    send_ready(d, l);
    return more;
}

static int64_t sooner(int64_t due_us, int64_t at_us, int64_t now_us)
{
    return at_us > now_us && at_us < due_us ? at_us : due_us;
}

int64_t lane_due_us(const struct deliver *d, const struct lane *l)
{
    int64_t due = INT64_MAX;
    if (!l->conf) return due;
    due = sooner(due, l->read_again_us, d->now_us);
    if (!l->loaded || l->reset) return due;
    due = sooner(due, scout_due_us(d, l), d->now_us);
    if (!l->conf->enabled) return due;
    due = sooner(due, park_due_us(l), d->now_us);
    due = sooner(due, pace_due_us(l), d->now_us);
    if (l->trouble != TROUBLE_NONE) {
        int64_t left_ms = held_deadline_ms(l) - d->now_ms;
        if (left_ms < MS_PER_DAY) due = sooner(due, d->now_us + left_ms * 1000 + 1, d->now_us);
    }
    if (l->trouble != TROUBLE_NONE) due = sooner(due, l->held_until_us, d->now_us);
    if (l->ready.count) due = sooner(due, lane_free_us(l), d->now_us);
    for (const struct batch *b = l->open.head; b; b = b->next)
        due = sooner(due, closes_us(l, b), d->now_us);
    for (const struct batch *b = l->later.head; b; b = b->next)
        due = sooner(due, b->due_us, d->now_us);
    return due;
}
