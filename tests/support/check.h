/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka and comparisons of our strings that show both sides. */
#ifndef SUPPORT_CHECK_H
#define SUPPORT_CHECK_H

#include "base/buf.h"

#include "support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void check_str_at(struct str got, struct str want, const char *file, int line)
{
    if (str_eq(got, want)) return;
    print_error("got  \"%.*s\"\nwant \"%.*s\"\n", STR_ARG(got), STR_ARG(want));
    _fail(file, line);
}

/* check_str compares a struct str with a C string. */
#define check_str(got, want) check_str_at((got), str_z(want), __FILE__, __LINE__)
/* check_err: the operation failed and said these words somewhere. */
#define check_err(err, words)                                                                      \
    do {                                                                                           \
        if (!strstr((err).text, (words))) {                                                        \
            print_error("error \"%s\" does not say \"%s\"\n", (err).text, (words));                \
            _fail(__FILE__, __LINE__);                                                             \
        }                                                                                          \
    } while (0)

/* A small generator for random inputs; the seed is printed by whoever fails. */
static inline uint64_t check_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

#endif
