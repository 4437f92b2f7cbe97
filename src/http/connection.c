/* SPDX-License-Identifier: Apache-2.0 */
/* See connection.h. */
#include "http/connection.h"

#include "base/mem.h"
#include "http/loop.h"
#include "http/request.h"
#include "http/respond.h"
#include "sys/descriptors.h"

#include <assert.h>
#include <unistd.h>

static void take_requests(struct connection *c, struct str bytes);

static int64_t now_of(const struct connection *c)
{
    return (int64_t)uv_now(&c->server->loop);
}

/* --- the end ----------------------------------------------------------------------------------- */

static void unlink_connection(struct connection *c)
{
    if (c->next) c->next->prev = c->prev;
    if (c->prev) {
        c->prev->next = c->next;
    } else {
        c->server->connections = c->next;
    }
}

static void note_body_bytes(struct http_server *s)
{
    atomic_store_explicit(&s->counters.body_bytes, s->pool.body_bytes, memory_order_relaxed);
}

static void give_exchange(struct connection *c)
{
    exchange_give(&c->server->pool, c->parse.x);
    c->parse.x = NULL;
    note_body_bytes(c->server);
}

static void on_closed(uv_handle_t *handle)
{
    struct connection *c = (struct connection *)handle;
    struct http_server *s = c->server;
    if (c->parse.x) give_exchange(c); /* its answer may have been in libuv's hands until now */
    unlink_connection(c);
    if (c->refusing) {
        s->refusing_count--;
    } else {
        s->connection_count--;
    }
    atomic_store_explicit(&s->counters.connections, s->connection_count, memory_order_relaxed);
    buf_fini(&c->rest);
    mem_free(c);
    server_check_stop(s);
}

void connection_close(struct connection *c)
{
    if (c->state == CONNECTION_CLOSED) return;
    if (c->state == CONNECTION_HANDLING) {
        c->parse.x->connection = NULL; /* the handler keeps it until it answers */
        c->parse.x = NULL;
    }
    c->state = CONNECTION_CLOSED;
    uv_close((uv_handle_t *)&c->tcp, on_closed);
}

void connection_leave(struct connection *c)
{
    uv_os_fd_t fd;
    assert(connection_is_idle(c));
    if (uv_fileno((uv_handle_t *)&c->tcp, &fd) == 0)
        (void)handover_add(&c->server->kept, c->server->name, fd); /* too many: just closed */
    connection_close(c);
}

bool connection_is_idle(const struct connection *c)
{
    return c->state == CONNECTION_READING && !c->parse.x;
}

/* --- reading ----------------------------------------------------------------------------------- */

static void set_reading(struct connection *c, bool reading);

static bool wants_input(const struct connection *c)
{
    return c->state == CONNECTION_READING || c->state == CONNECTION_LINGERING;
}

/* Between a request and its answer nothing is read, but libuv is told so only if something comes: hardly a
 * client sends a request before it has the answer to the one before, and to stop and start costs three
 * system calls. No room for it leaves the input in the kernel. */
static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    struct connection *c = (struct connection *)handle;
    size_t n = c->parse.x ? sizeof c->server->input : LIMIT_FIRST_READ_BYTES;
    char *to = c->state == CONNECTION_READING ? parse_room(&c->parse, &n) : NULL;
    (void)suggested;
    *out = uv_buf_init(to ? to : c->server->input, wants_input(c) ? (unsigned)n : 0);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *in)
{
    struct connection *c = (struct connection *)stream;
    if (n == 0) return; /* libuv: nothing there after all */
    if (n == UV_ENOBUFS) {
        set_reading(c, false);
    } else if (n < 0) {
        connection_close(c); /* also for a client that stops sending in the middle of a request */
    } else if (c->state == CONNECTION_LINGERING) {
        c->lingered += (size_t)n;
        if (c->lingered > LIMIT_LINGER_BYTES) connection_close(c);
    } else {
        take_requests(c, str_of(in->base, (size_t)n));
    }
}

static void set_reading(struct connection *c, bool reading)
{
    if (c->reading == reading || c->state == CONNECTION_CLOSED) return;
    c->reading = reading;
    if (!reading) {
        (void)uv_read_stop((uv_stream_t *)&c->tcp); /* always succeeds */
    } else if (uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read)) {
        connection_close(c);
    }
}

