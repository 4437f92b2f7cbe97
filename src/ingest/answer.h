/* SPDX-License-Identifier: Apache-2.0 */
/* What a request is told. One list says why a request is not taken; how that reads on the wire is the
 * business of each protocol (struct wire in ingest/wire.h), from tables in its own file. */
#ifndef INGEST_ANSWER_H
#define INGEST_ANSWER_H

#include "http/server.h"

/* X(NAME, status, "code", "message") */
#define REFUSALS(X)                                                                                \
    X(NONE, 200, "", "")                                                                           \
    X(NO_KEY, 401, "no_write_key",                                                                 \
      "No write key: send it as the Basic user, as ?writeKey= or in the body.")                    \
    X(BAD_KEY, 401, "invalid_write_key", "No enabled source has this write key.")                  \
    X(ORIGIN, 403, "origin_not_allowed", "This source does not take events from this page.")       \
    X(ADDRESS, 403, "address_not_allowed", "This source does not take events from this address.")  \
    X(SIGNATURE, 401, "bad_signature", "The signature is not of this body by one of the secrets.") \
    X(STALE, 401, "stale_request", "The request was signed too long ago, or our clocks differ.")   \
    X(BAD_JSON, 400, "invalid_json", "The body is not a JSON object.")                             \
    X(ENCODING, 415, "unsupported_encoding",                                                       \
      "The body's Content-Encoding is not known; gzip and none are.")                              \
    X(NO_EVENTS, 400, "no_events", "The body has neither a batch nor a type.")                     \
    X(TOO_MUCH, 413, "batch_too_large", "The batch has too many events, or too much in them.")     \
    X(TOO_SLOW, 408, "too_slow", "The request did not come in time; send it again.")               \
    X(TOO_FAST, 429, "rate_limited", "This source sends more than it may; try again shortly.")     \
    X(BUSY, 503, "not_stored", "The events could not be stored at the moment; send them again.")

enum refusal {
#define X(NAME, status, code, message) REFUSAL_##NAME,
    REFUSALS(X)
#undef X
        REFUSAL_COUNT
};

/* What became of a request. */
struct answer {
    enum refusal refusal; /* NONE: everything is stored */
    uint32_t events;      /* stored */
    size_t body_bytes;    /* of the request, inflated */
    int64_t received_ms;
    int retry_after_s;  /* 0: the usual time */
    struct str headers; /* lines that the wire's `headers` made; empty unless all is stored */
};

/* Fills res, which has the usual status and Retry-After, with what this protocol's clients expect.
 * Server's thread; req->scratch is empty and may hold the body, which is copied. */
typedef void answer_fn(struct http_request *req, const struct answer *a, struct http_response *res);

/* answer_json is {"success":true}, or false with code and message: Segment's form. */
answer_fn answer_json;

/* answer_image makes the body a picture of one transparent dot, which nobody may keep. */
void answer_image(struct http_response *res);

int answer_status(enum refusal refusal);
struct str answer_code(enum refusal refusal);
struct str answer_message(enum refusal refusal);
/* answer_refusal is the refusal for a status that the server itself refuses with. */
enum refusal answer_refusal(int status);

#endif
