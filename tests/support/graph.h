/* SPDX-License-Identifier: Apache-2.0 */
/* A Graph API of a few lines for delivery's tests: one thread, plain sockets, HTTP/1.1 keep-alive. An
 * event whose JSON has "bad":true is refused, one with "poison":true makes it stumble (500). It
 * remembers each event_id's body, counts how often it was
 * seen and taken, and misbehaves as a plan says. (The sandbox judges events for real; this one is here
 * to break connections in every way, and to be asked from inside the test.) */
#ifndef SUPPORT_GRAPH_H
#define SUPPORT_GRAPH_H

#include "base/json.h"
#include "base/mem.h"
#include "sys/clock.h"
#include "sys/thread.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { GRAPH_CONNECTIONS = 64, GRAPH_IDS = 20000, GRAPH_PLAN = 64 };

enum graph_fault {
    GRAPH_FINE,
    GRAPH_500,      /* an empty body */
    GRAPH_HTML_200, /* some proxy's page */
    GRAPH_EMPTY_200,
    GRAPH_THROTTLE, /* code 4 and Retry-After: 1 */
    GRAPH_TRANSIENT,
    GRAPH_TOKEN,  /* 190 */
    GRAPH_LOST,   /* 100/33: this pixel is not to be had */
    GRAPH_RESET,  /* the connection is reset after the request was read */
    GRAPH_EATEN,  /* the same, but the events were taken */
    GRAPH_HANG,   /* no answer */
    GRAPH_SLOW,   /* fine, byte by byte */
    GRAPH_REFUSE, /* code 100 for whatever it is */
    GRAPH_HUGE,   /* a megabyte of nothing, with 500 */
    GRAPH_LESS,   /* accepted, but confirms one event less than there were */
    GRAPH_BUSY,   /* accepted, with usage headers: 80 % of the app's limit, 90 % of account 77's */
    GRAPH_FULL,   /* code 80004 of account 77, which is free again in a minute */
    GRAPH_GZIP,   /* 500, with a compressed body */
    GRAPH_FAULT_COUNT
};

struct graph_id {
    unsigned seen, taken;
    unsigned request; /* the first one that had it, counted from 1 */
    uint64_t body;    /* hash of the event */
    bool differs;     /* it came with another body once */
    char pixel[32];
};

struct graph_connection {
    int fd;
    struct buf in;
};

struct graph {
    int listener;
    unsigned port;
    struct thread thread;
    struct lock lock;
    bool stop;
    struct graph_connection connections[GRAPH_CONNECTIONS];
    size_t connection_count;
    /* Wishes; set them before requests come, or under the lock. */
    bool keep_valid, name_culprit;
    bool forgiving;                    /* bad events pass */
    enum graph_fault plan[GRAPH_PLAN]; /* for the next requests */
    size_t plan_at, plan_count;
    enum graph_fault always; /* for all others */
    unsigned percent;        /* of all others that get a random fault */
    const char *good_token;  /* another one gets 190 */
    const char *bad_pixel;   /* always 500 */
    const char *mute_pixel;  /* never an answer */
    const char *lost_pixel;  /* 100/33: not to be had */
    /* What happened. */
    unsigned requests, refused, connects, together; /* together: most events in one request */
    unsigned tested;                                /* requests with a test_event_code */
    struct graph_id *ids;
    uint64_t random;
    char *huge;
};

static inline void graph_say(int fd, struct str text)
{
    while (text.n) {
        ssize_t n = send(fd, text.p, text.n, MSG_NOSIGNAL);
        if (n <= 0) return;
        text = str_from(text, (size_t)n);
    }
}

static inline void graph_reply(struct graph_connection *c, const char *status, const char *headers,
                               const char *body, bool slow)
{
    struct buf out = {0};
    buf_printf(&out, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n%s", status, headers,
               strlen(body), body);
    for (size_t i = 0; slow && i < out.n; i += 16) {
        graph_say(c->fd, str_head(str_of(out.p + i, out.n - i), 16));
        clock_sleep_ms(2);
    }
    if (!slow) graph_say(c->fd, buf_str(&out));
    buf_fini(&out);
}

