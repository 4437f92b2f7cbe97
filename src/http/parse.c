/* SPDX-License-Identifier: Apache-2.0 */
/* See parse.h. A refusal that is known when the headers are complete ends the connection only if a
 * body follows: that body would have to be read to find the next request. llhttp runs strict, which
 * together with the checks of framing() leaves no room for a request smuggled past a proxy. */
#include "http/parse.h"

#include "http/body.h"
#include "http/request.h"
#include "http/route.h"

#include <assert.h>

enum { ROOM_LEAST = 4096 };

/* Both end the parsing; the text is for llhttp, which wants one. */
static int refuse(struct parse *p, int status)
{
    p->x->refusal = status;
    llhttp_set_error_reason(&p->llhttp, "refused");
    return HPE_USER;
}

static int on_message_begin(llhttp_t *llhttp)
{
    struct parse *p = llhttp->data;
    assert(!p->x);
    p->x = exchange_take(p->pool);
    p->in_value = true;
    p->whole = str_of("", 0);
    return 0;
}

static int on_url(llhttp_t *llhttp, const char *at, size_t n)
{
    struct parse *p = llhttp->data;
    if (p->x->head.n + n > LIMIT_URL_BYTES) return refuse(p, 414);
    buf_put(&p->x->head, str_of(at, n));
    p->x->url_n = p->x->head.n;
    return 0;
}

static int put_head(struct parse *p, const char *at, size_t n)
{
    if (p->x->head.n - p->x->url_n + n > LIMIT_HEADER_BYTES) return refuse(p, 431);
    buf_put(&p->x->head, str_of(at, n));
    return 0;
}

/* Fields behind the body (trailers) are read past: nothing in them is ours. */
static int on_header_field(llhttp_t *llhttp, const char *at, size_t n)
{
    struct parse *p = llhttp->data;
    struct exchange *x = p->x;
    if (x->head_done) return 0;
    if (p->in_value) {
        if (x->header_count == LIMIT_HEADERS) return refuse(p, 431);
        x->headers[x->header_count++] = (struct header){.name_at = (uint32_t)x->head.n};
        p->in_value = false;
    }
    x->headers[x->header_count - 1].name_n += (uint32_t)n;
    return put_head(p, at, n);
}

static int on_header_value(llhttp_t *llhttp, const char *at, size_t n)
{
    struct parse *p = llhttp->data;
    struct exchange *x = p->x;
    if (x->head_done) return 0;
    struct header *header = &x->headers[x->header_count - 1];
    if (!header->value_n) header->value_at = (uint32_t)x->head.n;
    header->value_n += (uint32_t)n;
    return put_head(p, at, n);
}

static int on_header_value_complete(llhttp_t *llhttp)
{
    struct parse *p = llhttp->data;
    struct exchange *x = p->x;
    if (x->head_done) return 0;
    struct header *header = &x->headers[x->header_count - 1];
    struct str value = str_trim(exchange_header_value(x, x->header_count - 1));
    header->value_at = header->value_n ? (uint32_t)(value.p - x->head.p) : header->name_at;
    header->value_n = (uint32_t)value.n;
    x->name_lengths |= exchange_length_bit(header->name_n);
    p->in_value = true;
    return 0;
}

static enum http_method method_of(const llhttp_t *llhttp)
{
    switch (llhttp_get_method((llhttp_t *)llhttp)) {
    case HTTP_HEAD:
    case HTTP_GET: return HTTP_GET_;
    case HTTP_POST: return HTTP_POST_;
    case HTTP_PUT: return HTTP_PUT_;
    case HTTP_DELETE: return HTTP_DELETE_;
    default: return HTTP_OTHER_;
    }
}

/* What could make two readers of the same bytes see different requests is refused. llhttp itself
 * refuses Content-Length together with Transfer-Encoding, and repeated or odd lengths. */
