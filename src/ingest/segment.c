/* SPDX-License-Identifier: Apache-2.0 */
/* Segment's protocol: who else speaks it, and what analytics.js (and Customer.io's fork of it) asks for
 * besides sending events: its settings, and a place for its own metrics. Without settings that library
 * never becomes ready and loses all. */
#include "ingest/segment.h"

#include "base/json.h"
#include "ingest/routes.h"
#include "ingest/source.h"

const struct wire segment_wire = {
    .protocol = PROTOCOL_SEGMENT,
    .form = SEGMENT_FORM,
    .settle = segment_settle,
    .answer = answer_json,
};

/* --- whose request it is ----------------------------------------------------------------------- */

/* RudderStack's SDKs are known by a header or by what they call themselves ("RudderLabs JavaScript
 * SDK", "com.rudderstack.android"). */
static bool is_rudder_name(struct str name)
{
    static const struct str mark = S_INIT("rudder");
    for (size_t i = 0; i + mark.n <= name.n; i++) {
        if (str_eq_nocase(str_of(name.p + i, mark.n), mark)) return true;
    }
    return false;
}

static bool is_rudder(const struct asking *a)
{
    if (http_header(a->req, S("AnonymousId")).p) return true;
    return a->envelope && is_rudder_name(envelope_str(a->envelope, S("context.library.name")));
}

const struct wire *segment_settle(const struct asking *a, const struct source_conf *source)
{
    static const struct wire *const relatives[PROTOCOL_COUNT] = {
        [PROTOCOL_RUDDERSTACK] = &rudder_wire,
        [PROTOCOL_CUSTOMERIO] = &customerio_wire,
        [PROTOCOL_JITSU] = &jitsu_wire,
    };
    if (is_rudder(a)) return &rudder_wire;
    const struct wire *relative = source ? relatives[source->protocol] : NULL;
    return relative ? relative : &segment_wire;
}

/* --- what analytics.js asks for ---------------------------------------------------------------- */

/* One integration only: for each further one the library would load a bundle from elsewhere. */
static void put_settings(struct buf *out, const struct http_request *req,
                         const struct source_conf *source)
{
    bool customerio = source->protocol == PROTOCOL_CUSTOMERIO;
    struct buf host = {0};
    buf_put(&host, http_header(req, S("Host")));
    buf_put(&host, req->prefix);
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
        ingest_refuse(in, req, &segment_wire, REFUSAL_BAD_KEY);
    }
}

/* The SDK's statistics about itself: nobody wants them, but a refusal would be retried. */
void segment_metrics(void *ctx, struct http_request *req)
{
    (void)ctx;
    http_respond(req, &(struct http_response){.status = 200, .body = S("{\"success\":true}")});
}
