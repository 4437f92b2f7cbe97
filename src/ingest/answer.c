/* SPDX-License-Identifier: Apache-2.0 */
/* See answer.h. */
#include "ingest/answer.h"

#include <assert.h>

enum { RETRY_AFTER_S = 2 };

struct words {
    int status;
    struct str json, text;
};

static const struct words refusals[] = {
#define X(NAME, status, code, message, rudder)                                                     \
    {status, S_INIT("{\"success\":false,\"code\":\"" code "\",\"message\":\"" message "\"}"),      \
     S_INIT(rudder)},
    REFUSALS(X)
#undef X
};

static void answer(struct http_request *req, enum protocol protocol, const struct words *words)
{
    struct http_response res = {.status = words->status, .body = words->json};
    if (protocol == PROTOCOL_RUDDERSTACK) {
        res.content_type = S("text/plain; charset=utf-8");
        res.body = words->text;
    }
    if (words->status == 503) res.retry_after_s = RETRY_AFTER_S;
    http_respond(req, &res);
}

void answer_yes(struct http_request *req, enum protocol protocol)
{
    static const struct words yes = {200, S_INIT("{\"success\":true}"), S_INIT("OK")};
    answer(req, protocol, &yes);
}

void answer_no(struct http_request *req, enum protocol protocol, enum refusal refusal)
{
    assert(refusal < REFUSAL_COUNT);
    answer(req, protocol, &refusals[refusal]);
}

int answer_status(enum refusal refusal)
{
    assert(refusal < REFUSAL_COUNT);
    return refusals[refusal].status;
}
