/* SPDX-License-Identifier: Apache-2.0 */
/* Giving space back: the memory of segments when every event in them is finished, and their disk space, oldest
 * first, when they are besides either older than the retention or in the way of the size limit. The newest always
 * stays, because its name is what keeps the sequence numbers; when it alone holds old events, the writer is asked
 * for a new one and the next trim removes it. */
#include "journal/local.h"

#include "sys/clock.h"
#include "sys/file.h"

#include <fcntl.h>

enum { SHRINK_BYTES = 8 * 1024 * 1024, REST = 3 };

/* last_ms is when the newest event of segment i was committed. The next segment's head knows it; when
 * that cannot be read, a later one's is a little too new, which is the safe side. */
static int64_t last_ms(struct local *l, size_t i)
{
    struct err unreadable; /* a reader will find and tell it */
    if (l->segments[i]->last_ms) return l->segments[i]->last_ms;
    for (size_t later = i + 1; later < l->count; later++) {
        struct segment *next = l->segments[later];
        if (next->mark || local_map(l, next, &unreadable)) return next->previous_ms;
    }
    return INT64_MAX;
}

static bool is_in_the_way(struct local *l)
{
    uint64_t max = atomic_load(&l->max_bytes);
    return max && l->bytes + local_new_bytes(l) > max;
}

/* Gives the space of a removed file back in steps, and rests after each three times as long as it took: what is
 * synced meanwhile waits for one step and not for a whole segment (beside files of 64 MiB that go at once: 18 ms,
 * in steps: 10 ms), and the disk has time for it. */
static void shrink(int fd, uint64_t bytes)
{
    struct err ignored; /* closing returns what is left, at once */
    int64_t began_us = clock_mono_us();
    for (; bytes > SHRINK_BYTES; began_us = clock_mono_us()) {
        bytes -= SHRINK_BYTES;
        if (!file_truncate(fd, (off_t)bytes, &ignored)) return;
        clock_sleep_ms(1 + REST * (clock_mono_us() - began_us) / 1000);
    }
}

/* Gives the lock away while the file system and the memory's maps work: the writer takes it for each commit, and
 * a segment's space may take tens of milliseconds to return. Whoever opens it meanwhile finds no file: its events
 * are finished. Whoever has pinned it may read on, so its file is left whole then. */
static bool remove_oldest(struct local *l, struct err *err)
{
    char path[SEGMENT_PATH_BYTES];
    struct segment *gone = NULL;
    struct err unopened; /* then all its space returns at once */
    uint64_t first_seq = l->segments[0]->first_seq, bytes = l->segments[0]->disk_bytes;
    segment_path(path, l->dir, first_seq);
    lock_give(&l->list_lock);
    int fd = file_open(path, O_RDWR, 0, &unopened);
    bool ok = file_unlink(path, err);
    lock_take(&l->list_lock);
    if (ok && l->segments[0]->first_seq == first_seq) gone = local_drop(l, 0);
    lock_give(&l->list_lock);
    segment_free(gone);
    if (gone && fd >= 0) shrink(fd, bytes);
    if (fd >= 0) file_close(fd);
    lock_take(&l->list_lock);
    return ok;
}

/* The oldest segment that everybody is done with and that was not let go yet, pinned, and where it is mapped; NULL:
 * none, or somebody reads in it just now. */
static struct segment *pin_finished(struct local *l, uint64_t keep_seq, struct str *map)
{
    struct segment *s = NULL;
    lock_take(&l->list_lock);
    size_t found = local_find(l, l->cold_seq), i = found == SIZE_MAX ? 0 : found;
    if (i + 1 < l->count && l->segments[i + 1]->first_seq <= keep_seq && !l->segments[i]->pins) {
        s = l->segments[i];
        s->pins++;
        *map = str_of(s->map, s->map_bytes); /* a reader may map it as soon as the lock is free */
        l->cold_seq = l->segments[i + 1]->first_seq;
    }
    lock_give(&l->list_lock);
    return s;
}

/* Finished events leave memory, so that new ones take its place: in a virtual machine that gives free memory back to
 * its host, memory that was not used for a while costs a commit more than all else (at 110,000 events a second,
 * 12.6 us of CPU an event instead of 13.9, and 11.7 instead of 12.4 in a faster hour). They can be read as before. */
static void let_go(struct local *l, uint64_t keep_seq)
{
    char path[SEGMENT_PATH_BYTES];
    struct err ignored; /* then it stays in memory */
    struct str map;
    for (struct segment *s; (s = pin_finished(l, keep_seq, &map));) {
        segment_path(path, l->dir, s->first_seq);
        int fd = file_open(path, O_RDONLY, 0, &ignored);
        if (fd >= 0) {
            file_let_go(fd, map.p, map.n);
            file_close(fd);
        }
        local_unpin(l, s);
    }
}

bool retain_trim(struct journal *j, uint64_t keep_seq, uint64_t spare_seq, struct err *err)
{
    struct local *l = local_of(j);
    int64_t retention_ms = atomic_load(&l->retention_ms);
    int64_t cutoff = retention_ms ? clock_now_ms() - retention_ms : INT64_MIN;
    bool ok = true, removed = false;
    let_go(l, keep_seq);
    lock_take(&l->list_lock);
    while (ok && l->count > 1 &&
           ((l->segments[1]->first_seq <= spare_seq && is_in_the_way(l)) ||
            (l->segments[1]->first_seq <= keep_seq && last_ms(l, 0) < cutoff))) {
        ok = remove_oldest(l, err);
        removed |= ok;
    }
    uint64_t next_seq = journal_next_seq(j);
    bool roll = l->count == 1 && l->segments[0]->first_seq < next_seq && next_seq <= keep_seq &&
                last_ms(l, 0) < cutoff;
    lock_give(&l->list_lock);
    if (roll) writer_roll(l);
    if (removed && ok) ok = file_sync_dir(l->dir, err);
    return ok;
}