/* --- the answer -------------------------------------------------------------------------------- */

static void on_shutdown(uv_shutdown_t *shutdown, int status)
{
    (void)shutdown;
    (void)status; /* the client has gone: the read says so too */
}

/* Tells the client that nothing more comes and waits for it to close, so that the kernel does not
 * throw the answer away together with unread input. */
static void linger(struct connection *c)
{
    c->state = CONNECTION_LINGERING;
    c->deadline = now_of(c) + c->server->timeouts.linger_ms;
    buf_fini(&c->rest);
    c->rest_at = 0;
    if (uv_shutdown(&c->shutdown, (uv_stream_t *)&c->tcp, on_shutdown)) {
        connection_close(c);
    } else {
        set_reading(c, true);
    }
}

/* The answer has left: on to the next request. */
static void answered(struct connection *c)
{
    give_exchange(c);
    if (c->closing) {
        linger(c);
        return;
    }
    c->state = CONNECTION_READING;
    c->deadline = now_of(c) + c->server->timeouts.idle_ms;
    struct str rest = c->rest.n ? str_from(buf_str(&c->rest), c->rest_at) : S("");
    if (!c->running) take_requests(c, rest);
}

static void on_written(uv_write_t *write, int status)
{
    struct connection *c = (struct connection *)write->handle;
    if (c->state == CONNECTION_CLOSED) return;
    if (status) {
        connection_close(c);
    } else {
        answered(c);
    }
}

/* What the client has not taken: the kernel's part too, because it asks for more only when a third of its
 * buffer, of up to 4 MiB, is free again, which a slow reader takes longer for than its time-out. */
static size_t unsent(struct connection *c)
{
    uv_os_fd_t fd;
    size_t n = uv_stream_get_write_queue_size((uv_stream_t *)&c->tcp);
    return uv_fileno((uv_handle_t *)&c->tcp, &fd) ? n : n + descriptors_unsent(fd);
}

static void send_out(struct connection *c)
{
    struct str out = buf_str(&c->parse.x->out);
    uv_buf_t piece = uv_buf_init((char *)out.p, (unsigned)out.n);
    int n = uv_try_write((uv_stream_t *)&c->tcp, &piece, 1);
    if (n < 0 && n != UV_EAGAIN) {
        connection_close(c);
        return;
    }
    size_t sent = n > 0 ? (size_t)n : 0;
    if (sent == out.n) {
        answered(c);
        return;
    }
    piece = uv_buf_init((char *)out.p + sent, (unsigned)(out.n - sent));
    c->deadline = now_of(c) + c->server->timeouts.write_ms;
    if (uv_write(&c->write, (uv_stream_t *)&c->tcp, &piece, 1, on_written))
        connection_close(c);
    else
        c->unsent = unsent(c);
}

bool connection_goes_on(const struct exchange *x)
{
    const struct connection *c = x->connection;
    return c && x->keep_alive && !c->closing && (!c->server->stopping || c->server->leaving);
}

/* The handler is done with x; NULL when its client has gone meanwhile, and x with it. */
static struct connection *end_handling(struct exchange *x)
{
    struct http_server *s = x->server;
    struct connection *c = x->connection;
    assert(s->handling);
    s->handling--;
    if (!c) {
        exchange_give(&s->pool, x);
        note_body_bytes(s);
        server_check_stop(s);
        return NULL;
    }
    assert(c->state == CONNECTION_HANDLING && c->parse.x == x);
    return c;
}

void connection_drop(struct exchange *x)
{
    struct connection *c = end_handling(x);
    if (!c) return;
    c->state = CONNECTION_WRITING; /* x is the connection's again, and goes with it */
    connection_close(c);
}

void connection_send(struct exchange *x, int status, bool close)
{
    struct connection *c = end_handling(x);
    if (!c) return;
    tally(&c->server->counters.answers[status / 100]);
    c->closing = close;
    c->state = CONNECTION_WRITING;
    send_out(c);
}

/* --- the request ------------------------------------------------------------------------------- */

