/* SPDX-License-Identifier: Apache-2.0 */
/* Ingest's routes, all in one place. All are for browsers too (CORS). */
#include "ingest/routes.h"

/* A route with events: method, path, the protocol's wire, then what is set in its struct ingest_kind. */
#define ROUTE(METHOD, PATH, WIRE, ...)                                                             \
    {                                                                                              \
        .method = (METHOD), .path = (PATH), .handler = ingest_events, .cors = true,                \
        .arg = &(const struct ingest_kind){.wire = &(WIRE), __VA_ARGS__}, .refuse = ingest_refused \
    }
#define TAKE(PATH, WIRE, ...) ROUTE(HTTP_POST_, PATH, WIRE, __VA_ARGS__)
#define ONE(TYPE) .type = S_INIT(TYPE)
#define BATCH .batch = true
/* What an SDK asks for besides. */
#define ASK(METHOD, PATH, HANDLER)                                                                 \
    {                                                                                              \
        .method = (METHOD), .path = (PATH), .handler = (HANDLER), .cors = true                     \
    }

const struct http_route ingest_routes[] = {
    /* Segment and its relatives; the one-letter paths are analytics.js's. */
    TAKE("/v1/track", segment_wire, ONE("track")),
    TAKE("/v1/page", segment_wire, ONE("page")),
    TAKE("/v1/screen", segment_wire, ONE("screen")),
    TAKE("/v1/identify", segment_wire, ONE("identify")),
    TAKE("/v1/group", segment_wire, ONE("group")),
    TAKE("/v1/alias", segment_wire, ONE("alias")),
    TAKE("/v1/t", segment_wire, ONE("track")),
    TAKE("/v1/p", segment_wire, ONE("page")),
    TAKE("/v1/s", segment_wire, ONE("screen")),
    TAKE("/v1/i", segment_wire, ONE("identify")),
    TAKE("/v1/g", segment_wire, ONE("group")),
    TAKE("/v1/a", segment_wire, ONE("alias")),
    TAKE("/v1/batch", segment_wire, BATCH),
    TAKE("/v1/b", segment_wire, BATCH),
    TAKE("/v1/import", segment_wire, BATCH),
    ASK(HTTP_POST_, "/v1/m", segment_metrics),
    ASK(HTTP_GET_, "/v1/projects/*/settings", segment_settings),

    /* RudderStack */
    TAKE("/beacon/v1/batch", rudder_wire, BATCH, .browser = true),
    ASK(HTTP_GET_, "/sourceConfig", rudder_config),
    ASK(HTTP_GET_, "/sourceConfig/", rudder_config),
};
const size_t ingest_route_count = countof(ingest_routes);
