/* SPDX-License-Identifier: Apache-2.0 */
/* What knows about letters: Unicode lower-casing, trimming and classes, by utf8proc. Bytes that are
 * not UTF-8 pass through unchanged. ASCII takes a fast path. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buf.h"

/* text_next reads the code point at s.p[*at] and moves *at behind it; an invalid byte is returned as
 * a negative value (-1 - byte) with *at moved by one. */
static inline int32_t text_next(struct str s, size_t *at);
/* text_next_wide is text_next for a byte that is not ASCII. */
int32_t text_next_wide(struct str s, size_t *at);
static inline int32_t text_next(struct str s, size_t *at)
{
    unsigned char first = (unsigned char)s.p[*at];
    if (first >= 0x80) return text_next_wide(s, at);
    ++*at;
    return first;
}
enum { TEXT_CHARACTER_BYTES = 4 }; /* the most that one has in UTF-8 */
/* text_character is how many bytes the character at p has, of which n > 0 are there; 0: it is no UTF-8, which
 * is neither longer than need be nor has halves of UTF-16 pairs. */
size_t text_character(const char *p, size_t n);
/* text_encode writes the UTF-8 of a code point and returns how many bytes that is. */
size_t text_encode(int32_t code_point, char out[TEXT_CHARACTER_BYTES]);
/* text_put appends the UTF-8 of a code point, or the byte that text_next gave as negative. */
void text_put(struct buf *out, int32_t code_point);
/* text_lower appends s in full lower case (SpecialCasing: U+0130 gives i + U+0307; a final sigma
 * stays the ordinary one, because Meta's own libraries differ there). */
void text_lower(struct buf *out, struct str s);
void text_upper(struct buf *out, struct str s);
/* text_head is the first n bytes of s at most, without half a character at the end. */
struct str text_head(struct str s, size_t n);
/* text_trim drops Unicode white space (and U+FEFF) at both ends. */
static inline struct str text_trim(struct str s);
/* text_trim_spaces is the same where there may be something to drop; only for the inline function here. */
struct str text_trim_spaces(struct str s) __attribute__((cold));
/* Most text begins and ends with an ordinary ASCII character: then there is nothing to trim. */
static inline struct str text_trim(struct str s)
{
    bool trimmed = s.n && (unsigned char)(s.p[0] - '!') < '~' - '!' + 1 &&
                   (unsigned char)(s.p[s.n - 1] - '!') < '~' - '!' + 1;
    return trimmed ? s : text_trim_spaces(s);
}
bool text_is_space(int32_t code_point);
/* text_is_punct: ASCII punctuation and symbols, and all of Unicode's P* and S* categories. */
bool text_is_punct(int32_t code_point);
bool text_is_letter(int32_t code_point);
/* text_base is the letter without its marks by canonical decomposition (U+00E9 gives e); anything
 * else is itself. */
int32_t text_base(int32_t code_point);
bool text_is_valid(struct str s);
/* text_disarm puts a question mark in the place of each control character but tab and line end, of two bytes an
 * inverted one (U+0080 to U+009F), so that a stranger's text cannot speak to a terminal. */
void text_disarm(char *p, size_t n);

#endif
