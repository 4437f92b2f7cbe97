/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded backend: opening, recovery, the list of segments, numbers.
 *
 * Recovery looks only into the newest segment; the name of each segment says where the one before it
 * ends. A crash can only have torn the last chunk of the newest segment, because each chunk is synced
 * before the next is written; it was never acknowledged and is cut off. Damage with whole chunks
 * behind it is something else: it stays where it is, and whoever reads there is told. Appends after
 * opening always go to a new segment, so that nothing is ever written behind bytes of an older life. */
#include "journal/local.h"

#include "base/arena.h"
#include "base/mem.h"
#include "core/log.h"
#include "sys/file.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>

enum { DIR_BYTES_MAX = 3900 }; /* leaves room for a file's name in SEGMENT_PATH_BYTES */

bool local_map(struct local *l, struct segment *s, struct err *err)
{
    struct segment *oldest = NULL;
    for (size_t i = 0; l->mapped >= LIMIT_SEGMENTS_MAPPED && i < l->count; i++) {
        struct segment *other = l->segments[i];
        if (!other->map || other->pins) continue;
        if (!oldest || other->used < oldest->used) oldest = other;
    }
    if (oldest) {
        segment_unmap(oldest);
        l->mapped--;
    }
    if (!segment_map(s, l->dir, err)) return false;
    l->mapped++;
    return true;
}

void local_add(struct local *l, struct segment *s)
{
    if (l->count == l->capacity) {
        l->capacity = l->capacity ? l->capacity * 2 : 64;
        l->segments = mem_grow(l->segments, l->capacity * sizeof(struct segment *));
    }
    assert(!l->count || l->segments[l->count - 1]->first_seq < s->first_seq);
    l->segments[l->count++] = s;
    l->bytes += s->disk_bytes;
}

struct segment *local_drop(struct local *l, size_t index)
{
    struct segment *s = l->segments[index];
    l->count--;
    memmove(l->segments + index, l->segments + index + 1,
            (l->count - index) * sizeof(struct segment *));
    l->bytes -= s->disk_bytes;
    l->mapped -= s->map != NULL;
    s->dropped = true;
    return s->pins ? NULL : s;
}

