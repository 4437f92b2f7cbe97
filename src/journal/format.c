/* SPDX-License-Identifier: Apache-2.0 */
/* See format.h. Integers are little-endian in memory order, as in core/event.c, which checks it. */
#include "journal/format.h"

#include "base/crc32c.h"

#include <string.h>

static const char magic[8] = {'p', 'i', 'x', 'e', 'l', 'd', 'J', '\n'};

static uint32_t segment_sum(const struct segment_head *head)
{
    return crc32c(0, head, offsetof(struct segment_head, crc));
}

void format_seal_segment(struct segment_head *head)
{
    memcpy(head->magic, magic, sizeof magic);
    head->version = FORMAT_VERSION;
    head->zero = 0;
    head->crc = segment_sum(head);
}

bool format_segment_ok(const struct segment_head *head, uint64_t first_seq)
{
    return memcmp(head->magic, magic, sizeof magic) == 0 && head->version == FORMAT_VERSION &&
           head->mark && head->first_seq == first_seq && head->crc == segment_sum(head);
}

static uint32_t head_sum(const struct chunk_head *head)
{
    size_t start = offsetof(struct chunk_head, payload_bytes);
    return crc32c(head->mark, (const char *)head + start, sizeof *head - start);
}

void format_seal_chunk(struct chunk_head *head, const struct iovec *pieces, int count)
{
    uint32_t sum = head_sum(head);
    for (int i = 0; i < count; i++) sum = crc32c(sum, pieces[i].iov_base, pieces[i].iov_len);
    head->crc = sum;
}

bool format_chunk_plausible(const struct chunk_head *head, uint32_t mark)
{
    return head->mark == mark && head->payload_bytes && head->count &&
           head->payload_bytes <= FORMAT_PAYLOAD_MAX && head->count <= head->payload_bytes &&
           head->first_seq <= UINT64_MAX - head->count;
}

bool format_chunk_ok(const struct chunk_head *head, const char *payload)
{
    return head->crc == crc32c(head_sum(head), payload, head->payload_bytes);
}
