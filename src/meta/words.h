/* SPDX-License-Identifier: Apache-2.0 */
/* Looking up everyday words (countries, states, genders) however they are spelled: a word is folded to
 * plain small letters, then found in a sorted text. */
#ifndef META_WORDS_H
#define META_WORDS_H

#include "base/str.h"

/* The longest word that is looked up; longer ones are unknown. The longest key is below 50. */
enum { WORD_MAX = 64 };

/* One text per first letter: "key=value key=value ", sorted by key; NULL for a letter without keys. */
struct words {
    const char *letters[26];
};

/* word_fold writes the Latin letters of in to out as a to z: no capitals, marks, blanks, digits or
 * punctuation. An empty view when there are none, too many, or letters of another script. */
struct str word_fold(struct str in, char out[WORD_MAX]);
/* words_find returns the value of a folded word, p = NULL when it is unknown. */
struct str words_find(const struct words *words, struct str folded);

#endif
