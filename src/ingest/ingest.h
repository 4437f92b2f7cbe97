/* SPDX-License-Identifier: Apache-2.0 */
/* Ingest takes requests of the vendors' SDKs apart: who is it (source key), which events are in it,
 * what was seen on the connection; hands the encoded records to the journal and answers after they
 * are on disk. Wire duties only, one file per protocol; it never looks into an event for meaning. */
#ifndef INGEST_INGEST_H
#define INGEST_INGEST_H

#include "conf/config.h"
#include "http/server.h"
#include "journal/journal.h"

struct ingest;

struct ingest_options {
    struct journal *journal;
    /* Pins the present configuration while a request is looked at; any thread. */
    void *ctx;
    const struct config *(*acquire)(void *ctx, const void **generation);
    void (*release)(void *ctx, const void *generation);
};

struct ingest *ingest_new(const struct ingest_options *options);
void ingest_free(struct ingest *in);

/* The routes, to be given to each http_server together with the struct ingest as ctx. */
extern const struct http_route ingest_routes[];
extern const size_t ingest_route_count;

/* Numbers for metrics; any thread. */
struct ingest_stats {
    uint64_t requests, events, rejected;              /* rejected: kept as dead on arrival */
    uint64_t unauthorized, bad_requests, unavailable; /* requests by refusal: 401, 400/413, 503 */
};
void ingest_stats(struct ingest *in, struct ingest_stats *out);

/* ingest_each_refusal calls fn for each source ("" where none was known) and reason for which requests
 * were refused so far. Any thread; fn must not call back. */
typedef void ingest_refusal_fn(void *ctx, struct str source, struct str reason, uint64_t count);
void ingest_each_refusal(struct ingest *in, ingest_refusal_fn *fn, void *ctx);

/* ingest_each_source calls fn for each source that sent something since the start, with the number of its
 * acknowledged events. Any thread; fn must not call back. */
typedef void ingest_source_fn(void *ctx, struct str source, uint64_t events);
void ingest_each_source(struct ingest *in, ingest_source_fn *fn, void *ctx);

#endif
