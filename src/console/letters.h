/* SPDX-License-Identifier: Apache-2.0 */
/* Selections of dead letters that need the events' insides, and what the present rules make of them: long
 * work, for an errand's thread. It ends early when the server stops. */
#ifndef CONSOLE_LETTERS_H
#define CONSOLE_LETTERS_H

#include "console/console.h"

/* What rules would make of a selection: counts by what the letters had died of and what they would die of, or be
 * filtered by, now. REASON_NONE: would be sent. */
struct letters_trial {
    uint64_t counts[REASON_COUNT][REASON_COUNT];
};

/* letters_sift narrows a selection without numbers down to the letters whose event has this name, as numbers
 * in the arena; of LIMIT_LETTERS_SCANNED letters at most: *next is where to go on, 0 at the end. */
bool letters_sift(struct console *c, struct letter_selection *which, struct str event,
                  struct arena *arena, uint64_t *next, struct err *err);
/* letters_try maps the selected letters (as many at most) by the rules of g, which it lets go of, and changes
 * nothing. *next as above, left alone for a selection of numbers. */
bool letters_try(struct console *c, struct generation *g, const struct letter_selection *which,
                 struct letters_trial *out, uint64_t *next, struct err *err);

/* Names of letters' events, for lists: one thread at a time. letter_names_get's view lives until the next call;
 * empty: it has none. */
struct letter_names;
struct letter_names *letter_names_new(struct console *c);
struct str letter_names_get(struct letter_names *names, const struct dead_letter *letter);
void letter_names_free(struct letter_names *names);

#endif