static bool framing_ok(const struct parse *p)
{
    const struct exchange *x = p->x;
    size_t codings = request_header_count(x, S("Transfer-Encoding"));
    if (codings) {
        struct str coding = http_header(&x->req, S("Transfer-Encoding"));
        if (x->old || codings > 1 || !str_eq_nocase(coding, S("chunked"))) return false;
        if (request_header_count(x, S("Content-Length"))) return false;
    }
    size_t hosts = request_header_count(x, S("Host"));
    return hosts == 1 || (hosts == 0 && x->old);
}

/* A client sends one request like the other, and going through all routes is a tenth of the instructions of
 * a request with one event (3,083 of 26,780). */
static struct route_match match_of(struct parse *p)
{
    struct route_match match;
    const struct exchange *x = p->x;
    const struct http_route *known = p->known.route;
    if (known && known->method == x->req.method && str_eq(x->req.path, str_z(known->path)))
        return p->known;
    route_find(&p->table, x->req.method, x->req.path, &match);
    bool written = match.route && !strchr(match.route->path, '*') && !match.prefix.n;
    if (written) p->known = match;
    return match;
}

/* Finds the route; 0 or the refusal. */
static int find_route(struct parse *p)
{
    struct exchange *x = p->x;
    struct route_match match = match_of(p);
    x->route = match.route;
    x->req.wildcard = match.wildcard;
    x->req.prefix = match.prefix;
    x->req.arg = match.route ? match.route->arg : NULL;
    x->allow = match.allow;
    x->cors = match.cors;
    x->body_limit =
        match.route && match.route->body_limit ? match.route->body_limit : LIMIT_BODY_BYTES;
    x->preflight = x->cors && llhttp_get_method(&p->llhttp) == HTTP_OPTIONS;
    if (!match.allow) return 404;
    return match.route || x->preflight ? 0 : 405;
}

/* Reads what the headers say about the body; 0 or the refusal. */
static int read_body_headers(struct parse *p)
{
    struct exchange *x = p->x;
    struct str coding = http_header(&x->req, S("Content-Encoding"));
    struct str expect = http_header(&x->req, S("Expect"));
    if (coding.n && !str_eq_nocase(coding, S("identity"))) {
        if (!str_eq_nocase(coding, S("gzip")) && !str_eq_nocase(coding, S("x-gzip"))) return 415;
        x->gzip = true;
    }
    if (expect.p && !x->old) {
        if (!str_eq_nocase(expect, S("100-continue"))) return 417;
        x->expects = true;
    }
    bool chunked = p->llhttp.flags & F_CHUNKED;
    if (!chunked && p->llhttp.content_length > x->body_limit) return 413;
    if (!chunked && !exchange_has_room(p->pool, p->llhttp.content_length)) return 503;
    return 0;
}

static int on_headers_complete(llhttp_t *llhttp)
{
    struct parse *p = llhttp->data;
    struct exchange *x = p->x;
    x->head_done = true;
    x->old = llhttp->http_major < 1 || (llhttp->http_major == 1 && llhttp->http_minor == 0);
    x->req.head_only = llhttp_get_method(llhttp) == HTTP_HEAD;
    x->req.method = method_of(llhttp);
    x->keep_alive = llhttp_should_keep_alive(llhttp);
    llhttp->upgrade = 0; /* an offer to speak another protocol is declined by not taking it */
    if (llhttp->http_major != 1) return refuse(p, 505);
    if (!framing_ok(p) || !request_split_url(x)) return refuse(p, 400);
    x->refusal = find_route(p);
    if (!x->refusal) x->refusal = read_body_headers(p);
    bool has_body = (llhttp->flags & F_CHUNKED) || llhttp->content_length;
    if (!has_body) x->expects = false;
    return x->refusal && has_body ? refuse(p, x->refusal) : 0;
}

