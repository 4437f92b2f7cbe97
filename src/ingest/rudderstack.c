/* SPDX-License-Identifier: Apache-2.0 */
/* RudderStack's browser SDK asks for its source's configuration first, and sends nothing without. */
#include "base/json.h"
#include "ingest/routes.h"
#include "ingest/source.h"

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
        ingest_refuse(in, req, PROTOCOL_RUDDERSTACK, key.p ? REFUSAL_BAD_KEY : REFUSAL_NO_KEY);
    }
}
