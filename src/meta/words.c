/* SPDX-License-Identifier: Apache-2.0 */
/* See words.h. */
#include "meta/words.h"

#include "base/text.h"

/* Letters that are not a base letter with marks. */
static struct str spell(int32_t c)
{
    switch (c) {
    case 0xDF: return S("ss");
    case 0xC6:
    case 0xE6: return S("ae");
    case 0x152:
    case 0x153: return S("oe");
    case 0xD8:
    case 0xF8: return S("o");
    case 0xD0:
    case 0xF0:
    case 0x110:
    case 0x111: return S("d");
    case 0xDE:
    case 0xFE: return S("th");
    case 0x141:
    case 0x142: return S("l");
    case 0x131: return S("i");
    default: return (struct str){NULL, 0};
    }
}

static bool is_ascii_letter(int32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Modifier letters that are written as apostrophes, as in Hawaiʻi: U+02B9 to U+02BF. */
static bool is_apostrophe(int32_t c)
{
    return c >= 0x2B9 && c <= 0x2BF;
}

struct str word_fold(struct str in, char out[WORD_MAX])
{
    size_t n = 0;
    for (size_t at = 0; at < in.n;) {
        int32_t c = text_base(text_next(in, &at));
        struct str letters = spell(c);
        char letter = (char)(c | 0x20);
        if (is_ascii_letter(c)) letters = str_of(&letter, 1);
        if (!letters.p && !is_apostrophe(c) && (c < 0 || text_is_letter(c))) return str_of(out, 0);
        if (n + letters.n > WORD_MAX) return str_of(out, 0);
        if (letters.n) memcpy(out + n, letters.p, letters.n);
        n += letters.n;
    }
    return str_of(out, n);
}

/* The entry around offset at: key and value; *start and *end are where it begins and ends. */
static struct str entry_around(const char *text, size_t at, size_t *start, size_t *end)
{
    size_t from = at, to = at;
    while (from > 0 && text[from - 1] != ' ') from--;
    while (text[to] != ' ') to++;
    *start = from;
    *end = to + 1;
    return str_of(text + from, to - from);
}

struct str words_find(const struct words *words, struct str folded)
{
    const struct str unknown = {NULL, 0};
    if (folded.n == 0 || folded.p[0] < 'a' || folded.p[0] > 'z') return unknown;
    const char *text = words->letters[folded.p[0] - 'a'];
    if (!text) return unknown;
    for (size_t low = 0, high = strlen(text); low < high;) {
        size_t start, end;
        struct str key, value, entry = entry_around(text, low + (high - low) / 2, &start, &end);
        (void)str_cut(entry, '=', &key, &value); /* every entry has one: a test holds it */
        int order = str_cmp(folded, key);
        if (order == 0) return value;
        if (order < 0)
            high = start;
        else
            low = end;
    }
    return unknown;
}
