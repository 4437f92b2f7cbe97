/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in sandbox's own desk, for the console: a browser may not ask another address. */
#include "console/api.h"

void ask_sandbox(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct str path = str_from(req->path, sizeof "/api/v1" - 1);
    if (c->sandbox && sandbox_ask(c->sandbox, req, path)) return;
    api_error(req, 404, S("no_sandbox"),
              S("this pixeld runs without a sandbox of its own; pixeld serve --sandbox has one"));
}
