/* SPDX-License-Identifier: Apache-2.0 */
/* See breakdown.h. */
#include "deliver/breakdown.h"

#include "base/mem.h"
#include "base/text.h"

#include <assert.h>

void breakdown_fini(struct breakdown *t)
{
    mem_free(t->rows);
    mem_free(t->slots);
    *t = (struct breakdown){0};
}

static size_t add_row(struct breakdown *t, struct str source, struct str event)
{
    if (t->count == t->capacity) {
        t->capacity = t->capacity ? 2 * t->capacity : 8;
        t->rows = mem_grow(t->rows, t->capacity * sizeof *t->rows);
    }
    struct breakdown_row *row = &t->rows[t->count];
    *row = (struct breakdown_row){.source_n = (unsigned char)source.n,
                                  .event_n = (unsigned char)event.n};
    if (source.n) memcpy(row->source, source.p, source.n);
    if (event.n) memcpy(row->event, event.p, event.n);
    return t->count++;
}

static bool is_row(const struct breakdown_row *row, struct str source, struct str event)
{
    return str_eq(str_of(row->source, row->source_n), source) &&
           str_eq(str_of(row->event, row->event_n), event);
}

size_t breakdown_other(struct breakdown *t)
{
    if (t->rows) return 0;
    t->slots = mem_new(BREAKDOWN_SLOTS * sizeof *t->slots);
    return add_row(t, S("other"), S("other"));
}

size_t breakdown_row(struct breakdown *t, struct str source, struct str event)
{
    source = text_head(source, LIMIT_NAME_BYTES);
    event = text_head(event, LIMIT_NAME_BYTES);
    (void)breakdown_other(t);
    size_t at = (size_t)(str_hash(event) + 31 * str_hash(source)) % BREAKDOWN_SLOTS;
    for (; t->slots[at]; at = (at + 1) % BREAKDOWN_SLOTS)
        if (is_row(&t->rows[t->slots[at]], source, event)) return t->slots[at];
    if (t->count == LIMIT_BREAKDOWN_ROWS) return 0;
    size_t row = add_row(t, source, event);
    t->slots[at] = (uint16_t)row;
    return row;
}

void breakdown_count(struct breakdown *t, size_t row, enum reason reason)
{
    assert(row < t->count);
    t->rows[row].counts[reason]++;
    t->changed = true;
}
