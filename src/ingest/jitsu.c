/* SPDX-License-Identifier: Apache-2.0 */
/* Jitsu's protocol (docs.jitsu.com): Segment's events, one a request, with the key in a header; the body
 * has it masked, so it never counts there. The SDK never sends again and wants a JSON object as answer:
 * a text is logged as an error, null breaks it. */
#include "http/request.h"
#include "ingest/routes.h"

/* Keys look like id:secret; as Basic user and password they are the same text. */
static struct str key(const struct http_request *req)
{
    struct str key = http_header(req, S("X-Write-Key"));
    if (!key.n) key = request_basic(req);
    if (!key.n) key = http_query_get(req, S("writeKey"));
    return key.n ? key : str_of(NULL, 0);
}

static void answer(struct http_request *req, const struct answer *a, struct http_response *res)
{
    struct buf *out = req->scratch;
    buf_put(out, S("{\"ok\":"));
    buf_put(out, a->refusal == REFUSAL_NONE ? S("true") : S("false"));
    if (a->refusal != REFUSAL_NONE) json_kv_str(out, S("error"), answer_message(a->refusal));
    buf_putc(out, '}');
    res->body = buf_str(out);
}

const struct wire jitsu_wire = {
    .protocol = PROTOCOL_JITSU,
    .form = {.type = S_INIT("type"), .id = S_INIT("messageId"), .sent = S_INIT("sentAt")},
    .key = key,
    .answer = answer,
};
