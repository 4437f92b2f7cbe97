/* SPDX-License-Identifier: Apache-2.0 */
/* The admin address: health, metrics and the API under /api/v1 that `pixeld status` and `pixeld dead`
 * use. Loopback by default; never public. */
#ifndef APP_ADMIN_H
#define APP_ADMIN_H

#include "http/server.h"

/* Handlers take the struct pipeline as ctx. */
extern const struct http_route admin_routes[];
extern const size_t admin_route_count;

#endif
