/* SPDX-License-Identifier: Apache-2.0 */
/* What the protocols' files use of ingest.c: each route there is a line that says what kind of
 * request it takes. */
#ifndef INGEST_ROUTES_H
#define INGEST_ROUTES_H

#include "ingest/answer.h"
#include "ingest/ingest.h"

struct ingest_kind {
    struct str type; /* of an event that does not say it; empty: the event must */
    bool batch;      /* the body may be a batch */
    bool rudder;     /* only RudderStack's SDKs call it */
    bool browser;    /* only browsers call it */
};

/* ingest_events takes a request with events, and answers it. */
void ingest_events(struct ingest *in, struct http_request *req, const struct ingest_kind *kind);
/* ingest_refuse counts and answers. */
void ingest_refuse(struct ingest *in, struct http_request *req, enum protocol protocol,
                   enum refusal refusal);
/* ingest_protocol_guess is what the request line and headers say, before the source is known. */
enum protocol ingest_protocol_guess(const struct http_request *req, const struct ingest_kind *kind);
/* ingest_acquire pins the configuration until ingest_release. */
const struct config *ingest_acquire(struct ingest *in, const void **generation);
void ingest_release(struct ingest *in, const void *generation);

/* The handlers outside ingest.c; ctx is the struct ingest. */
void segment_settings(void *ctx, struct http_request *req);
void segment_metrics(void *ctx, struct http_request *req);
void rudder_config(void *ctx, struct http_request *req);

#endif
