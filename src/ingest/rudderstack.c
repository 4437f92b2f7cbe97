/* SPDX-License-Identifier: Apache-2.0 */
/* RudderStack's protocol is Segment's with answers in plain text, in the words of its own server
 * (rudder-server's gateway). Its browser SDK asks for its source's configuration first, and sends
 * nothing without. */
#include "base/json.h"
#include "ingest/routes.h"
#include "ingest/segment.h"
#include "ingest/source.h"

static const struct str words[REFUSAL_COUNT] = {
    [REFUSAL_NONE] = S_INIT("OK"),
    [REFUSAL_NO_KEY] = S_INIT("failed to read writekey from header"),
    [REFUSAL_BAD_KEY] = S_INIT("invalid write key"),
    [REFUSAL_ORIGIN] = S_INIT("origin is not allowed for this source"),
    [REFUSAL_ADDRESS] = S_INIT("address is not allowed for this source"),
    [REFUSAL_BAD_JSON] = S_INIT("invalid json"),
    [REFUSAL_ENCODING] = S_INIT("unsupported content encoding"),
    [REFUSAL_NO_EVENTS] = S_INIT("empty batch payload"),
    [REFUSAL_TOO_MUCH] = S_INIT("request size exceeds max limit"),
    [REFUSAL_TOO_SLOW] = S_INIT("service unavailable"),
    [REFUSAL_TOO_FAST] = S_INIT("too many requests"),
    [REFUSAL_BUSY] = S_INIT("service unavailable"),
};

static void answer(struct http_request *req, const struct answer *a, struct http_response *res)
{
    (void)req;
    res->content_type = S("text/plain; charset=utf-8");
    res->body = words[a->refusal];
}

const struct wire rudder_wire = {
    .protocol = PROTOCOL_RUDDERSTACK,
    .form = SEGMENT_FORM,
    .empty_is_error = true,
    .answer = answer,
};

/* What the SDK insists on: id not null, config an object, destinations a list, enabled true. */
static void put_config(struct buf *out, const struct source_conf *source, struct str key)
{
    buf_put(out, S("{\"source\":{"));
    json_kv_str(out, S("id"), source->name.text);
    json_kv_str(out, S("name"), source->name.text);
    json_kv_str(out, S("writeKey"), key);
    buf_put(out, S(",\"enabled\":true,\"workspaceId\":\"pixeld\",\"connections\":[],"
                   "\"destinations\":[],\"config\":{\"statsCollection\":{\"errors\":{\"enabled\":"
                   "false},\"metrics\":{\"enabled\":false}}},\"dataplanes\":{}},"
                   "\"updatedAt\":\"2026-01-01T00:00:00.000Z\",\"consentManagementMetadata\":{}}"));
}

void rudder_config(void *ctx, struct http_request *req)
{
    struct ingest *in = ctx;
    const void *generation;
    struct str key = source_key(req);
    const struct config *config = ingest_acquire(in, &generation);
    const struct source_conf *source = key.p ? source_find(config, key) : NULL;
    if (source) put_config(req->scratch, source, key);
    ingest_release(in, generation);
    if (source) {
        http_respond(req, &(struct http_response){.status = 200, .body = buf_str(req->scratch)});
    } else {
        ingest_refuse(in, req, &rudder_wire, key.p ? REFUSAL_BAD_KEY : REFUSAL_NO_KEY);
    }
}
