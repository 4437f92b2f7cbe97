/* SPDX-License-Identifier: Apache-2.0 */
/* See segment.h. */
#include "journal/segment.h"

#include "base/mem.h"
#include "sys/file.h"
#include "sys/random.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

enum { NAME_DIGITS = 20 };

struct segment *segment_new(uint64_t first_seq, uint64_t file_bytes)
{
    struct segment *s = mem_new(sizeof *s);
    s->first_seq = first_seq;
    s->disk_bytes = file_bytes;
    atomic_init(&s->end, file_bytes);
    return s;
}

void segment_free(struct segment *s)
{
    if (!s) return;
    assert(!s->pins);
    segment_unmap(s);
    mem_free(s);
}

void segment_path(char out[SEGMENT_PATH_BYTES], const char *dir, uint64_t first_seq)
{
    int n = snprintf(out, SEGMENT_PATH_BYTES, "%s/%0*" PRIu64 ".seg", dir, NAME_DIGITS, first_seq);
    assert(n > 0 && n < SEGMENT_PATH_BYTES);
}

bool segment_parse_name(struct str name, uint64_t *first_seq)
{
    return name.n == NAME_DIGITS + 4 && str_ends(name, S(".seg")) &&
           str_to_u64(str_head(name, NAME_DIGITS), first_seq);
}

static bool fill_new(int fd, struct segment_head *head, uint64_t file_bytes, struct err *err)
{
    struct iovec piece = {head, sizeof *head};
    return file_allocate(fd, (off_t)file_bytes, err) && file_write_at(fd, &piece, 1, 0, err) &&
           file_datasync(fd, err);
}

static uint32_t draw_mark(void)
{
    uint32_t mark = 0;
    while (!mark) random_bytes(&mark, sizeof mark);
    return mark;
}

struct segment *segment_create(const char *dir, uint64_t first_seq, uint64_t file_bytes,
                               int64_t previous_ms, int *fd, struct err *err)
{
    char path[SEGMENT_PATH_BYTES], temporary[SEGMENT_PATH_BYTES + 4];
    segment_path(path, dir, first_seq);
    (void)snprintf(temporary, sizeof temporary, "%s.new", path); /* fits by its size */
    struct segment_head head = {
        .mark = draw_mark(), .first_seq = first_seq, .previous_ms = previous_ms};
    format_seal_segment(&head);
    int new_fd = file_open(temporary, O_RDWR | O_CREAT | O_TRUNC, 0640, err);
    if (new_fd < 0) return NULL;
    bool filled = fill_new(new_fd, &head, file_bytes, err) || err_wrap(err, "%s", path);
    if (!filled || !file_rename(temporary, path, err) || !file_sync_dir(dir, err)) {
        struct err ignored; /* the first error is the one to tell; open removes leftovers */
        file_close(new_fd);
        (void)file_unlink(temporary, &ignored);
        return NULL;
    }
    struct segment *s = segment_new(first_seq, file_bytes);
    s->mark = head.mark;
    s->previous_ms = previous_ms;
    atomic_store(&s->end, FORMAT_SEGMENT_HEAD);
    *fd = new_fd;
    return s;
}

static bool check_map(struct segment *s, struct err *err)
{
    struct segment_head head;
    if (!file_touch(s->map, sizeof head, err)) return false;
    memcpy(&head, s->map, sizeof head);
    if (!format_segment_ok(&head, s->first_seq))
        return err_set(err, ERR_IO, "damaged at byte 0: not the head of a version %d segment",
                       FORMAT_VERSION);
    s->mark = head.mark;
    s->previous_ms = head.previous_ms;
    return true;
}

static bool map_fd(struct segment *s, int fd, struct err *err)
{
    off_t bytes = file_size(fd, err);
    if (bytes < 0) return false;
    if ((size_t)bytes < FORMAT_SEGMENT_HEAD)
        return err_set(err, ERR_IO, "damaged: only %lld bytes long", (long long)bytes);
    s->map = file_map(fd, (size_t)bytes, err);
    if (!s->map) return false;
    s->map_bytes = (size_t)bytes;
    s->waypoint_count = s->map_bytes / SEGMENT_WAYPOINT_BYTES + 1;
    s->waypoints = mem_new(s->waypoint_count * sizeof *s->waypoints);
    if (check_map(s, err)) return true;
    segment_unmap(s);
    return false;
}