/* From here on x waits for http_respond. */
static void begin_handling(struct connection *c)
{
    struct exchange *x = c->parse.x;
    x->connection = c;
    x->server = c->server;
    c->state = CONNECTION_HANDLING;
    c->server->handling++;
}

static void find_client(struct connection *c)
{
    struct http_request *req = &c->parse.x->req;
    const struct proxies *proxies = &c->server->proxies;
    struct ip client = c->peer;
    if (proxies->count && proxies_trust(proxies, &c->peer)) {
        struct str scheme = http_header(req, S("X-Forwarded-Proto"));
        client = proxies_resolve(proxies, c->peer, http_header(req, S("X-Forwarded-For")));
        req->secure = str_eq_nocase(scheme, S("https"));
    }
    req->address = ip_print(&client, arena_alloc(req->arena, IP_TEXT_BYTES));
}

static void handle(struct connection *c)
{
    struct exchange *x = c->parse.x;
    struct http_server *s = c->server;
    tally(&s->counters.requests);
    begin_handling(c);
    if (!x->refusal && s->local_names && !request_is_local(&x->req)) x->refusal = 421;
    if (x->refusal || x->preflight) {
        respond_by_itself(x);
        return;
    }
    find_client(c);
    x->route->handler(s->ctx, &x->req);
    arena_reset(&s->pool.transient);
}

/* Answers what cannot be understood, or not be taken, and ends the connection. */
static void refuse(struct connection *c, int status)
{
    if (!c->parse.x) c->parse.x = exchange_take(&c->server->pool);
    c->parse.x->refusal = status;
    c->closing = true;
    begin_handling(c);
    respond_by_itself(c->parse.x);
}

void http_drop_body(struct http_request *req)
{
    struct exchange *x = exchange_of(req);
    req->body = str_of("", 0);
    if (x->body.capacity + x->plain.capacity <= LIMIT_BODY_KEPT_BYTES) return;
    exchange_drop_body(&x->server->pool, x);
    note_body_bytes(x->server);
}

int64_t connection_since(const struct connection *c)
{
    const struct exchange *x = c->parse.x;
    bool coming = c->state == CONNECTION_READING && !c->running && x && x->body.n;
    return coming ? x->started_ms : INT64_MAX;
}

void connection_give_way(struct connection *c)
{
    exchange_drop_body(&c->server->pool, c->parse.x);
    refuse(c, 503);
}

/* The client asked whether it may send its body. If the kernel takes nothing now, the client goes on
 * by itself after a while. */
static void say_continue(struct connection *c)
{
    static char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    uv_buf_t piece = uv_buf_init(text, sizeof text - 1);
    c->parse.x->expects = false;
    (void)uv_try_write((uv_stream_t *)&c->tcp, &piece, 1);
}

static void take_request(struct connection *c, struct str *bytes)
{
    size_t used;
    enum parse_result result = parse_feed(&c->parse, *bytes, &used);
    *bytes = str_from(*bytes, used);
    note_body_bytes(c->server);
    if (result == PARSE_REFUSED) {
        refuse(c, c->parse.x->refusal);
        *bytes = S(""); /* it may have been in x, and nothing more is taken */
    } else if (result == PARSE_DONE) {
        handle(c);
    } else if (c->parse.x && c->parse.x->head_done && c->parse.x->expects) {
        say_continue(c);
    }
}

/* How long the request that is coming in may take from here. An idle connection keeps the deadline
 * it got when it became idle. */
static void set_deadline(struct connection *c)
{
    const struct http_timeouts *timeouts = &c->server->timeouts;
    struct exchange *x = c->parse.x;
    int64_t now = now_of(c);
    if (c->state != CONNECTION_READING || !x) return;
    if (!x->started_ms) x->started_ms = now;
    if (!x->head_done) {
        c->deadline = x->started_ms + timeouts->header_ms;
        return;
    }
    int64_t stall = now + timeouts->stall_ms, whole = x->started_ms + timeouts->request_ms;
    c->deadline = stall < whole ? stall : whole;
}

