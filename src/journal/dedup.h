/* SPDX-License-Identifier: Apache-2.0 */
/* Which message ids came before: a table in a file of fixed size, so that an SDK that sends again
 * after a lost answer does not make a second event, whatever happened in between.
 *
 * The file is mapped and shared: it is page cache, not memory of ours, and a killed process leaves it
 * whole. It is divided into pieces, and these into lines of 64 bytes with four entries; one keyed hash of
 * source and id chooses the piece, another 64 bits of it are the entry's tag and choose the line, and the
 * oldest entry of a line makes room for a new one. What is forgotten too early lets a repetition through, with
 * the same event_id; nothing can make the table swallow an event that is not on disk, because an id enters it
 * only after its event was synced. When in doubt (another journal, a damaged head, another size) it starts empty. */
#ifndef JOURNAL_DEDUP_H
#define JOURNAL_DEDUP_H

#include "base/err.h"
#include "core/event.h"

struct dedup;

struct dedup_options {
    const char *path;  /* inside the journal's directory, so that it goes where the journal goes */
    uint64_t bytes;    /* of the table; the file has a quarter more, for what came last */
    int64_t window_ms; /* a repetition later than this is a new event; kept up to 1/64 longer */
    uint64_t next_seq; /* the journal's: a table that knows more belongs to another journal */
};

/* dedup_open opens the table, or makes an empty one. NULL and err when the disk refuses. */
struct dedup *dedup_open(const struct dedup_options *options, struct err *err);
void dedup_close(struct dedup *d);
/* dedup_set_window: any thread; holds from the next chunk on. */
void dedup_set_window(struct dedup *d, int64_t window_ms);

/* What the table knows an event by. tag 0: no id to go by, never looked up. */
struct dedup_key {
    uint64_t piece, tag;
    uint32_t sum; /* 24 bits of the content, without what SDKs change when they send again */
};
/* dedup_key fills the key of an event with this content (journal/content.h). Any thread; allocates nothing. */
void dedup_key(const struct dedup *d, const struct event *e, uint32_t content,
               struct dedup_key *key);

struct dedup_hit {
    uint64_t seq;
    bool changed; /* the content is another one */
};
/* dedup_find looks a key up without regard to the window; below: the journal's next number. Any thread:
 * the caller must look whether the event is really the one, because the writer may be at work. */
bool dedup_find(const struct dedup *d, const struct dedup_key *key, uint64_t below,
                struct dedup_hit *hit);

/* The rest is the writer thread's. A chunk is begun, each of its keys is shown once in the order of the
 * events, and when the chunk is on disk it is kept; a chunk that failed is just not kept. */
void dedup_begin(struct dedup *d, uint64_t first_seq, uint32_t events, int64_t now_ms);
/* dedup_prefetch asks the processor for the line of a key that will be shown soon. */
void dedup_prefetch(const struct dedup *d, const struct dedup_key *key);
/* dedup_show: is the event a repetition, within the window or within the chunk? The key must stay
 * where it is until the chunk is kept or given up. */
bool dedup_show(struct dedup *d, const struct dedup_key *key, struct dedup_hit *hit);
void dedup_keep(struct dedup *d);
/* dedup_tidy moves what was kept to where it stays and lets the disk begin with it; for when the chunk's answers
 * are given. Some 0.2 us an event. */
void dedup_tidy(struct dedup *d);

struct dedup_stats {
    uint64_t duplicates, changed; /* found in chunks that were kept */
    uint64_t evicted;             /* ids forgotten before their time: the table is too small */
};
/* dedup_stats: any thread. */
void dedup_stats(const struct dedup *d, struct dedup_stats *out);

#endif