static inline void graph_reset(struct graph_connection *c)
{
    struct linger hard = {1, 0};
    (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    (void)close(c->fd);
    c->fd = -1;
}

/* Notes one event. */
static inline void graph_see(struct graph *g, struct str pixel, yyjson_val *event, bool take)
{
    struct buf text = {0};
    uint64_t id = 0;
    if (!str_to_u64(json_str(yyjson_obj_get(event, "event_id")), &id) || id >= GRAPH_IDS) abort();
    struct graph_id *known = &g->ids[id];
    json_put_val(&text, event);
    uint64_t body = str_hash(buf_str(&text));
    known->differs |= known->seen && known->body != body;
    known->body = body;
    if (!known->seen++) known->request = g->requests;
    if (take) known->taken++;
    (void)snprintf(known->pixel, sizeof known->pixel, "%.*s", STR_ARG(pixel));
    buf_fini(&text);
}

static inline bool graph_is(yyjson_val *event, const char *key)
{
    return yyjson_is_true(yyjson_obj_get(event, key));
}

/* The first event that has the key; SIZE_MAX without. */
static inline size_t graph_find(yyjson_val *data, const char *key)
{
    size_t i, count;
    yyjson_val *event;
    yyjson_arr_foreach (data, i, count, event)
        if (graph_is(event, key)) return i;
    return SIZE_MAX;
}

static inline void graph_judge(struct graph *g, struct graph_connection *c, struct str pixel,
                               yyjson_val *data, bool slow)
{
    char body[512];
    size_t i, count, culprit = g->forgiving ? SIZE_MAX : graph_find(data, "bad");
    yyjson_val *event;
    yyjson_arr_foreach (data, i, count, event) {
        bool good = g->forgiving || !graph_is(event, "bad");
        graph_see(g, pixel, event, culprit == SIZE_MAX || (g->keep_valid && good));
    }
    if (culprit == SIZE_MAX) {
        (void)snprintf(body, sizeof body,
                       "{\"events_received\":%zu,\"messages\":[],\"fbtrace_id\":\"Aok\"}", count);
        graph_reply(c, "200 OK", "", body, slow);
        return;
    }
    char blame[96] = "";
    if (g->name_culprit)
        (void)snprintf(blame, sizeof blame,
                       ",\"error_data\":{\"blame_field_specs\":[[\"data[%zu]\"]]}", culprit);
    g->refused++;
    (void)snprintf(body, sizeof body,
                   "{\"error\":{\"message\":\"Invalid parameter\",\"type\":\"OAuthException\","
                   "\"code\":100,\"error_subcode\":2804050,\"error_user_msg\":\"too broad\","
                   "\"fbtrace_id\":\"Abad\"%s}}",
                   blame);
    graph_reply(c, "400 Bad Request", "", body, slow);
}

/* gzip of {"error":{"message":"packed","code":2}}. */
static inline void graph_reply_gzip(struct graph_connection *c)
{
    static const unsigned char packed[] = {
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x56, 0x4a, 0x2d, 0x2a,
        0xca, 0x2f, 0x52, 0xb2, 0xaa, 0x56, 0xca, 0x4d, 0x2d, 0x2e, 0x4e, 0x4c, 0x4f, 0x55, 0xb2,
        0x52, 0x2a, 0x48, 0x4c, 0xce, 0x4e, 0x4d, 0x51, 0xd2, 0x51, 0x4a, 0xce, 0x4f, 0x01, 0xf2,
        0x8d, 0x6a, 0x6b, 0x01, 0x88, 0x00, 0x2e, 0x07, 0x27, 0x00, 0x00, 0x00};
    struct buf out = {0};
    buf_printf(&out, "HTTP/1.1 500 Oops\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
               sizeof packed);
    buf_put(&out, str_of((const char *)packed, sizeof packed));
    graph_say(c->fd, buf_str(&out));
    buf_fini(&out);
}

#define GRAPH_USAGE(percent, minutes)                                                              \
    "X-Business-Use-Case-Usage: {\"77\":[{\"type\":\"ads_management\",\"call_count\":" percent     \
    ",\"estimated_time_to_regain_access\":" minutes "}]}\r\n"
#define GRAPH_ERROR(code, more) "{\"error\":{\"message\":\"no\",\"code\":" code more "}}"

static inline void graph_misbehave(struct graph *g, struct graph_connection *c, struct str pixel,
                                   yyjson_val *data, enum graph_fault fault)
{
    size_t i, count;
    yyjson_val *event;
    char less[64];
    bool taken = fault == GRAPH_EATEN || fault == GRAPH_LESS || fault == GRAPH_BUSY;
    yyjson_arr_foreach (data, i, count, event)
        graph_see(g, pixel, event, taken && !graph_is(event, "bad"));
    switch (fault) {
    case GRAPH_500: graph_reply(c, "500 Oops", "", "", false); break;
    case GRAPH_HTML_200:
        graph_reply(c, "200 OK", "", "<html>Welcome to the hotel</html>", false);
        break;
    case GRAPH_EMPTY_200: graph_reply(c, "200 OK", "", "", false); break;
    case GRAPH_THROTTLE:
        graph_reply(c, "400 Bad Request", "Retry-After: 1\r\n", GRAPH_ERROR("4", ""), false);
        break;
    case GRAPH_TRANSIENT:
        graph_reply(c, "400 Bad Request", "", GRAPH_ERROR("999", ",\"is_transient\":true"), false);
        break;
    case GRAPH_TOKEN:
        graph_reply(c, "401 Unauthorized", "", GRAPH_ERROR("190", ",\"error_subcode\":463"), false);
        break;
    case GRAPH_LOST:
        graph_reply(c, "400 Bad Request", "", GRAPH_ERROR("100", ",\"error_subcode\":33"), false);
        break;
    case GRAPH_REFUSE:
        g->refused++;
        graph_reply(c, "400 Bad Request", "", GRAPH_ERROR("100", ",\"error_subcode\":2804009"),
                    false);
        break;
    case GRAPH_HUGE: graph_reply(c, "500 Oops", "", g->huge, false); break;
    case GRAPH_LESS:
        (void)snprintf(less, sizeof less, "{\"events_received\":%zu}", yyjson_arr_size(data) - 1);
        graph_reply(c, "200 OK", "", less, false);
        break;
    case GRAPH_BUSY:
        (void)snprintf(less, sizeof less, "{\"events_received\":%zu}", yyjson_arr_size(data));
        graph_reply(c, "200 OK",
                    "X-App-Usage: {\"call_count\":80,\"total_time\":5}\r\n" GRAPH_USAGE("90", "0"),
                    less, false);
        break;
    case GRAPH_FULL:
        graph_reply(c, "400 Bad Request", GRAPH_USAGE("100", "1"), GRAPH_ERROR("80004", ""), false);
        break;
    case GRAPH_GZIP: graph_reply_gzip(c); break;
    case GRAPH_HANG: break;
    case GRAPH_RESET:
    case GRAPH_EATEN: graph_reset(c); break;
    case GRAPH_FINE:
    case GRAPH_SLOW:
    case GRAPH_FAULT_COUNT: abort();
    }
}

static inline enum graph_fault graph_choose(struct graph *g, struct str pixel, struct str head)
{
    if (g->plan_at < g->plan_count) return g->plan[g->plan_at++];
    if (g->good_token && str_find(head, str_z(g->good_token), 0) == SIZE_MAX) return GRAPH_TOKEN;
    if (g->mute_pixel && str_eq(pixel, str_z(g->mute_pixel))) return GRAPH_HANG;
    if (g->lost_pixel && str_eq(pixel, str_z(g->lost_pixel))) return GRAPH_LOST;
    if (g->bad_pixel && str_eq(pixel, str_z(g->bad_pixel))) return GRAPH_500;
    g->random ^= g->random << 13;
    g->random ^= g->random >> 7;
    g->random ^= g->random << 17;
    /* No refusals of good events, and no token trouble: those would be right to have consequences. */
    static const enum graph_fault some[] = {GRAPH_500,   GRAPH_HTML_200,  GRAPH_EMPTY_200,
                                            GRAPH_RESET, GRAPH_TRANSIENT, GRAPH_EATEN,
                                            GRAPH_SLOW};
    if (g->random % 100 < g->percent) return some[g->random / 100 % countof(some)];
    return g->always;
}

/* One whole request: "POST /v1/PIXEL/events HTTP/1.1". */
static inline void graph_answer(struct graph *g, struct graph_connection *c, struct str head,
                                struct str body)
{
    struct arena arena = {0};
    struct err err = {0};
    yyjson_val *root = json_read(&arena, body, &err);
    yyjson_val *data = yyjson_obj_get(root, "data");
    struct str rest, pixel;
    bool ok = str_starts(head, S("POST /v1/")) && str_find(head, S("access_token"), 0) == SIZE_MAX;
    if (!ok || !yyjson_arr_size(data) || !str_cut(str_from(head, 9), '/', &pixel, &rest)) abort();
    g->requests++;
    if (yyjson_obj_get(root, "test_event_code")) g->tested++;
    if (yyjson_arr_size(data) > g->together) g->together = (unsigned)yyjson_arr_size(data);
    enum graph_fault fault = graph_choose(g, pixel, head);
    if (fault == GRAPH_FINE && graph_find(data, "poison") != SIZE_MAX) fault = GRAPH_500;
    if (fault == GRAPH_FINE || fault == GRAPH_SLOW)
        graph_judge(g, c, pixel, data, fault == GRAPH_SLOW);
    else
        graph_misbehave(g, c, pixel, data, fault);
    arena_fini(&arena);
}

/* Answers the requests that are complete. */
static inline void graph_take(struct graph *g, struct graph_connection *c)
{
    for (;;) {
        struct str in = buf_str(&c->in);
        size_t end = str_find(in, S("\r\n\r\n"), 0), at = str_find(in, S("Content-Length: "), 0);
        uint64_t length = 0;
        struct str digits, rest;
        if (end == SIZE_MAX || at == SIZE_MAX) return;
        if (!str_cut(str_from(in, at + 16), '\r', &digits, &rest) || !str_to_u64(digits, &length))
            abort();
        if (in.n < end + 4 + length) return;
        lock_take(&g->lock);
        graph_answer(g, c, str_head(in, end), str_of(in.p + end + 4, (size_t)length));
        lock_give(&g->lock);
        if (c->fd < 0) return;
        memmove(c->in.p, in.p + end + 4 + length, in.n - end - 4 - (size_t)length);
        c->in.n -= end + 4 + (size_t)length;
    }
}

static inline void graph_receive(struct graph *g, struct graph_connection *c)
{
    ssize_t n = recv(c->fd, buf_reserve(&c->in, 65536), 65536, 0);
    if (n > 0) {
        c->in.n += (size_t)n;
        graph_take(g, c);
        return;
    }
    (void)close(c->fd);
    c->fd = -1;
}

static inline void graph_accept(struct graph *g)
{
    int fd = accept(g->listener, NULL, NULL);
    if (fd < 0 || g->connection_count == GRAPH_CONNECTIONS) abort();
    g->connections[g->connection_count++] = (struct graph_connection){.fd = fd};
    lock_take(&g->lock);
    g->connects++;
    lock_give(&g->lock);
}

static inline void graph_forget_closed(struct graph *g)
{
    size_t kept = 0;
    for (size_t i = 0; i < g->connection_count; i++) {
        if (g->connections[i].fd >= 0)
            g->connections[kept++] = g->connections[i];
        else
            buf_fini(&g->connections[i].in);
    }
    g->connection_count = kept;
}

static inline bool graph_is_stopping(struct graph *g)
{
    lock_take(&g->lock);
    bool stop = g->stop;
    lock_give(&g->lock);
    return stop;
}

static inline void graph_main(void *ctx)
{
    struct graph *g = ctx;
    while (!graph_is_stopping(g)) {
        struct pollfd fds[GRAPH_CONNECTIONS + 1] = {{g->listener, POLLIN, 0}};
        size_t count = g->connection_count;
        for (size_t i = 0; i < count; i++)
            fds[i + 1] = (struct pollfd){g->connections[i].fd, POLLIN, 0};
        if (poll(fds, count + 1, 20) < 0) abort();
        for (size_t i = 0; i < count; i++)
            if (fds[i + 1].revents) graph_receive(g, &g->connections[i]);
        if (fds[0].revents) graph_accept(g);
        graph_forget_closed(g);
    }
}

/* graph_open binds a free port; graph_start answers. Apart, so that a test can fork in between. */
static inline void graph_open(struct graph *g)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t n = sizeof address;
    *g = (struct graph){.random = 88172645463325252u};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    g->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (g->listener < 0 || bind(g->listener, (struct sockaddr *)&address, n) ||
        listen(g->listener, 128) || getsockname(g->listener, (struct sockaddr *)&address, &n))
        abort();
    g->port = ntohs(address.sin_port);
    g->ids = mem_new(GRAPH_IDS * sizeof *g->ids);
    g->huge = mem_new(1 << 20);
    memset(g->huge, 'x', (1 << 20) - 1);
    lock_init(&g->lock);
}

