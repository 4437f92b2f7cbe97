/* SPDX-License-Identifier: Apache-2.0 */
/* The writer thread: it takes everything that waits, writes it as one chunk, syncs once, and tells
 * everybody. While one commit is on its way to the disk the next one gathers, so the slower the disk,
 * the larger the commits.
 *
 * After a failed write or sync nothing is known of what the disk holds, and asking again may get a
 * lie from the page cache. So the commit is refused, its segment is cut back to the last good chunk
 * and never written again, and the next commit starts a new segment. Until one succeeds, one append
 * at a time is let in to try, and the rest are refused at the door. */
#include "journal/local.h"

#include "base/mem.h"
#include "core/event.h"
#include "core/log.h"
#include "journal/content.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <assert.h>
#include <inttypes.h>

/* What goes into one commit. */
struct group {
    struct journal_append *first; /* ends with NULL */
    size_t appends, bytes;
    uint32_t events;
};

static uint32_t content_of(const struct journal_append *append, uint32_t i, const struct event *e)
{
    if (append->contents) return append->contents[i];
    return e->reject == REASON_NONE ? content_sum(e) : 0;
}

/* make_keys does on the submitter's thread what needs the records' insides: the writer is one, they are
 * many. Records that are none of core/event.h's have no keys and are left alone. */
static void make_keys(const struct dedup *d, struct journal_append *append)
{
    struct str rest = append->records;
    size_t bytes = append->count * sizeof *append->keys;
    append->keys = append->arena ? arena_alloc(append->arena, bytes) : mem_new(bytes);
    for (uint32_t i = 0; i < append->count; i++) {
        struct event e;
        size_t n = event_record_size(rest);
        append->keys[i] = (struct dedup_key){0};
        if (event_decode(str_head(rest, n), &e))
            dedup_key(d, &e, content_of(append, i, &e), &append->keys[i]);
        rest = str_from(rest, n);
    }
}

static void drop_keys(struct journal_append *append)
{
    if (!append->arena) mem_free(append->keys);
    append->keys = NULL;
}

static bool enqueue(struct writer *w, struct journal_append *append, struct err *err)
{
    bool ok = false;
    append->next = NULL;
    lock_take(&w->lock);
    assert(!w->stopping);
    if (w->failing && w->queued) {
        (void)err_set(err, ERR_LIMIT, "the journal cannot write: %.400s", w->why.text);
    } else if (w->queued >= LIMIT_APPEND_QUEUE ||
               w->queued_bytes + append->records.n > LIMIT_APPEND_QUEUE_BYTES) {
        (void)err_set(err, ERR_LIMIT, "the journal's queue is full: the disk is too slow");
    } else {
        if (!w->queue) signal_wake(&w->work);
        *w->tail = append;
        w->tail = &append->next;
        w->queued++;
        w->queued_bytes += append->records.n;
        ok = true;
    }
    lock_give(&w->lock);
    return ok;
}

bool writer_submit(struct journal *j, struct journal_append *append, struct err *err)
{
    struct local *l = local_of(j);
    assert(append->done && append->count && append->count <= append->records.n);
    if (append->records.n > FORMAT_PAYLOAD_MAX)
        return err_set(err, ERR_LIMIT, "%zu bytes are more than one commit takes",
                       append->records.n);
    append->keys = NULL;
    if (l->dedup) make_keys(l->dedup, append);
    if (enqueue(&l->writer, append, err)) return true;
    drop_keys(append);
    return false;
}

void writer_listen(struct journal *j, journal_listener_fn *fn, void *ctx)
{
    struct writer *w = &local_of(j)->writer;
    lock_take(&w->lock);
    assert(w->listener_count < LIMIT_LISTENERS);
    w->listeners[w->listener_count].fn = fn;
    w->listeners[w->listener_count].ctx = ctx;
    w->listener_count++;
    lock_give(&w->lock);
}

void writer_roll(struct local *l)
{
    struct writer *w = &l->writer;
    lock_take(&w->lock);
    w->roll_wanted = true;
    signal_wake(&w->work);
    lock_give(&w->lock);
}