bool segment_map(struct segment *s, const char *dir, struct err *err)
{
    char path[SEGMENT_PATH_BYTES];
    segment_path(path, dir, s->first_seq);
    int fd = file_open(path, O_RDONLY, 0, err);
    if (fd < 0) return false;
    bool ok = map_fd(s, fd, err) || err_wrap(err, "%s", path);
    file_close(fd);
    return ok;
}

void segment_unmap(struct segment *s)
{
    assert(!s->pins);
    file_unmap(s->map, s->map_bytes);
    mem_free(s->waypoints);
    s->map = NULL;
    s->waypoints = NULL;
    s->map_bytes = s->waypoint_count = 0;
}

/* readable_end is how far one may read: what is published, as far as the file reaches. */
static uint64_t readable_end(const struct segment *s)
{
    uint64_t end = atomic_load_explicit(&s->end, memory_order_acquire);
    return end < s->map_bytes ? end : s->map_bytes;
}

/* touch makes n bytes from at on, which are below end, safe to read; it looks ahead if it can. */
static bool touch(const struct segment *s, uint64_t at, uint64_t n, struct chunk *c)
{
    uint64_t left = readable_end(s) - at;
    uint64_t ahead = left < SEGMENT_TOUCH_BYTES ? left : SEGMENT_TOUCH_BYTES;
    struct err unreadable; /* told as damage */
    if (at + n <= c->touched) return true;
    if (ahead > n && file_touch(s->map + at, ahead, &unreadable))
        n = ahead;
    else if (!file_touch(s->map + at, n, &unreadable))
        return false;
    c->touched = at + n;
    return true;
}

bool segment_chunk(const struct segment *s, uint64_t at, struct chunk *c)
{
    uint64_t end = readable_end(s);
    if (at < c->at) c->touched = 0;
    c->at = at;
    if (at > end || end - at < FORMAT_CHUNK_HEAD || !touch(s, at, FORMAT_CHUNK_HEAD, c))
        return false;
    memcpy(&c->head, s->map + at, FORMAT_CHUNK_HEAD);
    c->payload = s->map + at + FORMAT_CHUNK_HEAD;
    return format_chunk_plausible(&c->head, s->mark) && c->head.first_seq >= s->first_seq &&
           c->head.payload_bytes <= end - at - FORMAT_CHUNK_HEAD;
}

bool segment_readable(const struct segment *s, struct chunk *c)
{
    return touch(s, c->at, FORMAT_CHUNK_HEAD + c->head.payload_bytes, c);
}

bool segment_verify(const struct segment *s, struct chunk *c)
{
    return segment_readable(s, c) && format_chunk_ok(&c->head, c->payload);
}

/* find_mark is the next place from at on where a chunk may start, or end. Blocks that cannot be read
 * are passed over. */
static uint64_t find_mark(const struct segment *s, uint64_t at, uint64_t end, struct chunk *c)
{
    while (at < end) {
        uint64_t n = end - at < SEGMENT_TOUCH_BYTES ? end - at : SEGMENT_TOUCH_BYTES;
        bool readable = touch(s, at, n, c);
        const char *found = readable ? memmem(s->map + at, n, &s->mark, sizeof s->mark) : NULL;
        if (found) return (uint64_t)(found - s->map);
        /* A mark may lie across two blocks. */
        at += readable && n == SEGMENT_TOUCH_BYTES ? n - sizeof s->mark + 1 : n;
    }
    return end;
}

bool segment_search(const struct segment *s, uint64_t at, uint64_t seq, struct chunk *c)
{
    uint64_t end = readable_end(s);
    *c = (struct chunk){0};
    for (; (at = find_mark(s, at, end, c)) < end; at++)
        if (segment_chunk(s, at, c) && chunk_end_seq(c) > seq && segment_verify(s, c)) return true;
    return false;
}

uint64_t segment_waypoint(const struct segment *s, uint64_t seq)
{
    uint64_t best = FORMAT_SEGMENT_HEAD;
    struct chunk c = {0};
    for (size_t i = 0; i < s->waypoint_count; i++) {
        uint64_t at = atomic_load_explicit(&s->waypoints[i], memory_order_relaxed);
        if (!at) continue;
        if (!segment_chunk(s, at, &c) || c.head.first_seq > seq) break;
        best = at;
    }
    return best;
}

void segment_leave_waypoint(const struct segment *s, uint64_t at)
{
    _Atomic uint64_t *slot = &s->waypoints[at / SEGMENT_WAYPOINT_BYTES];
    uint64_t known = atomic_load_explicit(slot, memory_order_relaxed);
    if (!known || at < known) atomic_store_explicit(slot, at, memory_order_relaxed);
}
