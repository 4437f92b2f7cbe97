/* SPDX-License-Identifier: Apache-2.0 */
/* Ingest's routes. The events' ones differ only in their kind, so a table makes their handlers. */
#include "ingest/routes.h"

/* X(NAME, "path", "type", batch, rudder, browser). The one-letter paths are analytics.js's. */
#define EVENT_ROUTES(X)                                                                            \
    X(TRACK, "/v1/track", "track", false, false, false)                                            \
    X(PAGE, "/v1/page", "page", false, false, false)                                               \
    X(SCREEN, "/v1/screen", "screen", false, false, false)                                         \
    X(IDENTIFY, "/v1/identify", "identify", false, false, false)                                   \
    X(GROUP, "/v1/group", "group", false, false, false)                                            \
    X(ALIAS, "/v1/alias", "alias", false, false, false)                                            \
    X(T, "/v1/t", "track", false, false, false)                                                    \
    X(P, "/v1/p", "page", false, false, false)                                                     \
    X(S_, "/v1/s", "screen", false, false, false)                                                  \
    X(I, "/v1/i", "identify", false, false, false)                                                 \
    X(G, "/v1/g", "group", false, false, false)                                                    \
    X(A, "/v1/a", "alias", false, false, false)                                                    \
    X(BATCH, "/v1/batch", "", true, false, false)                                                  \
    X(B, "/v1/b", "", true, false, false)                                                          \
    X(IMPORT, "/v1/import", "", true, false, false)                                                \
    X(BEACON, "/beacon/v1/batch", "", true, true, true)

#define X(NAME, path, type, batch, rudder, browser)                                                \
    static void take_##NAME(void *ctx, struct http_request *req)                                   \
    {                                                                                              \
        static const struct ingest_kind kind = {S_INIT(type), batch, rudder, browser};             \
        ingest_events(ctx, req, &kind);                                                            \
    }
EVENT_ROUTES(X)
#undef X

const struct http_route ingest_routes[] = {
#define X(NAME, path, type, batch, rudder, browser) {HTTP_POST_, path, take_##NAME, true, 0},
    EVENT_ROUTES(X)
#undef X
        {HTTP_POST_, "/v1/m", segment_metrics, true, 0},
    {HTTP_GET_, "/v1/projects/*/settings", segment_settings, true, 0},
    {HTTP_GET_, "/sourceConfig", rudder_config, true, 0},
    {HTTP_GET_, "/sourceConfig/", rudder_config, true, 0},
};
const size_t ingest_route_count = countof(ingest_routes);