/* finish gives the open segment up: cut to what is committed, which also returns the reserve. */
static void finish(struct local *l)
{
    struct writer *w = &l->writer;
    struct segment *s = w->open;
    struct err ignored; /* a tail that stays is never read: the next segment's name says so */
    if (!s) return;
    uint64_t end = atomic_load(&s->end);
    bool is_cut = file_truncate(w->fd, (off_t)end, &ignored);
    file_close(w->fd);
    w->open = NULL;
    lock_take(&l->list_lock);
    if (is_cut) {
        l->bytes -= s->disk_bytes - end;
        s->disk_bytes = end;
    }
    /* Without events it stays on disk, where its name keeps next_seq; its successor replaces it. */
    if (end == FORMAT_SEGMENT_HEAD) segment_free(local_drop(l, l->count - 1));
    lock_give(&l->list_lock);
}

/* begin starts a new segment with room for a chunk of need bytes. */
static bool begin(struct local *l, uint64_t need, struct err *err)
{
    struct writer *w = &l->writer;
    uint64_t max = atomic_load(&l->max_bytes), bytes = local_new_bytes(l);
    if (bytes < FORMAT_SEGMENT_HEAD + need) bytes = FORMAT_SEGMENT_HEAD + need;
    lock_take(&l->list_lock);
    bool fits = !max || l->bytes + bytes <= max;
    lock_give(&l->list_lock);
    if (!fits)
        return err_set(err, ERR_LIMIT,
                       "the journal has reached its size limit of %" PRIu64
                       " bytes and holds only events that are still needed",
                       max);
    struct segment *s =
        segment_create(l->dir, atomic_load(&l->next_seq), bytes, w->last_ms, &w->fd, err);
    if (!s) return false;
    w->open = s;
    w->mark = s->mark;
    w->began_ms = clock_now_ms();
    lock_take(&l->list_lock);
    local_add(l, s);
    lock_give(&l->list_lock);
    return true;
}

/* is_old: with a retention, a segment is left after a quarter of it, so that slow traffic does not keep
 * events much longer than promised. */
static bool is_old(struct local *l)
{
    int64_t retention_ms = atomic_load(&l->retention_ms);
    return retention_ms && clock_now_ms() - l->writer.began_ms > retention_ms / 4;
}

static bool make_room(struct local *l, uint64_t need, struct err *err)
{
    struct segment *s = l->writer.open;
    if (s) {
        uint64_t end = atomic_load(&s->end);
        bool fits = s->disk_bytes - end >= need;
        if (fits && (end == FORMAT_SEGMENT_HEAD || !is_old(l))) return true;
        finish(l);
    }
    return begin(l, need, err);
}

/* --- repeated events ---------------------------------------------------------------------------- */

/* mark_in looks one append's events up. Records are walked to only when there is something to mark. */
static void mark_in(struct dedup *d, const struct journal_append *a)
{
    enum { AHEAD = 8 };
    struct str rest = a->records;
    uint32_t walked = 0;
    for (uint32_t i = 0; i < a->count && i < AHEAD; i++) dedup_prefetch(d, &a->keys[i]);
    for (uint32_t i = 0; i < a->count; i++) {
        struct dedup_hit hit;
        if (i + AHEAD < a->count) dedup_prefetch(d, &a->keys[i + AHEAD]);
        if (!dedup_show(d, &a->keys[i], &hit)) continue;
        for (; walked < i; walked++) rest = str_from(rest, event_record_size(rest));
        event_mark_duplicate((char *)rest.p, hit.seq, hit.changed);
    }
}

/* mark_duplicates looks the chunk's events up, before they are written. */
static void mark_duplicates(struct local *l, const struct group *g)
{
    if (!l->dedup) return;
    dedup_begin(l->dedup, atomic_load(&l->next_seq), g->events, clock_now_ms());
    for (const struct journal_append *a = g->first; a; a = a->next) mark_in(l->dedup, a);
}

/* fill_pieces points at the head and every append's records; returns how many pieces. */
static int fill_pieces(struct writer *w, struct chunk_head *head, const struct group *g)
{
    int count = 0;
    w->pieces[count++] = (struct iovec){head, sizeof *head};
    for (const struct journal_append *a = g->first; a; a = a->next)
        w->pieces[count++] = (struct iovec){(void *)a->records.p, a->records.n};
    return count;
}

