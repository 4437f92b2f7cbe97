/* SPDX-License-Identifier: Apache-2.0 */
/* See server.h. The life of a server: listen, loop, tasks from other threads, the sweep that enforces
 * time-outs, stop. */
#include "http/server.h"

#include "base/mem.h"
#include "core/log.h"
#include "http/loop.h"

#include <assert.h>
#include <stdio.h>

enum { SWEEP_MS_MAX = 1000 };

/* --- what anyone may ask ----------------------------------------------------------------------- */

struct http_server *http_server_of(const struct http_request *req)
{
    return exchange_of(req)->server;
}

unsigned http_server_port(const struct http_server *s)
{
    return s->port;
}

void http_stats(struct http_server *s, struct http_stats *out)
{
    const struct counters *c = &s->counters;
    out->connections = atomic_load_explicit(&c->connections, memory_order_relaxed);
    out->accepted = atomic_load_explicit(&c->accepted, memory_order_relaxed);
    out->refused = atomic_load_explicit(&c->refused, memory_order_relaxed);
    out->requests = atomic_load_explicit(&c->requests, memory_order_relaxed);
    out->timeouts = atomic_load_explicit(&c->timeouts, memory_order_relaxed);
    out->body_bytes = atomic_load_explicit(&c->body_bytes, memory_order_relaxed);
    for (size_t i = 0; i < countof(out->answers); i++) {
        out->answers[i] = atomic_load_explicit(&c->answers[i], memory_order_relaxed);
    }
}

/* --- proxies ----------------------------------------------------------------------------------- */

/* With err, one bad text fails; without, it is logged and left out. */
static bool read_proxies(struct proxies *p, const struct str *texts, size_t n, struct err *err)
{
    struct err why;
    *p = (struct proxies){.items = mem_new(n * sizeof *p->items)};
    for (size_t i = 0; i < n; i++) {
        if (network_parse(texts[i], &p->items[p->count], &why)) {
            p->count++;
        } else if (err) {
            *err = why;
            proxies_free(p);
            return false;
        } else {
            log_err("http", "trusted proxy left out", &why);
        }
    }
    return true;
}

struct new_proxies {
    struct http_task task;
    struct http_server *server;
    struct proxies proxies;
};

static void use_proxies(void *arg)
{
    struct new_proxies *news = arg;
    proxies_free(&news->server->proxies);
    news->server->proxies = news->proxies;
    mem_free(news);
}

void http_set_proxies(struct http_server *s, const struct str *proxies, size_t count)
{
    struct new_proxies *news = mem_new(sizeof *news);
    news->task = (struct http_task){.fn = use_proxies, .arg = news};
    news->server = s;
    (void)read_proxies(&news->proxies, proxies, count, NULL); /* never false without err */
    http_post(s, &news->task);
}

/* --- the loop ---------------------------------------------------------------------------------- */

static void on_connection(uv_stream_t *listener, int status)
{
    struct http_server *s = listener->data;
    if (status == 0) connection_accept(s, listener); /* otherwise libuv tries again */
}

void server_check_stop(struct http_server *s)
{
    if (!s->stopping || s->closed || s->connections) return;
    if (s->handling && (int64_t)uv_now(&s->loop) < s->stop_at) return;
    s->closed = true;
    lock_take(&s->lock);
    s->awake = false;
    lock_give(&s->lock);
    uv_close((uv_handle_t *)&s->wake, NULL);
    uv_close((uv_handle_t *)&s->sweeper, NULL);
    uv_close((uv_handle_t *)&s->alarm, NULL);
}

/* A sweep that comes late says that this thread did not run, not that clients were slow: what they sent and
 * took meanwhile is in the kernel, and libuv looks there only after its timers. So it spares them, once. */
static bool spares(struct http_server *s, int64_t now)
{
    int64_t period = (int64_t)uv_timer_get_repeat(&s->sweeper);
    s->spared = !s->spared && now - s->swept > 2 * period;
    s->swept = now;
    return s->spared;
}

/* One timer for all connections: looking at each once a second costs less than arming two timers for
 * each request. */
