/* SPDX-License-Identifier: Apache-2.0 */
/* Which events came before? A set of event ids in 16 bytes each: 96 bits that stand for pixel, event
 * name and event id, so that two of millions never meet, and a checksum of the content, so that a
 * copy can be told from another event under the same id. Grows up to its bound, then only looks up. */
#ifndef SANDBOX_IDSET_H
#define SANDBOX_IDSET_H

#include "base/buf.h"

struct idset_slot {
    uint64_t key_high; /* 0 and 0: free */
    uint32_t key_low;
    uint32_t content;
};

struct idset {
    struct idset_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
    size_t limit;
    bool full; /* an id was turned away: from now on new ones count as never seen */
};

enum idset_answer { IDSET_NEW, IDSET_COPY, IDSET_CHANGED };

/* idset_init makes an empty set of at most limit ids. */
void idset_init(struct idset *set, size_t limit);
void idset_fini(struct idset *set);
/* idset_add looks up key (any bytes) and adds it when it is new; IDSET_CHANGED: it is known, but with
 * another content. */
enum idset_answer idset_add(struct idset *set, struct str key, struct str content);

#endif
