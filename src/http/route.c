/* SPDX-License-Identifier: Apache-2.0 */
/* See route.h. */
#include "http/route.h"

/* fits is 0 when path is not what pattern means, else how exactly it fits: larger is better. */
static size_t fits(struct str pattern, struct str path, struct str *wildcard)
{
    struct str before, after;
    *wildcard = str_of("", 0);
    if (!str_cut(pattern, '*', &before, &after)) return str_eq(pattern, path) ? SIZE_MAX : 0;
    if (path.n < before.n + after.n || !str_starts(path, before)) return 0;
    struct str middle = str_of(path.p + before.n, path.n - before.n - after.n);
    if (after.n) {
        if (!str_ends(path, after)) return 0;
        if (!middle.n || str_find_char(middle, '/', 0) != SIZE_MAX) return 0;
    }
    *wildcard = middle;
    return before.n + after.n + 1;
}

void route_find(const struct http_route *routes, size_t count, enum http_method method,
                struct str path, struct route_match *match)
{
    size_t best = 0;
    bool any_cors = false;
    *match = (struct route_match){.wildcard = str_of("", 0)};
    for (size_t i = 0; i < count; i++) {
        struct str wildcard;
        size_t fit = fits(str_z(routes[i].path), path, &wildcard);
        if (!fit) continue;
        match->allow |= 1U << routes[i].method;
        any_cors |= routes[i].cors;
        if (routes[i].method != method || fit <= best) continue;
        best = fit;
        match->route = &routes[i];
        match->wildcard = wildcard;
    }
    match->cors = match->route ? match->route->cors : any_cors;
}

void route_put_allow(struct buf *out, unsigned allow, bool cors)
{
    static const struct str names[] = {
        [HTTP_GET_] = S_INIT("GET, HEAD"),
        [HTTP_POST_] = S_INIT("POST"),
        [HTTP_PUT_] = S_INIT("PUT"),
        [HTTP_DELETE_] = S_INIT("DELETE"),
    };
    size_t mark = out->n;
    for (size_t i = 0; i < countof(names); i++) {
        if (!(allow & 1U << i)) continue;
        if (out->n > mark) buf_put(out, S(", "));
        buf_put(out, names[i]);
    }
    if (cors) buf_put(out, out->n > mark ? S(", OPTIONS") : S("OPTIONS"));
}
