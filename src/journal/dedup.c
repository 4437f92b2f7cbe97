/* SPDX-License-Identifier: Apache-2.0 */
/* See dedup.h. An entry is two words: the tag, and number and content sum together. The writer alone
 * changes them; others may look at any time, so both words are atomic, and a reader who catches an
 * entry between its two changes sees a number that the record itself will refute.
 *
 * Ids come in no order, so each would change another page of the file, and the system, which writes what is
 * older than half a minute, would write all of a busy table at once: 256 MiB, and every commit of the journal
 * behind it (75 ms and more). So the table is in pieces, each with a front of a quarter of its size that takes the
 * ids that come (front.h). One piece at a time is moved: what its front has goes where it stays, its pages go to the
 * disk at once, and stay clean until its next turn. The larger the fronts, the more ids share the cost of a page
 * (some 4 us of the system's), and the more is left to be written at once. */
#include "journal/dedup.h"

#include "base/crc32c.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "core/limits.h"
#include "journal/content.h"
#include "journal/front.h"
#include "journal/window.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/random.h"

#include <assert.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>

enum {
    VERSION = 3,
    HEAD_BYTES = 4096,
    PIECE_LINES = 4096, /* 256 KiB: whose sync comes meanwhile waits a fraction of a millisecond */
    FRONT_FULL = 2,     /* ids for each of its lines: 32 for each page that is written for them */
    SEQ_BITS = 40, /* the rest is known from the journal's own number, which is never 2^40 away */
    SUM_BITS = CONTENT_BITS,
    SECRET_BYTES = 32,
    FILE_MODE = 0640,
};

#define SEQ_MASK ((UINT64_C(1) << SEQ_BITS) - 1)
#define SUM_MASK ((UINT32_C(1) << SUM_BITS) - 1)

struct head {
    char magic[8];
    uint32_t version;
    uint32_t crc; /* of what follows, up to next_seq */
    uint64_t lines;
    unsigned char secret[SECRET_BYTES]; /* so that no client can choose who shares a line */
    uint64_t next_seq;                  /* all entries are below */
    struct window window;
    uint64_t turn; /* counts pieces that were moved: the next one's turn */
};

_Static_assert(sizeof(struct head) <= HEAD_BYTES, "the head has a page of its own");

/* A key that was shown in the present chunk. */
struct shown {
    const struct dedup_key *key; /* NULL: free */
    uint64_t seq;
};

struct dedup {
    struct head *head;           /* the map: */
    struct front *front;         /* front_lines for each piece, */
    const struct id_line *lines; /* and piece_lines, read here and written by write_piece */
    uint64_t pieces, piece_lines, front_lines;
    size_t map_bytes;
    int fd;
    uint64_t fresh;        /* ids that came into fronts since the last piece was moved */
    struct id_line *moved; /* a piece on its way from the map to the file */
    _Atomic int64_t window_ms;
    /* The present chunk. */
    uint64_t first_seq, seq, low;
    uint64_t duplicates, changed;
    struct shown
        *shown; /* an open hash table of shown_mask + 1 slots, for events not known before */
    size_t shown_mask, shown_capacity;
    _Atomic uint64_t all_duplicates, all_changed, evicted;
};

/* --- the file ----------------------------------------------------------------------------------- */

static uint32_t head_sum(const struct head *head)
{
    size_t start = offsetof(struct head, lines);
    return crc32c(0, (const char *)head + start, offsetof(struct head, next_seq) - start);
}

static const char magic[8] = {'p', 'i', 'x', 'e', 'l', 'd', 'D', '\n'};

static uint64_t lines_of(const struct dedup_options *options)
{
    return options->bytes / sizeof(struct id_line);
}

/* lay_out divides the table. A few lines fewer than a piece has may be left over. */
static void lay_out(struct dedup *d, uint64_t lines)
{
    d->pieces = lines < PIECE_LINES ? 1 : lines / PIECE_LINES;
    d->front_lines = lines / d->pieces / FRONT_SHARE;
    d->piece_lines = d->front_lines * FRONT_SHARE;
    d->map_bytes = HEAD_BYTES + (d->pieces * d->front_lines + lines) * sizeof(struct id_line);
}

/* is_ours: can what the file holds be trusted, by this journal? */
static bool is_ours(const struct head *head, const struct dedup_options *options)
{
    return memcmp(head->magic, magic, sizeof magic) == 0 && head->version == VERSION &&
           head->crc == head_sum(head) && head->lines == lines_of(options) &&
           head->next_seq <= options->next_seq && window_is_sound(&head->window, head->next_seq);
}

