/* SPDX-License-Identifier: Apache-2.0 */
/* Meta's own shape: POST /vNN.0/PIXEL/events, as the Conversions API takes it, so that a Business SDK needs
 * no more than another host. The source's key stands in for the access token: in the query, in the body, or
 * as bearer. The pixel in the path is not looked at, since the source's destinations say where events go.
 * Bodies are JSON, or forms whose `data` is JSON. Answers are the Graph API's; other than there a bad
 * event does not cost its neighbours anything and is kept as dead.
 * developers.facebook.com/docs/marketing-api/conversions-api/using-the-api */
#include "base/json.h"
#include "base/sha256.h"
#include "core/limits.h"
#include "http/form.h"
#include "ingest/routes.h"
#include "ingest/source.h"
#include "sys/random.h"

/* --- answers ----------------------------------------------------------------------------------- */

static const struct words {
    int status, code;
    struct str message;
} words[REFUSAL_COUNT] = {
    [REFUSAL_NO_KEY] = {401, 190,
                        S_INIT("No access token: the source's write key goes in its place.")},
    [REFUSAL_BAD_KEY] = {401, 190,
                         S_INIT("Invalid OAuth access token: no enabled source has this key.")},
    [REFUSAL_SIGNATURE] = {401, 190, S_INIT("The signature is wrong.")},
    [REFUSAL_STALE] = {401, 190, S_INIT("The request is too old.")},
    [REFUSAL_ORIGIN] = {403, 200, S_INIT("This source does not take events from this page.")},
    [REFUSAL_ADDRESS] = {403, 200, S_INIT("This source does not take events from this address.")},
    [REFUSAL_BAD_JSON] = {400, 100, S_INIT("Invalid parameter: the body is no JSON and no form.")},
    [REFUSAL_ENCODING] = {400, 100, S_INIT("Invalid parameter: Content-Encoding is gzip or none.")},
    [REFUSAL_NO_EVENTS] = {400, 100,
                           S_INIT("Invalid parameter: data is a list of at least one event.")},
    [REFUSAL_TOO_MUCH] = {413, 100, S_INIT("Invalid parameter: too many events, or too large.")},
    [REFUSAL_TOO_SLOW] = {503, 2, S_INIT("Service temporarily unavailable: send again faster.")},
    [REFUSAL_TOO_FAST] = {429, 4, S_INIT("Application request limit reached for this source.")},
    [REFUSAL_BUSY] = {503, 2, S_INIT("Service temporarily unavailable: not stored; send again.")},
};

static void put_trace(struct buf *out)
{
    unsigned char random[12];
    random_bytes(random, sizeof random);
    buf_put(out, S(",\"fbtrace_id\":\"A"));
    buf_put_hex(out, random, sizeof random);
    buf_putc(out, '"');
}

static void answer(struct http_request *req, const struct answer *a, struct http_response *res)
{
    struct buf *out = req->scratch;
    if (a->refusal == REFUSAL_NONE) {
        buf_printf(out, "{\"events_received\":%u,\"messages\":[]", a->events);
        put_trace(out);
        buf_putc(out, '}');
    } else {
        const struct words *why = &words[a->refusal];
        bool later = why->status == 429 || why->status == 503;
        res->status = why->status;
        buf_put(out, S("{\"error\":{"));
        json_kv_str(out, S("message"), why->message);
        json_kv_str(out, S("type"), S("OAuthException"));
        json_kv_u64(out, S("code"), (uint64_t)why->code);
        json_kv_bool(out, S("is_transient"), later);
        put_trace(out);
        buf_put(out, S("}}"));
    }
    res->body = buf_str(out);
}

/* --- requests ---------------------------------------------------------------------------------- */

static struct str key(const struct http_request *req)
{
    struct str token = http_query_get(req, S("access_token"));
    struct str bearer = http_header(req, S("Authorization"));
    if (token.n) return token;
    return str_starts(bearer, S("Bearer ")) ? str_trim(str_from(bearer, 7)) : str_of(NULL, 0);
}

/* A list of events as JSON; a single one becomes a list of one. False when it is neither. */
static bool put_data(struct buf *out, struct str text, struct arena *arena)
{
    struct err err;
    yyjson_val *root = json_read(arena, text, &err);
    if (!yyjson_is_ctn(root)) return false;
    json_key(out, S("data"));
    if (yyjson_is_obj(root)) buf_putc(out, '[');
    buf_put(out, str_trim(text));
    if (yyjson_is_obj(root)) buf_putc(out, ']');
    return true;
}

static bool form_to_json(struct form *form, struct arena *arena, struct buf *out)
{
    struct str name, value;
    bool good = true;
    buf_putc(out, '{');
    while (good && form_next(form, arena, &name, &value)) {
        if (str_eq(name, S("data"))) {
            good = put_data(out, value, arena);
        } else {
            json_kv_str(out, name, value);
        }
    }
    buf_putc(out, '}');
    return good;
}

/* As a form, or as JSON whose `data` is a text that is JSON. */
static bool open_body(const struct http_request *req, struct str *body, struct err *err)
{
    struct buf out = {0};
    struct form form;
    struct arena *arena = req->transient;
    bool good = true;
    if (str_starts(str_trim(*body), S("{"))) {
        yyjson_val *root = json_read(arena, *body, err);
        struct str data = json_str(json_get(root, "data"));
        if (!data.p) return true;
        buf_putc(&out, '{');
        json_kv_str(&out, S("access_token"), json_str(json_get(root, "access_token")));
        good = put_data(&out, data, arena);
        buf_putc(&out, '}');
    } else {
        struct str type = http_header(req, S("Content-Type"));
        good = form_open(&form, type, *body, arena) && form_to_json(&form, arena, &out);
    }
    *body = arena_str(arena, buf_str(&out));
    buf_fini(&out);
    return good || err_set(err, ERR_INPUT, "no JSON and no form with data");
}

/* Meta knows an event again by its name and id together; an order's Purchase and Subscribe may share the
 * order's id. */
static bool make_id(struct buf *out, yyjson_val *event)
{
    struct str id = json_str(json_get(event, "event_id"));
    struct str name = json_str(json_get(event, "event_name"));
    size_t mark = out->n;
    if (!id.n) return false;
    buf_put(out, name);
    buf_putc(out, ':');
    buf_put(out, id);
    if (out->n - mark <= LIMIT_MESSAGE_ID_BYTES) return true;
    struct buf hash = {0};
    sha256_put_hex(&hash, buf_since(out, mark));
    buf_cut(out, mark);
    buf_put(out, S("sha256:"));
    buf_put(out, buf_str(&hash));
    buf_fini(&hash);
    return true;
}

static bool is_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    }
    return s.n > 0;
}

/* /v26.0/123/events, whatever the version. */
bool meta_knows(void *ctx, struct str path)
{
    struct str version, major, minor, pixel, rest;
    (void)ctx;
    if (!str_starts(path, S("/v"))) return false;
    if (!str_cut(str_from(path, 2), '/', &version, &rest)) return false;
    if (!str_cut(version, '.', &major, &minor) || !is_digits(major) || !is_digits(minor))
        return false;
    return str_cut(rest, '/', &pixel, &rest) && is_digits(pixel) && str_eq(rest, S("events"));
}

const struct wire meta_wire = {
    .protocol = PROTOCOL_META,
    .form = {.key = S_INIT("access_token"),
             .batch = S_INIT("data"),
             .type = S_INIT("event_name"),
             .make_id = make_id},
    .key = key,
    .open = open_body,
    .empty_is_error = true,
    .answer = answer,
};
