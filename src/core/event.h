/* SPDX-License-Identifier: Apache-2.0 */
/* The record as it travels: the client's own JSON, byte for byte, behind a small envelope of what was
 * seen on the connection. Ingest encodes it, the journal stores it without looking inside, everything
 * after the journal decodes it as views. */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include "base/buf.h"
#include "core/outcome.h"

/* X(NAME, "name") — the wire protocols; the number is on disk, so only append. */
#define PROTOCOLS(X)                                                                               \
    X(SEGMENT, "segment")                                                                          \
    X(RUDDERSTACK, "rudderstack")                                                                  \
    X(AMPLITUDE, "amplitude")                                                                      \
    X(CUSTOMERIO, "customerio")                                                                    \
    X(JITSU, "jitsu")                                                                              \
    X(META, "meta")                                                                                \
    X(PIXEL, "pixel")                                                                              \
    X(WEBHOOK, "webhook")

enum protocol {
#define X(NAME, name) PROTOCOL_##NAME,
    PROTOCOLS(X)
#undef X
        PROTOCOL_COUNT
};

struct str protocol_name(enum protocol protocol);
/* protocol_find returns PROTOCOL_COUNT for an unknown name. */
enum protocol protocol_find(struct str name);

enum event_flag {
    /* The connection was the person's own browser (Origin or Sec-Fetch headers, a pixel, a beacon):
     * its address and User-Agent are theirs. Otherwise they are a server's and never go to Meta. */
    EVENT_FROM_BROWSER = 1 << 0,
    /* The same source sent the same message id before, as event first_seq of the journal. */
    EVENT_DUPLICATE = 1 << 1,
    /* With EVENT_DUPLICATE: the first one had another content. */
    EVENT_CHANGED = 1 << 2,
};

struct event {
    int64_t received_ms; /* when the request came in; 0 = never received (pixeld map) */
    int64_t sent_ms;     /* the client's sentAt for this request; 0 = not given */
    enum protocol protocol;
    unsigned flags;        /* enum event_flag */
    enum reason reject;    /* REASON_NONE, or why ingest could not take it as an event */
    uint64_t first_seq;    /* of the event that this one repeats; 0 without EVENT_DUPLICATE */
    struct str source;     /* the source's name in the configuration */
    struct str address;    /* client address (trusted proxies resolved), "" unknown */
    struct str user_agent; /* of the connection, cut to LIMIT_USER_AGENT_BYTES */
    struct str message_id; /* the client's, or one we made; "" only in pixeld map */
    struct str json;       /* as the client sent it */
};

/* event_known_id is the id by which an event is known whose client gave this one: itself, or "sha256:" and its hash
 * in out when it has more than LIMIT_MESSAGE_ID_BYTES. */
struct str event_known_id(struct str given, struct buf *out);
/* event_encode appends the record. Everything in e is copied. */
void event_encode(struct buf *out, const struct event *e);
/* event_decode makes views into record, which must be exactly one encoded record. False when it is
 * not (a bug or a damaged disk: chunks are checksummed). */
bool event_decode(struct str record, struct event *e);
/* event_mark_duplicate notes in an encoded record that it repeats event first_seq. */
void event_mark_duplicate(char *record, uint64_t first_seq, bool changed);
/* event_record_size reads how long the record at the start of bytes is; 0 when bytes are too few. */
size_t event_record_size(struct str bytes);

#endif