/* graph_plan makes the next requests go wrong as listed. */
static inline void graph_plan(struct graph *g, const enum graph_fault *faults, size_t count)
{
    lock_take(&g->lock);
    g->plan_at = 0;
    g->plan_count = count;
    memcpy(g->plan, faults, count * sizeof *faults);
    lock_give(&g->lock);
}

#define GRAPH_PLAN_NEXT(g, ...)                                                                    \
    graph_plan((g), (const enum graph_fault[]){__VA_ARGS__},                                       \
               sizeof((const enum graph_fault[]){__VA_ARGS__}) / sizeof(enum graph_fault))

static inline void graph_start(struct graph *g)
{
    thread_start(&g->thread, "graph", graph_main, g);
}

/* graph_pause joins the thread and hangs up; graph_start goes on. */
static inline void graph_pause(struct graph *g)
{
    lock_take(&g->lock);
    g->stop = true;
    lock_give(&g->lock);
    thread_join(&g->thread);
    g->stop = false;
    for (size_t i = 0; i < g->connection_count; i++) {
        (void)close(g->connections[i].fd);
        buf_fini(&g->connections[i].in);
    }
    g->connection_count = 0;
}

static inline void graph_close(struct graph *g)
{
    graph_pause(g);
    (void)close(g->listener);
    mem_free(g->ids);
    mem_free(g->huge);
    lock_fini(&g->lock);
}

#endif
