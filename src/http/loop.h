/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of struct http_server, for the files of this room. */
#ifndef HTTP_LOOP_H
#define HTTP_LOOP_H

#include "http/connection.h"
#include "sys/thread.h"

#include <stdatomic.h>

/* Written by the loop's thread only, read by any. */
struct counters {
    _Atomic uint64_t connections, accepted, refused, requests, timeouts, body_bytes;
    _Atomic uint64_t answers[6];
};

struct http_server {
    uv_loop_t loop;
    uv_tcp_t *listeners;
    size_t listener_count; /* of those that are open */
    uv_timer_t sweeper;    /* enforces time-outs */
    uv_timer_t alarm;      /* for the first of the later tasks */
    uv_async_t wake;
    struct thread thread;
    char name[32];
    const struct http_route *routes;
    size_t route_count;
    void *ctx;
    struct proxies proxies;
    unsigned max_connections;
    struct http_timeouts timeouts; /* filled in */
    unsigned port;
    bool local_names;

    /* The loop's thread only. */
    struct connection *connections;
    unsigned connection_count, refusing_count;
    unsigned handling;     /* requests that wait for http_respond */
    bool stopping, closed; /* closed: the loop's own handles are being closed */
    bool leaving;          /* stopping, and kept gets what can stay open */
    struct handover kept;
    int64_t stop_at;         /* loop time at which the stop stops waiting */
    int64_t swept;           /* loop time of the latest look for time-outs, */
    bool spared;             /* which came late and let nobody go */
    struct http_task *later; /* of http_after, by due_ms */
    struct exchange_pool pool;
    struct counters counters;
    char input[LIMIT_READ_BYTES]; /* what is read lies here until it is parsed */

    /* Under the lock. */
    struct lock lock;
    struct http_task *tasks, **tasks_end;
    bool awake;   /* wake may be used */
    bool looking; /* tasks_run is under way, and looks again before it ends: nobody need wake it */
    bool stop_asked, leave_asked;
    int64_t drain_ms;
};

static inline void tally(_Atomic uint64_t *counter)
{
    (void)atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* listen_on binds and listens, or takes over sockets that already do; accept runs for each new connection. */
bool listen_on(struct http_server *s, const struct http_options *options, uv_connection_cb accept,
               struct err *err);
/* tasks_run runs what was posted, and what is posted meanwhile: answers, of which there are no more than requests
 * that were read. */
void tasks_run(struct http_server *s);
/* tasks_hurry makes all later tasks due now. */
void tasks_hurry(struct http_server *s);
/* server_check_stop ends the loop when a stop was asked for and nothing is left to wait for. */
void server_check_stop(struct http_server *s);

#endif
