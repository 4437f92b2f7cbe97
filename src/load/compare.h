/* SPDX-License-Identifier: Apache-2.0 */
/* Compares JSON for people: which values differ, at which path. */
#ifndef LOAD_COMPARE_H
#define LOAD_COMPARE_H

#include "base/json.h"

enum compare_mode {
    COMPARE_ALL,    /* every key on either side */
    COMPARE_SUBSET, /* only what `want` says; more keys in `got` are fine, lists are compared whole */
};

/* compare_json appends a line for each difference ("  path: was X, is Y"), words naming the two
 * sides, and returns how many there are. Numbers are equal by value. */
size_t compare_json(enum compare_mode mode, yyjson_val *want, yyjson_val *got,
                    const char *want_word, const char *got_word, struct buf *out);

#endif
