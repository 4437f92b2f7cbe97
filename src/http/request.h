/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a request beyond what server.h shows to handlers. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "http/exchange.h"

/* request_decode undoes %XX (and, in a query, '+') in the arena; p = NULL for a broken escape or a
 * NUL byte. */
struct str request_decode(struct arena *arena, struct str text, bool in_query);
/* request_split_url fills path and query from the request target (also the absolute form). False
 * when it is not a path. */
bool request_split_url(struct exchange *x);
/* request_header_count is how many headers of that name came. */
size_t request_header_count(const struct exchange *x, struct str name);
/* request_basic is what Basic authorization has, "user:password", decoded into the request's arena;
 * p = NULL without. */
struct str request_basic(const struct http_request *req);
/* request_is_local: is it for an address, for localhost or for a name without a dot? */
bool request_is_local(const struct http_request *req);

#endif