static void on_sweep(uv_timer_t *timer)
{
    struct http_server *s = timer->data;
    int64_t now = (int64_t)uv_now(&s->loop);
    bool over = s->stopping && now >= s->stop_at;
    if (spares(s, now) && !over) return;
    for (struct connection *c = s->connections, *next; c; c = next) {
        next = c->next; /* a connection leaves the list only in its own close callback, later */
        if (over) {
            connection_close(c);
        } else {
            connection_expire(c, now);
        }
    }
    server_check_stop(s);
}

/* Bodies fill their memory: the request that has been sending the longest goes. */
static bool make_room(void *ctx)
{
    struct http_server *s = ctx;
    struct connection *oldest = NULL;
    int64_t since = (int64_t)uv_now(&s->loop) - s->timeouts.patience_ms;
    for (struct connection *c = s->connections; c; c = c->next) {
        if (connection_since(c) > since) continue;
        since = connection_since(c);
        oldest = c;
    }
    if (oldest) connection_give_way(oldest);
    return oldest != NULL;
}

static void close_listeners(struct http_server *s)
{
    uv_os_fd_t fd;
    for (size_t i = 0; i < s->listener_count; i++) {
        uv_handle_t *listener = (uv_handle_t *)&s->listeners[i];
        if (s->leaving && uv_fileno(listener, &fd) == 0 && !handover_add(&s->kept, s->name, fd))
            log_plain(LOG_WARN, "http", "a listening socket cannot be kept open");
        uv_close(listener, NULL);
    }
}

static void begin_stop(struct http_server *s, int64_t drain_ms, bool leaving)
{
    s->stopping = true;
    s->leaving = leaving;
    uv_update_time(&s->loop);
    s->stop_at = (int64_t)uv_now(&s->loop) + drain_ms;
    close_listeners(s);
    uint64_t period = uv_timer_get_repeat(&s->sweeper);
    uint64_t first = (uint64_t)drain_ms < period ? (uint64_t)drain_ms : period;
    (void)uv_timer_start(&s->sweeper, on_sweep, first, period); /* it has a callback */
    for (struct connection *c = s->connections; c; c = c->next) {
        if (!connection_is_idle(c)) continue;
        if (leaving) {
            connection_leave(c);
        } else {
            connection_close(c);
        }
    }
    tasks_hurry(s);
    server_check_stop(s);
}

static void on_wake(uv_async_t *wake)
{
    struct http_server *s = wake->data;
    tasks_run(s);
    lock_take(&s->lock);
    bool stop = s->stop_asked && !s->stopping, leaving = s->leave_asked;
    int64_t drain_ms = s->drain_ms;
    lock_give(&s->lock);
    if (stop) begin_stop(s, drain_ms, leaving);
}

static void serve(void *ctx)
{
    struct http_server *s = ctx;
    (void)uv_run(&s->loop, UV_RUN_DEFAULT); /* until server_check_stop has closed the handles */
}

/* --- opening ----------------------------------------------------------------------------------- */

static int64_t or_default(int64_t value, int64_t fallback)
{
    return value > 0 ? value : fallback;
}

static void set_options(struct http_server *s, const struct http_options *options)
{
    const struct http_timeouts *t = &options->timeouts;
    (void)snprintf(s->name, sizeof s->name, "%s", options->name ? options->name : "http");
    s->routes = options->routes;
    s->route_count = options->route_count;
    s->ctx = options->ctx;
    s->local_names = options->local_names;
    s->max_connections = options->max_connections ? options->max_connections : LIMIT_CONNECTIONS;
    s->timeouts = (struct http_timeouts){
        .header_ms = or_default(t->header_ms, LIMIT_HEADER_MS),
        .stall_ms = or_default(t->stall_ms, LIMIT_BODY_STALL_MS),
        .request_ms = or_default(t->request_ms, LIMIT_REQUEST_MS),
        .idle_ms = or_default(t->idle_ms, LIMIT_IDLE_MS),
        .write_ms = or_default(t->write_ms, LIMIT_WRITE_MS),
        .linger_ms = or_default(t->linger_ms, LIMIT_LINGER_MS),
        .patience_ms = or_default(t->patience_ms, LIMIT_BODY_PATIENCE_MS),
    };
}

