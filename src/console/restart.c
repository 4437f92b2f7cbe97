/* SPDX-License-Identifier: Apache-2.0 */
/* The restart in place, asked for over the API. How it is done is the application's business. */
#include "console/api.h"

void post_restart(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct err err;
    struct buf body = {0};
    if (!c->restart(c->app, &err)) {
        api_error(req, 409, S("not_restarted"), str_z(err.text));
        return;
    }
    buf_put(&body, S("{\"restarting\":true}"));
    api_answer(req, 200, &body);
}
