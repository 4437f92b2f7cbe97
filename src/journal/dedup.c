/* SPDX-License-Identifier: Apache-2.0 */
/* See dedup.h. An entry is two words: the tag, and number and content sum together. The writer alone
 * changes them; others may look at any time, so both words are atomic, and a reader who catches an
 * entry between its two changes sees a number that the record itself will refute. */
#include "journal/dedup.h"

#include "base/crc32c.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "core/limits.h"
#include "journal/content.h"
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
    VERSION = 1,
    HEAD_BYTES = 4096,
    LINE_ENTRIES = 4,
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
};

struct entry {
    _Atomic uint64_t tag;   /* 0: free */
    _Atomic uint64_t place; /* number and sum */
};

struct line {
    struct entry entries[LINE_ENTRIES];
};

_Static_assert(sizeof(struct head) <= HEAD_BYTES, "the head has a page of its own");
_Static_assert(sizeof(struct line) == 64, "a line is a cache line");

/* A key that was shown in the present chunk. */
struct shown {
    const struct dedup_key *key; /* NULL: free */
    uint64_t seq;
};

struct dedup {
    struct head *head; /* the map */
    struct line *lines;
    size_t map_bytes;
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
    return options->bytes / sizeof(struct line);
}

static size_t file_bytes(const struct dedup_options *options)
{
    return HEAD_BYTES + lines_of(options) * sizeof(struct line);
}

/* is_ours: can what the file holds be trusted, by this journal? */
static bool is_ours(const struct head *head, const struct dedup_options *options)
{
    return memcmp(head->magic, magic, sizeof magic) == 0 && head->version == VERSION &&
           head->crc == head_sum(head) && head->lines == lines_of(options) &&
           head->next_seq <= options->next_seq && window_is_sound(&head->window, head->next_seq);
}

static bool write_empty(int fd, const struct dedup_options *options, struct err *err)
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
    return file_allocate(fd, (off_t)file_bytes(options), err) &&
           file_write_at(fd, &piece, 1, 0, err) && file_datasync(fd, err);
}

/* create replaces whatever is there. All of its space is reserved: a full disk must not be found out by
 * a write through the map, which would be a SIGBUS. */
static bool create(const struct dedup_options *options, struct err *err)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s.new", options->path);
    if (n < 0 || (size_t)n >= sizeof path) return err_set(err, ERR_INPUT, "path too long");
    int fd = file_open(path, O_RDWR | O_CREAT | O_TRUNC, FILE_MODE, err);
    if (fd < 0) return false;
    bool ok = write_empty(fd, options, err) && file_rename(path, options->path, err);
    file_close(fd);
    struct err ignored; /* the first failure is what counts */
    if (!ok) (void)file_unlink(path, &ignored);
    return ok;
}

/* map_file maps a file of the right size; false without err (ERR_NONE) when there is none. */
static bool map_file(struct dedup *d, const struct dedup_options *options, struct err *err)
{
    *err = (struct err){0};
    int fd = file_open(options->path, O_RDWR, 0, err);
    if (fd < 0) return false;
    off_t bytes = file_size(fd, err);
    void *map = NULL;
    if (bytes == (off_t)file_bytes(options)) map = file_map_shared(fd, (size_t)bytes, err);
    file_close(fd);
    if (!map) return false;
    d->head = map;
    d->map_bytes = (size_t)bytes;
    d->lines = (struct line *)((char *)map + HEAD_BYTES);
    /* All of it now and in order, instead of a line at a time under the writer. */
    if (file_touch(map, d->map_bytes, err) && is_ours(d->head, options)) return true;
    file_unmap(map, d->map_bytes);
    d->head = NULL;
    return false;
}

struct dedup *dedup_open(const struct dedup_options *options, struct err *err)
{
    struct dedup *d = mem_new(sizeof *d);
    struct err ignored; /* a file that cannot be used is made anew, and that says what is wrong */
    assert(lines_of(options));
    atomic_init(&d->window_ms, options->window_ms);
    if (map_file(d, options, &ignored)) return d;
    if (create(options, err) && map_file(d, options, err)) return d;
    dedup_close(d);
    err_wrap(err, "%s", options->path);
    return NULL;
}

void dedup_close(struct dedup *d)
{
    if (!d) return;
    file_unmap(d->head, d->map_bytes);
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
    memcpy(&key->line, digest, sizeof key->line);
    memcpy(&key->tag, digest + sizeof key->line, sizeof key->tag);
    if (!key->tag) key->tag = 1;
    key->sum = content;
}

/* --- the table ---------------------------------------------------------------------------------- */

static struct line *line_of(const struct dedup *d, const struct dedup_key *key)
{
    return &d->lines[key->line % d->head->lines];
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

bool dedup_find(const struct dedup *d, const struct dedup_key *key, uint64_t below,
                struct dedup_hit *hit)
{
    const struct line *line = line_of(d, key);
    if (!key->tag || !below) return false;
    for (size_t i = 0; i < LINE_ENTRIES; i++) {
        const struct entry *e = &line->entries[i];
        if (atomic_load_explicit(&e->tag, memory_order_relaxed) != key->tag) continue;
        uint64_t place = atomic_load_explicit(&e->place, memory_order_relaxed);
        hit->seq = full_seq(place, below);
        hit->changed = (place & SUM_MASK) != key->sum;
        if (hit->seq < below) return true;
    }
    return false;
}

static void insert(struct dedup *d, const struct dedup_key *key, uint64_t seq, uint64_t below)
{
    struct line *line = line_of(d, key);
    struct entry *oldest = NULL;
    uint64_t oldest_seq = UINT64_MAX;
    for (size_t i = 0; i < LINE_ENTRIES; i++) {
        struct entry *e = &line->entries[i];
        uint64_t tag = atomic_load_explicit(&e->tag, memory_order_relaxed);
        uint64_t place = atomic_load_explicit(&e->place, memory_order_relaxed);
        uint64_t its = full_seq(place, below);
        if (!tag || tag == key->tag || its == UINT64_MAX) {
            oldest = e;
            oldest_seq = 0;
            break;
        }
        if (its >= oldest_seq) continue;
        oldest = e;
        oldest_seq = its;
    }
    assert(oldest);
    if (oldest_seq >= d->low && oldest_seq)
        (void)atomic_fetch_add_explicit(&d->evicted, 1, memory_order_relaxed);
    atomic_store_explicit(&oldest->place, place_of(seq, key->sum), memory_order_relaxed);
    atomic_store_explicit(&oldest->tag, key->tag, memory_order_relaxed);
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
    __builtin_prefetch(line_of(d, key));
}

/* find_shown is the key's slot in the present chunk: a free one when it is new. */
static struct shown *find_shown(struct dedup *d, const struct dedup_key *key)
{
    size_t at = (size_t)key->tag & d->shown_mask;
    while (d->shown[at].key &&
           (d->shown[at].key->tag != key->tag || d->shown[at].key->line != key->line))
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
        if (d->shown[i].key) insert(d, d->shown[i].key, d->shown[i].seq, d->seq);
    (void)atomic_fetch_add_explicit(&d->all_duplicates, d->duplicates, memory_order_relaxed);
    (void)atomic_fetch_add_explicit(&d->all_changed, d->changed, memory_order_relaxed);
}

void dedup_stats(const struct dedup *d, struct dedup_stats *out)
{
    out->duplicates = atomic_load_explicit(&d->all_duplicates, memory_order_relaxed);
    out->changed = atomic_load_explicit(&d->all_changed, memory_order_relaxed);
    out->evicted = atomic_load_explicit(&d->evicted, memory_order_relaxed);
}