static bool commit(struct local *l, const struct group *g, struct err *err)
{
    struct writer *w = &l->writer;
    if (!make_room(l, FORMAT_CHUNK_HEAD + g->bytes, err)) return false;
    struct segment *s = w->open;
    struct chunk_head head = {
        .mark = w->mark,
        .payload_bytes = (uint32_t)g->bytes,
        .count = g->events,
        .first_seq = atomic_load(&l->next_seq),
        .commit_ms = clock_now_ms(),
    };
    uint64_t at = atomic_load(&s->end);
    int count = fill_pieces(w, &head, g);
    format_seal_chunk(&head, w->pieces + 1, count - 1);
    if (!file_write_at(w->fd, w->pieces, count, (off_t)at, err) || !file_datasync(w->fd, err)) {
        finish(l); /* may free s */
        return err_wrap(err, "journal, event %" PRIu64, head.first_seq);
    }
    w->last_ms = head.commit_ms;
    lock_take(&l->list_lock);
    s->last_ms = head.commit_ms;
    lock_give(&l->list_lock);
    atomic_store_explicit(&s->end, at + FORMAT_CHUNK_HEAD + g->bytes, memory_order_release);
    atomic_store_explicit(&l->next_seq, head.first_seq + g->events, memory_order_release);
    return true;
}

/* tell gives every append its answer. done may free the append or submit it again. */
static void tell(struct journal_append *a, bool committed, uint64_t seq, const struct err *err)
{
    while (a) {
        struct journal_append *next = a->next;
        drop_keys(a);
        if (committed) a->first_seq = seq;
        seq += a->count;
        a->done(a, committed, err);
        a = next;
    }
}

/* report says once that the disk began to fail, and once that it is well again. */
static void report(bool was_failing, bool failing, const struct err *err)
{
    if (failing && !was_failing) log_err("journal", "cannot write: events are refused", err);
    if (was_failing && !failing) log_plain(LOG_INFO, "journal", "writes again: events are taken");
}

static void run_group(struct local *l, const struct group *g)
{
    struct writer *w = &l->writer;
    struct err err = {0};
    uint64_t first_seq = atomic_load(&l->next_seq);
    int64_t start_us = clock_mono_us();
    mark_duplicates(l, g);
    bool ok = commit(l, g, &err);
    if (ok && l->dedup) dedup_keep(l->dedup);
    lock_take(&w->lock);
    w->queued -= g->appends;
    w->queued_bytes -= g->bytes;
    bool was_failing = w->failing;
    w->failing = !ok;
    if (ok) {
        w->commits++;
        w->commit_us += (uint64_t)(clock_mono_us() - start_us);
    } else {
        w->failures++;
        w->why = err;
    }
    size_t listeners = ok ? w->listener_count : 0;
    lock_give(&w->lock);
    report(was_failing, !ok, &err);
    tell(g->first, ok, first_seq, &err);
    for (size_t i = 0; i < listeners; i++) w->listeners[i].fn(w->listeners[i].ctx);
    if (ok && l->dedup) dedup_tidy(l->dedup);
}

/* take_group takes from the queue what fits into one chunk; under the lock. */
static struct group take_group(struct writer *w)
{
    struct group g = {.first = w->queue};
    struct journal_append **end = &w->queue;
    while (*end && g.bytes + (*end)->records.n <= FORMAT_PAYLOAD_MAX) {
        g.appends++;
        g.bytes += (*end)->records.n;
        g.events += (*end)->count; /* at most one per byte: no overflow */
        end = &(*end)->next;
    }
    if (end == &w->queue) return (struct group){0};
    struct journal_append *rest = *end;
    *end = NULL;
    w->queue = rest;
    if (!rest) w->tail = &w->queue;
    return g;
}

static void writer_main(void *ctx)
{
    struct local *l = ctx;
    struct writer *w = &l->writer;
    for (;;) {
        lock_take(&w->lock);
        while (!w->queue && !w->stopping && !w->roll_wanted) signal_wait(&w->work, &w->lock);
        struct group g = take_group(w);
        bool roll = w->roll_wanted, stop = w->stopping;
        w->roll_wanted = false;
        lock_give(&w->lock);
        if (roll && !stop) {
            struct err ignored; /* the next commit tries again and tells */
            finish(l);
            (void)begin(l, 0, &ignored);
        }
        if (g.first)
            run_group(l, &g);
        else if (stop)
            break;
    }
    finish(l);
}

void writer_start(struct local *l)
{
    struct writer *w = &l->writer;
    struct err untold; /* the first commit tries again and tells */
    lock_init(&w->lock);
    signal_init(&w->work);
    w->tail = &w->queue;
    (void)begin(l, 0, &untold);
    thread_start(&w->thread, "journal", writer_main, l);
}

void writer_stop(struct local *l)
{
    struct writer *w = &l->writer;
    lock_take(&w->lock);
    w->stopping = true;
    signal_wake(&w->work);
    lock_give(&w->lock);
    thread_join(&w->thread);
    signal_fini(&w->work);
    lock_fini(&w->lock);
}
