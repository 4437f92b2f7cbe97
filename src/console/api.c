/* SPDX-License-Identifier: Apache-2.0 */
/* The routes of the admin address and what all handlers use; health and metrics live here as well. */
#include "console/api.h"
#include "console/access.h"

#include "base/json.h"
#include "base/time.h"
#include "load/load.h"
#include "store/known.h"

#include <assert.h>

/* {x} becomes a star, {x}/{y} at the end one star. */
static const char *route_pattern(struct arena *arena, const char *path)
{
    struct str text = str_z(path);
    size_t open = str_find_char(text, '{', 0);
    if (open == SIZE_MAX) return path;
    size_t close = str_find_char(text, '}', open);
    assert(close != SIZE_MAX);
    struct str rest = str_from(text, close + 1);
    if (str_find_char(rest, '{', 0) != SIZE_MAX) {
        assert(str_ends(rest, S("}")));
        rest = S("");
    }
    return arena_printf(arena, "%.*s*%.*s", (int)open, path, STR_ARG(rest)).p;
}

struct operation {
    enum role role;
    http_handler_fn *run;
};

static void dispatch(void *ctx, struct http_request *req)
{
    const struct operation *op = req->arg;
    if (access_allows(ctx, req, op->role)) op->run(ctx, req);
}

void console_routes(struct arena *arena, struct http_route **routes, size_t *count)
{
    static const struct operation operations[] = {
#define X(ID, METHOD, url, ROLE, fn, ...) {ROLE_##ROLE, fn},
        OPERATIONS(X)
#undef X
    };
    static const struct {
        enum http_method method;
        const char *path;
    } rows[] = {
#define X(ID, METHOD, url, ...) {HTTP_##METHOD##_, url},
        OPERATIONS(X)
#undef X
    };
    *count = countof(rows);
    *routes = arena_array(arena, struct http_route, countof(rows));
    for (size_t i = 0; i < countof(rows); i++) {
        (*routes)[i] = (struct http_route){.method = rows[i].method,
                                           .path = route_pattern(arena, rows[i].path),
                                           .handler = dispatch,
                                           .arg = &operations[i]};
    }
}

void api_answer(struct http_request *req, int status, struct buf *body)
{
    http_respond(req, &(struct http_response){.status = status, .body = buf_str(body)});
    buf_fini(body);
}

void api_answer_as(struct http_request *req, struct str content_type, struct buf *body)
{
    http_respond(req, &(struct http_response){
                          .status = 200, .content_type = content_type, .body = buf_str(body)});
    buf_fini(body);
}

void api_error(struct http_request *req, int status, struct str code, struct str message)
{
    http_respond_error(req, status, code, message);
}

void api_problems(struct http_request *req, struct str message, const struct buf *problems)
{
    struct buf body = {0};
    buf_put(&body, S("{\"error\":{"));
    json_kv_str(&body, S("code"), S("wrong"));
    json_kv_str(&body, S("message"), message);
    buf_put(&body, S("},\"problems\":"));
    buf_put(&body, buf_str(problems));
    buf_putc(&body, '}');
    api_answer(req, 400, &body);
}

struct generation *api_load(struct console *c, struct http_request *req, struct str text)
{
    struct buf problems = {0};
    struct load load = {.path = "(new)", .own = text, .managed_path = c->load->managed_path};
    struct generation *g = load_all(&load, &(struct load_problems){.json = &problems});
    if (!g) api_problems(req, S("the new configuration is not right"), &problems);
    buf_fini(&problems);
    return g;
}

bool api_query_u64(struct http_request *req, struct str name, uint64_t *value)
{
    struct str text = http_query_get(req, name);
    return !text.p || str_to_u64(text, value);
}

bool api_is_configured(struct console *c, struct str name)
{
    struct generation *g = generation_acquire(c->generations);
    bool yes = config_destination(g->config, name) != NULL;
    generation_release(g);
    return yes;
}

bool api_has_destination(struct console *c, struct http_request *req, struct str name)
{
    struct known *known;
    size_t count;
    struct err err;
    if (api_is_configured(c, name)) return true;
    if (!store_known_list(c->store, req->arena, &known, &count, &err)) {
        api_error(req, 500, S("store"), str_z(err.text));
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (str_eq(known[i].name, name)) return true;
    }
    api_error(req, 404, S("not_found"), S("there is no such destination; say its name"));
    return false;
}

void api_put_time(struct buf *out, struct str key, int64_t ms)
{
    struct buf text = {0};
    if (!ms) {
        json_kv_raw(out, key, S("null"));
        return;
    }
    time_print(&text, ms);
    json_kv_str(out, key, buf_str(&text));
    buf_fini(&text);
}

void api_note(struct console *c, const struct http_request *req, struct str what, struct str detail)
{
    struct person who;
    access_who(c, req, &who);
    audit_note(c->audit, str_z(who.name), what, detail);
}

void get_healthz(void *ctx, struct http_request *req)
{
    struct buf body = {0};
    (void)ctx;
    buf_put(&body, S("{\"ok\":true}"));
    api_answer(req, 200, &body);
}

void get_readyz(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct journal_stats journal;
    if (!c->ready) {
        api_error(req, 503, S("starting"), S("not ready yet, or stopping"));
        return;
    }
    journal_stats(c->journal, &journal);
    if (journal.failing) {
        api_error(req, 503, S("journal_failing"), S("the disk refuses writes; see the log"));
        return;
    }
    get_healthz(ctx, req);
}

void get_metrics(void *ctx, struct http_request *req)
{
    struct buf body = {0};
    metrics_print(ctx, req->arena, &body);
    api_answer_as(req, S("application/openmetrics-text; version=1.0.0; charset=utf-8"), &body);
}

void get_status(void *ctx, struct http_request *req)
{
    struct buf body = {0};
    status_print(ctx, req->arena, &body);
    api_answer(req, 200, &body);
}