static bool write_empty(int fd, size_t bytes, const struct dedup_options *options, struct err *err)
{
    char page[HEAD_BYTES] = {0};
    struct head head = {.version = VERSION, .lines = lines_of(options)};
    struct iovec piece = {page, sizeof page};
    memcpy(head.magic, magic, sizeof magic);
    random_bytes(head.secret, sizeof head.secret);
    head.crc = head_sum(&head);
    head.next_seq = options->next_seq;
    window_reset(&head.window, clock_now_ms(), options->next_seq);
    memcpy(page, &head, sizeof head);
    return file_allocate(fd, (off_t)bytes, err) && file_write_at(fd, &piece, 1, 0, err) &&
           file_datasync(fd, err);
}

/* create replaces whatever is there. All of its space is reserved: a full disk must not be found out by
 * a write through the map, which would be a SIGBUS. */
static bool create(size_t bytes, const struct dedup_options *options, struct err *err)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s.new", options->path);
    if (n < 0 || (size_t)n >= sizeof path) return err_set(err, ERR_INPUT, "path too long");
    int fd = file_open(path, O_RDWR | O_CREAT | O_TRUNC, FILE_MODE, err);
    if (fd < 0) return false;
    bool ok = write_empty(fd, bytes, options, err) && file_rename(path, options->path, err);
    file_close(fd);
    struct err ignored; /* the first failure is what counts */
    if (!ok) (void)file_unlink(path, &ignored);
    return ok;
}

static void unmap(struct dedup *d)
{
    file_unmap(d->head, d->map_bytes);
    if (d->fd >= 0) file_close(d->fd);
    d->head = NULL;
    d->fd = -1;
}

/* map_file maps a file of the right size; false without err (ERR_NONE) when there is none. */
static bool map_file(struct dedup *d, const struct dedup_options *options, struct err *err)
{
    *err = (struct err){0};
    d->fd = file_open(options->path, O_RDWR, 0, err);
    if (d->fd < 0) return false;
    if (file_size(d->fd, err) == (off_t)d->map_bytes)
        d->head = file_map_shared(d->fd, d->map_bytes, err);
    /* All of it now and in order, instead of a line at a time under the writer. */
    if (d->head && file_touch(d->head, d->map_bytes, err) && is_ours(d->head, options)) {
        d->front = (struct front *)((char *)d->head + HEAD_BYTES);
        d->lines = (const struct id_line *)(d->front + d->pieces * d->front_lines);
        return true;
    }
    unmap(d);
    return false;
}

struct dedup *dedup_open(const struct dedup_options *options, struct err *err)
{
    struct dedup *d = mem_new(sizeof *d);
    struct err ignored; /* a file that cannot be used is made anew, and that says what is wrong */
    assert(lines_of(options) >= FRONT_SHARE);
    d->fd = -1;
    atomic_init(&d->window_ms, options->window_ms);
    lay_out(d, lines_of(options));
    d->moved = mem_new(d->piece_lines * sizeof *d->moved);
    if (map_file(d, options, &ignored)) return d;
    if (create(d->map_bytes, options, err) && map_file(d, options, err)) return d;
    dedup_close(d);
    err_wrap(err, "%s", options->path);
    return NULL;
}

void dedup_close(struct dedup *d)
{
    if (!d) return;
    unmap(d);
    mem_free(d->moved);
    mem_free(d->shown);
    mem_free(d);
}

void dedup_set_window(struct dedup *d, int64_t window_ms)
{
    atomic_store(&d->window_ms, window_ms);
}

/* --- keys --------------------------------------------------------------------------------------- */

void dedup_key(const struct dedup *d, const struct event *e, uint32_t content,
               struct dedup_key *key)
{
    char text[SECRET_BYTES + 1 + LIMIT_NAME_BYTES + LIMIT_MESSAGE_ID_BYTES];
    unsigned char digest[SHA256_BYTES];
    size_t n = SECRET_BYTES;
    *key = (struct dedup_key){0};
    /* What could not be taken as an event does not stand in the way of one with the same id. */
    if (!e->message_id.n || e->reject != REASON_NONE) return;
    assert(e->source.n <= LIMIT_NAME_BYTES && e->message_id.n <= LIMIT_MESSAGE_ID_BYTES);
    memcpy(text, d->head->secret, SECRET_BYTES);
    text[n++] = (char)e->source.n;
    memcpy(text + n, e->source.p, e->source.n);
    n += e->source.n;
    memcpy(text + n, e->message_id.p, e->message_id.n);
    sha256(str_of(text, n + e->message_id.n), digest);
    memcpy(&key->piece, digest, sizeof key->piece);
    memcpy(&key->tag, digest + sizeof key->piece, sizeof key->tag);
    if (!key->tag) key->tag = 1;
    key->sum = content;
}

