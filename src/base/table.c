/* SPDX-License-Identifier: Apache-2.0 */
/* See table.h. Open addressing, at most half full. */
#include "base/table.h"

static inline struct table_slot *find(const struct table *t, struct str key, uint64_t hash)
{
    size_t i = hash & (t->capacity - 1);
    while (t->slots[i].key.p && !str_eq(t->slots[i].key, key)) i = (i + 1) & (t->capacity - 1);
    return &t->slots[i];
}

static void grow(struct table *t, struct arena *arena)
{
    struct table bigger = {.capacity = t->capacity ? t->capacity * 2 : 16};
    bigger.slots = arena_array(arena, struct table_slot, bigger.capacity);
    for (size_t i = 0; i < t->capacity; i++) {
        struct str key = t->slots[i].key;
        if (key.p) *find(&bigger, key, str_hash(key)) = t->slots[i];
    }
    t->slots = bigger.slots;
    t->capacity = bigger.capacity;
}

void table_put(struct table *t, struct arena *arena, struct str key, void *value)
{
    if (t->count * 2 >= t->capacity) grow(t, arena);
    if (!key.p) key = S("");
    struct table_slot *slot = find(t, key, str_hash(key));
    if (!slot->key.p) t->count++;
    *slot = (struct table_slot){key, value};
}

void *table_get(const struct table *t, struct str key)
{
    return t->count ? find(t, key, str_hash(key))->value : NULL;
}

void *table_get_hashed(const struct table *t, struct str key, uint64_t hash)
{
    return t->capacity ? find(t, key, hash)->value : NULL;
}
