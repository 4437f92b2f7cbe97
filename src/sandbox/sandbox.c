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
    struct http_route *routes;
    char token[1024], app_secret[1024];
};

static void put_ok(struct buf *out)
{
    buf_put(out, S("{\"ok\":true}"));
}

static void get_index(void *ctx, struct http_request *req)
{
    (void)ctx;
    http_respond(req, &(struct http_response){
                          .status = 200,
                          .body = S("{\"name\":\"pixeld sandbox\",\"version\":\"" PIXELD_VERSION
                                    "\",\"routes\":[\"POST /v26.0/<pixel id>/events\","
                                    "\"GET /sandbox/events\",\"DELETE /sandbox/events\","
                                    "\"GET /sandbox/summary\",\"GET /sandbox/requests\","
                                    "\"GET /sandbox/faults\",\"POST /sandbox/faults\","
                                    "\"DELETE /sandbox/faults\"]}")});
}

/* A number in the query; fallback when it is absent. False when it is something else. */
static bool query_number(struct http_request *req, struct str name, uint64_t fallback,
                         uint64_t *out)
{
    struct str text = http_query_get(req, name);
    *out = fallback;
    return !text.p || str_to_u64(text, out);
}

static bool get_events(struct sandbox *s, struct http_request *req, struct buf *out,
                       struct err *err)
{
    uint64_t limit;
    struct inbox_filter filter = {
        .pixel_id = http_query_get(req, S("pixel")),
        .event_name = http_query_get(req, S("name")),
        .event_id = http_query_get(req, S("event_id")),
    };
    if (!query_number(req, S("since"), 0, &filter.since) ||
        !query_number(req, S("limit"), PAGE_EVENTS, &limit))
        return err_set(err, ERR_INPUT, "since and limit are whole numbers.");
    filter.limit = limit < LIMIT_SANDBOX_PAGE ? (size_t)limit : LIMIT_SANDBOX_PAGE;
    inbox_print_events(&s->graph.inbox, &filter, out);
    return true;
}

static bool delete_events(struct sandbox *s, struct http_request *req, struct buf *out,
                          struct err *err)
{
    (void)req;
    (void)err;
    inbox_reset(&s->graph.inbox);
    memset(&s->graph.requests, 0, sizeof s->graph.requests);
    put_ok(out);
    return true;
}

static bool get_summary(struct sandbox *s, struct http_request *req, struct buf *out,
                        struct err *err)
{
    (void)req;
    (void)err;
    inbox_print_summary(&s->graph.inbox, out);
    return true;
}

static bool get_requests(struct sandbox *s, struct http_request *req, struct buf *out,
                         struct err *err)
{
    (void)req;
    (void)err;
    requests_print(&s->graph.requests, out);
    return true;
}

static bool get_faults(struct sandbox *s, struct http_request *req, struct buf *out,
                       struct err *err)
{
    (void)req;
    (void)err;
    faults_print(&s->graph.faults, out);
    return true;
}

static bool post_faults(struct sandbox *s, struct http_request *req, struct buf *out,
                        struct err *err)
{
    yyjson_val *spec = json_read(req->arena, req->body, err);
    return spec && faults_add(&s->graph.faults, spec, err) && get_faults(s, req, out, err);
}

static bool delete_faults(struct sandbox *s, struct http_request *req, struct buf *out,
                          struct err *err)
{
    (void)req;
    (void)err;
    faults_clear(&s->graph.faults);
    put_ok(out);
    return true;
}

/* The desk: what can be asked under /sandbox, by the sandbox's own address or by sandbox_ask. */
struct desk {
    enum http_method method;
    const char *path;
    bool (*run)(struct sandbox *s, struct http_request *req, struct buf *out, struct err *err);
    const char *refused; /* the error's code */
};

