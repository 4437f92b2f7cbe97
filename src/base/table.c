/* SPDX-License-Identifier: Apache-2.0 */
/* See table.h. Open addressing, at most half full. */
#include "base/table.h"

static uint64_t read_8(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static uint32_t read_4(const char *p)
{
    uint32_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* str_eq for keys, which are short: by words that may overlap. A call of memcmp is half of a look-up. */
static bool same_key(struct str a, struct str b)
{
    if (a.n != b.n) return false;
    if (a.n >= 8) {
        for (size_t i = 0; i + 8 < a.n; i += 8) {
            if (read_8(a.p + i) != read_8(b.p + i)) return false;
        }
        return read_8(a.p + a.n - 8) == read_8(b.p + a.n - 8);
    }
    if (a.n >= 4) {
        return read_4(a.p) == read_4(b.p) && read_4(a.p + a.n - 4) == read_4(b.p + a.n - 4);
    }
    return a.n == 0 ||
           (a.p[0] == b.p[0] && a.p[a.n / 2] == b.p[a.n / 2] && a.p[a.n - 1] == b.p[a.n - 1]);
}

static inline struct table_slot *find(const struct table *t, struct str key, uint64_t hash)
{
    size_t i = hash & (t->capacity - 1);
    while (t->slots[i].key.p && !same_key(t->slots[i].key, key)) i = (i + 1) & (t->capacity - 1);
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
    return table_get_hashed(t, key, str_hash(key));
}

void *table_get_hashed(const struct table *t, struct str key, uint64_t hash)
{
    return t->capacity ? find(t, key, hash)->value : NULL;
}
