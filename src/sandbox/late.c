/* SPDX-License-Identifier: Apache-2.0 */
/* See late.h. */
#include "sandbox/late.h"

/* An answer that waits, in its own request's arena, which lives until the answer is given. */
struct late {
    struct http_task task;
    struct http_request *req;
    struct http_response response;
    bool is_drop;
};

static void give(void *arg)
{
    struct late *late = arg;
    if (late->is_drop) {
        http_drop(late->req);
    } else {
        http_respond(late->req, &late->response);
    }
}

void late_answer(struct http_request *req, const struct http_response *response, int64_t delay_ms)
{
    struct late *late = arena_new(req->arena, struct late);
    late->task.fn = give;
    late->task.arg = late;
    late->req = req;
    late->is_drop = !response;
    if (response) late->response = *response;
    if (delay_ms <= 0) {
        give(late);
        return;
    }
    late->response.body = arena_str(req->arena, late->response.body);
    late->response.extra_headers = arena_str(req->arena, late->response.extra_headers);
    http_after(http_server_of(req), delay_ms, &late->task);
}
