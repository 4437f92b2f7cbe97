/* SPDX-License-Identifier: Apache-2.0 */
/* A server with a few routes for the tests of http/, and short time-outs. */
#ifndef SUPPORT_HTTP_SERVER_H
#define SUPPORT_HTTP_SERVER_H

#include "http/server.h"
#include "sys/thread.h"

#include "support/http.h"

struct test_late {
    struct http_task task;
    struct http_request *req;
};

/* What the handlers share with the test. */
struct test_site {
    struct http_server *server;
    unsigned port;
    struct lock lock;
    struct signal changed;
    struct http_request *parked[64]; /* requests that wait for the test */
    size_t parked_count;
};

static struct test_site test_site;

static void site_echo(void *ctx, struct http_request *req)
{
    (void)ctx;
    http_respond(req, &(struct http_response){
                          .status = 200, .content_type = S("text/plain"), .body = req->body});
}

static void site_who(void *ctx, struct http_request *req)
{
    (void)ctx;
    struct str text =
        arena_printf(req->arena, "%.*s%s", STR_ARG(req->address), req->secure ? " s" : "");
    http_respond(req, &(struct http_response){.status = 200, .body = text});
}

/* Waits for site_answer_parked. */
static void site_park(void *ctx, struct http_request *req)
{
    struct test_site *site = ctx;
    lock_take(&site->lock);
    assert_true(site->parked_count < countof(site->parked));
    site->parked[site->parked_count++] = req;
    signal_wake(&site->changed);
    lock_give(&site->lock);
}

static void site_shed(void *ctx, struct http_request *req)
{
    http_drop_body(req);
    site_park(ctx, req);
}

enum { SITE_BIG_BYTES = 24 << 20 };

static void site_big(void *ctx, struct http_request *req)
{
    (void)ctx;
    memset(buf_reserve(req->scratch, SITE_BIG_BYTES), 'x', SITE_BIG_BYTES);
    http_respond(req, &(struct http_response){.status = 200,
                                              .body = str_of(req->scratch->p, SITE_BIG_BYTES)});
}

/* The loop stands still for as many ms as the path says. */
static void site_stall(void *ctx, struct http_request *req)
{
    uint64_t ms = 0;
    (void)ctx;
    assert_true(str_to_u64(req->wildcard, &ms));
    clock_sleep_ms((int64_t)ms);
    http_respond(req, &(struct http_response){.status = 200});
}

/* X-Order counts these answers, on the server's thread; X-Due is when they were to come. */
static void site_answer_late(void *arg)
{
    static unsigned order;
    struct test_late *late = arg;
    struct str line = arena_printf(late->req->arena, "X-Order: %u\r\nX-Due: %lld\r\n", order++,
                                   (long long)late->task.due_ms);
    http_respond(late->req,
                 &(struct http_response){.status = 200, .body = S("late"), .extra_headers = line});
}

static void site_later(void *ctx, struct http_request *req)
{
    uint64_t ms = 0;
    struct test_late *late = arena_new(req->arena, struct test_late);
    (void)ctx;
    assert_true(str_to_u64(req->wildcard, &ms));
    late->req = req;
    late->task = (struct http_task){.fn = site_answer_late, .arg = late};
    http_after(http_server_of(req), (int64_t)ms, &late->task);
}

static void site_drop(void *ctx, struct http_request *req)
{
    (void)ctx;
    http_drop(req);
}

static void site_wrong(void *ctx, struct http_request *req)
{
    (void)ctx;
    http_respond_error(req, 429, S("too_many"), S("Say \"please\"."));
}

static void site_refuse(void *ctx, struct http_request *req, int status)
{
    (void)ctx;
    struct str text = arena_printf(req->arena, "%s: %d", (const char *)req->arg, status);
    http_respond(req, &(struct http_response){
                          .status = status, .content_type = S("text/plain"), .body = text});
}

static void site_arg(void *ctx, struct http_request *req)
{
    (void)ctx;
    http_respond(req, &(struct http_response){.status = 200, .body = str_z(req->arg)});
}

static const struct http_route test_routes[] = {
    {HTTP_POST_, "/echo", site_echo, .cors = true},
    {HTTP_GET_, "/echo", site_echo, .cors = true},
    {HTTP_POST_, "/small", site_echo, .cors = true, .body_limit = 10},
    {HTTP_GET_, "/who", site_who, .cors = false},
    {HTTP_POST_, "/park", site_park, .cors = true},
    {HTTP_POST_, "/shed", site_shed, .cors = true},
    {HTTP_GET_, "/big", site_big, .cors = false},
    {HTTP_GET_, "/later/*", site_later, .cors = false},
    {HTTP_GET_, "/stall/*", site_stall, .cors = false},
    {HTTP_GET_, "/drop", site_drop, .cors = false},
    {HTTP_GET_, "/wrong", site_wrong, .cors = true},
    {HTTP_POST_, "/mine", site_arg, .cors = true, .body_limit = 10, .arg = "mine",
     .refuse = site_refuse},
    {HTTP_POST_, "/yours", site_arg, .cors = true, .body_limit = 10, .arg = "yours",
     .refuse = site_refuse},
};

/* site_wait_parked waits until count requests are parked. */
static inline void site_wait_parked(size_t count)
{
    struct test_site *site = &test_site;
    lock_take(&site->lock);
    while (site->parked_count < count) {
        if (!signal_wait_ms(&site->changed, &site->lock, TEST_PATIENCE_MS)) fail_msg("none came");
    }
    lock_give(&site->lock);
}

/* site_answer_parked answers all parked requests from this thread, in the order they came. */
static inline size_t site_answer_parked(void)
{
    static struct test_late lates[countof(test_site.parked)];
    struct test_site *site = &test_site;
    lock_take(&site->lock);
    size_t n = site->parked_count;
    for (size_t i = 0; i < n; i++) {
        lates[i].req = site->parked[i];
        lates[i].task = (struct http_task){.fn = site_answer_late, .arg = &lates[i]};
        http_post(site->server, &lates[i].task);
    }
    site->parked_count = 0;
    lock_give(&site->lock);
    return n;
}

/* site_open fills the options' blanks and starts the server. */
static inline void site_open(struct http_options options)
{
    struct err err;
    options.name = "test";
    options.address = S("127.0.0.1:0");
    options.routes = test_routes;
    options.route_count = countof(test_routes);
    options.ctx = &test_site;
    if (!options.timeouts.linger_ms) options.timeouts.linger_ms = 200;
    test_site = (struct test_site){.server = http_server_open(&options, &err)};
    assert_non_null(test_site.server);
    lock_init(&test_site.lock);
    signal_init(&test_site.changed);
    test_site.port = http_server_port(test_site.server);
    http_server_start(test_site.server);
}

static inline void site_close(void)
{
    http_server_stop(test_site.server, 2000);
    (void)site_answer_parked();
    http_server_free(test_site.server);
    signal_fini(&test_site.changed);
    lock_fini(&test_site.lock);
}

static inline struct http_stats site_stats(void)
{
    struct http_stats stats;
    http_stats(test_site.server, &stats);
    return stats;
}

/* site_await waits until a number of the statistics is at least as large. */
#define site_await(field, least)                                                                   \
    do {                                                                                           \
        int64_t until = clock_mono_us() + (int64_t)TEST_PATIENCE_MS * 1000;                        \
        while (site_stats().field < (least) && clock_mono_us() < until) clock_sleep_ms(2);         \
        assert_true(site_stats().field >= (least));                                                \
    } while (0)

#endif
