/* SPDX-License-Identifier: Apache-2.0 */
/* See respond.h. CORS is for everybody's browser: an SDK runs on any site, so the origin is echoed
 * (which sites may send is the source's business), the header list of a preflight is echoed too
 * (SDKs add headers on retries: a fixed list works until the first 503), and error answers carry the
 * same headers, or the SDK would see a broken network instead of the status. */
#include "http/respond.h"

#include "base/json.h"
#include "http/connection.h"
#include "http/loop.h"
#include "http/route.h"
#include "http/status.h"

#include <assert.h>

enum { RETRY_AFTER_S = 2, PREFLIGHT_AGE_S = 900 };

static void put_line(struct buf *out, struct str name, struct str value)
{
    buf_put(out, name);
    buf_put(out, S(": "));
    buf_put(out, value);
    buf_put(out, S("\r\n"));
}

static void put_number(struct buf *out, struct str name, uint64_t value)
{
    buf_put(out, name);
    buf_put(out, S(": "));
    buf_put_u64(out, value);
    buf_put(out, S("\r\n"));
}

/* With Allow-Credentials because sendBeacon with a JSON blob always asks for it. */
static void put_cors(struct exchange *x)
{
    struct str origin = http_header(&x->req, S("Origin"));
    buf_put(&x->out, S("Vary: Origin\r\n"));
    if (!origin.n) return;
    put_line(&x->out, S("Access-Control-Allow-Origin"), origin);
    buf_put(&x->out, S("Access-Control-Allow-Credentials: true\r\n"
                       "Access-Control-Expose-Headers: Retry-After\r\n"));
}

void respond_write(struct exchange *x, const struct http_response *res, bool close)
{
    struct buf *out = &x->out;
    bool has_body = res->status != 204 && res->status != 304;
    struct str phrase = status_find(res->status)->phrase;
    assert(res->status >= 200 && res->status <= 599);
    assert(!res->extra_headers.n || str_ends(res->extra_headers, S("\r\n")));
    buf_put(out, S("HTTP/1.1 "));
    buf_put_u64(out, (uint64_t)res->status);
    buf_putc(out, ' ');
    buf_put(out, phrase);
    buf_put(out, S("\r\nServer: pixeld\r\n"));
    if (has_body) {
        put_line(out, S("Content-Type"),
                 res->content_type.n ? res->content_type : S("application/json"));
        put_number(out, S("Content-Length"), res->body.n);
    }
    if (res->retry_after_s > 0) put_number(out, S("Retry-After"), (uint64_t)res->retry_after_s);
    if (close) {
        buf_put(out, S("Connection: close\r\n"));
    } else if (x->old) {
        buf_put(out, S("Connection: keep-alive\r\n"));
    }
    if (x->cors) put_cors(x);
    buf_put(out, res->extra_headers);
    buf_put(out, S("\r\n"));
    if (has_body && !x->req.head_only) buf_put(out, res->body);
}

static struct str error_body(struct arena *arena, struct str code, struct str message)
{
    struct buf body = {0};
    buf_put(&body, S("{\"error\":{"));
    json_kv_str(&body, S("code"), code);
    json_kv_str(&body, S("message"), message);
    buf_put(&body, S("}}"));
    struct str copy = arena_str(arena, buf_str(&body));
    buf_fini(&body);
    return copy;
}

void http_respond_error(struct http_request *req, int status, struct str code, struct str message)
{
    struct http_response res = {.status = status, .body = error_body(req->arena, code, message)};
    if (status == 503) res.retry_after_s = RETRY_AFTER_S;
    http_respond(req, &res);
}

/* A header list as browsers send it: names, commas, blanks. */
static bool is_header_list(struct str list)
{
    if (!list.n || list.n > LIMIT_CORS_HEADERS_BYTES) return false;
    for (size_t i = 0; i < list.n; i++) {
        char c = list.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '-' && c != '_' && c != ',' && c != ' ') return false;
    }
    return true;
}

/* Preflights need no key: browsers send none with them. */
static void respond_preflight(struct exchange *x)
{
    struct buf lines = {0};
    struct str wanted = http_header(&x->req, S("Access-Control-Request-Headers"));
    buf_put(&lines, S("Access-Control-Allow-Methods: "));
    route_put_allow(&lines, x->allow, true);
    buf_put(&lines, S("\r\n"));
    if (is_header_list(wanted)) put_line(&lines, S("Access-Control-Allow-Headers"), wanted);
    put_number(&lines, S("Access-Control-Max-Age"), PREFLIGHT_AGE_S);
    http_respond(&x->req, &(struct http_response){.status = 204, .extra_headers = buf_str(&lines)});
    buf_fini(&lines);
}

static void respond_not_allowed(struct exchange *x, const struct status *status)
{
    struct buf line = {0};
    buf_put(&line, S("Allow: "));
    route_put_allow(&line, x->allow, x->cors);
    buf_put(&line, S("\r\n"));
    http_respond(&x->req, &(struct http_response){
                              .status = 405,
                              .extra_headers = buf_str(&line),
                              .body = error_body(&x->arena, status->code, status->message),
                          });
    buf_fini(&line);
}

void respond_by_itself(struct exchange *x)
{
    if (!x->refusal) {
        assert(x->preflight);
        respond_preflight(x);
        return;
    }
    const struct status *status = status_find(x->refusal);
    if (x->refusal == 405) {
        respond_not_allowed(x, status);
    } else if (x->route && x->route->refuse) {
        x->route->refuse(x->server->ctx, &x->req, x->refusal);
    } else {
        http_respond_error(&x->req, x->refusal, status->code, status->message);
    }
}

void http_respond(struct http_request *req, const struct http_response *res)
{
    struct exchange *x = exchange_of(req);
    bool close = !connection_goes_on(x);
    if (x->connection) respond_write(x, res, close);
    connection_send(x, res->status, close);
}

void http_drop(struct http_request *req)
{
    connection_drop(exchange_of(req));
}
