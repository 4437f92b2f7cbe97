/* SPDX-License-Identifier: Apache-2.0 */
/* See lane.h. The way in: records from the retry queue and from the journal are translated; what has
 * nothing to send is settled at once, the rest goes into the open batch of its pixel. One slice is
 * bounded in events and in time, so that destinations take turns. */
#include "deliver/lane.h"

#include "core/log.h"
#include "sys/clock.h"

#include <assert.h>
#include <inttypes.h>

enum { BATCH_FRAME_BYTES = 256 }; /* what a request has around its events */

/* --- room -------------------------------------------------------------------------------------- */

/* A lane may hold as much as all lanes together leave free: alone it gets half of LIMIT_DELIVERY_BYTES,
 * n lanes get a share of 1/(n+1) each, and there is always something left for one that comes. */
bool read_is_full(const struct deliver *d, const struct lane *l)
{
    size_t ahead = progress_ranges_above(&l->progress, l->read_seq);
    return l->journal_items + l->retry_items + ahead >= LIMIT_CURSOR_RANGES ||
           (l->bytes && l->bytes + d->bytes >= LIMIT_DELIVERY_BYTES);
}

/* Two requests ready are enough to keep the line busy, and to have another one to try when the first
 * one fails. */
bool read_may(const struct deliver *d, const struct lane *l)
{
    bool patient = l->trouble == TROUBLE_BACKOFF && l->failures < LANE_SHED_FAILURES;
    if (l->trouble != TROUBLE_NONE && !patient && d->now_us < l->held_until_us) return false;
    return d->now_us >= l->read_again_us && l->ready.count < 2 && !read_is_full(d, l) &&
           !d->settle_failing && !settle_is_full(d);
}

bool slice_is_over(struct slice *s)
{
    if (++s->events >= LIMIT_SLICE_EVENTS) return true;
    return s->events % 32 == 0 && clock_mono_us() >= s->end_us;
}

/* --- from an event to batches ------------------------------------------------------------------ */

/* The answer for the latest source is remembered. */
static bool is_routed(struct deliver *d, struct lane *l, struct str source)
{
    if (source.n && str_eq(source, str_of(l->routed_source, l->routed_source_n))) return l->routed;
    bool routed = config_is_routed(d->config, source, l->name);
    if (source.n <= sizeof l->routed_source) {
        memcpy(l->routed_source, source.p, source.n);
        l->routed_source_n = source.n;
        l->routed = routed;
    }
    return routed;
}

static void translate(struct deliver *d, struct lane *l, const struct event *e, int64_t now_ms)
{
    buf_clear(&d->json);
    d->translation.send_count = 0;
    d->source.translate(d->source.ctx, d->generation, l->index, e, now_ms, &d->json,
                        &d->translation);
    d->mapped = buf_str(&d->json);
}

/* The translation of the journal's event number seq: mapped for this lane, or a moment ago for another one of
 * the same rules. With 50 such destinations that keep up, an event costs this thread 108 us instead of 574. */
static void translate_once(struct deliver *d, struct lane *l, const struct event *e, uint64_t seq)
{
    struct echo_key key = {seq, l->rules, l->conf->pixel_id.text, d->now_ms};
    if (!l->shares_rules) {
        translate(d, l, e, d->now_ms);
    } else if (!echo_find(&d->echo, &key, &d->mapped, &d->translation)) {
        translate(d, l, e, d->now_ms);
        echo_keep(&d->echo, &key, d->mapped, &d->translation);
    }
}

/* An event that is too old now but was not when it came has waited here: that is another reason. */
static void name_expiry(struct deliver *d, struct lane *l, const struct event *e)
{
    struct outcome *o = &d->translation.outcome, before = *o;
    translate(d, l, e, e->received_ms);
    if (o->state == STATE_WAITING)
        outcome_set(o, REASON_EXPIRED, NULL, "waited for this destination beyond Meta's deadline");
    else
        *o = before;
}