/* Is the piece of body that came all of it, and read while it lies there? (Single events: 2 KB less to copy.) */
static bool comes_whole(const struct parse *p)
{
    const struct exchange *x = p->x;
    bool is_last = !(p->llhttp.flags & F_CHUNKED) && !p->llhttp.content_length; /* counted down */
    return is_last && !x->body.n && x->route && x->route->brief;
}

static int on_body(llhttp_t *llhttp, const char *at, size_t n)
{
    struct parse *p = llhttp->data;
    struct exchange *x = p->x;
    if (comes_whole(p)) {
        p->whole = str_of(at, n);
        return 0;
    }
    if (x->body.n + n > x->body_limit) return refuse(p, 413);
    if (!exchange_count_body(p->pool, n)) return refuse(p, 503);
    bool in_place = x->body.p && at == x->body.p + x->body.n && n <= x->body.capacity - x->body.n;
    if (in_place) {
        x->body.n += n;
    } else {
        buf_put(&x->body, str_of(at, n));
    }
    return 0;
}

/* The room grows with what has come, not with what the client says will come. */
char *parse_room(struct parse *p, size_t *n)
{
    struct exchange *x = p->x;
    bool is_known = x && x->head_done && !(p->llhttp.flags & F_CHUNKED);
    size_t left = is_known ? p->llhttp.content_length : 0; /* llhttp counts it down */
    if (!left) return NULL;
    size_t more = x->body.n < ROOM_LEAST ? ROOM_LEAST : x->body.n;
    char *to = buf_reserve(&x->body, more < left ? more : left);
    size_t room = x->body.capacity - x->body.n;
    *n = room < left ? room : left;
    return to;
}

static int on_message_complete(llhttp_t *llhttp)
{
    (void)llhttp;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_message_begin = on_message_begin,
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_header_value_complete = on_header_value_complete,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

void parse_init(struct parse *p, struct exchange_pool *pool, const struct route_table *table)
{
    *p = (struct parse){.pool = pool, .table = *table};
    llhttp_init(&p->llhttp, HTTP_REQUEST, &settings);
    p->llhttp.data = p;
}

/* The request is complete: inflate, and give the handler its view. */
static void finish(struct parse *p)
{
    struct exchange *x = p->x;
    x->req.body = p->whole.n ? p->whole : buf_str(&x->body);
    if (x->refusal || !x->gzip || !x->req.body.n) return;
    x->refusal = body_inflate(p->pool->inflater, x->req.body, x->body_limit, &x->plain);
    if (!x->refusal && !exchange_count_body(p->pool, x->plain.n)) x->refusal = 503;
    if (x->refusal) buf_clear(&x->plain); /* not counted */
    x->req.body = buf_str(&x->plain);
}

static enum parse_result broken(struct parse *p, llhttp_errno_t error)
{
    if (!p->x) p->x = exchange_take(p->pool);
    if (!p->x->refusal) p->x->refusal = error == HPE_INVALID_VERSION ? 505 : 400;
    return PARSE_REFUSED;
}

enum parse_result parse_feed(struct parse *p, struct str bytes, size_t *used)
{
    if (llhttp_get_errno(&p->llhttp) == HPE_PAUSED) llhttp_resume(&p->llhttp);
    llhttp_errno_t error = llhttp_execute(&p->llhttp, bytes.p, bytes.n);
    *used = bytes.n;
    if (error != HPE_OK) *used = (size_t)(llhttp_get_error_pos(&p->llhttp) - bytes.p);
    if (error == HPE_PAUSED) {
        finish(p);
        return PARSE_DONE;
    }
    if (error != HPE_OK) return broken(p, error);
    if (p->x && !p->x->head_done) {
        p->x->head_bytes += bytes.n;
        if (p->x->head_bytes > LIMIT_URL_BYTES + LIMIT_HEADER_BYTES) {
            p->x->refusal = 431; /* blanks and the like, which no callback shows */
            return PARSE_REFUSED;
        }
    }
    return PARSE_MORE;
}
