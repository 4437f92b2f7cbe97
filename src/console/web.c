/* SPDX-License-Identifier: Apache-2.0 */
/* The web app: its files, and its page for every address that is a place inside it. Nothing comes from
 * elsewhere, and the policy holds the browser to that. */
#include "console/api.h"
#include "console/assets.h"

#include <assert.h>
#include <libdeflate.h>

#define POLICY                                                                                     \
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "           \
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "                    \
    "frame-ancestors 'none'\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: "               \
    "no-referrer\r\n"                                                                              \
    "Cache-Control: no-cache\r\nVary: Accept-Encoding\r\n"

static const struct asset *find_asset(struct str path)
{
    for (size_t i = 0; i < console_asset_count; i++) {
        if (str_eq(console_assets[i].path, path)) return &console_assets[i];
    }
    return NULL;
}

static struct str inflated(struct http_request *req, const struct asset *asset)
{
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    char *bytes = arena_array(req->arena, char, asset->size + 1);
    enum libdeflate_result result = libdeflate_gzip_decompress(
        inflater, asset->gzip.p, asset->gzip.n, bytes, asset->size, NULL);
    assert(result == LIBDEFLATE_SUCCESS); /* we made it */
    (void)result;
    libdeflate_free_decompressor(inflater);
    return str_of(bytes, asset->size);
}

static void send_asset(struct http_request *req, const struct asset *asset)
{
    bool gzip = str_find(http_header(req, S("Accept-Encoding")), S("gzip"), 0) != SIZE_MAX;
    bool same = str_eq(http_header(req, S("If-None-Match")), asset->etag);
    struct buf headers = {0};
    struct str body = S("");
    if (!same) body = gzip ? asset->gzip : inflated(req, asset);
    buf_printf(&headers, POLICY "ETag: %.*s\r\n%s", STR_ARG(asset->etag),
               gzip && !same ? "Content-Encoding: gzip\r\n" : "");
    http_respond(req, &(struct http_response){.status = same ? 304 : 200,
                                              .content_type = asset->type,
                                              .body = body,
                                              .extra_headers = buf_str(&headers)});
    buf_fini(&headers);
}

void get_web(void *ctx, struct http_request *req)
{
    const struct asset *asset = find_asset(req->path);
    struct str last = req->path;
    (void)ctx;
    for (size_t at = 0; (at = str_find_char(last, '/', 0)) != SIZE_MAX;)
        last = str_from(last, at + 1);
    bool is_file = str_find_char(last, '.', 0) != SIZE_MAX;
    if (!asset && (is_file || str_starts(req->path, S("/api/")))) {
        api_error(req, 404, S("not_found"), S("there is nothing here; see /api/v1/openapi.json"));
        return;
    }
    send_asset(req, asset ? asset : &console_assets[0]);
}