/* seq NULL: the record may be another one than the journal's of that number. */
static void judge(struct deliver *d, struct lane *l, struct str record, const uint64_t *seq)
{
    struct outcome *o = &d->translation.outcome;
    struct event e = {.source = S("")};
    d->translation.event_name = S("");
    d->translation.hold_count = d->translation.confirm_count = 0;
    if (!event_decode(record, &e)) {
        outcome_set(o, REASON_BAD_EVENT, NULL, "the record in the journal is damaged");
    } else if (!is_routed(d, l, e.source)) {
        outcome_set(o, REASON_NOT_ROUTED, NULL, "the source does not list this destination");
    } else if (e.flags & EVENT_DUPLICATE) {
        enum reason reason = e.flags & EVENT_CHANGED ? REASON_CHANGED_DUPLICATE : REASON_DUPLICATE;
        outcome_set(o, reason, NULL, "repeats event %" PRIu64, e.first_seq);
    } else {
        if (seq)
            translate_once(d, l, &e, *seq);
        else
            translate(d, l, &e, d->now_ms);
        if (o->reason == REASON_EVENT_TOO_OLD && e.received_ms) name_expiry(d, l, &e);
    }
    d->row = breakdown_row(&l->breakdown, e.source, d->translation.event_name);
    d->received_ms = e.received_ms;
    d->from_browser = e.flags & EVENT_FROM_BROWSER;
}

void read_judge(struct deliver *d, struct lane *l, struct str record)
{
    judge(d, l, record, NULL);
}

static bool fits(const struct lane *l, const struct batch *b, size_t bytes)
{
    return b->count < l->conf->batch_events &&
           b->json_n + bytes + BATCH_FRAME_BYTES <= l->conf->batch_bytes;
}

/* The pixel's open batch with room for so many bytes; a new one when there is none. */
static struct batch *open_batch(struct deliver *d, struct lane *l, struct str pixel_id,
                                size_t bytes)
{
    struct batch *b = l->open.head;
    while (b && !str_eq(buf_str(&b->pixel_id), pixel_id)) b = b->next;
    if (b && fits(l, b, bytes)) return b;
    if (!b && l->open.count == LIMIT_OPEN_BATCHES) b = l->open.head;
    if (b) {
        batch_remove(&l->open, b);
        batch_push(&l->ready, b);
    }
    b = batch_take(&d->pool, pixel_id);
    b->opened_us = d->gather.since_us;
    batch_push(&l->open, b);
    return b;
}

/* The last batch of urgent events for the pixel, if it has room. They may leave at any moment. */
static struct batch *urgent_batch(struct deliver *d, struct lane *l, struct str pixel_id,
                                  size_t bytes)
{
    struct batch *last = NULL;
    for (struct batch *b = l->urgent.head; b; b = b->next)
        if (str_eq(buf_str(&b->pixel_id), pixel_id)) last = b;
    if (last && fits(l, last, bytes)) return last;
    last = batch_take(&d->pool, pixel_id);
    batch_push(&l->urgent, last);
    return last;
}

static void put_send(struct deliver *d, struct lane *l, struct item *item,
                     const struct outgoing *send)
{
    struct gate *gate = park_gate(l, send->pixel_id);
    if (gate && gate != l->park.letting) {
        settle_aside(d, l, item, send->pixel_id, send->deadline_ms);
        return;
    }
    bool now = item->urgent || gate;
    struct batch *b = now ? urgent_batch(d, l, send->pixel_id, send->json_n)
                          : open_batch(d, l, send->pixel_id, send->json_n);
    b->probe |= gate != NULL;
    size_t before = batch_bytes(b);
    batch_add(b, item, str_of(d->mapped.p + send->json_at, send->json_n), send->deadline_ms);
    lane_count_bytes(d, l, before, batch_bytes(b));
    if (now || b->count < l->conf->batch_events) return;
    batch_remove(&l->open, b);
    batch_push(&l->ready, b);
}

/* Of an event that was parked only what is for its pixels is sent; when the rules have changed so that
 * nothing is, all of it, because more is better than less and the event_id is the same. */
