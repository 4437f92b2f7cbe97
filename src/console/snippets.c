/* SPDX-License-Identifier: Apache-2.0 */
/* The lines to paste for one source, with its key in them. */
#include "console/api.h"

#include "base/json.h"
#include "conf/snippets.h"

static void put_snippets(struct buf *out, const struct config *config,
                         const struct source_conf *source, struct str url, struct arena *arena)
{
    struct snippet_place place = snippet_place(config, source, url, arena);
    buf_put(out, S("{\"snippets\":["));
    for (size_t i = 0; i < snippet_count; i++) {
        struct snippet s = snippet_get(i);
        struct buf text = {0};
        if (!snippet_is_for(&s, source)) continue;
        snippet_put(&text, &s, &place);
        json_comma(out);
        buf_putc(out, '{');
        json_kv_str(out, S("name"), s.name);
        json_kv_str(out, S("title"), s.title);
        json_kv_str(out, S("run"), s.run);
        json_kv_str(out, S("needs"), s.needs);
        json_kv_str(out, S("text"), buf_str(&text));
        buf_putc(out, '}');
        buf_fini(&text);
    }
    buf_put(out, S("]}"));
}

void get_snippets(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct buf body = {0};
    struct str url = http_query_get(req, S("url"));
    struct generation *g = generation_acquire(c->generations);
    const struct source_conf *source = config_source(g->config, http_query_get(req, S("source")));
    if (!url.n)
        url = arena_printf(req->arena, "http://127.0.0.1:%u", http_server_port(c->public_loops[0]));
    if (source) put_snippets(&body, g->config, source, url, req->arena);
    generation_release(g);
    if (source) {
        api_answer(req, 200, &body);
    } else {
        api_error(req, 404, S("not_found"), S("there is no such source; say ?source=NAME"));
    }
}
