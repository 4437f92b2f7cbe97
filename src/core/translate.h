/* SPDX-License-Identifier: Apache-2.0 */
/* What the mapping hands to delivery: an event as Meta wants it, ready to be put into a batch, or the
 * verdict that says why there is none. Delivery is given a translate function by app/ and knows
 * nothing of expressions; mapping knows nothing of batches. */
#ifndef CORE_TRANSLATE_H
#define CORE_TRANSLATE_H

#include "core/event.h"
#include "core/hold.h"
#include "core/limits.h"

/* One Conversions API event for one pixel. */
struct outgoing {
    struct str pixel_id;    /* view into the configuration generation */
    size_t json_at, json_n; /* where its JSON is in the out buffer (offsets: the buffer may move) */
    int64_t deadline_ms;    /* Meta takes it until then: event_time + 7 days, or 62 */
};

/* A hold that the event meets: it waits until that is confirmed. */
struct held_by {
    struct str name; /* view into the configuration generation */
    struct str
        key_text; /* the key as the event has it, for people; view until the next translation */
    struct hold_key key;
    int64_t since_ms, until_ms; /* how long it waits; until is never after Meta's deadline */
    int64_t within_ms;
    enum hold_then then;
};

/* What an event says about others: those with this key of this hold may go, or never will. */
struct confirms {
    struct str name; /* the hold's; view into the configuration generation */
    struct hold_key key;
    int64_t within_ms; /* how long it is of use */
    bool cancels;
};

struct translation {
    struct str
        event_name; /* the sender's, or the type without one; view until the next translation */
    struct outcome outcome; /* state WAITING with REASON_NONE when there is something to send */
    struct outgoing sends[LIMIT_SENDS];
    size_t send_count;
    struct held_by holds[LIMIT_HOLDS];     /* in the order of the rules; each has to let it go */
    size_t hold_count;                     /* only with sends */
    struct confirms confirms[LIMIT_HOLDS]; /* whatever becomes of the event itself */
    size_t confirm_count;
    bool
        alone; /* this destination's name or pixel had a say: for others of the same rules it may be
                 * something else */
    size_t
        redacted; /* values and query keys of the sends that looked personal and were taken out */
};

/* translation_deadline_ms is until when Meta takes all of its sends. */
static inline int64_t translation_deadline_ms(const struct translation *t)
{
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < t->send_count; i++)
        if (t->sends[i].deadline_ms < first) first = t->sends[i].deadline_ms;
    return first;
}

#endif
