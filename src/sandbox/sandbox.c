/* SPDX-License-Identifier: Apache-2.0 */
/* See sandbox.h. This file is the sandbox's own desk, under /sandbox: the inbox, the counts, the
 * requests and the faults. What is not under it is the Graph API's, in graph.c. */
#include "sandbox/sandbox.h"

#include "base/mem.h"
#include "sandbox/graph.h"

/* Answers take no time but the client's; whoever is slower than this at the end is cut off. */
enum { DRAIN_MS = 2000, PAGE_EVENTS = 100 };

struct sandbox {
    struct graph graph;
    struct http_server *server;
    struct buf out;
    char token[1024], app_secret[1024];
};

/* Sends what was written to s->out. */
static void respond(struct sandbox *s, struct http_request *req)
{
    const struct http_response response = {.status = 200, .body = buf_str(&s->out)};
    http_respond(req, &response);
}

static void respond_ok(struct sandbox *s, struct http_request *req)
{
    buf_clear(&s->out);
    buf_put(&s->out, S("{\"ok\":true}"));
    respond(s, req);
}

static void get_index(void *ctx, struct http_request *req)
{
    struct sandbox *s = ctx;
    buf_clear(&s->out);
    buf_put(&s->out, S("{\"name\":\"pixeld sandbox\",\"version\":\"" PIXELD_VERSION "\","
                       "\"routes\":[\"POST /v26.0/<pixel id>/events\","
                       "\"GET /sandbox/events\",\"DELETE /sandbox/events\","
                       "\"GET /sandbox/summary\",\"GET /sandbox/requests\","
                       "\"GET /sandbox/faults\",\"POST /sandbox/faults\","
                       "\"DELETE /sandbox/faults\"]}"));
    respond(s, req);
}

/* A number in the query; fallback when it is absent. False when it is something else. */
static bool query_number(struct http_request *req, struct str name, uint64_t fallback,
                         uint64_t *out)
{
    struct str text = http_query_get(req, name);
    *out = fallback;
    return !text.p || str_to_u64(text, out);
}

static void get_events(void *ctx, struct http_request *req)
{
    struct sandbox *s = ctx;
    uint64_t limit;
    struct inbox_filter filter = {
        .pixel_id = http_query_get(req, S("pixel")),
        .event_name = http_query_get(req, S("name")),
        .event_id = http_query_get(req, S("event_id")),
    };
    if (!query_number(req, S("since"), 0, &filter.since) ||
        !query_number(req, S("limit"), PAGE_EVENTS, &limit)) {
        http_respond_error(req, 400, S("bad_query"), S("since and limit are whole numbers."));
        return;
    }
    filter.limit = limit < LIMIT_SANDBOX_PAGE ? (size_t)limit : LIMIT_SANDBOX_PAGE;
    buf_clear(&s->out);
    inbox_print_events(&s->graph.inbox, &filter, &s->out);
    respond(s, req);
}

static void delete_events(void *ctx, struct http_request *req)
{
    struct sandbox *s = ctx;
    inbox_reset(&s->graph.inbox);
    memset(&s->graph.requests, 0, sizeof s->graph.requests);
    respond_ok(s, req);
}

static void get_summary(void *ctx, struct http_request *req)
{
    struct sandbox *s = ctx;
    buf_clear(&s->out);
    inbox_print_summary(&s->graph.inbox, &s->out);
    respond(s, req);
}

static void get_requests(void *ctx, struct http_request *req)
{
    struct sandbox *s = ctx;
    buf_clear(&s->out);
    requests_print(&s->graph.requests, &s->out);
    respond(s, req);
}

static void get_faults(void *ctx, struct http_request *req)
{
    struct sandbox *s = ctx;
    buf_clear(&s->out);
    faults_print(&s->graph.faults, &s->out);
    respond(s, req);
}

