/* SPDX-License-Identifier: Apache-2.0 */
/* What analytics.js (and Customer.io's fork of it) asks for besides sending events: its settings, and
 * a place for its own metrics. Without settings that library never becomes ready and loses all. */
#include "base/json.h"
#include "ingest/routes.h"
#include "ingest/source.h"

/* One integration only: for each further one the library would load a bundle from elsewhere. */
static void put_settings(struct buf *out, const struct http_request *req,
                         const struct source_conf *source)
{
    bool customerio = source->protocol == PROTOCOL_CUSTOMERIO;
    struct buf host = {0};
    buf_put(&host, http_header(req, S("Host")));
    buf_put(&host, S("/v1"));
    buf_put(out, S("{\"integrations\":{"));
    json_key(out, customerio ? S("Customer.io Data Pipelines") : S("Segment.io"));
    buf_putc(out, '{');
    json_kv_str(out, S("apiKey"), req->wildcard);
    json_kv_str(out, S("apiHost"), buf_str(&host));
    json_kv_str(out, S("protocol"), req->secure ? S("https") : S("http"));
    buf_put(out,
            S(",\"versionSettings\":{\"version\":\"4.4.7\",\"componentTypes\":[\"browser\"]}}},"
              "\"plan\":{},\"metrics\":{\"sampleRate\":0},\"middlewareSettings\":{},"
              "\"enabledMiddleware\":{},\"remotePlugins\":[]}"));
    buf_fini(&host);
}

void segment_settings(void *ctx, struct http_request *req)
{
    struct ingest *in = ctx;
    const void *generation;
    const struct config *config = ingest_acquire(in, &generation);
    const struct source_conf *source = source_find(config, req->wildcard);
    if (source) put_settings(req->scratch, req, source);
    ingest_release(in, generation);
    if (source) {
        http_respond(req, &(struct http_response){.status = 200, .body = buf_str(req->scratch)});
    } else {
        ingest_refuse(in, req, PROTOCOL_SEGMENT, REFUSAL_BAD_KEY);
    }
}

/* The SDK's statistics about itself: nobody wants them, but a refusal would be retried. */
void segment_metrics(void *ctx, struct http_request *req)
{
    (void)ctx;
    answer_yes(req, PROTOCOL_SEGMENT);
}