/* A quarter of the shortest time-out, so that none is missed by much. */
static uint64_t sweep_ms(const struct http_timeouts *t)
{
    const int64_t all[] = {t->header_ms, t->stall_ms, t->request_ms,
                           t->idle_ms,   t->write_ms, t->linger_ms};
    int64_t least = (int64_t)SWEEP_MS_MAX * 4;
    for (size_t i = 0; i < countof(all); i++) {
        if (all[i] < least) least = all[i];
    }
    return (uint64_t)(least / 4 > 0 ? least / 4 : 1);
}

/* Every loops'th of the connections that are still there: the servers open one after the other. */
static void adopt_clients(struct http_server *s, const struct http_options *options)
{
    size_t loops = options->loops ? options->loops : 1, number = 0;
    for (size_t i = 0; options->handed && i < options->handed->count; i++) {
        struct handed *item = &options->handed->items[i];
        if (item->listening || strcmp(item->name, s->name) != 0) continue;
        if (number++ % loops != options->loop) continue;
        int fd = item->fd;
        item->fd = -1;
        if (fd >= 0) connection_adopt(s, fd);
    }
}

/* A loop has descriptors of its own, and there may be none left. */
static struct http_server *new_server(const char *name, struct err *err)
{
    struct http_server *s = mem_new(sizeof *s);
    int failed = uv_loop_init(&s->loop);
    if (!failed) return s;
    (void)err_set(err, ERR_IO, "cannot start the server %s: %s", name, uv_strerror(failed));
    mem_free(s);
    return NULL;
}

struct http_server *http_server_open(const struct http_options *options, struct err *err)
{
    struct http_server *s = new_server(options->name, err);
    if (!s) return NULL;
    set_options(s, options);
    lock_init(&s->lock);
    s->tasks_end = &s->tasks;
    exchange_pool_init(&s->pool,
                       options->max_bodies_bytes ? options->max_bodies_bytes : LIMIT_BODIES_BYTES);
    s->pool.make_room = make_room;
    s->pool.make_room_ctx = s;
    int failed = uv_async_init(&s->loop, &s->wake, on_wake);
    assert(!failed);                            /* the loop has what all its wakers share */
    (void)uv_timer_init(&s->loop, &s->sweeper); /* these two allocate nothing and cannot fail */
    (void)uv_timer_init(&s->loop, &s->alarm);
    s->wake.data = s->sweeper.data = s->alarm.data = s;
    s->awake = true;
    uint64_t period = sweep_ms(&s->timeouts);
    s->swept = (int64_t)uv_now(&s->loop);
    (void)uv_timer_start(&s->sweeper, on_sweep, period, period); /* fails only without a callback */
    if (read_proxies(&s->proxies, options->trusted_proxies, options->trusted_proxy_count, err) &&
        listen_on(s, options, on_connection, err)) {
        adopt_clients(s, options);
        return s;
    }
    http_server_free(s);
    return NULL;
}

void http_server_start(struct http_server *s)
{
    thread_start(&s->thread, s->name, serve, s);
}

static void ask_stop(struct http_server *s, int64_t drain_ms, bool leave)
{
    lock_take(&s->lock);
    if (!s->stop_asked) {
        s->drain_ms = drain_ms;
        s->leave_asked = leave;
    }
    s->stop_asked = true;
    if (s->awake) (void)uv_async_send(&s->wake); /* cannot fail while the handle is open */
    lock_give(&s->lock);
}

void http_server_ask_stop(struct http_server *s, int64_t drain_ms)
{
    ask_stop(s, drain_ms, false);
}

void http_server_ask_leave(struct http_server *s, int64_t drain_ms)
{
    ask_stop(s, drain_ms, true);
}

void http_server_hand_over(struct http_server *s, struct handover *to)
{
    handover_move(to, &s->kept);
}

void http_server_stop(struct http_server *s, int64_t drain_ms)
{
    http_server_ask_stop(s, drain_ms);
    if (s->thread.running) {
        thread_join(&s->thread);
    } else {
        serve(s); /* never started, or stopped before: closes what is open */
    }
}

void http_server_free(struct http_server *s)
{
    if (!s) return;
    http_server_stop(s, 0);
    tasks_run(s);
    bool loop_closed = uv_loop_close(&s->loop) == 0;
    assert(loop_closed); /* every handle was closed by the stop */
    exchange_pool_fini(&s->pool);
    proxies_free(&s->proxies);
    handover_close(&s->kept);
    mem_free(s->listeners);
    lock_fini(&s->lock);
    mem_free(s);
}
