/* SPDX-License-Identifier: Apache-2.0 */
/* What the mapping hands to delivery: an event as Meta wants it, ready to be put into a batch, or the
 * verdict that says why there is none. Delivery is given a translate function by app/ and knows
 * nothing of expressions; mapping knows nothing of batches. */
#ifndef CORE_TRANSLATE_H
#define CORE_TRANSLATE_H

#include "core/event.h"
#include "core/limits.h"

/* One Conversions API event for one pixel. */
struct outgoing {
    struct str pixel_id;    /* view into the configuration generation */
    size_t json_at, json_n; /* where its JSON is in the out buffer (offsets: the buffer may move) */
    int64_t deadline_ms;    /* Meta takes it until then: event_time + 7 days, or 62 */
};

struct translation {
    struct str
        event_name; /* the sender's, or the type without one; view until the next translation */
    struct outcome outcome; /* state WAITING with REASON_NONE when there is something to send */
    struct outgoing sends[LIMIT_SENDS];
    size_t send_count;
    size_t
        redacted; /* values and query keys of the sends that looked personal and were taken out */
};

#endif