/* --- the table ---------------------------------------------------------------------------------- */

static uint64_t piece_of(const struct dedup *d, const struct dedup_key *key)
{
    return front_one_of(d->pieces, (uint32_t)key->piece);
}

static struct front *front_of(const struct dedup *d, uint64_t piece)
{
    return &d->front[piece * d->front_lines];
}

/* full_seq is the number below `below` of which the entry keeps the last 40 bits. */
static uint64_t full_seq(uint64_t place, uint64_t below)
{
    uint64_t back = (below - 1 - (place >> SUM_BITS)) & SEQ_MASK;
    return back < below ? below - 1 - back : UINT64_MAX;
}

static uint64_t place_of(uint64_t seq, uint32_t sum)
{
    return (seq & SEQ_MASK) << SUM_BITS | sum;
}

/* is_hit: is the entry the key's, of an event below? */
static bool is_hit(const struct id_entry *e, const struct dedup_key *key, uint64_t below,
                   struct dedup_hit *hit)
{
    if (atomic_load_explicit(&e->tag, memory_order_acquire) != key->tag) return false;
    uint64_t place = atomic_load_explicit(&e->place, memory_order_relaxed);
    hit->seq = full_seq(place, below);
    hit->changed = (place & SUM_MASK) != key->sum;
    return hit->seq < below;
}

bool dedup_find(const struct dedup *d, const struct dedup_key *key, uint64_t below,
                struct dedup_hit *hit)
{
    if (!key->tag || !below) return false;
    uint64_t piece = piece_of(d, key), lines = d->front_lines;
    struct front *front = front_of(d, piece);
    const struct id_entry *e = front_find(front, lines, key->tag);
    if (e && is_hit(e, key, below, hit)) return true; /* the later one, if it is in both */
    if (!front_may_stay(front, lines, key->tag)) return false;
    const struct id_line *line = &d->lines[piece * d->piece_lines + front_line(lines, key->tag)];
    for (size_t i = 0; i < ID_LINE_ENTRIES; i++)
        if (is_hit(&line->entries[i], key, below, hit)) return true;
    return false;
}

/* keep_in puts an id into its line, where the oldest makes room: perhaps itself, since those of a front come in no
 * order. An older one of the same id is what a crash left in the front. */
static void keep_in(struct dedup *d, struct id_line *line, uint64_t tag, uint64_t place)
{
    struct id_entry *oldest = NULL;
    uint64_t oldest_seq = UINT64_MAX, below = d->head->next_seq, seq = full_seq(place, below);
    for (size_t i = 0; i < ID_LINE_ENTRIES; i++) {
        struct id_entry *e = &line->entries[i];
        uint64_t other = atomic_load_explicit(&e->tag, memory_order_relaxed);
        uint64_t its = full_seq(atomic_load_explicit(&e->place, memory_order_relaxed), below);
        if (other == tag && its > seq && its != UINT64_MAX) return;
        if (!other || other == tag || its == UINT64_MAX) {
            oldest = e;
            oldest_seq = 0;
            break;
        }
        if (its >= oldest_seq) continue;
        oldest = e;
        oldest_seq = its;
    }
    assert(oldest);
    uint64_t gone = seq < oldest_seq ? seq : oldest_seq;
    if (gone >= d->low && gone)
        (void)atomic_fetch_add_explicit(&d->evicted, 1, memory_order_relaxed);
    if (gone == oldest_seq) id_set(oldest, tag, place);
}

/* write_piece writes what was moved as a file is written, not through the map: 64 pages that are changed there,
 * and clean again soon, cost the system more than 100 us of faults, and the copy 20. */
static bool write_piece(struct dedup *d, uint64_t piece)
{
    struct err ignored; /* the front has the ids then, as long as there is room */
    const char *first = (const char *)&d->lines[piece * d->piece_lines];
    struct iovec all = {d->moved, d->piece_lines * sizeof(struct id_line)};
    off_t at = (off_t)(first - (const char *)d->head), n = (off_t)all.iov_len;
    if (!file_write_at(d->fd, &all, 1, at, &ignored)) return false;
    (void)file_write_out(d->fd, at, n, &ignored); /* or the system does it when it likes */
    return true;
}

/* gather puts what the piece's front has into d->moved, a copy of the piece. */
static void gather(struct dedup *d, uint64_t piece)
{
    const struct front *front = front_of(d, piece);
    memcpy(d->moved, &d->lines[piece * d->piece_lines], d->piece_lines * sizeof *d->moved);
    for (uint64_t i = 0; i < d->front_lines * FRONT_ENTRIES; i++) {
        const struct id_entry *e = &front[i / FRONT_ENTRIES].entries[i % FRONT_ENTRIES];
        uint64_t tag = atomic_load_explicit(&e->tag, memory_order_relaxed);
        uint64_t place = atomic_load_explicit(&e->place, memory_order_relaxed);
        if (tag) keep_in(d, &d->moved[front_line(d->front_lines, tag)], tag, place);
    }
}

