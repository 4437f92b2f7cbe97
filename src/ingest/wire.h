/* SPDX-License-Identifier: Apache-2.0 */
/* What sets a protocol apart on the wire. Each has a file of its own with one const struct wire: tables
 * and a few functions. The engine (ingest.c) does the rest for all of them: whose is it, may this page
 * send, records, journal, and the answer when all of it is on disk. */
#ifndef INGEST_WIRE_H
#define INGEST_WIRE_H

#include "conf/config.h"
#include "ingest/answer.h"
#include "ingest/envelope.h"

/* What is known of a request while it is looked at; on the server's thread. */
struct asking {
    const struct config *config;
    const struct http_request *req;
    const struct envelope *envelope; /* NULL before the body was read */
};

/* All functions run on the server's thread. */
struct wire {
    enum protocol protocol; /* of the records: decides which names the mapping looks for */
    struct envelope_form form;
    /* The source's key in the request line or headers; p = NULL without. NULL: source_key (Basic user,
     * ?writeKey=). Without one the body's counts (form.key). */
    struct str (*key)(const struct http_request *req);
    /* Finds the source in place of the key, for those who prove it otherwise (a path, a signature): sets
     * *source (also of a request that it refuses, when it knows whose it is), or says why not. Runs before the body is read. NULL: by key. */
    enum refusal (*prove)(const struct asking *a, const struct source_conf **source);
    /* Makes the JSON object that the request means, in req->transient, from a body or query that is
     * none (form, pixel); false and err when it means none. NULL: the body is it. */
    bool (*open)(const struct http_request *req, struct str *body, struct err *err);
    /* After open, for those whose source says what the body is (with prove): makes the JSON object and
     * may set what envelope has of the caller's; false when the body is none. NULL: nothing to do. */
    bool (*shape)(const struct http_request *req, const struct source_conf *source,
                  struct envelope *e, struct str *body);
    /* The protocol that the request is in fact, where several share the routes. source is NULL until it
     * is known. NULL: this one. */
    const struct wire *(*settle)(const struct asking *a, const struct source_conf *source);
    /* Header lines for the answer when all is stored, in the request's arena. NULL: none. */
    struct str (*headers)(const struct asking *a, const struct source_conf *source);
    bool empty_is_error; /* a batch without events is refused (NO_EVENTS) */
    answer_fn *answer;   /* never NULL */
};

/* One kind of request: the arg of a route whose handler is ingest_events. */
struct ingest_kind {
    const struct wire *wire;
    struct str type; /* of an event that does not say it; n = 0: the event must */
    bool batch;      /* the body may be a batch */
    bool browser;    /* only browsers call it */
};

extern const struct wire segment_wire, segment_image_wire;
extern const struct wire rudder_wire, rudder_image_wire;
extern const struct wire customerio_wire, amplitude_wire, jitsu_wire;
extern const struct wire meta_wire, webhook_wire;

#endif
