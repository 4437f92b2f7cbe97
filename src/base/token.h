/* SPDX-License-Identifier: Apache-2.0 */
/* What JSON is made of besides brackets and strings (RFC 8259, sections 2, 3 and 6), for those who read it in one
 * pass: outline.c and nodes.c. Each takes what begins at p, of which end is behind the last byte, and returns what
 * is behind it; NULL: it is not that. */
#ifndef BASE_TOKEN_H
#define BASE_TOKEN_H

#include "base/str.h"

static inline bool token_is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline const char *token_spaces(const char *p, const char *end)
{
    while (p < end && token_is_space(*p)) p++;
    return p;
}

static inline bool token_is_at(const char *p, const char *end, char c)
{
    return p < end && *p == c;
}

static inline const char *token_digits(const char *p, const char *end)
{
    const char *start = p;
    while (p < end && *p >= '0' && *p <= '9') p++;
    return p > start ? p : NULL;
}

static inline const char *token_number(const char *p, const char *end)
{
    p += token_is_at(p, end, '-');
    p = token_is_at(p, end, '0') ? p + 1 : token_digits(p, end);
    if (p && token_is_at(p, end, '.')) p = token_digits(p + 1, end);
    if (!p || p == end || (*p | 0x20) != 'e') return p;
    p++;
    return token_digits(p + (token_is_at(p, end, '+') || token_is_at(p, end, '-')), end);
}

/* token_word takes one of the words that are values; *which: */
enum token_word { TOKEN_TRUE, TOKEN_FALSE, TOKEN_NULL };
static inline const char *token_word(const char *p, const char *end, enum token_word *which)
{
    static const struct str words[] = {[TOKEN_TRUE] = S_INIT("true"),
                                       [TOKEN_FALSE] = S_INIT("false"),
                                       [TOKEN_NULL] = S_INIT("null")};
    for (unsigned i = 0; i < countof(words); i++) {
        if (!str_starts(str_of(p, (size_t)(end - p)), words[i])) continue;
        *which = (enum token_word)i;
        return p + words[i].n;
    }
    return NULL;
}

#endif