static const struct desk desks[] = {
    {HTTP_GET_, "/sandbox/events", get_events, "bad_query"},
    {HTTP_DELETE_, "/sandbox/events", delete_events, ""},
    {HTTP_GET_, "/sandbox/summary", get_summary, ""},
    {HTTP_GET_, "/sandbox/requests", get_requests, ""},
    {HTTP_GET_, "/sandbox/faults", get_faults, ""},
    {HTTP_POST_, "/sandbox/faults", post_faults, "bad_fault"},
    {HTTP_DELETE_, "/sandbox/faults", delete_faults, ""},
};

static void serve_desk(void *ctx, struct http_request *req)
{
    struct sandbox *s = ctx;
    const struct desk *desk = req->arg;
    struct err err = {.kind = ERR_NONE};
    buf_clear(&s->out);
    if (!desk->run(s, req, &s->out, &err)) {
        http_respond_error(req, 400, str_z(desk->refused), str_z(err.text));
        return;
    }
    http_respond(req, &(struct http_response){.status = 200, .body = buf_str(&s->out)});
}

/* A request to the desk that came in at another server, on its way there and back. In its arena. */
struct sandbox_ask {
    struct sandbox *sandbox;
    struct http_request *req;
    const struct desk *desk;
    bool ok;
    struct buf out;
    struct err err;
    struct http_task task;
};

static void answer_ask(void *arg)
{
    struct sandbox_ask *ask = arg;
    struct buf out = ask->out; /* ask goes with its request */
    if (ask->ok)
        http_respond(ask->req, &(struct http_response){.status = 200, .body = buf_str(&out)});
    else
        http_respond_error(ask->req, 400, str_z(ask->desk->refused), str_z(ask->err.text));
    buf_fini(&out);
}

static void run_ask(void *arg)
{
    struct sandbox_ask *ask = arg;
    const struct desk *desk = ask->desk;
    ask->ok = desk->run(ask->sandbox, ask->req, &ask->out, &ask->err);
    ask->task = (struct http_task){.fn = answer_ask, .arg = ask};
    http_post(http_server_of(ask->req), &ask->task);
}

bool sandbox_ask(struct sandbox *s, struct http_request *req, struct str path)
{
    for (size_t i = 0; i < countof(desks); i++) {
        if (desks[i].method != req->method || !str_eq(str_z(desks[i].path), path)) continue;
        struct sandbox_ask *ask = arena_new(req->arena, struct sandbox_ask);
        *ask = (struct sandbox_ask){.sandbox = s, .req = req, .desk = &desks[i]};
        ask->task = (struct http_task){.fn = run_ask, .arg = ask};
        http_post(s->server, &ask->task);
        return true;
    }
    return false;
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

static const struct http_route others[] = {
    {.method = HTTP_GET_, .path = "/", .handler = get_index},
    {.method = HTTP_POST_, .path = "/*", .handler = post_other},
    {.method = HTTP_GET_, .path = "/*", .handler = get_other},
};

static void make_routes(struct http_route *routes)
{
    for (size_t i = 0; i < countof(desks); i++)
        routes[i] = (struct http_route){.method = desks[i].method,
                                        .path = desks[i].path,
                                        .handler = serve_desk,
                                        .arg = &desks[i]};
    memcpy(routes + countof(desks), others, sizeof others);
}

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
    s->routes = mem_new((countof(desks) + countof(others)) * sizeof *s->routes);
    make_routes(s->routes);
    s->server = http_server_open(
        &(struct http_options){
            .name = "sandbox",
            .address = options->listen,
            .routes = s->routes,
            .route_count = countof(desks) + countof(others),
            .ctx = s,
        },
        err);
    if (!s->server) {
        mem_free(s->routes);
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
    mem_free(s->routes);
    mem_wipe(s->token, sizeof s->token);
    mem_wipe(s->app_secret, sizeof s->app_secret);
    mem_free(s);
}

unsigned sandbox_port(const struct sandbox *s)
{
    return http_server_port(s->server);
}
