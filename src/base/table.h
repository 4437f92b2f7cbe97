/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table from strings to pointers, built once in an arena and then only read: names of
 * sources, destinations, events, keys. Not for data whose size a client chooses. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/arena.h"

struct table_slot {
    struct str key; /* p = NULL: free */
    void *value;
};

struct table {
    struct table_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
};

/* A zeroed struct table is a valid empty table. */

/* table_put adds or replaces. The key is not copied: it must live as long as the table. */
void table_put(struct table *t, struct arena *arena, struct str key, void *value);
/* table_get returns the value or NULL. Any number of threads once no more table_put happens. */
void *table_get(const struct table *t, struct str key);
/* table_get_hashed is the same with the key's str_hash, for a key that is looked up in several tables. */
void *table_get_hashed(const struct table *t, struct str key, uint64_t hash);

#endif
