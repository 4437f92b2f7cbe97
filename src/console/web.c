/* SPDX-License-Identifier: Apache-2.0 */
/* The web app: its files, and its page for every address that is a place inside it. Nothing comes from
 * elsewhere, and the policy holds the browser to that. */
#include "console/api.h"
#include "console/assets.h"

#define POLICY                                                                                     \
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "           \
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "                    \
    "frame-ancestors 'none'\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: "               \
    "no-referrer\r\n"                                                                              \
    "Cache-Control: no-cache\r\n"

void get_web(void *ctx, struct http_request *req)
{
    const struct asset *asset = asset_find(console_assets, console_assets_count, req->path);
    struct str last = req->path;
    (void)ctx;
    for (size_t at = 0; (at = str_find_char(last, '/', 0)) != SIZE_MAX;)
        last = str_from(last, at + 1);
    bool is_file = str_find_char(last, '.', 0) != SIZE_MAX;
    if (!asset && (is_file || str_starts(req->path, S("/api/")))) {
        api_error(req, 404, S("not_found"), S("there is nothing here; see /api/v1/openapi.json"));
        return;
    }
    asset_send(req, asset ? asset : &console_assets[0], S(POLICY));
}
