/* SPDX-License-Identifier: Apache-2.0 */
/* One segment file, NNNNNNNNNNNNNNNNNNNN.seg, named by its first event's sequence number. Here: making
 * one durably, mapping it read-only, finding a chunk in it, and finding the way again behind damage.
 * Nobody reads at or above end: the writer moves it only after the chunk below it is synced, and a
 * file is only ever cut at or above it, so that a map never loses a page that somebody reads.
 *
 * Who may touch what: first_seq, mark, map and map_bytes are fixed while a reader pins the segment;
 * the fields from pins on belong to the list's lock (local.h); end and waypoints are atomic. */
#ifndef JOURNAL_SEGMENT_H
#define JOURNAL_SEGMENT_H

#include "base/err.h"
#include "base/str.h"
#include "journal/format.h"

#include <stdatomic.h>

enum {
    SEGMENT_PATH_BYTES = 4096,
    SEGMENT_WAYPOINT_BYTES = 256 * 1024,
    SEGMENT_TOUCH_BYTES =
        64 * 1024, /* how far a walk looks ahead: one system call for many heads */
};

struct segment {
    uint64_t first_seq;
    uint32_t mark;   /* 0 until made or mapped */
    const char *map; /* NULL = not mapped */
    size_t map_bytes;
    _Atomic uint64_t end; /* offset behind the last chunk that may be read */
    /* One slot per SEGMENT_WAYPOINT_BYTES of file: the first chunk known to start there, 0 = unknown.
     * Readers leave them while they walk, so that a later seek walks little. Made with the map. */
    _Atomic uint64_t *waypoints;
    size_t waypoint_count;

    unsigned pins;       /* views that borrow from the map */
    bool dropped;        /* no longer in the list: goes with its last pin */
    uint64_t used;       /* when it was last pinned, in ticks of the list */
    uint64_t disk_bytes; /* file length */
    int64_t previous_ms; /* struct segment_head; meaningful once mark is known */
    int64_t last_ms;     /* commit time of its last event; 0 = not known */
};

/* A chunk's head, copied, and where it is. Start zeroed; going up with the same one is cheapest. */
struct chunk {
    struct chunk_head head;
    uint64_t at;
    const char *payload; /* in the map */
    uint64_t touched;    /* from at to here the map was brought into memory (file_touch) */
};

static inline uint64_t chunk_end_seq(const struct chunk *c)
{
    return c->head.first_seq + c->head.count;
}
static inline uint64_t chunk_end(const struct chunk *c)
{
    return c->at + FORMAT_CHUNK_HEAD + c->head.payload_bytes;
}

/* segment_new is a segment in memory only; end and disk_bytes are the length its file has. */
struct segment *segment_new(uint64_t first_seq, uint64_t file_bytes);
/* segment_free unmaps; it must not be pinned. NULL is a no-op. */
void segment_free(struct segment *s);

/* segment_path writes the file's path. The directory is checked for length when it is opened. */
void segment_path(char out[SEGMENT_PATH_BYTES], const char *dir, uint64_t first_seq);
/* segment_parse_name: is this the name of a segment, and of which? */
bool segment_parse_name(struct str name, uint64_t *first_seq);

/* segment_create makes the file with file_bytes reserved, durably and with its head in place (an
 * empty one of the same name is replaced), and returns it with *fd open for writing; NULL and err
 * when the disk refuses, and then nothing that matters is left. Writer thread. */
struct segment *segment_create(const char *dir, uint64_t first_seq, uint64_t file_bytes,
                               int64_t previous_ms, int *fd, struct err *err);

/* segment_map maps the file and checks its head. False and err (with the path) when it is damaged or
 * not there. Under the list's lock, or before there are threads. */
bool segment_map(struct segment *s, const char *dir, struct err *err);
void segment_unmap(struct segment *s);

/* The following need a mapped, pinned segment; any thread. Bytes that the disk does not give are told
 * as damage: where is what matters. */

/* segment_chunk reads the head at offset at: false when there is none that could be one below end. */
bool segment_chunk(const struct segment *s, uint64_t at, struct chunk *c);
/* segment_readable: does the disk give all of the chunk? */
bool segment_readable(const struct segment *s, struct chunk *c);
/* segment_verify: is the chunk whole, by its checksum? */
bool segment_verify(const struct segment *s, struct chunk *c);
/* segment_search looks from offset at on for the first whole chunk that ends above seq, wherever it
 * starts; for finding the way again behind damage. */
bool segment_search(const struct segment *s, uint64_t at, uint64_t seq, struct chunk *c);
/* segment_waypoint is the offset of a chunk at or before seq from which to walk. */
uint64_t segment_waypoint(const struct segment *s, uint64_t seq);
void segment_leave_waypoint(const struct segment *s, uint64_t at);

#endif
