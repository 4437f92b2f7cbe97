/* SPDX-License-Identifier: Apache-2.0 */
/* See front.h. Ids lie in the line where they belong, or, when it is full, in one behind it, after the last the first;
 * nothing is taken out but all of it, so a search ends at the first free entry. */
#include "journal/front.h"

/* Lines; in a front that is two thirds full hardly an id is so far from its home. */
enum { PROBES = 64 };

struct id_entry *front_find(struct front *front, uint64_t lines, uint64_t tag)
{
    uint64_t at = front_home(lines, tag);
    for (size_t n = 0; n < PROBES; n++) {
        struct id_entry *entries = front[at].entries;
        for (size_t i = 0; i < FRONT_ENTRIES; i++) {
            uint64_t its = atomic_load_explicit(&entries[i].tag, memory_order_acquire);
            if (!its || its == tag) return &entries[i];
        }
        if (++at == lines) at = 0;
    }
    return NULL;
}

bool front_may_stay(const struct front *front, uint64_t lines, uint64_t tag)
{
    const uint32_t ones = 0x01010101, high = 0x80808080;
    uint64_t line = front_line(lines, tag);
    const _Atomic uint32_t *marks = &front[line / FRONT_SHARE].marks[line % FRONT_SHARE];
    /* A byte of it is zero where the mark is the same. */
    uint32_t others = atomic_load_explicit(marks, memory_order_relaxed) ^ (tag & UINT8_MAX) * ones;
    return (others - ones) & ~others & high;
}

static uint32_t marks_of(const struct id_line *line)
{
    uint32_t marks = 0;
    for (size_t i = 0; i < ID_LINE_ENTRIES; i++) {
        uint64_t tag = atomic_load_explicit(&line->entries[i].tag, memory_order_relaxed);
        marks |= (uint32_t)(tag & UINT8_MAX) << 8 * i;
    }
    return marks;
}

void front_empty(struct front *front, uint64_t lines, const struct id_line *piece)
{
    /* All marks, also of lines that did not change: a crash may have left old ones. */
    for (uint64_t i = 0; piece && i < lines * FRONT_SHARE; i++)
        atomic_store_explicit(&front[i / FRONT_SHARE].marks[i % FRONT_SHARE], marks_of(&piece[i]),
                              memory_order_relaxed);
    for (uint64_t i = 0; i < lines * FRONT_ENTRIES; i++)
        id_set(&front[i / FRONT_ENTRIES].entries[i % FRONT_ENTRIES], 0, 0);
}
