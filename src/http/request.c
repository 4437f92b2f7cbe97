/* SPDX-License-Identifier: Apache-2.0 */
/* What handlers ask a request: headers, query parameters, who it is. */
#include "http/request.h"

#include "http/base64.h"
#include "http/proxies.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct str request_decode(struct arena *arena, struct str text, bool in_query)
{
    char *out = arena_alloc(arena, text.n);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '%') {
            int high = i + 2 < text.n ? hex(text.p[i + 1]) : -1;
            int low = high >= 0 ? hex(text.p[i + 2]) : -1;
            if (low < 0) return str_of(NULL, 0);
            c = (char)(high * 16 + low);
            if (!c) return str_of(NULL, 0);
            i += 2;
        } else if (c == '+' && in_query) {
            c = ' ';
        }
        out[n++] = c;
    }
    return str_of(out, n);
}

bool request_split_url(struct exchange *x)
{
    struct str url = str_of(x->head.p, x->url_n), path, query;
    if (str_starts(url, S("http://")) || str_starts(url, S("https://"))) {
        size_t slash = str_find_char(url, '/', sizeof "https://" - 1);
        url = slash == SIZE_MAX ? S("/") : str_from(url, slash);
    }
    if (!str_cut(url, '?', &path, &query)) query = str_of("", 0);
    if (!path.n || path.p[0] != '/') return false;
    x->req.query = query;
    x->req.path = request_decode(&x->arena, path, false);
    return x->req.path.p != NULL;
}

/* Can a header be called so? A request is asked for a dozen names, most of which it does not have. */
static bool may_have(const struct exchange *x, struct str name)
{
    return x->name_lengths & exchange_length_bit(name.n);
}

/* Is header i called so? Most differ in length or in the last letter. */
static bool is_called(const struct exchange *x, size_t i, struct str name)
{
    const struct header *header = &x->headers[i];
    if (!name.n || header->name_n != name.n) return false;
    char last = x->head.p[header->name_at + name.n - 1];
    return ((last ^ name.p[name.n - 1]) & 0xdf) == 0 &&
           str_eq_nocase(exchange_header_name(x, i), name);
}

size_t request_header_count(const struct exchange *x, struct str name)
{
    size_t count = 0;
    for (size_t i = 0; may_have(x, name) && i < x->header_count; i++) {
        count += is_called(x, i, name);
    }
    return count;
}

/* Names of the Internet have a dot. Old clients may leave the header out: no browser does. */
bool request_is_local(const struct http_request *req)
{
    static const struct str local = S_INIT(".localhost");
    struct ip ip;
    struct str name, port, host = http_header(req, S("Host"));
    if (!host.n || ip_parse(host, &ip)) return true;
    if (!str_cut(host, ':', &name, &port)) name = host;
    if (str_ends(name, S("."))) name.n--;
    bool dotted = str_find_char(name, '.', 0) != SIZE_MAX;
    return !dotted || (name.n > local.n && str_eq_nocase(str_from(name, name.n - local.n), local));
}

struct str http_header(const struct http_request *req, struct str name)
{
    const struct exchange *x = exchange_of(req);
    struct str found = {NULL, 0};
    for (size_t i = 0; may_have(x, name) && i < x->header_count; i++) {
        if (!is_called(x, i, name)) continue;
        struct str value = exchange_header_value(x, i);
        found = found.p ? arena_printf(req->arena, "%.*s, %.*s", STR_ARG(found), STR_ARG(value))
                        : value;
    }
    return found;
}

struct str http_query_get(const struct http_request *req, struct str name)
{
    struct str rest = req->query, pair, key, value;
    while (rest.n) {
        if (!str_cut(rest, '&', &pair, &rest)) rest = str_of("", 0);
        if (!str_cut(pair, '=', &key, &value)) value = str_of("", 0);
        if (str_eq(key, name)) return request_decode(req->arena, value, true);
    }
    return str_of(NULL, 0);
}

struct str request_basic(const struct http_request *req)
{
    struct str scheme, rest;
    struct str value = http_header(req, S("Authorization"));
    if (!value.p || !str_cut(value, ' ', &scheme, &rest)) return str_of(NULL, 0);
    if (!str_eq_nocase(scheme, S("Basic"))) return str_of(NULL, 0);
    return base64_decode(req->arena, str_trim(rest));
}

struct str http_basic_user(const struct http_request *req)
{
    struct str user, password, plain = request_basic(req);
    if (!plain.p) return plain;
    if (str_ends(plain, S(":"))) return str_head(plain, plain.n - 1); /* keys may have colons */
    (void)str_cut(plain, ':', &user, &password);                      /* some leave the colon out */
    return user;
}
