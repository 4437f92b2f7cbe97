/* SPDX-License-Identifier: Apache-2.0 */
/* What the protocols' files use of ingest.c, and the handlers that they lend to the table of routes.
 *
 * A new protocol is
 *   1. a name in core/event.h (PROTOCOLS), and where it spells Segment's names otherwise a table in
 *      map/alias_table.c;
 *   2. a file here with a const struct wire (ingest/wire.h): the names of its fields, where its key is,
 *      how it is answered; declared at the end of wire.h;
 *   3. its rows in routes.c. A route with events says TAKE or a like of it: the engine then does all.
 *      What an SDK asks for besides (settings) is a handler of its own, declared below;
 *   4. tests: lines in tests/cases/ingest/captured.ndjson, a file tests/unit/ingest/<file>_test.c, a
 *      seed for the fuzzer, and docs/sources.md. */
#ifndef INGEST_ROUTES_H
#define INGEST_ROUTES_H

#include "ingest/ingest.h"
#include "ingest/wire.h"

/* ingest_events takes a request with events, and answers it; the route's arg is a struct ingest_kind. */
http_handler_fn ingest_events;
/* ingest_refused counts and answers what the server itself refused, in the words of the route's protocol. */
http_refuse_fn ingest_refused;
/* ingest_refuse counts and answers. */
void ingest_refuse(struct ingest *in, struct http_request *req, const struct wire *wire,
                   enum refusal refusal);
/* ingest_acquire pins the configuration until ingest_release. */
const struct config *ingest_acquire(struct ingest *in, const void **generation);
void ingest_release(struct ingest *in, const void *generation);

/* The handlers outside ingest.c; ctx is the struct ingest. */
/* meta_knows: is it a path of the Conversions API? */
bool meta_knows(void *ctx, struct str path);

http_handler_fn segment_settings, segment_metrics, rudder_config, amplitude_config;

#endif