size_t local_find(const struct local *l, uint64_t seq)
{
    size_t low = 0, high = l->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (l->segments[middle]->first_seq <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? low - 1 : SIZE_MAX;
}

void local_unpin(struct local *l, struct segment *s)
{
    lock_take(&l->list_lock);
    assert(s->pins);
    s->pins--;
    bool last = s->dropped && !s->pins;
    lock_give(&l->list_lock);
    if (last) segment_free(s);
}

uint64_t local_new_bytes(struct local *l)
{
    uint64_t max = atomic_load(&l->max_bytes);
    uint64_t bytes = l->segment_bytes;
    /* A small limit still holds several segments, so that trimming one gives room. */
    return max && max / 4 < bytes ? max / 4 : bytes;
}

/* take_file looks at one name in the directory: a segment joins the list, leftovers go. */
static bool take_file(struct local *l, struct str name, struct err *err)
{
    char path[SEGMENT_PATH_BYTES];
    uint64_t first_seq;
    (void)snprintf(path, sizeof path, "%s/%.*s", l->dir, STR_ARG(name)); /* names are short */
    if (str_ends(name, S(".seg.new"))) return file_unlink(path, err);
    if (!segment_parse_name(name, &first_seq)) return true;
    int fd = file_open(path, O_RDONLY, 0, err);
    if (fd < 0) return false;
    off_t bytes = file_size(fd, err);
    file_close(fd);
    if (bytes < 0) return false;
    local_add(l, segment_new(first_seq, (uint64_t)bytes));
    return true;
}

static bool list_segments(struct local *l, struct err *err)
{
    struct arena arena = {0};
    struct str *names;
    size_t count;
    bool ok = file_list(l->dir, &arena, &names, &count, err);
    for (size_t i = 0; ok && i < count; i++) ok = take_file(l, names[i], err);
    arena_fini(&arena);
    return ok;
}

/* scan walks the newest segment to its last whole chunk; at = 0 when it has none. */
static struct chunk scan(const struct segment *s)
{
    struct chunk last = {0}, c = {0};
    uint64_t at = FORMAT_SEGMENT_HEAD, next_seq = s->first_seq;
    for (;;) {
        bool here =
            segment_chunk(s, at, &c) && c.head.first_seq == next_seq && segment_verify(s, &c);
        if (!here && !segment_search(s, at, next_seq, &c)) return last;
        last = c;
        at = chunk_end(&c);
        next_seq = chunk_end_seq(&c);
    }
}

/* cut makes what was found durable: nothing behind end, and what is below it really on the disk
 * (a killed process may have written it without syncing). */
static bool cut(struct local *l, struct segment *s, uint64_t end, struct err *err)
{
    char path[SEGMENT_PATH_BYTES];
    segment_path(path, l->dir, s->first_seq);
    int fd = file_open(path, O_RDWR, 0, err);
    if (fd < 0) return false;
    bool ok =
        (s->disk_bytes == end || file_truncate(fd, (off_t)end, err)) && file_datasync(fd, err);
    file_close(fd);
    return ok || err_wrap(err, "%s", path);
}

/* torn_bytes is how much of a commit a crash left behind end: up to the last byte that is not zero. */
static uint64_t torn_bytes(const struct segment *s, uint64_t end)
{
    uint64_t n = s->map_bytes - end;
    struct err unreadable; /* then all of it is as good as torn */
    if (n > LIMIT_CHUNK_BYTES) n = LIMIT_CHUNK_BYTES;
    if (!n || !file_touch(s->map + end, n, &unreadable)) return n;
    while (n && !s->map[end + n - 1]) n--;
    return n;
}

static bool recover_newest(struct local *l, struct err *err)
{
    struct segment *s = l->segments[l->count - 1];
    if (!local_map(l, s, err)) return false;
    l->cold_seq = s->first_seq;
    struct chunk last = scan(s);
    uint64_t end = last.at ? chunk_end(&last) : FORMAT_SEGMENT_HEAD;
    l->cut_bytes = torn_bytes(s, end);
    if (!cut(l, s, end, err)) return false;
    atomic_store(&s->end, end);
    atomic_store(&l->next_seq, last.at ? chunk_end_seq(&last) : s->first_seq);
    l->bytes -= s->disk_bytes - end;
    s->disk_bytes = end;
    s->last_ms = last.at ? last.head.commit_ms : s->previous_ms;
    l->writer.last_ms = s->last_ms;
    /* An empty segment stays on disk, because its name is what keeps next_seq, but not in the list:
     * the next one has the same name and replaces it. */
    if (!last.at) segment_free(local_drop(l, l->count - 1));
    return true;
}

static bool recover(struct local *l, struct err *err)
{
    char path[SEGMENT_PATH_BYTES];
    if (strlen(l->dir) > DIR_BYTES_MAX)
        return err_set(err, ERR_INPUT, "path too long: %.80s...", l->dir);
    if (!file_make_dirs(l->dir, err)) return false;
    (void)snprintf(path, sizeof path, "%s/lock", l->dir); /* fits, as just checked */
    l->lock_fd = file_lock(path, err);
    if (l->lock_fd < 0 || !list_segments(l, err)) return false;
    return !l->count || recover_newest(l, err);
}

/* A table that cannot be had is no reason to refuse events: repetitions then go through, with the same
 * event_id as before. */
static void open_dedup(struct local *l, const struct journal_options *options)
{
    char path[SEGMENT_PATH_BYTES];
    struct err err = {0};
    if (!options->dedup_bytes) return;
    (void)snprintf(path, sizeof path, "%s/dedup", l->dir); /* fits, as recover checked */
    l->dedup = dedup_open(&(struct dedup_options){.path = path,
                                                  .bytes = options->dedup_bytes,
                                                  .window_ms = options->dedup_window_ms,
                                                  .next_seq = atomic_load(&l->next_seq)},
                          &err);
    l->dedup_failed = !l->dedup;
    if (!l->dedup) log_err("journal", "repeated events will not be recognised", &err);
}

/* No number is given twice: what is kept elsewhere of the first event with it would become the second's. After
 * the table of ids was opened, which is for the events that this journal has. */
static void go_on(struct local *l, uint64_t next_seq_min)
{
    uint64_t next_seq = atomic_load(&l->next_seq);
    if (next_seq >= next_seq_min) return;
    log_line(LOG_ERROR, "journal",
             "the journal lacks events that were in it: was it removed, or restored from a backup? "
             "What was not delivered of them is lost; numbers go on behind them",
             LOG_NUM("has", next_seq), LOG_NUM("had", next_seq_min));
    atomic_store(&l->next_seq, next_seq_min);
}

static void local_free(struct local *l)
{
    dedup_close(l->dedup);
    while (l->count) {
        assert(!l->segments[l->count - 1]->pins); /* every view must be released before */
        segment_free(local_drop(l, l->count - 1));
    }
    lock_fini(&l->list_lock);
    file_close(l->lock_fd);
    mem_free(l->segments);
    mem_free(l->dir);
    mem_free(l);
}

static void local_close(struct journal *j)
{
    struct local *l = local_of(j);
    writer_stop(l);
    local_free(l);
}

static uint64_t local_next_seq(struct journal *j)
{
    return atomic_load_explicit(&local_of(j)->next_seq, memory_order_acquire);
}

static uint64_t local_oldest_seq(struct journal *j)
{
    struct local *l = local_of(j);
    lock_take(&l->list_lock);
    uint64_t seq = l->count ? l->segments[0]->first_seq : local_next_seq(j);
    lock_give(&l->list_lock);
    return seq;
}

static void local_set_limits(struct journal *j, uint64_t max_bytes, int64_t retention_ms)
{
    struct local *l = local_of(j);
    atomic_store(&l->max_bytes, max_bytes);
    atomic_store(&l->retention_ms, retention_ms);
}

static void local_set_dedup(struct journal *j, int64_t window_ms)
{
    struct local *l = local_of(j);
    if (l->dedup) dedup_set_window(l->dedup, window_ms);
}

static bool local_find_id(struct journal *j, struct str source, struct str message_id,
                          uint64_t *seq)
{
    struct local *l = local_of(j);
    struct event e = {.source = source, .message_id = message_id};
    struct dedup_key key;
    struct dedup_hit hit;
    if (!l->dedup || source.n > LIMIT_NAME_BYTES || message_id.n > LIMIT_MESSAGE_ID_BYTES)
        return false;
    dedup_key(l->dedup, &e, 0, &key);
    if (!dedup_find(l->dedup, &key, local_next_seq(j), &hit)) return false;
    *seq = hit.seq;
    return true;
}

static void local_stats(struct journal *j, struct journal_stats *out)
{
    struct local *l = local_of(j);
    struct writer *w = &l->writer;
    struct dedup_stats dedup = {0};
    if (l->dedup) dedup_stats(l->dedup, &dedup);
    *out = (struct journal_stats){
        .cut_bytes = l->cut_bytes,
        .dedup_failed = l->dedup_failed,
        .duplicates = dedup.duplicates,
        .changed_duplicates = dedup.changed,
        .dedup_evicted = dedup.evicted,
    };
    lock_take(&l->list_lock);
    out->bytes = l->bytes;
    out->segments = l->count;
    lock_give(&l->list_lock);
    lock_take(&w->lock);
    out->commits = w->commits;
    out->commit_us_sum = w->commit_us;
    out->failures = w->failures;
    out->queued = w->queued;
    out->failing = w->failing;
    lock_give(&w->lock);
}

static const struct journal_ops local_ops = {
    .close = local_close,
    .submit = writer_submit,
    .listen = writer_listen,
    .next_seq = local_next_seq,
    .oldest_seq = local_oldest_seq,
    .read = reader_read,
    .release = reader_release,
    .trim = retain_trim,
    .set_limits = local_set_limits,
    .set_dedup = local_set_dedup,
    .find_id = local_find_id,
    .stats = local_stats,
};

struct journal *local_open(const struct journal_options *options, struct err *err)
{
    struct local *l = mem_new(sizeof *l);
    size_t n = strlen(options->dir) + 1;
    l->journal.ops = &local_ops;
    l->dir = memcpy(mem_new(n), options->dir, n);
    l->segment_bytes = options->segment_bytes ? options->segment_bytes : LIMIT_SEGMENT_BYTES;
    l->lock_fd = -1;
    lock_init(&l->list_lock);
    local_set_limits(&l->journal, options->max_bytes, options->retention_ms);
    if (!recover(l, err)) {
        local_free(l);
        return NULL;
    }
    if (l->cut_bytes)
        log_line(LOG_WARN, "journal", "cut off a commit that a crash left unfinished",
                 LOG_NUM("bytes", l->cut_bytes));
    open_dedup(l, options);
    go_on(l, options->next_seq_min);
    writer_start(l);
    return &l->journal;
}
