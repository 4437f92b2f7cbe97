/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded backend's shared state; internal to this room. local.c opens and recovers, writer.c
 * commits, reader.c reads, retain.c gives space back.
 *
 * Two locks, never held together: list_lock for the list of segments, and the writer's for its
 * queue. Commits take neither while they write: readers learn of a commit from two atomics, first
 * the segment's end, then next_seq. */
#ifndef JOURNAL_LOCAL_H
#define JOURNAL_LOCAL_H

#include "journal/backend.h"
#include "journal/dedup.h"
#include "journal/segment.h"
#include "sys/thread.h"

struct writer {
    struct lock lock; /* holds what follows, up to the blank line */
    struct signal work;
    struct journal_append *queue, **tail; /* oldest first */
    size_t queued, queued_bytes;          /* submitted and not yet told done */
    bool stopping;
    bool roll_wanted; /* by retention: start a new segment although this one has room */
    bool failing;     /* the last commit failed; why says how */
    struct err why;
    uint64_t commits, commit_us, failures;

    struct thread thread;
    /* Set before the thread's first commit, then only read. */
    struct {
        journal_listener_fn *fn;
        void *ctx;
    } listeners[LIMIT_LISTENERS];
    size_t listener_count;
    /* The writer thread's own. */
    struct segment *open; /* NULL: the next commit starts a new one */
    int fd;               /* its file */
    uint32_t mark;        /* its mark: s->mark belongs to readers, who map it again and again */
    int64_t began_ms;     /* when it was made */
    int64_t last_ms;      /* commit time of the newest event; 0 = none known */
    struct iovec pieces[1 + LIMIT_APPEND_QUEUE];
};

struct local {
    struct journal journal; /* first: a struct journal * is a struct local * */
    char *dir;
    int lock_fd;
    size_t segment_bytes;
    uint64_t cut_bytes; /* what open cut off the newest segment */
    _Atomic uint64_t max_bytes;
    _Atomic int64_t retention_ms;
    _Atomic uint64_t next_seq;
    struct dedup *dedup; /* NULL: repeated events are not looked for */
    bool dedup_failed;

    struct lock list_lock;     /* holds what follows, up to the blank line */
    struct segment **segments; /* by first_seq; only those that have events, or are being written */
    size_t count, capacity;
    size_t mapped;
    uint64_t cold_seq; /* the system was told that nobody needs what is below it in memory */
    uint64_t tick;     /* counts pins, to know which map was used longest ago */
    uint64_t bytes;    /* sum of disk_bytes */

    struct writer writer;
};

static inline struct local *local_of(struct journal *j)
{
    return (struct local *)j;
}

struct journal *local_open(const struct journal_options *options, struct err *err);

/* Under list_lock. */
/* local_map maps a segment, first unmapping the one used longest ago when there are too many. */
bool local_map(struct local *l, struct segment *s, struct err *err);
void local_add(struct local *l, struct segment *s);
/* local_find is the index of the segment that has seq, or SIZE_MAX when it is older than all. */
size_t local_find(const struct local *l, uint64_t seq);
/* local_drop takes a segment out of the list, for the caller to free, best without the lock. NULL: it is pinned, and
 * freed with its last pin. */
struct segment *local_drop(struct local *l, size_t index);
/* local_unpin, without the lock, takes a pin back; a segment that was dropped meanwhile goes with the last. */
void local_unpin(struct local *l, struct segment *s);
/* local_new_bytes is the size of the next segment. Any thread, no lock. */
uint64_t local_new_bytes(struct local *l);

/* writer_start begins with what recovery found, and with a new segment, which the first client would wait for;
 * writer_stop commits what is queued first. */
void writer_start(struct local *l);
void writer_stop(struct local *l);
/* writer_roll asks for a new segment, so that retention can remove the present one. Any thread. */
void writer_roll(struct local *l);
bool writer_submit(struct journal *j, struct journal_append *append, struct err *err);
void writer_listen(struct journal *j, journal_listener_fn *fn, void *ctx);

bool reader_read(struct journal *j, struct journal_reader *reader, uint64_t seq,
                 struct journal_view *view, struct err *err);
void reader_release(struct journal *j, struct journal_view *view);

bool retain_trim(struct journal *j, uint64_t keep_seq, uint64_t spare_seq, struct err *err);

#endif
