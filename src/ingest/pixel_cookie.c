/* SPDX-License-Identifier: Apache-2.0 */
/* Meta's two cookies: _fbp, the browser, and _fbc, the click that led here, "fb.LEVEL.MILLISECONDS.TEXT"
 * with a fifth piece when Meta's parameter builder wrote them. The page's script makes them, because it
 * alone knows of consent; here they only get the longer life that browsers give to a server's cookies,
 * byte for byte, and only when the page and this host are of one site: elsewhere they would be a third
 * party's.
 * https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/fbp-and-fbc */
#include "ingest/pixel.h"

#include "base/json.h"

#include <libpsl.h>

enum {
    COOKIE_BYTES = 700, /* a click id has at most 500 */
    HOST_BYTES = 253,   /* of a DNS name */
    LIFE_S = 90 * 24 * 3600,
};

/* --- values ------------------------------------------------------------------------------------ */

static bool is_number(struct str s)
{
    uint64_t ignored;
    return str_to_u64(s, &ignored);
}

/* RFC 6265's cookie-octet: nothing that could end the value or the line. */
static bool is_cookie_text(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ' || c >= 0x7f || c == '"' || c == ',' || c == ';' || c == '\\') return false;
    }
    return s.n && s.n <= COOKIE_BYTES;
}

static bool is_name_of_meta(struct str value)
{
    struct str mark, level, time, rest;
    return is_cookie_text(value) && str_cut(value, '.', &mark, &rest) && str_eq(mark, S("fb")) &&
           str_cut(rest, '.', &level, &rest) && is_number(level) &&
           str_cut(rest, '.', &time, &rest) && is_number(time) && rest.n;
}

struct str pixel_cookie_get(const struct http_request *req, struct str name)
{
    struct str rest = http_header(req, S("Cookie")), pair, key, value;
    while (rest.n) {
        if (!str_cut(rest, ';', &pair, &rest)) rest = S("");
        if (!str_cut(pair, '=', &key, &value) || !str_eq(str_trim(key), name)) continue;
        value = str_trim(value);
        if (is_name_of_meta(value)) return value;
    }
    return str_of(NULL, 0);
}

struct str pixel_cookie_click(struct str fbc)
{
    struct str piece, rest = fbc;
    for (int i = 0; i < 3; i++) {
        if (!str_cut(rest, '.', &piece, &rest)) return S("");
    }
    (void)str_cut(rest, '.', &piece, &rest); /* without a fifth piece all of it is the click */
    return piece;
}

struct str pixel_cookie_address_click(struct str address)
{
    struct str path, query, pair, key, value;
    if (!str_cut(address, '?', &path, &query)) return S("");
    (void)str_cut(query, '#', &query, &path);
    while (query.n) {
        if (!str_cut(query, '&', &pair, &query)) query = S("");
        if (str_cut(pair, '=', &key, &value) && str_eq(key, S("fbclid"))) return value;
    }
    return S("");
}

/* --- domains ----------------------------------------------------------------------------------- */

/* The host of "scheme://host:port/path" or "host:port", in small letters; n = 0 for an address of
 * numbers or a name without dots, which have no domain above them. */
static struct str host_of(struct arena *arena, struct str place)
{
    struct str host = place, rest;
    size_t scheme = str_find(place, S("://"), 0);
    if (scheme != SIZE_MAX) host = str_from(place, scheme + 3);
    (void)str_cut(host, '/', &host, &rest);
    (void)str_cut(host, ':', &host, &rest);
    bool letters = false, dots = false;
    if (!host.n || host.n > HOST_BYTES) return S("");
    char *lower = arena_alloc(arena, host.n + 1);
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
        bool letter = c >= 'a' && c <= 'z';
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '.') return S("");
        letters |= letter;
        dots |= c == '.';
        lower[i] = c;
    }
    lower[host.n] = '\0';
    return letters && dots ? str_of(lower, host.n) : S("");
}

/* host is host_of's. */
static struct str registrable(struct str host)
{
    return str_z(psl_registrable_domain(psl_builtin(), host.p));
}

static bool is_within(struct str host, struct str domain)
{
    if (!str_ends(host, domain)) return false;
    return host.n == domain.n || host.p[host.n - domain.n - 1] == '.';
}

/* Images come without an Origin. */
static struct str page_of(const struct http_request *req)
{
    struct str origin = http_header(req, S("Origin"));
    return origin.n ? origin : http_header(req, S("Referer"));
}

/* Where the cookies belong: false when the page is another site's. *domain stays empty when only this
 * very host can have them. */
static bool find_domain(const struct http_request *req, const struct pixel_conf *pixel,
                        struct str *domain)
{
    struct str page = page_of(req);
    struct str here = http_header(req, S("Host"));
    struct str ours = host_of(req->arena, here), theirs = host_of(req->arena, page);
    *domain = S("");
    if (!page.n || !ours.n != !theirs.n) return false;
    if (!ours.n) {
        size_t scheme = str_find(page, S("://"), 0);
        struct str host = str_from(page, scheme == SIZE_MAX ? 0 : scheme + 3), rest, port;
        (void)str_cut(host, '/', &host, &rest);
        (void)str_cut(host, ':', &host, &port);
        (void)str_cut(here, ':', &here, &port);
        return str_eq_nocase(host, here);
    }
    *domain = pixel->cookie_domain.text.n ? pixel->cookie_domain.text : registrable(ours);
    return domain->n && is_within(ours, *domain) && is_within(theirs, *domain);
}

/* --- the lines --------------------------------------------------------------------------------- */

static void put_line(struct buf *out, struct str name, struct str value, struct str attributes)
{
    if (!is_name_of_meta(value)) return;
    buf_put(out, S("Set-Cookie: "));
    buf_put(out, name);
    buf_putc(out, '=');
    buf_put(out, value);
    buf_put(out, attributes);
    buf_put(out, S("\r\n"));
}

static bool is_secure(const struct http_request *req)
{
    return req->secure || str_starts(page_of(req), S("https://"));
}

struct str pixel_cookie_lines(const struct asking *a, const struct source_conf *source)
{
    struct str domain;
    struct buf lines = {0};
    if (!source->pixel.cookies || !find_domain(a->req, &source->pixel, &domain)) return S("");
    struct str attributes = arena_printf(
        a->req->arena, "; Max-Age=%d; Path=/; SameSite=Lax%s%.*s%s", LIFE_S,
        domain.n ? "; Domain=" : "", STR_ARG(domain), is_secure(a->req) ? "; Secure" : "");
    buf_put(&lines, S("Cache-Control: no-store\r\n"));
    put_line(&lines, S("_fbp"), envelope_str(a->envelope, S("fbp")), attributes);
    put_line(&lines, S("_fbc"), envelope_str(a->envelope, S("fbc")), attributes);
    struct str copy = arena_str(a->req->arena, buf_str(&lines));
    buf_fini(&lines);
    return copy;
}