/* move empties a piece's front. Whoever looks meanwhile finds an id in its line before it is gone from there. On a
 * disk that fails nothing is moved, or, when there must be room, the front's ids are forgotten, which lets
 * repetitions through. */
static void move(struct dedup *d, uint64_t piece, bool must)
{
    gather(d, piece);
    bool written = write_piece(d, piece);
    if (written || must) front_empty(front_of(d, piece), d->front_lines, written ? d->moved : NULL);
}

static void insert(struct dedup *d, const struct dedup_key *key, uint64_t seq)
{
    uint64_t piece = piece_of(d, key);
    struct id_entry *e = front_find(front_of(d, piece), d->front_lines, key->tag);
    if (!e) {
        move(d, piece, true);
        e = front_find(front_of(d, piece), d->front_lines, key->tag);
        assert(e);
    }
    d->fresh += !atomic_load_explicit(&e->tag, memory_order_relaxed);
    id_set(e, key->tag, place_of(seq, key->sum));
}

void dedup_tidy(struct dedup *d)
{
    uint64_t full = d->front_lines * FRONT_FULL;
    for (; d->fresh >= full; d->fresh -= full) move(d, d->head->turn++ % d->pieces, false);
}

/* --- chunks ------------------------------------------------------------------------------------- */

static void clear_shown(struct dedup *d, uint32_t events)
{
    size_t slots = 16;
    while (slots < 2 * (size_t)events) slots *= 2;
    if (slots > d->shown_capacity) {
        d->shown = mem_grow(d->shown, slots * sizeof *d->shown);
        d->shown_capacity = slots;
    }
    d->shown_mask = slots - 1;
    memset(d->shown, 0, slots * sizeof *d->shown);
}

void dedup_begin(struct dedup *d, uint64_t first_seq, uint32_t events, int64_t now_ms)
{
    int64_t window_ms = atomic_load(&d->window_ms);
    window_advance(&d->head->window, now_ms, first_seq, window_ms);
    d->low = window_low(&d->head->window, now_ms, window_ms);
    d->first_seq = d->seq = first_seq;
    d->duplicates = d->changed = 0;
    clear_shown(d, events);
}

void dedup_prefetch(const struct dedup *d, const struct dedup_key *key)
{
    __builtin_prefetch(front_of(d, piece_of(d, key)) + front_home(d->front_lines, key->tag));
}

/* find_shown is the key's slot in the present chunk: a free one when it is new. */
static struct shown *find_shown(struct dedup *d, const struct dedup_key *key)
{
    size_t at = (size_t)key->tag & d->shown_mask;
    while (d->shown[at].key &&
           (d->shown[at].key->tag != key->tag || d->shown[at].key->piece != key->piece))
        at = (at + 1) & d->shown_mask;
    return &d->shown[at];
}

bool dedup_show(struct dedup *d, const struct dedup_key *key, struct dedup_hit *hit)
{
    uint64_t seq = d->seq++;
    if (!key->tag) return false;
    bool found = dedup_find(d, key, d->first_seq, hit) && hit->seq >= d->low;
    if (!found) {
        struct shown *slot = find_shown(d, key);
        found = slot->key != NULL;
        if (found)
            *hit = (struct dedup_hit){slot->seq, slot->key->sum != key->sum};
        else
            *slot = (struct shown){key, seq};
    }
    d->duplicates += found;
    d->changed += found && hit->changed;
    return found;
}

void dedup_keep(struct dedup *d)
{
    d->head->next_seq = d->seq; /* first: no entry may be above it */
    for (size_t i = 0; i <= d->shown_mask; i++)
        if (d->shown[i].key) insert(d, d->shown[i].key, d->shown[i].seq);
    (void)atomic_fetch_add_explicit(&d->all_duplicates, d->duplicates, memory_order_relaxed);
    (void)atomic_fetch_add_explicit(&d->all_changed, d->changed, memory_order_relaxed);
}

void dedup_stats(const struct dedup *d, struct dedup_stats *out)
{
    out->duplicates = atomic_load_explicit(&d->all_duplicates, memory_order_relaxed);
    out->changed = atomic_load_explicit(&d->all_changed, memory_order_relaxed);
    out->evicted = atomic_load_explicit(&d->evicted, memory_order_relaxed);
}
