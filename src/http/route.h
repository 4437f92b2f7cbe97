/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of a route: which handler has a path and a method, and which methods a path has. */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "http/server.h"

struct route_match {
    const struct http_route *route; /* NULL: see allow */
    struct str wildcard, prefix;    /* views into path; prefix: what stands before the route */
    unsigned allow;                 /* methods the path has, one bit each; 0 = unknown path */
    bool cors; /* the route, or without one any route of this path, is for browsers */
};

struct route_table {
    const struct http_route *routes;
    size_t count;
    void *ctx; /* for their `knows` */
};

/* route_find looks path (decoded) up. Routes that say which paths they know are asked only about those
 * that no other route has. Any thread that may call `knows`; linear in count. */
void route_find(const struct route_table *table, enum http_method method, struct str path,
                struct route_match *match);
/* route_put_allow appends the methods of an allow set as the Allow header spells them. */
void route_put_allow(struct buf *out, unsigned allow, bool cors);

#endif