static void post_faults(void *ctx, struct http_request *req)
{
    struct sandbox *s = ctx;
    struct err err = {.kind = ERR_NONE};
    yyjson_val *spec = json_read(req->arena, req->body, &err);
    if (!spec || !faults_add(&s->graph.faults, spec, &err)) {
        http_respond_error(req, 400, S("bad_fault"), str_z(err.text));
        return;
    }
    get_faults(ctx, req);
}

static void delete_faults(void *ctx, struct http_request *req)
{
    struct sandbox *s = ctx;
    faults_clear(&s->graph.faults);
    respond_ok(s, req);
}

static void post_other(void *ctx, struct http_request *req)
{
    struct sandbox *s = ctx;
    graph_post(&s->graph, req);
}

static void get_other(void *ctx, struct http_request *req)
{
    struct sandbox *s = ctx;
    graph_refuse(&s->graph, req);
}

static const struct http_route routes[] = {
    {.method = HTTP_GET_, .path = "/", .handler = get_index},
    {.method = HTTP_GET_, .path = "/sandbox/events", .handler = get_events},
    {.method = HTTP_DELETE_, .path = "/sandbox/events", .handler = delete_events},
    {.method = HTTP_GET_, .path = "/sandbox/summary", .handler = get_summary},
    {.method = HTTP_GET_, .path = "/sandbox/requests", .handler = get_requests},
    {.method = HTTP_GET_, .path = "/sandbox/faults", .handler = get_faults},
    {.method = HTTP_POST_, .path = "/sandbox/faults", .handler = post_faults},
    {.method = HTTP_DELETE_, .path = "/sandbox/faults", .handler = delete_faults},
    {.method = HTTP_POST_, .path = "/*", .handler = post_other},
    {.method = HTTP_GET_, .path = "/*", .handler = get_other},
};

struct sandbox *sandbox_open(const struct sandbox_options *options, struct err *err)
{
    size_t events_max = options->inbox_max ? options->inbox_max : LIMIT_SANDBOX_EVENTS;
    struct sandbox *s;
    if (events_max > LIMIT_SANDBOX_EVENTS_MAX) {
        (void)err_set(err, ERR_INPUT, "the sandbox keeps at most %d events",
                      LIMIT_SANDBOX_EVENTS_MAX);
        return NULL;
    }
    s = mem_new(sizeof *s);
    if (options->token.n >= sizeof s->token || options->app_secret.n >= sizeof s->app_secret) {
        (void)err_set(err, ERR_INPUT, "the sandbox's token or secret is too long");
        mem_free(s);
        return NULL;
    }
    s->server = http_server_open(
        &(struct http_options){
            .name = "sandbox",
            .address = options->listen,
            .routes = routes,
            .route_count = countof(routes),
            .ctx = s,
        },
        err);
    if (!s->server) {
        mem_free(s);
        return NULL;
    }
    request_text(s->token, sizeof s->token, options->token);
    s->graph.token = str_z(s->token);
    request_text(s->app_secret, sizeof s->app_secret, options->app_secret);
    s->graph.app_secret = str_z(s->app_secret);
    s->graph.token_required = options->token_required;
    s->graph.rule = options->rule;
    s->graph.naming = options->naming;
    inbox_init(&s->graph.inbox, events_max);
    return s;
}

void sandbox_start(struct sandbox *s)
{
    http_server_start(s->server);
}

void sandbox_stop(struct sandbox *s)
{
    http_server_stop(s->server, DRAIN_MS);
}

void sandbox_free(struct sandbox *s)
{
    if (!s) return;
    http_server_free(s->server);
    inbox_fini(&s->graph.inbox);
    buf_fini(&s->graph.body);
    buf_fini(&s->graph.headers);
    buf_fini(&s->out);
    mem_wipe(s->token, sizeof s->token);
    mem_wipe(s->app_secret, sizeof s->app_secret);
    mem_free(s);
}

unsigned sandbox_port(const struct sandbox *s)
{
    return http_server_port(s->server);
}
