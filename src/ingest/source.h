/* SPDX-License-Identifier: Apache-2.0 */
/* Who sends: the source that a write key belongs to, and what its configuration says of the sender. */
#ifndef INGEST_SOURCE_H
#define INGEST_SOURCE_H

#include "conf/config.h"
#include "http/server.h"

/* source_same_key compares in constant time; an empty key is none. */
bool source_same_key(struct str a, struct str b);
/* source_find returns the enabled source with this key, or NULL. A disabled source is no source:
 * answering 200 and keeping nothing would be a lie, and 401 is what its owner can find and explain.
 * Compares in constant time, with every key. */
const struct source_conf *source_find(const struct config *config, struct str key);
/* source_takes_address: may this client send? True when the source does not list networks. */
bool source_takes_address(const struct source_conf *source, const struct http_request *req);
/* source_key is the key in the request's Basic user or writeKey parameter; p = NULL if neither. */
struct str source_key(const struct http_request *req);
/* source_takes_origin: may this page send? True for what is no browser, and for every page when the
 * source does not list origins. */
bool source_takes_origin(const struct source_conf *source, const struct http_request *req);

#endif
