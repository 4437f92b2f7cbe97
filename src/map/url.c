/* SPDX-License-Identifier: Apache-2.0 */
/* See url.h. Keys are compared as they stand; one that hides its letters behind % signs is not
 * recognised. */
#include "map/url.h"

static bool is_address(struct str s)
{
    return str_starts(s, S("https://")) || str_starts(s, S("http://")) || str_starts(s, S("/")) ||
           str_starts(s, S("?"));
}

static bool is_personal(const struct plan *plan, struct str pair)
{
    struct str key, value;
    (void)str_cut(pair, '=', &key, &value); /* a key without a value is a key too */
    return pii_rule(plan, key) != PII_NONE;
}

static bool any_personal(const struct plan *plan, struct str query)
{
    for (struct str pair, rest = query; rest.n;) {
        (void)str_cut(rest, '&', &pair, &rest); /* the last pair has no & */
        if (is_personal(plan, pair)) return true;
    }
    return false;
}

struct str url_clean(const struct plan *plan, struct str text, struct arena *arena)
{
    struct str base, query, fragment;
    if (!is_address(text)) return text;
    size_t hash = str_find_char(text, '#', 0);
    fragment = hash == SIZE_MAX ? S("") : str_from(text, hash);
    struct str whole = str_head(text, text.n - fragment.n);
    if (!str_cut(whole, '?', &base, &query)) return text;
    if (!any_personal(plan, query)) return text;
    char *out = arena_alloc(arena, text.n);
    size_t n = base.n;
    if (n) memcpy(out, base.p, n);
    char sep = '?';
    for (struct str pair, rest = query; rest.n;) {
        (void)str_cut(rest, '&', &pair, &rest); /* the last pair has no & */
        if (is_personal(plan, pair)) continue;
        out[n++] = sep;
        memcpy(out + n, pair.p, pair.n);
        n += pair.n;
        sep = '&';
    }
    if (fragment.n) memcpy(out + n, fragment.p, fragment.n);
    return str_of(out, n + fragment.n);
}
