/* SPDX-License-Identifier: Apache-2.0 */
/* See lane.h. Verdicts change the cursor in memory at once and reach the store together, a few dozen
 * times a second, in one transaction for all destinations. Until then a crash only means that some
 * events are sent again. Before each write the sums are checked: they are what users rely on. */
#include "deliver/lane.h"

#include "base/mem.h"
#include "core/log.h"

#include <assert.h>

void settle_mark(struct deliver *d, struct lane *l, size_t events)
{
    l->unsaved.dirty = true;
    d->unsaved_events += events;
    d->changed = true;
    if (d->settle_due_us == INT64_MAX) d->settle_due_us = d->now_us + LIMIT_SETTLE_MS * 1000;
    if (!d->settle_failing &&
        (d->unsaved_events >= LIMIT_SETTLE_EVENTS || d->unsaved_bytes >= LIMIT_SETTLE_BYTES))
        d->settle_due_us = d->now_us;
}

bool settle_is_full(const struct deliver *d)
{
    return d->unsaved_events >= LIMIT_SETTLE_EVENTS || d->unsaved_bytes >= LIMIT_SETTLE_BYTES;
}

void settle_outcome(struct lane *l, uint64_t first, uint64_t end, enum reason reason)
{
    struct unsaved *u = &l->unsaved;
    struct outcome_run *last = u->outcome_count ? &u->outcomes[u->outcome_count - 1] : NULL;
    if (last && last->reason == reason && last->events.end == first) {
        last->events.end = end;
        return;
    }
    if (u->outcome_count == u->outcome_capacity) {
        u->outcome_capacity = u->outcome_capacity ? 2 * u->outcome_capacity : 64;
        u->outcomes = mem_grow(u->outcomes, u->outcome_capacity * sizeof *u->outcomes);
    }
    u->outcomes[u->outcome_count++] = (struct outcome_run){{first, end}, reason};
}

static struct str keep(struct deliver *d, struct str s)
{
    d->unsaved_bytes += s.n;
    return arena_str(&d->unsaved, s);
}

static void add_dead(struct deliver *d, struct lane *l, uint64_t seq, const struct verdict *v)
{
    struct unsaved *u = &l->unsaved;
    if (u->dead_count == u->dead_capacity) {
        u->dead_capacity = u->dead_capacity ? 2 * u->dead_capacity : 16;
        u->dead = mem_grow(u->dead, u->dead_capacity * sizeof *u->dead);
    }
    struct dead_letter *letter = &u->dead[u->dead_count++];
    *letter = (struct dead_letter){
        .seq = seq, .died_ms = d->now_ms, .outcome = *v->outcome, .record = keep(d, v->record)};
    d->unsaved_bytes += sizeof *letter;
    if (!v->death) return;
    letter->code = v->death->code;
    letter->subcode = v->death->subcode;
    letter->meta_text = keep(d, str_z(v->death->meta_text));
    letter->fbtrace_id = keep(d, str_z(v->death->fbtrace_id));
    letter->pixel_id = keep(d, str_z(v->death->pixel_id));
}

/* batch_ranges gives the numbers of the window's events; out NULL only counts. An event with several sends
 * lies there several times in a row. */
static size_t batch_ranges(const struct batch *b, struct seq_range *out)
{
    size_t n = 0;
    uint64_t end = 0;
    for (size_t i = b->search.from; i < b->search.to; i++) {
        uint64_t seq = b->parts[i].item->seq;
        if (n && seq == end - 1) continue;
        bool apart = !n || seq != end;
        n += apart;
        if (out && apart) out[n - 1].first = seq;
        end = seq + 1;
        if (out) out[n - 1].end = end;
    }
    return n;
}