/* Puts by what came behind the request being handled. bytes is new, or the end of rest itself. */
static void keep_rest(struct connection *c, struct str bytes)
{
    if (!bytes.n || c->state == CONNECTION_LINGERING) {
        buf_fini(&c->rest);
        c->rest_at = 0;
    } else if (c->rest.n) {
        c->rest_at = c->rest.n - bytes.n;
    } else {
        buf_put(&c->rest, bytes);
    }
}

/* Takes as many requests out of bytes as get their answer at once. */
static void take_requests(struct connection *c, struct str bytes)
{
    c->running = true;
    while (bytes.n && c->state == CONNECTION_READING) take_request(c, &bytes);
    c->running = false;
    if (c->state == CONNECTION_CLOSED) return;
    keep_rest(c, bytes);
    set_deadline(c);
    if (wants_input(c)) set_reading(c, true);
    if (c->server->leaving && connection_is_idle(c)) connection_leave(c);
}

/* --- time and the beginning -------------------------------------------------------------------- */

/* A slow reader is given more time as long as it takes something. */
static bool still_taking(struct connection *c, int64_t now)
{
    size_t left = c->state == CONNECTION_WRITING ? unsent(c) : 0;
    if (c->state != CONNECTION_WRITING || left >= c->unsent) return false;
    c->unsent = left;
    c->deadline = now + c->server->timeouts.write_ms;
    return true;
}

void connection_expire(struct connection *c, int64_t now)
{
    if (now < c->deadline) return;
    if (c->state == CONNECTION_CLOSED || c->state == CONNECTION_HANDLING) return;
    if (connection_is_idle(c) || c->state == CONNECTION_LINGERING) {
        connection_close(c);
        return;
    }
    if (still_taking(c, now)) return;
    tally(&c->server->counters.timeouts);
    if (c->state == CONNECTION_READING) {
        refuse(c, 408);
    } else {
        connection_close(c);
    }
}

static void link_connection(struct connection *c)
{
    struct http_server *s = c->server;
    c->next = s->connections;
    if (c->next) c->next->prev = c;
    s->connections = c;
    c->refusing = s->connection_count >= s->max_connections;
    if (c->refusing) {
        s->refusing_count++;
        tally(&s->counters.refused);
    } else {
        s->connection_count++;
        tally(&s->counters.accepted);
    }
    atomic_store_explicit(&s->counters.connections, s->connection_count, memory_order_relaxed);
}

static struct connection *new_connection(struct http_server *s)
{
    struct connection *c = mem_new(sizeof *c);
    c->server = s;
    parse_init(&c->parse, &s->pool, &(struct route_table){s->routes, s->route_count, s->ctx});
    (void)uv_tcp_init(&s->loop, &c->tcp); /* allocates nothing, cannot fail */
    link_connection(c);
    return c;
}

/* Begins to serve a client, who has wait_ms for its next request, if there is one after all. */
static void begin(struct connection *c, bool opened, int64_t wait_ms)
{
    struct http_server *s = c->server;
    struct sockaddr_storage peer = {0};
    int size = sizeof peer;
    if (!opened || uv_tcp_getpeername(&c->tcp, (struct sockaddr *)&peer, &size)) {
        connection_close(c); /* has gone again */
        return;
    }
    c->peer = ip_of_socket((const struct sockaddr *)&peer);
    (void)uv_tcp_nodelay(&c->tcp, 1); /* only for speed */
    c->deadline = now_of(c) + wait_ms;
    if (!c->refusing) {
        set_reading(c, true);
    } else if (s->refusing_count > LIMIT_REFUSING ||
               s->refusing_count > 1 + s->max_connections / 4) {
        connection_close(c);
    } else {
        refuse(c, 503);
    }
}

void connection_accept(struct http_server *s, uv_stream_t *listener)
{
    struct connection *c = new_connection(s);
    begin(c, uv_accept(listener, (uv_stream_t *)&c->tcp) == 0, s->timeouts.header_ms);
}

void connection_adopt(struct http_server *s, int fd)
{
    struct connection *c = new_connection(s);
    bool opened = uv_tcp_open(&c->tcp, fd) == 0;
    if (!opened) (void)close(fd); /* nothing was written */
    begin(c, opened, s->timeouts.idle_ms);
}
