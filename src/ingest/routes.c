/* SPDX-License-Identifier: Apache-2.0 */
/* Ingest's routes, all in one place. All are for browsers too (CORS), and most work behind any prefix: an
 * SDK may be told https://shop.example/collect, whatever the proxy there does with /collect. */
#include "ingest/routes.h"

#include "core/limits.h"
#include "ingest/pixel.h"

/* A route with events: method, path, the protocol's wire, then what is set in its struct ingest_kind. */
#define ROUTE(METHOD, PATH, WIRE, ...)                                                             \
    {                                                                                              \
        .method = (METHOD), .path = (PATH), .handler = ingest_events, .cors = true,                \
        .arg = &(const struct ingest_kind){.wire = &(WIRE), __VA_ARGS__},                          \
        .refuse = ingest_refused, .anywhere = true, .brief = true                                  \
    }
#define IMAGE(PATH, WIRE, ...) ROUTE(HTTP_GET_, PATH, WIRE, __VA_ARGS__, .browser = true)
#define TAKE(PATH, WIRE, ...) ROUTE(HTTP_POST_, PATH, WIRE, __VA_ARGS__)
#define ONE(TYPE) .type = S_INIT(TYPE)
#define BATCH .batch = true
#define JITSU(TYPE)                                                                                \
    TAKE("/api/s/" TYPE, jitsu_wire, ONE(TYPE)), TAKE("/api/s/s2s/" TYPE, jitsu_wire, ONE(TYPE))
/* What an SDK asks for besides. */
#define ASK(METHOD, PATH, HANDLER)                                                                 \
    {                                                                                              \
        .method = (METHOD), .path = (PATH), .handler = (HANDLER), .cors = true, .anywhere = true   \
    }

#define PIXEL(METHOD, PATH, ...)                                                                   \
    {                                                                                              \
        .method = (METHOD), .path = (PATH), .cors = true, .body_limit = LIMIT_PIXEL_BODY_BYTES,    \
        .arg = &pixel_kind, .refuse = ingest_refused, .brief = true, __VA_ARGS__                   \
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
    IMAGE("/v1/pixel/track", segment_image_wire, ONE("track")),
    IMAGE("/v1/pixel/page", segment_image_wire, ONE("page")),
    IMAGE("/v1/pixel/screen", segment_image_wire, ONE("screen")),
    IMAGE("/v1/pixel/identify", segment_image_wire, ONE("identify")),
    IMAGE("/v1/pixel/group", segment_image_wire, ONE("group")),
    IMAGE("/v1/pixel/alias", segment_image_wire, ONE("alias")),

    /* RudderStack */
    TAKE("/beacon/v1/batch", rudder_wire, BATCH, .browser = true),
    IMAGE("/pixel/v1/track", rudder_image_wire, ONE("track")),
    IMAGE("/pixel/v1/page", rudder_image_wire, ONE("page")),
    ASK(HTTP_GET_, "/sourceConfig", rudder_config),
    ASK(HTTP_GET_, "/sourceConfig/", rudder_config),

    /* Amplitude */
    TAKE("/2/httpapi", amplitude_wire, BATCH),
    TAKE("/httpapi", amplitude_wire, BATCH),
    TAKE("/batch", amplitude_wire, BATCH),
    TAKE("/identify", amplitude_wire, ONE("$identify"), BATCH),
    TAKE("/groupidentify", amplitude_wire, ONE("$groupidentify"), BATCH),
    ASK(HTTP_GET_, "/config/*", amplitude_config),

    /* Jitsu: the same from browsers and from servers */
    JITSU("identify"),
    JITSU("track"),
    JITSU("page"),
    JITSU("screen"),
    JITSU("group"),
    JITSU("alias"),
    TAKE("/api/s/event", jitsu_wire, ONE("")),
    TAKE("/api/s/s2s/event", jitsu_wire, ONE("")),

    /* The browser pixel: /tr as Meta's own script knows it, else the paths of the configuration. */
    PIXEL(HTTP_GET_, "/tr", .handler = ingest_events),
    PIXEL(HTTP_GET_, "/tr/", .handler = ingest_events),
    PIXEL(HTTP_POST_, "/tr", .handler = ingest_events),
    PIXEL(HTTP_POST_, "/tr/", .handler = ingest_events),
    PIXEL(HTTP_GET_, "*", .handler = pixel_get, .knows = pixel_knows),
    PIXEL(HTTP_POST_, "*", .handler = ingest_events, .knows = pixel_knows),

    /* Webhooks, by the name of their source */
    TAKE("/webhook/*", webhook_wire, BATCH),

    /* Meta's own shape, of any version and pixel */
    {.method = HTTP_POST_,
     .path = "*",
     .knows = meta_knows,
     .handler = ingest_events,
     .cors = true,
     .brief = true,
     .arg = &(const struct ingest_kind){.wire = &meta_wire, BATCH},
     .refuse = ingest_refused},
};
const size_t ingest_route_count = countof(ingest_routes);
