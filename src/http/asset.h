/* SPDX-License-Identifier: Apache-2.0 */
/* Files embedded at build time (scripts/embed-assets), and how they are sent: packed where the client takes
 * that, and not at all where it has them already. */
#ifndef HTTP_ASSET_H
#define HTTP_ASSET_H

#include "http/server.h"

struct asset {
    struct str name;         /* as the embedding file was told: "/assets/console.js", ".js" */
    struct str type;         /* media type */
    struct str tag;          /* 16 hex digits of the content's SHA-256 */
    struct str text, packed; /* as it is, and as gzip */
};

/* asset_find returns the asset of a name, or NULL. */
const struct asset *asset_find(const struct asset *assets, size_t count, struct str name);
/* asset_send answers with it, or with 304; headers are further lines (each ended by \r\n). */
void asset_send(struct http_request *req, const struct asset *asset, struct str headers);

#endif
