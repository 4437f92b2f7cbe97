/* SPDX-License-Identifier: Apache-2.0 */
/* See budget.h. */
#include "deliver/budget.h"

#include "base/mem.h"
#include "core/limits.h"

enum {
    SLOW_PERCENT = 75,    /* from here on requests keep a distance, */
    STEP_PERCENT = 5,     /* which doubles with each step, */
    FIRST_GAP_US = 100000 /* beginning with this */
};

void budgets_fini(struct budgets *all)
{
    for (size_t i = 0; i < all->count; i++) mem_free(all->items[i]);
    mem_free(all->items);
    *all = (struct budgets){0};
}

struct budget *budgets_get(struct budgets *all, enum budget_kind kind, struct str name)
{
    uint64_t key = str_hash(name) * 2 + kind;
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i]->key == key) return all->items[i];
    if (all->count == LIMIT_BUDGETS) return all->items[0];
    if (all->count == all->capacity) {
        all->capacity = all->capacity ? 2 * all->capacity : 8;
        all->items = mem_grow(all->items, all->capacity * sizeof(struct budget *));
    }
    struct budget *b = mem_new(sizeof *b);
    b->key = key;
    all->items[all->count++] = b;
    return b;
}

int64_t budget_gap_us(const struct budget *b, int64_t now_us)
{
    if (b->percent < SLOW_PERCENT || now_us - b->seen_us > LIMIT_USAGE_MS * 1000) return 0;
    return (int64_t)FIRST_GAP_US << ((b->percent - SLOW_PERCENT) / STEP_PERCENT);
}

void budget_note(struct budget *b, int percent, int64_t now_us)
{
    b->percent = percent;
    b->seen_us = now_us;
}

void budget_hold(struct budget *b, int64_t until_us)
{
    if (until_us > b->free_us) b->free_us = until_us;
}

void budget_draw(struct budget *b, int64_t now_us)
{
    budget_hold(b, now_us + budget_gap_us(b, now_us));
}