/* What was sent is told, not needed: when too much waits for the store, it is left out. */
void settle_attempt(struct deliver *d, struct lane *l, const struct batch *b,
                    const struct reply *reply)
{
    struct unsaved *u = &l->unsaved;
    if (settle_is_full(d) && d->settle_failing) return;
    if (u->attempt_count == u->attempt_capacity) {
        u->attempt_capacity = u->attempt_capacity ? 2 * u->attempt_capacity : 16;
        u->attempts = mem_grow(u->attempts, u->attempt_capacity * sizeof *u->attempts);
    }
    size_t count = batch_ranges(b, NULL);
    struct seq_range *ranges = arena_array(&d->unsaved, struct seq_range, count);
    (void)batch_ranges(b, ranges); /* the same number again */
    int64_t took_ms = (d->now_us - b->sent_us) / 1000;
    struct str words = reply->text.n ? reply->text : reply->cause;
    if (reply->class == REPLY_OK) words = S(""); /* nothing went wrong */
    u->attempts[u->attempt_count++] = (struct attempt){
        .sent_ms = d->now_ms - took_ms,
        .took_ms = took_ms,
        .status = reply->status,
        .code = reply->code,
        .subcode = reply->subcode,
        .pixel_id = keep(d, buf_str(&b->pixel_id)),
        .fbtrace_id = keep(d, reply->fbtrace_id),
        .text = keep(d, str_head(words, LIMIT_REPLY_TEXT_BYTES)),
        .events = ranges,
        .event_ranges = count,
    };
    d->unsaved_bytes += count * sizeof *ranges + sizeof *u->attempts;
    settle_mark(d, l, 0);
}

static void add_retried(struct lane *l, uint64_t seq)
{
    struct unsaved *u = &l->unsaved;
    if (u->retried_count == u->retried_capacity) {
        u->retried_capacity = u->retried_capacity ? 2 * u->retried_capacity : 16;
        u->retried = mem_grow(u->retried, u->retried_capacity * sizeof *u->retried);
    }
    u->retried[u->retried_count++] = seq;
}

static void add_unparked(struct lane *l, uint64_t seq)
{
    struct unsaved *u = &l->unsaved;
    if (u->unparked_count == u->unparked_capacity) {
        u->unparked_capacity = u->unparked_capacity ? 2 * u->unparked_capacity : 16;
        u->unparked = mem_grow(u->unparked, u->unparked_capacity * sizeof *u->unparked);
    }
    u->unparked[u->unparked_count++] = seq;
}

static void add_parked(struct deliver *d, struct lane *l, const struct parked *entry)
{
    struct unsaved *u = &l->unsaved;
    if (u->parked_count == u->parked_capacity) {
        u->parked_capacity = u->parked_capacity ? 2 * u->parked_capacity : 16;
        u->parked = mem_grow(u->parked, u->parked_capacity * sizeof *u->parked);
    }
    struct parked *copy = &u->parked[u->parked_count++];
    *copy = *entry;
    copy->pixels = keep(d, entry->pixels);
    copy->name = keep(d, entry->name);
    d->unsaved_bytes += sizeof *copy;
    if (entry->seq < l->park.low) l->park.low = entry->seq;
    if (entry->seq < l->park.low_new) l->park.low_new = entry->seq;
}

void settle_confirm(struct deliver *d, struct lane *l, const struct confirmation *c)
{
    struct unsaved *u = &l->unsaved;
    if (u->confirmed_count == u->confirmed_capacity) {
        u->confirmed_capacity = u->confirmed_capacity ? 2 * u->confirmed_capacity : 16;
        u->confirmed = mem_grow(u->confirmed, u->confirmed_capacity * sizeof *u->confirmed);
    }
    u->confirmed[u->confirmed_count++] = *c;
    d->unsaved_bytes += sizeof *c;
    settle_mark(d, l, 0);
}

/* The event leaves the state that it is in for another one. A retry that was not counted in any, because it
 * is from before a journal that was removed, is not counted in the other either. */