static bool is_wanted(const struct lane *l, const struct outgoing *send, unsigned wanted)
{
    struct str rest = l->park.only, word;
    if (!rest.n || !wanted) return true;
    for (bool more = true; more;) {
        more = str_cut(rest, ' ', &word, &rest);
        if (str_eq(word, send->pixel_id)) return true;
    }
    return false;
}

static unsigned count_wanted(const struct lane *l, const struct translation *t)
{
    unsigned count = 0;
    for (size_t i = 0; i < t->send_count; i++) count += is_wanted(l, &t->sends[i], 1);
    return count;
}

void read_take(struct deliver *d, struct lane *l, struct item as, struct str record)
{
    const struct translation *t = &d->translation;
    as.row = (uint16_t)d->row;
    as.received_ms = d->received_ms;
    as.from_browser = d->from_browser;
    hold_note(d, l, as.seq);
    if (t->outcome.state != STATE_WAITING) {
        settle_event(d, l, &as, &(struct verdict){.outcome = &t->outcome, .record = record});
        return;
    }
    if (hold_take(d, l, &as, record)) return;
    assert(t->send_count > 0 && t->send_count <= LIMIT_SENDS);
    l->status.redacted += t->redacted;
    unsigned wanted = count_wanted(l, t);
    struct item *item = item_take(&d->pool);
    *item = as;
    item->pending = wanted ? wanted : (unsigned)t->send_count;
    if (as.retry) {
        l->retry_items++;
        l->retry_formers[as.former]++;
        l->park.items += as.parked;
    } else {
        l->journal_items++;
    }
    if (as.urgent) scout_remember(l, as.seq);
    for (size_t i = 0; i < t->send_count; i++)
        if (is_wanted(l, &t->sends[i], wanted)) put_send(d, l, item, &t->sends[i]);
}

/* --- the retry queue --------------------------------------------------------------------------- */

/* Walks the queue once, from its beginning to its end. The next walk starts when everything of this one
 * is settled and gone from the queue, so no entry is taken twice. */
static bool read_retries(struct deliver *d, struct lane *l, struct slice *slice)
{
    struct retry_entry *entries;
    size_t count;
    struct err err = {0};
    if (!l->retry_walking) {
        if (!l->retry_wanted || l->retry_items > l->park.items || l->unsaved.retried_count)
            return true;
        l->retry_wanted = false;
        l->retry_walking = true;
        l->retry_seq = 0;
    }
    while (l->retry_walking && read_may(d, l)) {
        struct letter_selection page = {
            .destination = l->name, .from_seq = l->retry_seq, .limit = LIMIT_RETRY_PAGE};
        if (!store_retries_list(d->store, &page, &d->scratch, &entries, &count, &err)) {
            lane_fail(d, l, "the retry queue cannot be read", &err);
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            struct item as = {.seq = entries[i].seq, .retry = true, .former = entries[i].former};
            read_judge(d, l, entries[i].record);
            read_take(d, l, as, entries[i].record);
            l->retry_seq = entries[i].seq + 1;
            if (slice_is_over(slice)) return false;
        }
        l->retry_walking = count == LIMIT_RETRY_PAGE;
    }
    return true;
}

/* --- the journal ------------------------------------------------------------------------------- */

/* The journal reached its size limit and gave up what a destination that stood still had not read.
 * There is nothing left to keep, so there is no letter. */
void read_skip_trimmed(struct deliver *d, struct lane *l)
{
    uint64_t oldest = journal_oldest_seq(d->journal);
    if (l->journal_items || l->progress.cursor.low >= oldest) return;
    uint64_t lost = progress_finish_below(&l->progress, oldest);
    l->progress.cursor.counts[REASON_TRIMMED] += lost;
    if (l->read_seq < oldest) l->read_seq = oldest;
    settle_mark(d, l, 1);
    log_line(LOG_WARN, "deliver", "events were trimmed before the destination came back",
             LOG_STR("destination", l->name), LOG_NUM("events", lost));
}

