/* SPDX-License-Identifier: Apache-2.0 */
/* Webhooks: POST /webhook/NAME, where NAME is the source's. What a body means is said by expressions of
 * the source's configuration when the event is mapped (map/view.h); here only what the record needs is
 * looked at: is the sender who it should be, which parts of the body are the events, what is their id. The
 * events stay as they were sent; headers that belong to them (Shopify's topic) are put in front. */
#include "base/json.h"
#include "core/limits.h"
#include "ingest/signature.h"
#include "ingest/source.h"
#include "ingest/wire.h"
#include "sys/clock.h"

#include <ctype.h>

#define EVENTS S_INIT("events")

/* --- who --------------------------------------------------------------------------------------- */

static enum refusal prove(const struct asking *a, const struct source_conf **source)
{
    const struct source_conf *named = config_source(a->config, a->req->wildcard);
    if (!named || !named->enabled || named->protocol != PROTOCOL_WEBHOOK) return REFUSAL_BAD_KEY;
    enum refusal refusal = REFUSAL_NONE;
    *source = named;
    if (named->webhook.secret_count) {
        refusal = signature_check(&named->webhook, a->req, clock_now_ms());
    } else {
        struct str key = source_key(a->req);
        if (!key.p) refusal = REFUSAL_NO_KEY;
        if (key.p && source_find(a->config, key) != named) refusal = REFUSAL_BAD_KEY;
    }
    return refusal;
}

/* --- the events -------------------------------------------------------------------------------- */

/* {"x-shopify-topic":"orders/paid"}; nothing without kept headers. */
static void put_headers(struct buf *out, const struct texts *names, const struct http_request *req)
{
    struct buf small = {0};
    for (size_t i = 0; i < names->count; i++) {
        struct str name = names->items[i].text, value = http_header(req, name);
        if (!value.p) continue;
        buf_clear(&small);
        for (size_t k = 0; k < name.n; k++) {
            buf_putc(&small, (char)tolower((unsigned char)name.p[k]));
        }
        if (!out->n) buf_putc(out, '{');
        json_kv_str(out, buf_str(&small), value);
    }
    if (out->n) buf_putc(out, '}');
    buf_fini(&small);
}

/* Appends an event's own text, with the headers in front. */
static void put_event(struct buf *out, struct str text, struct str headers)
{
    size_t inside = json_skip_space(text, 1);
    json_comma(out);
    if (!headers.n || !str_starts(text, S("{"))) {
        buf_put(out, text);
        return;
    }
    buf_putc(out, '{');
    json_kv_raw(out, S("headers"), headers);
    if (text.p[inside] != '}') buf_putc(out, ',');
    buf_put(out, str_from(text, 1));
}

static struct str value_at(struct str text, size_t *at)
{
    size_t start = json_skip_space(text, *at);
    *at = json_skip(text, start);
    return str_of(text.p + start, *at - start);
}

/* The text of a member of an object that is JSON; p = NULL without. The last one of its name counts. */
static struct str member(struct str object, struct str name, struct arena *arena)
{
    struct str found = {0};
    struct err err;
    if (!str_starts(object, S("{"))) return found;
    for (size_t at = 1; object.p[json_skip_space(object, at)] != '}';) {
        struct str key = value_at(object, &at);
        at = json_skip_space(object, at) + 1; /* the colon */
        struct str value = value_at(object, &at);
        yyjson_val *text = json_read(arena, key, &err); /* without its escapes */
        if (str_eq(json_str(text), name)) found = value;
        at = json_skip_space(object, at);
        if (object.p[at] == ',') at++;
    }
    return found;
}

/* What is at a dotted path of the body; without it, or when it is no list, the whole body. */
static struct str list_in(struct str body, struct str path, struct arena *arena)
{
    struct str at = body, step;
    for (struct str rest = path; at.p && rest.n;) {
        if (!str_cut(rest, '.', &step, &rest)) rest = S("");
        at = member(at, step, arena);
    }
    return at.p && str_starts(at, S("[")) ? at : body;
}

static void put_events(struct buf *out, struct str found, struct str headers)
{
    if (!str_starts(found, S("["))) {
        put_event(out, found, headers);
        return;
    }
    for (size_t at = 1; found.p[json_skip_space(found, at)] != ']';) {
        put_event(out, value_at(found, &at), headers);
        at = json_skip_space(found, at);
        if (found.p[at] == ',') at++;
    }
}

/* The body as {"events":[...]}; false when it is no JSON object or list. */
static bool shape(const struct http_request *req, const struct source_conf *source,
                  struct envelope *e, struct str *body)
{
    struct err err;
    struct buf headers = {0}, out = {0};
    yyjson_val *root = json_read(req->transient, req->body, &err);
    if (!yyjson_is_ctn(root)) return false;
    size_t start = 0;
    struct str whole = value_at(req->body, &start);
    put_headers(&headers, &source->webhook.headers, req);
    buf_put(&out, S("{\"events\":["));
    struct str found = list_in(whole, source->webhook.each.text, req->transient);
    put_events(&out, found, buf_str(&headers));
    buf_put(&out, S("]}"));
    *body = arena_str(req->transient, buf_str(&out));
    e->id_paths = &source->webhook.id;
    buf_fini(&headers);
    buf_fini(&out);
    return true;
}

const struct wire webhook_wire = {
    .protocol = PROTOCOL_WEBHOOK,
    .form = {.batch = EVENTS},
    .prove = prove,
    .shape = shape,
    .answer = answer_json,
};
