/* SPDX-License-Identifier: Apache-2.0 */
/* Amplitude's HTTP V2, Batch and Identify APIs (amplitude.com/docs/apis/analytics). The key is in the
 * body, and the SDKs go by the `code` in the answer's body rather than by the HTTP status: without it
 * they send everything again until they give up. 400 with missing_field, or with an error that begins
 * "Invalid API key", makes them drop the request; any other 400 names the events to drop and has the
 * rest sent again. So single bad events are kept as dead with a 200 here, as for all protocols. */
#include "base/json.h"
#include "base/sha256.h"
#include "http/form.h"
#include "ingest/routes.h"
#include "ingest/source.h"

/* --- answers ----------------------------------------------------------------------------------- */

struct words {
    int code;
    struct str error, missing;
};

/* No other status than these: the SDKs repeat 401 and 403 until they give up. */
static const struct words words[REFUSAL_COUNT] = {
    [REFUSAL_NO_KEY] = {400, S_INIT("Request missing required field"), S_INIT("api_key")},
    [REFUSAL_BAD_KEY] = {400, S_INIT("Invalid API key: no enabled source has it"), S_INIT("")},
    [REFUSAL_ORIGIN] = {400,
                        S_INIT("Invalid API key: its source does not take events from this page"),
                        S_INIT("")},
    [REFUSAL_ADDRESS] = {400,
                         S_INIT("Invalid API key: its source does not take events from this "
                                "address"),
                         S_INIT("")},
    [REFUSAL_BAD_JSON] = {400, S_INIT("Invalid JSON request body"), S_INIT("")},
    [REFUSAL_ENCODING] = {400, S_INIT("Invalid Content-Encoding: gzip or none"), S_INIT("")},
    [REFUSAL_NO_EVENTS] = {400, S_INIT("Request missing required field"), S_INIT("events")},
    [REFUSAL_TOO_MUCH] = {413, S_INIT("Payload too large"), S_INIT("")},
    [REFUSAL_TOO_SLOW] = {503, S_INIT("Not stored; send again"), S_INIT("")},
    [REFUSAL_TOO_FAST] = {429, S_INIT("Too many requests for this source"), S_INIT("")},
    [REFUSAL_BUSY] = {503, S_INIT("Not stored; send again"), S_INIT("")},
};

/* What the documents' answers have besides; always empty here. */
static struct str usual_fields(int code)
{
    if (code == 400) {
        return S(",\"events_with_invalid_fields\":{},\"events_with_missing_fields\":{},"
                 "\"events_with_invalid_id_lengths\":{},\"silenced_events\":[]");
    }
    if (code == 429) {
        return S(",\"eps_threshold\":0,\"throttled_users\":{},\"throttled_devices\":{},"
                 "\"throttled_events\":[],\"exceeded_daily_quota_users\":{},"
                 "\"exceeded_daily_quota_devices\":{}");
    }
    return S("");
}

static void put_refusal(struct buf *out, const struct words *why)
{
    json_kv_u64(out, S("code"), (uint64_t)why->code);
    json_kv_str(out, S("error"), why->error);
    if (why->missing.n) json_kv_str(out, S("missing_field"), why->missing);
    buf_put(out, usual_fields(why->code));
}

static void answer(struct http_request *req, const struct answer *a, struct http_response *res)
{
    struct buf *out = req->scratch;
    buf_putc(out, '{');
    if (a->refusal == REFUSAL_NONE) {
        json_kv_u64(out, S("code"), 200);
        json_kv_u64(out, S("events_ingested"), a->events);
        json_kv_u64(out, S("payload_size_bytes"), a->body_bytes);
        json_kv_i64(out, S("server_upload_time"), a->received_ms);
    } else {
        res->status = words[a->refusal].code;
        put_refusal(out, &words[a->refusal]);
    }
    buf_putc(out, '}');
    res->body = buf_str(out);
}

/* --- bodies ------------------------------------------------------------------------------------ */

/* The Identify APIs and the old HTTP API take forms: api_key, and an event or a list of them as JSON.
 * Whatever begins with a brace is taken as JSON, whatever its Content-Type. */
static bool open_form(const struct http_request *req, struct str *body, struct err *err)
{
    static const struct str fields[] = {S_INIT("identification"), S_INIT("event"),
                                        S_INIT("events")};
    struct arena *arena = req->transient;
    struct str key, events = {NULL, 0}, form = str_trim(*body);
    struct buf out = {0};
    if (!form.n || form.p[0] == '{') return true;
    if (form.p[0] == '[') return err_set(err, ERR_INPUT, "the body is not a JSON object");
    key = form_get(form, S("api_key"), arena);
    for (size_t i = 0; i < countof(fields) && !events.p; i++) {
        events = str_trim(form_get(form, fields[i], arena));
    }
    buf_putc(&out, '{');
    if (key.n) json_kv_str(&out, S("api_key"), key);
    if (events.n) {
        bool list = events.p[0] == '[';
        json_key(&out, S("events"));
        if (!list) buf_putc(&out, '[');
        buf_put(&out, events);
        if (!list) buf_putc(&out, ']');
    }
    buf_putc(&out, '}');
    *body = arena_str(arena, buf_str(&out));
    buf_fini(&out);
    return true;
}

/* Without insert_id Amplitude does not know an event again. Here the same content at the same time is
 * the same event: an API client that sends it again sends it as it was. */
static bool make_id(struct buf *out, yyjson_val *event)
{
    unsigned char digest[SHA256_BYTES];
    if (!json_get(event, "time")) return false;
    if (!json_get(event, "user_id") && !json_get(event, "device_id")) return false;
    json_put_val(out, event);
    sha256(buf_str(out), digest);
    buf_clear(out);
    buf_put(out, S("sha256:"));
    buf_put_hex(out, digest, sizeof digest);
    return true;
}

#define FORM(LIST)                                                                                 \
    {                                                                                              \
        .key = S_INIT("api_key"), .batch = S_INIT(LIST), .type = S_INIT("event_type"),             \
        .id = S_INIT("insert_id"), .sent = S_INIT("client_upload_time"), .make_id = make_id,       \
        .list_only = true, .all_or_none = true                                                     \
    }

/* The key is in the body only; no header or query counts. */
static struct str no_key(const struct http_request *req)
{
    (void)req;
    return str_of(NULL, 0);
}

const struct wire amplitude_wire = {
    .protocol = PROTOCOL_AMPLITUDE,
    .form = FORM("events"),
    .key = no_key,
    .open = open_form,
    .empty_is_error = true,
    .answer = answer,
};

/* --- what the browser SDK asks for ------------------------------------------------------------- */

/* Its remote configuration, for those who set remoteConfig.serverUrl to pixeld: nothing is remote. */
void amplitude_config(void *ctx, struct http_request *req)
{
    struct ingest *in = ctx;
    const void *generation;
    const struct config *config = ingest_acquire(in, &generation);
    bool known = source_find(config, req->wildcard) != NULL;
    ingest_release(in, generation);
    if (known) {
        http_respond(req, &(struct http_response){.status = 200, .body = S("{\"configs\":{}}")});
    } else {
        ingest_refuse(in, req, &amplitude_wire, REFUSAL_BAD_KEY);
    }
}
