/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes to a request: llhttp's callbacks, the limits on URL, headers and body, and every reason
 * to refuse a request before a handler sees it. Knows nothing of sockets, so a fuzzer can feed it. */
#ifndef HTTP_PARSE_H
#define HTTP_PARSE_H

#include "http/exchange.h"
#include "http/route.h"

#include <llhttp.h>

struct parse {
    llhttp_t llhttp;
    struct exchange_pool *pool;
    struct route_table table;
    struct exchange *x; /* the request being received, or received and not yet answered */
    bool in_value;      /* the newest header has its value */
    struct str whole; /* its body where it was fed, when the route wants it so; n = 0: it is in x */
    /* What the latest request found whose path is written in the table as it is. */
    struct route_match known;
};

enum parse_result {
    PARSE_MORE,    /* all bytes taken, the request is not complete */
    PARSE_DONE,    /* x is complete; the connection can go on behind it */
    PARSE_REFUSED, /* x->refusal says why; what follows on the connection cannot be understood */
};

/* parse_init starts a connection. The pool and the routes must outlive it. */
void parse_init(struct parse *p, struct exchange_pool *pool, const struct route_table *table);
/* parse_feed takes bytes up to the end of one request; *used is how many. After PARSE_DONE the caller
 * takes x away before it feeds more (for a brief route, its body may lie in bytes); after PARSE_REFUSED it
 * feeds no more. */
enum parse_result parse_feed(struct parse *p, struct str bytes, size_t *used);
/* parse_room is where the next bytes of the connection may be read to, *n at most, when they can only be the
 * rest of a body: parse_feed then need not copy them. The place is good until the next call of either. NULL:
 * nowhere in particular. */
char *parse_room(struct parse *p, size_t *n);

#endif
