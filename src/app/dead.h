/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs of `pixeld dead` share. */
#ifndef APP_DEAD_H
#define APP_DEAD_H

#include "app/args.h"
#include "app/client.h"

#include "base/arena.h"

struct dead {
    const struct args *args;
    struct client *client;
    struct arena arena;
    struct buf path, body;
    const char *destination;
};

/* dead_act has the server retry or discard the letters that the arguments choose, however many they are, and
 * prints how many things were done; with --dry-run, what the present rules would make of them. */
bool dead_act(struct dead *d, const char *verb, const char *thing, const char *done,
              struct err *err);
/* dead_try prints what the rules of the file --config would make of them. */
bool dead_try(struct dead *d, struct err *err);

/* dead_seq reads the operand at index as a letter's number. */
bool dead_seq(const struct dead *d, int index, uint64_t *seq, struct err *err);

#endif
