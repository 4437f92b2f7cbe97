/* SPDX-License-Identifier: Apache-2.0 */
/* See idset.h. Open addressing with linear probing, at most three quarters full. */
#include "sandbox/idset.h"

#include "base/crc32c.h"
#include "base/mem.h"
#include "base/sha256.h"

#include <assert.h>

enum { FIRST_CAPACITY = 1024 };

void idset_init(struct idset *set, size_t limit)
{
    *set = (struct idset){.limit = limit};
}

void idset_fini(struct idset *set)
{
    mem_free(set->slots);
    *set = (struct idset){.limit = set->limit};
}

static bool is_free(const struct idset_slot *slot)
{
    return !slot->key_high && !slot->key_low;
}

/* The slot that holds the key, or the free one where it belongs. */
static struct idset_slot *find_slot(const struct idset *set, const struct idset_slot *wanted)
{
    size_t at = (size_t)wanted->key_high & (set->capacity - 1);
    for (;;) {
        struct idset_slot *slot = &set->slots[at];
        if (is_free(slot)) return slot;
        if (slot->key_high == wanted->key_high && slot->key_low == wanted->key_low) return slot;
        at = (at + 1) & (set->capacity - 1);
    }
}

static void grow(struct idset *set)
{
    struct idset old = *set;
    set->capacity = old.capacity ? old.capacity * 2 : FIRST_CAPACITY;
    set->slots = mem_new(set->capacity * sizeof *set->slots);
    for (size_t i = 0; i < old.capacity; i++) {
        if (!is_free(&old.slots[i])) *find_slot(set, &old.slots[i]) = old.slots[i];
    }
    mem_free(old.slots);
}

static struct idset_slot make_slot(struct str key, struct str content)
{
    unsigned char digest[SHA256_BYTES];
    struct idset_slot slot;
    sha256(key, digest);
    memcpy(&slot.key_high, digest, sizeof slot.key_high);
    memcpy(&slot.key_low, digest + sizeof slot.key_high, sizeof slot.key_low);
    slot.key_low |= 1; /* never the mark of a free slot */
    slot.content = crc32c(0, content.p, content.n);
    return slot;
}

enum idset_answer idset_add(struct idset *set, struct str key, struct str content)
{
    struct idset_slot wanted = make_slot(key, content);
    if (set->count >= set->capacity / 4 * 3 && set->count < set->limit) grow(set);
    if (!set->capacity) return IDSET_NEW; /* a limit of none */
    struct idset_slot *slot = find_slot(set, &wanted);
    if (!is_free(slot)) return slot->content == wanted.content ? IDSET_COPY : IDSET_CHANGED;
    if (set->count >= set->limit) {
        set->full = true;
        return IDSET_NEW;
    }
    *slot = wanted;
    set->count++;
    assert(set->count < set->capacity);
    return IDSET_NEW;
}
