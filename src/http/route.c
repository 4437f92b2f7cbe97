/* SPDX-License-Identifier: Apache-2.0 */
/* See route.h. */
#include "http/route.h"

#include "core/limits.h"

/* fits is 0 when path is not what pattern means, else how exactly it fits: larger is better. Most patterns
 * of a table differ from a path within the first few bytes. */
static size_t fits(const char *pattern, struct str path, struct str *wildcard)
{
    size_t n = 0;
    *wildcard = str_of("", 0);
    for (; pattern[n] && pattern[n] != '*'; n++) {
        if (n == path.n || pattern[n] != path.p[n]) return 0;
    }
    if (!pattern[n]) return n == path.n ? SIZE_MAX : 0;
    struct str middle = str_from(path, n), after = str_z(pattern + n + 1);
    if (after.n) {
        if (!str_ends(middle, after)) return 0;
        middle.n -= after.n;
        if (!middle.n || str_find_char(middle, '/', 0) != SIZE_MAX) return 0;
    }
    *wildcard = middle;
    return n + after.n + 1;
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
    size_t fit = fits(route->path, s->path, &wildcard);
    if (!fit || (route->knows && !route->knows(s->table->ctx, s->path))) return false;
    s->match->allow |= 1U << route->method;
    if (route->method != s->method || fit <= s->best) return true;
    s->best = fit;
    s->match->route = route;
    s->match->wildcard = wildcard;
    return true;
}

/* What a row must be to count: each kind is looked through only when those before had nothing. */
enum pass {
    PASS_WRITTEN, /* paths as they are in the table */
    PASS_KNOWN,   /* paths that the row knows */
    PASS_BEHIND,  /* s->path is the end of a longer one */
};

static bool counts(const struct http_route *route, enum pass pass)
{
    if (pass == PASS_BEHIND && !route->anywhere) return false;
    return (route->knows != NULL) == (pass == PASS_KNOWN);
}

static bool look_through(struct search *s, enum pass pass)
{
    bool any_cors = false;
    for (size_t i = 0; i < s->table->count; i++) {
        const struct http_route *route = &s->table->routes[i];
        if (counts(route, pass) && try_route(s, route)) any_cors |= route->cors;
    }
    s->match->cors = s->match->route ? s->match->route->cors : any_cors;
    return s->match->allow != 0;
}

void route_find(const struct route_table *table, enum http_method method, struct str path,
                struct route_match *match)
{
    size_t at = 0;
    struct search s = {.table = table, .method = method, .path = path, .match = match};
    *match = (struct route_match){.wildcard = str_of("", 0), .prefix = str_of("", 0)};
    if (look_through(&s, PASS_WRITTEN) || look_through(&s, PASS_KNOWN)) return;
    for (unsigned pieces = 0; pieces < LIMIT_PATH_PREFIX; pieces++) {
        at = str_find_char(path, '/', at + 1);
        if (at == SIZE_MAX) return;
        s.path = str_from(path, at);
        if (!look_through(&s, PASS_BEHIND)) continue;
        match->prefix = str_head(path, at);
        return;
    }
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
