/* SPDX-License-Identifier: Apache-2.0 */
/* Reading: find the segment, pin its map, walk chunk heads to the one that holds the event, check it,
 * and lend a view. Whoever reads on from where it was walks one head; whoever jumps walks at most from
 * the last waypoint. A chunk is checked each time a reader comes to it (a disk may go bad between two
 * readings), but not again while the reader takes it in pieces. */
#include "journal/local.h"

#include "core/event.h"

#include <assert.h>
#include <inttypes.h>

/* pin finds and pins the segment; *end_seq is where it ends. NULL and err: trimmed, or not readable. */
static struct segment *pin(struct local *l, uint64_t seq, uint64_t *end_seq, struct err *err)
{
    struct segment *s = NULL;
    lock_take(&l->list_lock);
    size_t i = local_find(l, seq);
    if (i == SIZE_MAX) {
        uint64_t oldest = l->count ? l->segments[0]->first_seq : atomic_load(&l->next_seq);
        (void)err_set(err, ERR_LIMIT, "event %" PRIu64 " is no longer kept; the oldest is %" PRIu64,
                      seq, oldest);
        *end_seq = oldest;
    } else {
        *end_seq = i + 1 < l->count ? l->segments[i + 1]->first_seq : atomic_load(&l->next_seq);
        if (l->segments[i]->map || local_map(l, l->segments[i], err)) {
            s = l->segments[i];
            s->pins++;
            s->used = ++l->tick;
        }
    }
    lock_give(&l->list_lock);
    return s;
}

/* is_same: is c the chunk that this reader read, and checked, last? */
static bool is_same(const struct segment *s, const struct journal_reader *reader,
                    const struct chunk *c)
{
    return reader->segment_first_seq == s->first_seq && reader->offset == c->at &&
           reader->seq == c->head.first_seq;
}

/* walk goes from chunk to chunk, from offset at on, to the one that holds seq. False: *c is where it got
 * lost, and *from is the offset from which to search, behind the last head that looked right. */
static bool walk(const struct segment *s, uint64_t at, uint64_t seq, struct chunk *c,
                 uint64_t *from)
{
    uint64_t expected = 0; /* the first chunk may start anywhere up to seq */
    *from = at;
    *c = (struct chunk){0};
    for (;;) {
        if (!segment_chunk(s, at, c) || c->head.first_seq > seq) return false;
        if (expected && c->head.first_seq != expected) return false;
        segment_leave_waypoint(s, at);
        if (seq < chunk_end_seq(c)) return true;
        expected = chunk_end_seq(c);
        *from = at + 1;
        at = chunk_end(c);
    }
}

/* locate finds the chunk that holds seq, whole. False: *c is where it should have been, and skip_to is
 * set if whole chunks follow. */
static bool locate(const struct segment *s, struct journal_reader *reader, uint64_t seq,
                   struct chunk *c)
{
    bool hinted = reader->segment_first_seq == s->first_seq && reader->offset && reader->seq <= seq;
    uint64_t from, at = hinted ? reader->offset : segment_waypoint(s, seq);
    struct chunk later;
    if (walk(s, at, seq, c, &from) &&
        (is_same(s, reader, c) ? segment_readable(s, c) : segment_verify(s, c)))
        return true;
    /* A broken head hides what is behind it; the event itself may be whole. */
    if (!segment_search(s, from, seq, &later)) return false;
    reader->skip_to = later.head.first_seq;
    if (later.head.first_seq > seq) return false;
    *c = later;
    return true;
}

/* lend fills the view with the chunk's records from seq on, and the reader's hints with where it is. */
static bool lend(const struct segment *s, const struct chunk *c, uint64_t seq,
                 struct journal_reader *reader, struct journal_view *view)
{
    bool resumed = is_same(s, reader, c) && reader->record_seq <= seq;
    uint64_t next = resumed ? reader->record_seq : c->head.first_seq;
    struct str records =
        str_from(str_of(c->payload, c->head.payload_bytes), resumed ? reader->record_at : 0);
    for (; next < seq; next++) {
        size_t n = event_record_size(records);
        if (!n) return false;
        records = str_from(records, n);
    }
    *view = (struct journal_view){
        .records = records,
        .first_seq = seq,
        .count = (uint32_t)(chunk_end_seq(c) - seq),
        .commit_ms = c->head.commit_ms,
    };
    reader->segment_first_seq = s->first_seq;
    reader->offset = c->at;
    reader->seq = c->head.first_seq;
    reader->record_at = c->head.payload_bytes - records.n;
    reader->record_seq = seq;
    return true;
}

static bool read_pinned(const struct segment *s, struct journal_reader *reader, uint64_t seq,
                        struct journal_view *view, struct err *err)
{
    struct chunk c;
    bool found = locate(s, reader, seq, &c);
    if (found && lend(s, &c, seq, reader, view)) return true;
    if (found) reader->skip_to = chunk_end_seq(&c); /* records that are none of core/event.h's */
    return err_set(err, ERR_IO,
                   "journal segment %020" PRIu64 ".seg is damaged at byte %" PRIu64
                   ": event %" PRIu64 " cannot be read",
                   s->first_seq, c.at, seq);
}

bool reader_read(struct journal *j, struct journal_reader *reader, uint64_t seq,
                 struct journal_view *view, struct err *err)
{
    struct local *l = local_of(j);
    *err = (struct err){0};
    if (seq >= journal_next_seq(j)) return false;
    uint64_t end_seq;
    struct segment *s = pin(l, seq, &end_seq, err);
    reader->skip_to = end_seq;
    if (!s) return false;
    if (!read_pinned(s, reader, seq, view, err)) {
        local_unpin(l, s);
        return false;
    }
    view->pin = s;
    return true;
}

void reader_release(struct journal *j, struct journal_view *view)
{
    if (view->pin) local_unpin(local_of(j), view->pin);
    *view = (struct journal_view){0};
}
