/* SPDX-License-Identifier: Apache-2.0 */
/* The front of a piece of the table of ids (journal/dedup.h): the ids that came last, until they are moved to the
 * lines where they stay, and marks of those that stay there. Hardly an id came before, and to see that a look at its
 * place in the front is enough. (A line of the table, in a page whose address is in no cache either, costs 0.2 us, and
 * one that is not in memory a disk access.)
 *
 * All of it lies in a mapped file. One thread changes it; others may look at any time. The caller says how many lines
 * a front has; a tag of 0 is none. */
#ifndef JOURNAL_FRONT_H
#define JOURNAL_FRONT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ID_LINE_ENTRIES = 4,
    FRONT_ENTRIES = 3,
    FRONT_SHARE = 4, /* lines of the table for each of the front */
};

struct id_entry {
    _Atomic uint64_t tag;   /* 0: free */
    _Atomic uint64_t place; /* number and sum */
};

/* A line of the table. */
struct id_line {
    struct id_entry entries[ID_LINE_ENTRIES];
};

/* A line of a front. marks has the lowest byte of each tag in the lines that belong to it. */
struct front {
    struct id_entry entries[FRONT_ENTRIES];
    _Atomic uint32_t marks[FRONT_SHARE];
};

_Static_assert(sizeof(struct id_line) == 64, "a line is a cache line");
_Static_assert(sizeof(struct front) == 64, "and so is one of a front");
_Static_assert(ID_LINE_ENTRIES == sizeof(uint32_t), "a mark for each entry");

/* front_one_of is one of n by 32 bits of a hash: what a division gives, without one. */
static inline uint64_t front_one_of(uint64_t n, uint32_t bits)
{
    return bits * n >> 32;
}

/* front_home is the line of the front where an id belongs. */
static inline uint64_t front_home(uint64_t lines, uint64_t tag)
{
    return front_one_of(lines, (uint32_t)(tag >> 32));
}

/* front_line is the line of the piece where an id stays: one of those that belong to its home. */
static inline uint64_t front_line(uint64_t lines, uint64_t tag)
{
    return front_home(lines, tag) * FRONT_SHARE + front_one_of(FRONT_SHARE, (uint32_t)tag);
}

/* id_set fills an entry, so that who looks meanwhile sees the former tag or all of the new entry. */
static inline void id_set(struct id_entry *e, uint64_t tag, uint64_t place)
{
    atomic_store_explicit(&e->place, place, memory_order_relaxed);
    atomic_store_explicit(&e->tag, tag, memory_order_release);
}

/* front_find is the id's entry, or the free one that it would get; NULL: neither. */
struct id_entry *front_find(struct front *front, uint64_t lines, uint64_t tag);
/* front_may_stay: may the id be in its line of the table? False is certain. */
bool front_may_stay(const struct front *front, uint64_t lines, uint64_t tag);
/* front_empty is for when all its ids are in the piece, which is given: it has FRONT_SHARE times as many lines. NULL:
 * the ids are forgotten, and the piece is as it was. */
void front_empty(struct front *front, uint64_t lines, const struct id_line *piece);

#endif
