/* SPDX-License-Identifier: Apache-2.0 */
/* Where the strings of a JSON text may end: a bit for each byte that is a quote, a backslash, a control character
 * or not ASCII. Found for all of a text at one time, without a branch for any byte of it. */
#ifndef BASE_MARKS_H
#define BASE_MARKS_H

#include "base/str.h"

/* marks_words is how many words the marks of n bytes take. */
static inline size_t marks_words(size_t n)
{
    return n / 64 + 2;
}

/* marks_make writes the marks of text to marks_words(text.n) words, the first byte's in the lowest bit of the
 * first. All bits behind the text, of which there are at least 64, are set: a search ends there. */
void marks_make(struct str text, uint64_t *to);
/* marks_make_portable is the same without special instructions; tests compare the two. */
void marks_make_portable(struct str text, uint64_t *to);

/* marks_next is the place of the first mark from at on, at most text.n, which is what at may be too. */
static inline size_t marks_next(const uint64_t *marks, size_t at)
{
    for (;; at += 57) { /* so many bits of the word belong to bytes from at on, whatever at is */
        uint64_t bits = str_read_8((const char *)marks + at / 8) >> (at % 8);
        if (bits) return at + (unsigned)__builtin_ctzll(bits);
    }
}

#endif
