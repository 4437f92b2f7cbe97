/* SPDX-License-Identifier: Apache-2.0 */
/* Selections of dead letters that need the events' insides, and what the present rules make of them: long
 * work, for an errand's thread. It ends early when the server stops. */
#ifndef CONSOLE_LETTERS_H
#define CONSOLE_LETTERS_H

#include "console/console.h"

/* What the present rules would make of a selection. */
struct letters_trial {
    uint64_t counts[STATE_COUNT]; /* by state; WAITING: would be sent */
    uint64_t reasons[REASON_COUNT];
};

/* letters_sift narrows a selection without numbers down to the letters whose event has this name, as numbers
 * in the arena; of LIMIT_LETTERS_SCANNED letters at most. */
bool letters_sift(struct console *c, struct letter_selection *which, struct str event,
                  struct arena *arena, struct err *err);
/* letters_try maps the selected letters (LIMIT_LETTERS_SCANNED at most) and changes nothing. */
bool letters_try(struct console *c, const struct letter_selection *which, struct arena *arena,
                 struct letters_trial *out, struct err *err);

#endif
