/* SPDX-License-Identifier: Apache-2.0 */
/* See glob.h. A compiled pattern is UTF-8 text with two bytes that UTF-8 never has. */
#include "map/glob.h"

#include "base/text.h"

static const char ANY_TEXT = (char)0xFF, ANY_CHARACTER = (char)0xFE;

bool glob_parse(struct lex *lex, struct str *pattern)
{
    struct str raw = lex->token.raw;
    char *out = arena_alloc(lex->arena, raw.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.n;) {
        if (raw.p[i] == '*' || raw.p[i] == '?') {
            out[n++] = raw.p[i++] == '*' ? ANY_TEXT : ANY_CHARACTER;
        } else if (raw.p[i] != '\\') {
            out[n++] = raw.p[i++];
        } else if (!lex_escape(raw, &i, out, &n)) {
            return lex_bad_escape(lex, i);
        }
    }
    *pattern = str_of(out, n);
    return true;
}

/* On a difference, the latest * takes one character more; earlier ones need no second try. */
bool glob_match(struct str pattern, struct str s)
{
    size_t p = 0, at = 0, star = SIZE_MAX, star_end = 0;
    while (at < s.n) {
        char c = p < pattern.n ? pattern.p[p] : '\0';
        if (p < pattern.n && c == ANY_TEXT) {
            star = p++;
            star_end = at;
        } else if (p < pattern.n && c == ANY_CHARACTER) {
            (void)text_next(s, &at); /* any */
            p++;
        } else if (p < pattern.n && c == s.p[at]) {
            p++;
            at++;
        } else if (star != SIZE_MAX) {
            (void)text_next(s, &star_end); /* any */
            p = star + 1;
            at = star_end;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == ANY_TEXT) p++;
    return p == pattern.n;
}
