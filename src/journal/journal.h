/* SPDX-License-Identifier: Apache-2.0 */
/* The journal is the only queue that survives. Events are appended in group commits, each one
 * checksummed chunk, and are acknowledged after the chunk is synced; every consumer reads with a
 * position of its own and may start again anywhere. Each event has a sequence number, counted from 0
 * without gaps. The journal looks into a record only to see whether its source sent the same message id
 * before (journal/dedup.h), and knows nothing of destinations.
 *
 * This is the interface; behind it stands one backend (struct journal_ops): segment files of our own
 * (journal/local.h). A second backend implements the same functions. */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

struct journal;
struct journal_append;

/* Called on the writer thread, once for each submitted append, in order. committed: the records are
 * on disk (or replicated) as first_seq .. first_seq + count - 1. Not committed: they are not, and err
 * says why. Must not block: hand the news to your own thread. */
typedef void journal_done_fn(struct journal_append *append, bool committed, const struct err *err);

/* One request's records, owned by the caller and left to the journal from submit until done is called: it
 * marks the ones that repeat an earlier event (event_mark_duplicate). */
struct journal_append {
    struct journal_append *next; /* the journal's */
    struct dedup_key *keys;      /* the journal's, too */
    struct str records;          /* whole encoded records, back to back (core/event.h), writable */
    uint32_t count;              /* how many */
    struct arena *arena;         /* for the keys, until done; NULL: they are allocated */
    /* Each record's content_sum (journal/content.h), if the caller knows it; NULL: the journal looks. Read before
     * journal_submit returns, and not of events that were rejected. */
    const uint32_t *contents;
    journal_done_fn *done;
    void *ctx;          /* the caller's */
    uint64_t first_seq; /* set before done(true) */
};

struct journal_options {
    const char *dir;      /* created if missing */
    size_t segment_bytes; /* 0 = LIMIT_SEGMENT_BYTES */
    uint64_t max_bytes;   /* 0 = no limit; when reached and nothing may be trimmed: refused */
    int64_t retention_ms; /* 0 = keep for ever */
    /* The next event's number is at least this: what others know of given numbers. More than the journal has
     * when it was removed, or restored from a backup; then the numbers between are told as damage. */
    uint64_t next_seq_min;
    uint64_t dedup_bytes; /* of the table of message ids; 0 = repeated events are not looked for */
    int64_t dedup_window_ms;
};

/* A run of whole records: views into a pinned block. */
struct journal_view {
    struct str records; /* count encoded records, back to back */
    uint64_t first_seq;
    uint32_t count;
    int64_t commit_ms;
    void *pin; /* the journal's */
};

/* Told of every commit, on the writer thread; must not block (wake your thread up). */
typedef void journal_listener_fn(void *ctx);

/* journal_open recovers what a crash left (a torn last chunk was never acknowledged and is cut off;
 * journal_stats says how much) and starts the writer thread. NULL and err when the directory cannot be
 * used, another process uses it, or the newest segment is not one of ours. Recovery reads only the
 * newest segment; damage elsewhere is told to whoever reads there, and new events are still taken. */
struct journal *journal_open(const struct journal_options *options, struct err *err);
/* journal_close commits what was submitted, stops the writer and frees. Nobody may submit any more, and
 * every view must have been released. NULL is a no-op. */
void journal_close(struct journal *j);

/* journal_submit queues an append; any thread. False (and err: LIMIT) when the queue is full or the
 * journal is failing; then done is not called. records.n is at most LIMIT_CHUNK_BYTES minus a head. */
bool journal_submit(struct journal *j, struct journal_append *append, struct err *err);
/* journal_listen adds a listener; before the first submit only, at most 64. */
void journal_listen(struct journal *j, journal_listener_fn *fn, void *ctx);

/* The sequence number the next event will get, and the oldest one still kept. Any thread. */
uint64_t journal_next_seq(struct journal *j);
uint64_t journal_oldest_seq(struct journal *j);

/* journal_read gives the records from seq on (to the end of its chunk) and pins them: the view stays
 * valid, without a copy, until journal_release. False without err set (ERR_NONE) when seq is not
 * committed yet; false with err on damage or when seq was trimmed. If seq is older than the oldest
 * kept, that is ERR_LIMIT; damage is ERR_IO and err names file and offset. In both cases reading can
 * go on at reader->skip_to. Any thread; each reader passes its own struct journal_reader to make
 * reading on cheap. */
struct journal_reader {
    uint64_t segment_first_seq;     /* hints, the journal's; zeroed = none: the chunk read last, */
    uint64_t offset, seq;           /* where it starts, */
    uint64_t record_at, record_seq; /* and where in its payload the last view began */
    uint64_t skip_to; /* after a read that failed with err: the next event that can be read */
};
bool journal_read(struct journal *j, struct journal_reader *reader, uint64_t seq,
                  struct journal_view *view, struct err *err);
void journal_release(struct journal *j, struct journal_view *view);

/* journal_find_time is the number of the first kept event that was stored at or after a time; that of the
 * next event when there is none. Any thread; reads some thirty chunks. */
uint64_t journal_find_time(struct journal *j, int64_t ms);

/* journal_trim removes segments that are older than the retention when all their events are below
 * keep_seq (the lowest that anybody may still want), and, as far as it takes to get below max_bytes,
 * when they are below spare_seq (the lowest that somebody who is at work still needs; at least
 * keep_seq). Segments below keep_seq that stay leave the system's memory, once. Any one thread, now and then.
 * False and err when the disk refuses; what could be removed is. */
bool journal_trim(struct journal *j, uint64_t keep_seq, uint64_t spare_seq, struct err *err);
/* journal_set_limits changes what a reload changed. Any thread. */
void journal_set_limits(struct journal *j, uint64_t max_bytes, int64_t retention_ms);
/* journal_set_dedup changes the window within which a repeated message id is a duplicate. Any thread. */
void journal_set_dedup(struct journal *j, int64_t window_ms);
/* journal_find_id gives the number of an event by its source and message id, if the table of ids has it.
 * The caller must compare the record's own id. Any thread. */
bool journal_find_id(struct journal *j, struct str source, struct str message_id, uint64_t *seq);

/* Numbers for metrics; any thread. */
struct journal_stats {
    uint64_t bytes; /* on disk */
    uint64_t segments;
    uint64_t commits, commit_us_sum; /* group commits and the time their write + sync took */
    uint64_t failures;               /* commits that failed */
    uint64_t queued;                 /* appends that wait for the writer */
    uint64_t cut_bytes;              /* torn bytes that open cut off: a commit was cut short */
    bool failing;                    /* the last commit failed; ingest answers 503 */
    bool dedup_failed; /* the table of ids could not be opened: no event is known as a duplicate */
    uint64_t duplicates, changed_duplicates; /* since the start; changed: with another content */
    uint64_t dedup_evicted; /* ids forgotten within the window because the table is too small */
};
void journal_stats(struct journal *j, struct journal_stats *out);

#endif