static void leave(struct lane *l, const struct item *item, enum reason reason)
{
    struct cursor *c = &l->progress.cursor;
    bool counted = !item->retry || c->counts[item->former];
    if (item->retry && counted) c->counts[item->former]--;
    c->counts[reason] += counted;
    if (!item->retry) {
        bool fresh = progress_finish(&l->progress, item->seq);
        assert(fresh);
    } else if (item->parked) {
        add_unparked(l, item->seq);
    } else {
        c->retried++;
        add_retried(l, item->seq);
    }
}

/* It is read again when what it waits for has come. */
static void settle_parked(struct deliver *d, struct lane *l, const struct item *item,
                          const struct parked *entry, enum reason reason)
{
    leave(l, item, reason);
    settle_outcome(l, item->seq, item->seq + 1, reason);
    add_parked(d, l, entry);
    settle_mark(d, l, 1);
}

void settle_event(struct deliver *d, struct lane *l, const struct item *item,
                  const struct verdict *verdict)
{
    enum reason reason = verdict->outcome ? verdict->outcome->reason : REASON_NONE;
    leave(l, item, reason);
    breakdown_count(&l->breakdown, item->row, reason);
    settle_outcome(l, item->seq, item->seq + 1, reason);
    if (reason == REASON_NONE) l->status.last_delivered_ms = d->now_ms;
    if (reason_state(reason) == STATE_DEAD && verdict->outcome) add_dead(d, l, item->seq, verdict);
    settle_mark(d, l, 1);
}

void settle_forget(struct deliver *d, struct lane *l, struct item *item)
{
    assert(item->pending > 0);
    if (--item->pending) return;
    if (item->urgent) scout_forget(l, item->seq);
    if (item->parked) l->park.items--;
    if (item->retry) {
        l->retry_items--;
        l->retry_formers[item->former]--;
    } else {
        l->journal_items--;
    }
    item_give(&d->pool, item);
}

/* Parked events are known by number only. A retry whose event the journal does not have, or has otherwise
 * because a person mended it, is what it was before: a person can send it again. */
static void park_or_return(struct deliver *d, struct lane *l, const struct item *item,
                           const struct parked *entry, const char *words)
{
    struct outcome outcome;
    struct verdict verdict = {.outcome = &outcome};
    if (read_is_kept(d, l, item)) {
        settle_parked(d, l, item, entry, entry->held ? REASON_HELD : REASON_PIXEL_PAUSED);
        return;
    }
    outcome_set(&outcome, item->former, NULL, "%s; send it again when that is over", words);
    verdict.record = read_record(d, l, item);
    settle_event(d, l, item, &verdict);
}

static void wait_for_pixel(struct deliver *d, struct lane *l, const struct item *item)
{
    struct str pixels = buf_str(&item->aside->pixels);
    struct parked entry = {
        .seq = item->seq, .deadline_ms = item->aside->deadline_ms, .pixels = pixels};
    park_or_return(d, l, item, &entry,
                   arena_printf(&d->scratch, "its conversion pixel is paused (%.*s)",
                                STR_ARG(str_head(pixels, LIMIT_NAME_BYTES)))
                       .p);
}

void settle_hold(struct deliver *d, struct lane *l, const struct item *item,
                 const struct parked *entry)
{
    park_or_return(d, l, item, entry,
                   arena_printf(&d->scratch,
                                "the hold \"%.*s\" keeps it back until it is confirmed",
                                STR_ARG(entry->name))
                       .p);
}

/* The last send is over. A dead one decides for the whole event, which is retried as a whole. */
static void finish(struct deliver *d, struct lane *l, const struct item *item)
{
    const struct death *died = item->death;
    struct verdict verdict = {.death = died};
    if (item->aside && !died) {
        wait_for_pixel(d, l, item);
        return;
    }
    if (died) {
        verdict.outcome = &died->outcome;
        verdict.record = read_record(d, l, item);
    }
    settle_event(d, l, item, &verdict);
}

void settle_send(struct deliver *d, struct lane *l, struct item *item, const struct death *death)
{
    if (death && !item->death) {
        item->death = mem_new(sizeof *death);
        *item->death = *death;
    }
    if (item->pending == 1) finish(d, l, item);
    settle_forget(d, l, item);
}

