/* SPDX-License-Identifier: Apache-2.0 */
/* See repeats.h. */
#include "report/repeats.h"

void repeats_note(struct repeats *r, const struct repeat *seen)
{
    size_t count = r->total < LIMIT_REPEATED ? (size_t)r->total : LIMIT_REPEATED;
    for (size_t i = 0; i < count; i++) {
        struct repeat *row = &r->rows[i];
        if (row->first_seq != seen->first_seq) continue;
        row->times += seen->times;
        row->last_seq = seen->last_seq;
        return;
    }
    r->rows[r->total++ % LIMIT_REPEATED] = *seen;
}