/* What the disk cannot give any more is dead, without a letter, because there is nothing to keep. */
static void skip_damaged(struct deliver *d, struct lane *l, uint64_t end, const struct err *err)
{
    uint64_t lost = 0;
    for (uint64_t seq = l->read_seq; seq < end; seq++) {
        if (!progress_finish(&l->progress, seq)) continue;
        settle_outcome(l, seq, seq + 1, REASON_DAMAGED);
        lost++;
    }
    l->progress.cursor.counts[REASON_DAMAGED] += lost;
    l->read_seq = end;
    l->read_failures = 0;
    settle_mark(d, l, 1);
    log_line(LOG_ERROR, "deliver", "events are lost to damage of the journal",
             LOG_STR("destination", l->name), LOG_NUM("events", lost), LOG_Z("error", err->text));
}

static bool read_view(struct deliver *d, struct lane *l, struct journal_view *view)
{
    struct err err = {0};
    l->read_seq = progress_next(&l->progress, l->read_seq);
    if (journal_read(d->journal, &l->reader, l->read_seq, view, &err)) {
        l->read_failures = 0;
        return true;
    }
    if (err.kind == ERR_NONE) return false;
    bool trimmed = l->read_seq < journal_oldest_seq(d->journal);
    if (err.kind == ERR_LIMIT && trimmed && !l->journal_items)
        read_skip_trimmed(d, l);
    else if (err.kind == ERR_IO && l->read_failures >= LANE_READ_FAILURES &&
             l->reader.skip_to > l->read_seq)
        skip_damaged(d, l, l->reader.skip_to, &err);
    else
        lane_fail(d, l, "the journal cannot be read", &err);
    return false;
}

/* Takes the records of a view until something says stop: then false. */
static bool take_view(struct deliver *d, struct lane *l, const struct journal_view *view,
                      struct slice *slice)
{
    struct str rest = view->records;
    for (uint64_t seq = view->first_seq; seq < view->first_seq + view->count; seq++) {
        size_t size = event_record_size(rest);
        assert(size && size <= rest.n);
        if (!progress_is_finished(&l->progress, seq) && !scout_has(l, seq)) {
            judge(d, l, str_head(rest, size), &seq);
            read_take(d, l, (struct item){.seq = seq}, str_head(rest, size));
        }
        rest = str_from(rest, size);
        l->read_seq = seq + 1;
        if (slice_is_over(slice) || !read_may(d, l) || l->read_seq >= l->read_end) return false;
    }
    return true;
}

bool read_lane(struct deliver *d, struct lane *l)
{
    struct slice slice = {.end_us = clock_mono_us() + LIMIT_SLICE_US};
    struct journal_view view;
    bool on = park_read(d, l, &slice) && read_may(d, l) && read_retries(d, l, &slice);
    while (on && read_may(d, l) && l->read_seq < l->read_end) {
        if (!read_view(d, l, &view)) return false;
        d->changed = true;
        l->read_commit_ms = view.commit_ms;
        on = take_view(d, l, &view, &slice);
        journal_release(d->journal, &view);
    }
    return true;
}

static struct str journal_record(struct deliver *d, struct lane *l, uint64_t seq)
{
    struct err err = {0};
    struct journal_view view;
    if (!journal_read(d->journal, &l->finder, seq, &view, &err)) return str_of(NULL, 0);
    struct str record =
        arena_str(&d->scratch, str_head(view.records, event_record_size(view.records)));
    journal_release(d->journal, &view);
    return record;
}

struct str read_record(struct deliver *d, struct lane *l, const struct item *item)
{
    struct err err = {0};
    struct retry_entry *entry;
    size_t count;
    if (item->retry && !item->parked) {
        struct letter_selection one = {.destination = l->name, .from_seq = item->seq, .limit = 1};
        bool ok = store_retries_list(d->store, &one, &d->scratch, &entry, &count, &err);
        return ok && count && entry->seq == item->seq ? entry->record : str_of(NULL, 0);
    }
    return journal_record(d, l, item->seq);
}

bool read_is_kept(struct deliver *d, struct lane *l, const struct item *item)
{
    if (!item->retry || item->parked) return true;
    struct str kept = journal_record(d, l, item->seq);
    return kept.n && str_eq(kept, read_record(d, l, item));
}
