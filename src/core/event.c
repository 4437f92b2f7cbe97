/* SPDX-License-Identifier: Apache-2.0 */
/* See event.h. A record is a fixed head, then the texts in the head's order, then the JSON. Integers
 * are little-endian in memory order: pixeld runs on little-endian machines only (checked below). */
#include "core/event.h"

#include "base/sha256.h"
#include "core/limits.h"

#include <assert.h>
#include <stddef.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "journal records are little-endian");

struct head {
    uint32_t size; /* of the whole record, this head included */
    uint8_t version;
    uint8_t protocol;
    uint8_t flags;
    uint8_t reject;
    int64_t received_ms;
    int64_t sent_ms;
    uint16_t source_n;
    uint16_t address_n;
    uint16_t user_agent_n;
    uint16_t message_id_n;
    uint64_t first_seq; /* version 1 does not have it */
};

_Static_assert(sizeof(struct head) == 40, "the head is part of the disk format");
enum { VERSION = 2, HEAD_BYTES_V1 = 32 };

static const struct str protocol_names[PROTOCOL_COUNT] = {
#define X(NAME, name) S_INIT(name),
    PROTOCOLS(X)
#undef X
};

struct str protocol_name(enum protocol protocol)
{
    assert(protocol < PROTOCOL_COUNT);
    return protocol_names[protocol];
}

enum protocol protocol_find(struct str name)
{
    enum protocol i = 0;
    while (i < PROTOCOL_COUNT && !str_eq(protocol_names[i], name)) i++;
    return i;
}

struct str event_known_id(struct str given, struct buf *out)
{
    size_t mark = out->n;
    if (given.n <= LIMIT_MESSAGE_ID_BYTES) return given;
    buf_put(out, S("sha256:"));
    sha256_put_hex(out, given);
    return buf_since(out, mark);
}

void event_encode(struct buf *out, const struct event *e)
{
    struct head head = {
        .version = VERSION,
        .protocol = (uint8_t)e->protocol,
        .flags = (uint8_t)e->flags,
        .reject = (uint8_t)e->reject,
        .received_ms = e->received_ms,
        .sent_ms = e->sent_ms,
        .source_n = (uint16_t)e->source.n,
        .address_n = (uint16_t)e->address.n,
        .user_agent_n = (uint16_t)e->user_agent.n,
        .message_id_n = (uint16_t)e->message_id.n,
        .first_seq = e->first_seq,
    };
    assert(e->source.n <= LIMIT_NAME_BYTES && e->address.n <= 64);
    assert(e->user_agent.n <= LIMIT_USER_AGENT_BYTES && e->message_id.n <= LIMIT_MESSAGE_ID_BYTES);
    size_t size =
        sizeof head + e->source.n + e->address.n + e->user_agent.n + e->message_id.n + e->json.n;
    assert(size <= LIMIT_CHUNK_BYTES);
    head.size = (uint32_t)size;
    buf_put(out, str_of((const char *)&head, sizeof head));
    buf_put(out, e->source);
    buf_put(out, e->address);
    buf_put(out, e->user_agent);
    buf_put(out, e->message_id);
    buf_put(out, e->json);
}

size_t event_record_size(struct str bytes)
{
    uint32_t size;
    if (bytes.n < HEAD_BYTES_V1) return 0;
    memcpy(&size, bytes.p, sizeof size);
    return size >= HEAD_BYTES_V1 && size <= bytes.n ? size : 0;
}

void event_mark_duplicate(char *record, uint64_t first_seq, bool changed)
{
    struct head head;
    memcpy(&head, record, sizeof head);
    assert(head.version == VERSION);
    head.flags |= (uint8_t)(EVENT_DUPLICATE | (changed ? EVENT_CHANGED : 0));
    head.first_seq = first_seq;
    memcpy(record, &head, sizeof head);
}

static struct str take(struct str *rest, size_t n)
{
    struct str piece = str_head(*rest, n);
    *rest = str_from(*rest, n);
    return piece;
}

bool event_decode(struct str record, struct event *e)
{
    struct head head = {0};
    if (event_record_size(record) != record.n || !record.n) return false;
    size_t head_n = record.p[offsetof(struct head, version)] == 1 ? HEAD_BYTES_V1 : sizeof head;
    if (record.n < head_n) return false;
    memcpy(&head, record.p, head_n);
    struct str rest = str_from(record, head_n);
    size_t texts = (size_t)head.source_n + head.address_n + head.user_agent_n + head.message_id_n;
    if (!head.version || head.version > VERSION || texts > rest.n) return false;
    if (head.protocol >= PROTOCOL_COUNT || head.reject >= REASON_COUNT) return false;
    *e = (struct event){
        .received_ms = head.received_ms,
        .sent_ms = head.sent_ms,
        .protocol = (enum protocol)head.protocol,
        .flags = head.flags,
        .reject = (enum reason)head.reject,
        .first_seq = head.first_seq,
    };
    e->source = take(&rest, head.source_n);
    e->address = take(&rest, head.address_n);
    e->user_agent = take(&rest, head.user_agent_n);
    e->message_id = take(&rest, head.message_id_n);
    e->json = rest;
    return true;
}
