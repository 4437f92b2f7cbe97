/* SPDX-License-Identifier: Apache-2.0 */
/* One client's connection: a small state machine around the parser. Requests are taken one at a time
 * and nothing more is read until the answer is out, so answers are in order, a pipelining client
 * cannot pile up work, and one that does not read its answers holds exactly one of them. */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include "http/parse.h"
#include "http/proxies.h"

#include <uv.h>

enum connection_state {
    CONNECTION_READING,   /* waits for a request, or is in one */
    CONNECTION_HANDLING,  /* a handler has the request; nothing is read */
    CONNECTION_WRITING,   /* the kernel did not take the whole answer at once; nothing is read */
    CONNECTION_LINGERING, /* the last answer is out; what still comes is thrown away */
    CONNECTION_CLOSED,    /* waits for libuv to let go of it */
};

struct connection {
    uv_tcp_t tcp; /* first: handle and connection have the same address */
    struct http_server *server;
    struct connection *next, *prev; /* of all connections of the server */
    struct parse parse;
    enum connection_state state;
    bool running;     /* inside the loop that takes requests out of received bytes */
    bool reading;     /* libuv is asked to read */
    bool refusing;    /* beyond the maximum: told so, then closed */
    bool closing;     /* no further request after this answer */
    struct buf rest;  /* received behind the present request */
    size_t rest_at;   /* how much of rest is done with */
    int64_t deadline; /* loop time by which the present state must move on */
    size_t unsent;    /* of the answer, when last looked */
    size_t lingered;  /* bytes thrown away */
    struct ip peer;
    uv_write_t write;
    uv_shutdown_t shutdown;
};

/* All on the server's thread. */

/* connection_accept takes the next client of the listener. */
void connection_accept(struct http_server *s, uv_stream_t *listener);
/* connection_adopt goes on with a connection from before this program, between two requests; owns fd. Also
 * before the loop runs. */
void connection_adopt(struct http_server *s, int fd);
/* connection_leave keeps the socket of an idle connection open for the next program, if it can, and closes
 * the connection here. */
void connection_leave(struct connection *c);
/* connection_expire does what is due at now: closes, or answers 408 first. */
void connection_expire(struct connection *c, int64_t now);
/* connection_close closes at once; the struct goes when libuv says so. */
void connection_close(struct connection *c);
/* connection_is_idle: between two requests? */
/* connection_since is when the request began whose body is coming in, if this connection is not the one
 * that is being read right now; INT64_MAX when there is none. */
int64_t connection_since(const struct connection *c);
/* connection_give_way frees the body that is coming in and answers 503. */
void connection_give_way(struct connection *c);
bool connection_is_idle(const struct connection *c);
/* connection_goes_on: may further requests follow the answer to x? */
bool connection_goes_on(const struct exchange *x);
/* connection_send sends x->out and gives x back; close as connection_goes_on said when it was written.
 * x may have lost its connection. */
void connection_send(struct exchange *x, int status, bool close);
/* connection_drop gives x back without an answer and closes its connection. */
void connection_drop(struct exchange *x);

#endif