void settle_aside(struct deliver *d, struct lane *l, struct item *item, struct str pixel_id,
                  int64_t deadline_ms)
{
    if (!item->aside) {
        item->aside = mem_new(sizeof *item->aside);
        item->aside->deadline_ms = deadline_ms;
    }
    struct aside *a = item->aside;
    if (deadline_ms < a->deadline_ms) a->deadline_ms = deadline_ms;
    if (a->pixels.n) buf_putc(&a->pixels, ' ');
    buf_put(&a->pixels, pixel_id);
    settle_send(d, l, item, NULL);
}

/* Every event that was read is finished or in memory, and every finished one is counted once. */
static void check_sums(struct lane *l)
{
    const struct progress *p = &l->progress;
    uint64_t counted = progress_counted(p), finished = progress_finished(p, UINT64_MAX);
    uint64_t read = l->read_seq - p->cursor.start, settled = progress_finished(p, l->read_seq);
    if (counted == finished && read - settled == l->journal_items - scout_ahead(l)) return;
    if (l->wrong_sums) return;
    l->wrong_sums = true;
    log_line(LOG_ERROR, "deliver", "the sums do not add up: please report this",
             LOG_STR("destination", l->name), LOG_NUM("counted", counted),
             LOG_NUM("finished", finished), LOG_NUM("unfinished", read - settled),
             LOG_NUM("in_memory", l->journal_items));
}

static void forget_saved(struct deliver *d)
{
    for (size_t i = 0; i < d->lane_count; i++) {
        struct lane *l = d->lanes[i];
        if (!l->unsaved.dirty) continue;
        l->unsaved.dirty = false;
        l->unsaved.dead_count = l->unsaved.retried_count = 0;
        l->unsaved.parked_count = l->unsaved.unparked_count = l->unsaved.confirmed_count = 0;
        l->unsaved.outcome_count = l->unsaved.attempt_count = 0;
        l->saved_low = l->progress.cursor.low;
    }
    arena_reset(&d->unsaved);
    d->unsaved_events = d->unsaved_bytes = 0;
    d->settle_due_us = INT64_MAX;
    d->changed = true;
}

void settle_write(struct deliver *d)
{
    struct settlement *list = arena_array(&d->scratch, struct settlement, d->lane_count);
    size_t count = 0;
    struct err err = {0};
    for (size_t i = 0; i < d->lane_count; i++) {
        struct lane *l = d->lanes[i];
        if (!l->unsaved.dirty) continue;
        check_sums(l);
        list[count++] = (struct settlement){
            .destination = l->name,
            .cursor = &l->progress.cursor,
            .dead = l->unsaved.dead,
            .dead_count = l->unsaved.dead_count,
            .retried_done = l->unsaved.retried,
            .retried_done_count = l->unsaved.retried_count,
            .parked = l->unsaved.parked,
            .parked_count = l->unsaved.parked_count,
            .unparked = l->unsaved.unparked,
            .unparked_count = l->unsaved.unparked_count,
            .confirmed = l->unsaved.confirmed,
            .confirmed_count = l->unsaved.confirmed_count,
            .stale_ms = hold_stale_ms(d, l),
            .outcomes = l->unsaved.outcomes,
            .outcome_count = l->unsaved.outcome_count,
            .attempts = l->unsaved.attempts,
            .attempt_count = l->unsaved.attempt_count,
        };
    }
    if (!count || store_settle(d->store, list, count, &err)) {
        if (d->settle_failing) log_plain(LOG_INFO, "deliver", "verdicts are being kept again");
        d->settle_failing = false;
        forget_saved(d);
        return;
    }
    if (!d->settle_failing)
        log_err("deliver", "verdicts cannot be kept: reading stops until they can", &err);
    d->settle_failing = true;
    d->settle_due_us = d->now_us + d->timing.disk_again_ms * 1000;
}
