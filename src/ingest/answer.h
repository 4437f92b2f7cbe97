/* SPDX-License-Identifier: Apache-2.0 */
/* What the SDKs are told. Segment's and their relatives expect JSON, RudderStack's plain text; both
 * look at the status only, so the words are for people who read logs. */
#ifndef INGEST_ANSWER_H
#define INGEST_ANSWER_H

#include "core/event.h"
#include "http/server.h"

/* X(NAME, status, "code", "message", "what RudderStack's own server says") */
#define REFUSALS(X)                                                                                \
    X(NO_KEY, 401, "no_write_key",                                                                 \
      "No write key: send it as the Basic user, as ?writeKey= or in the body.",                    \
      "failed to read writekey from header")                                                       \
    X(BAD_KEY, 401, "invalid_write_key", "No enabled source has this write key.",                  \
      "invalid write key")                                                                         \
    X(ORIGIN, 403, "origin_not_allowed", "This source does not take events from this page.",       \
      "origin is not allowed for this source")                                                     \
    X(BAD_JSON, 400, "invalid_json", "The body is not a JSON object.", "invalid json")             \
    X(NO_EVENTS, 400, "no_events", "The body has neither a batch nor a type.",                     \
      "empty batch payload")                                                                       \
    X(TOO_MUCH, 413, "batch_too_large", "The batch has too many events, or too much in them.",     \
      "request size exceeds max limit")                                                            \
    X(BUSY, 503, "not_stored", "The events could not be stored at the moment; send them again.",   \
      "service unavailable")

enum refusal {
#define X(NAME, status, code, message, rudder) REFUSAL_##NAME,
    REFUSALS(X)
#undef X
        REFUSAL_COUNT
};

/* answer_yes: everything is stored. */
void answer_yes(struct http_request *req, enum protocol protocol);
void answer_no(struct http_request *req, enum protocol protocol, enum refusal refusal);
int answer_status(enum refusal refusal);

#endif
