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

struct search {
    const struct route_table *table;
    enum http_method method;
    struct str path;
    struct route_match *match;
    size_t best;
};

/* Tries one row; returns whether the path is its. */
static bool try_route(struct search *s, const struct http_route *route)
{
    struct str wildcard;
    size_t fit = fits(str_z(route->path), s->path, &wildcard);
    if (!fit || (route->knows && !route->knows(s->table->ctx, s->path))) return false;
    s->match->allow |= 1U << route->method;
    if (route->method != s->method || fit <= s->best) return true;
    s->best = fit;
    s->match->route = route;
    s->match->wildcard = wildcard;
    return true;
}

void route_find(const struct route_table *table, enum http_method method, struct str path,
                struct route_match *match)
{
    struct search s = {.table = table, .method = method, .path = path, .match = match};
    bool any_cors = false;
    *match = (struct route_match){.wildcard = str_of("", 0)};
    for (int pass = 0; pass < 2 && !match->allow; pass++) {
        for (size_t i = 0; i < table->count; i++) {
            const struct http_route *route = &table->routes[i];
            if ((route->knows != NULL) != (pass == 1)) continue;
            if (try_route(&s, route)) any_cors |= route->cors;
        }
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
