/* SPDX-License-Identifier: Apache-2.0 */
/* See removed.h; and the operation that has one forgotten, which is the application's work. */
#include "console/removed.h"

#include "base/json.h"
#include "store/known.h"
#include "sys/clock.h"

static void put_one(const struct known *k, int64_t retention_ms, struct buf *out)
{
    json_comma(out);
    buf_putc(out, '{');
    json_kv_str(out, S("name"), k->name);
    json_kv_str(out, S("pixel_id"), k->pixel_id);
    api_put_time(out, S("since"), k->removed_ms);
    api_put_time(out, S("forgotten"), k->forget ? clock_now_ms() : k->removed_ms + retention_ms);
    buf_putc(out, '}');
}

/* What the store cannot tell is told by its other errors. */
void removed_put(struct console *c, struct arena *arena, struct buf *out)
{
    struct known *known;
    size_t count;
    struct err err;
    struct generation *g = generation_acquire(c->generations);
    bool ok = store_known_list(c->store, arena, &known, &count, &err);
    json_key(out, S("removed"));
    buf_putc(out, '[');
    for (size_t i = 0; ok && i < count; i++)
        if (known[i].removed_ms && !config_destination(g->config, known[i].name))
            put_one(&known[i], g->config->dead_retention_ms, out);
    buf_putc(out, ']');
    generation_release(g);
}

void post_forget(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct err err;
    struct buf body = {0};
    yyjson_val *root = json_read(req->arena, req->body, &err);
    struct str name = json_str(json_get(root, "destination"));
    if (!name.n) {
        api_error(req, 400, S("bad_body"), S("wanted: {\"destination\":NAME}"));
        return;
    }
    if (!c->forget(c->app, name, &err)) {
        api_error(req,
                  err.kind == ERR_INPUT   ? 404
                  : err.kind == ERR_LIMIT ? 409
                                          : 500,
                  S("forget"), str_z(err.text));
        return;
    }
    api_note(c, req, S("had a removed destination forgotten"), name);
    buf_put(&body, S("{\"forgetting\":true}"));
    api_answer(req, 200, &body);
}
