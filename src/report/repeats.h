/* SPDX-License-Identifier: Apache-2.0 */
/* Message ids that came again with other content: a sender that makes its ids badly loses events to the
 * look for duplicates, so its latest ones are shown. In memory only. Not for several threads at a time. */
#ifndef REPORT_REPEATS_H
#define REPORT_REPEATS_H

#include "base/str.h"
#include "core/limits.h"

struct repeat {
    char source[LIMIT_NAME_BYTES], message_id[LIMIT_MESSAGE_ID_BYTES];
    size_t source_n, message_id_n;
    uint64_t times; /* beside the first one */
    uint64_t first_seq, last_seq;
};

struct repeats {
    struct repeat rows[LIMIT_REPEATED]; /* a ring */
    uint64_t total;                     /* rows ever made */
};

/* A zeroed struct repeats is a valid empty one. */
void repeats_note(struct repeats *r, const struct repeat *seen);

#endif
