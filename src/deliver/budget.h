/* SPDX-License-Identifier: Apache-2.0 */
/* Meta's limits, as destinations share them: one budget for each access token and one for each ad
 * account or business that answers name. What the usage headers say slows all who draw on it down before
 * Meta blocks them, and a limit that was hit holds all of them up, not only the one who hit it. Source:
 * Meta's pages on rate limits of the Graph and Marketing APIs. Delivery thread only. */
#ifndef DELIVER_BUDGET_H
#define DELIVER_BUDGET_H

#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

struct budget {
    uint64_t key;
    int percent;     /* used up, as the latest answer said */
    int64_t seen_us; /* when that was */
    int64_t free_us; /* no request starts before */
};

struct budgets {
    struct budget **items; /* each stays where it is for ever */
    size_t count, capacity;
};

/* A zeroed struct budgets is a valid empty one. */
void budgets_fini(struct budgets *all);

enum budget_kind { BUDGET_TOKEN, BUDGET_ACCOUNT };

/* budgets_get finds or makes the budget of a token or account. Of the name only a hash is kept. When
 * there are LIMIT_BUDGETS, new names share the first one, which is slower than need be and never wrong. */
struct budget *budgets_get(struct budgets *all, enum budget_kind kind, struct str name);

/* budget_gap_us is how far apart requests are to start now: nothing below 75 %, then twice as much for
 * each 5 % more. What was said more than five minutes ago, which is how long Meta's scores take to decay,
 * counts no more. */
int64_t budget_gap_us(const struct budget *b, int64_t now_us);
/* budget_note takes down what an answer said about its use. */
void budget_note(struct budget *b, int percent, int64_t now_us);
/* budget_hold: nobody starts a request before until_us. */
void budget_hold(struct budget *b, int64_t until_us);
/* budget_draw: a request starts now. */
void budget_draw(struct budget *b, int64_t now_us);

#endif
