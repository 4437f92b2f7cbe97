/* SPDX-License-Identifier: Apache-2.0 */
/* See asset.h. */
#include "http/asset.h"

const struct asset *asset_find(const struct asset *assets, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(assets[i].name, name)) return &assets[i];
    }
    return NULL;
}

void asset_send(struct http_request *req, const struct asset *asset, struct str headers)
{
    bool packed = str_find(http_header(req, S("Accept-Encoding")), S("gzip"), 0) != SIZE_MAX;
    struct str tag =
        arena_printf(req->arena, "\"%.*s%s\"", STR_ARG(asset->tag), packed ? "-gz" : "");
    struct str lines =
        arena_printf(req->arena, "ETag: %.*s\r\nVary: Accept-Encoding\r\n%.*s%s", STR_ARG(tag),
                     STR_ARG(headers), packed ? "Content-Encoding: gzip\r\n" : "");
    bool known = str_find(http_header(req, S("If-None-Match")), tag, 0) != SIZE_MAX;
    struct http_response response = {
        .status = known ? 304 : 200,
        .content_type = asset->type,
        .extra_headers = lines,
        .body = known    ? S("")
                : packed ? asset->packed
                         : asset->text,
    };
    http_respond(req, &response);
}
