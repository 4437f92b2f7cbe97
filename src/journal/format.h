/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a segment file (docs/journal-format.md): a head, then chunks back to back, each one
 * group commit. A segment draws a random mark; its chunks start with it and their checksums start
 * from it, so that no client can send an event whose bytes look like a chunk of ours, and nothing
 * that a disk block held before can either. This file knows the bytes, not the files. */
#ifndef JOURNAL_FORMAT_H
#define JOURNAL_FORMAT_H

#include "core/limits.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

enum { FORMAT_VERSION = 1 };

struct segment_head {
    char magic[8];
    uint32_t version;
    uint32_t mark; /* random, not 0 */
    uint64_t first_seq;
    int64_t previous_ms; /* commit time of the last event before this segment; 0 = none */
    uint32_t zero;
    uint32_t crc; /* of all before it */
};

struct chunk_head {
    uint32_t mark;
    uint32_t crc; /* from mark, over the rest of this head and the payload */
    uint32_t payload_bytes;
    uint32_t count; /* records in the payload */
    uint64_t first_seq;
    int64_t commit_ms;
};

_Static_assert(sizeof(struct segment_head) == 40, "the head is part of the disk format");
_Static_assert(sizeof(struct chunk_head) == 32, "the head is part of the disk format");

#define FORMAT_SEGMENT_HEAD sizeof(struct segment_head)
#define FORMAT_CHUNK_HEAD sizeof(struct chunk_head)
#define FORMAT_PAYLOAD_MAX (LIMIT_CHUNK_BYTES - FORMAT_CHUNK_HEAD)

/* format_seal_segment fills in what is the same for all segments, and the checksum. */
void format_seal_segment(struct segment_head *head);
/* format_segment_ok: is this the head of a segment of our version that starts with first_seq? */
bool format_segment_ok(const struct segment_head *head, uint64_t first_seq);

/* format_seal_chunk sets the checksum; the payload is in count pieces. */
void format_seal_chunk(struct chunk_head *head, const struct iovec *pieces, int count);
/* format_chunk_plausible: may this be a chunk's head, judging by the head alone? */
bool format_chunk_plausible(const struct chunk_head *head, uint32_t mark);
/* format_chunk_ok: does the checksum agree? The payload is head->payload_bytes long. */
bool format_chunk_ok(const struct chunk_head *head, const char *payload);

#endif
