/* SPDX-License-Identifier: Apache-2.0 */
/* Words about holds, which keep an event back until another one confirms it. */
#ifndef CORE_HOLD_H
#define CORE_HOLD_H

#include "base/str.h"

/* X(NAME, "name", "meaning") - what becomes of an event that nothing confirmed in time. */
#define HOLD_THENS(X)                                                                              \
    X(DEAD, "dead", "dead, hold_expired; sent when it is retried")                                 \
    X(DROP, "drop", "filtered, hold_dropped")                                                      \
    X(SEND, "send", "sent, an hour before Meta's deadline if that is sooner")

enum hold_then {
#define X(NAME, name, meaning) HOLD_##NAME,
    HOLD_THENS(X)
#undef X
        HOLD_THEN_COUNT
};

/* Names are static. */
struct str hold_then_name(enum hold_then then);
struct str hold_then_meaning(enum hold_then then);

/* A key of a hold as it is compared and kept: the value itself may be a person's. */
enum { HOLD_KEY_BYTES = 16 };
struct hold_key {
    unsigned char bytes[HOLD_KEY_BYTES];
};

/* hold_key_make hashes a hold's name and a key's text. */
struct hold_key hold_key_make(struct str name, struct str text);
static inline bool hold_key_eq(const struct hold_key *a, const struct hold_key *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

#endif
