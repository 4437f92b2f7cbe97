/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP/1.1 server on libuv and llhttp: one loop and one thread per struct http_server. It owns
 * connections, limits, time-outs, inflating, CORS and the choice of a route; what an answer means is
 * the handler's business. A slow, silent or hostile client costs at most what core/limits.h says. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "sys/handover.h"

struct http_server;

enum http_method { HTTP_GET_, HTTP_POST_, HTTP_PUT_, HTTP_DELETE_, HTTP_OTHER_ };

/* A request with its whole body. Views are valid until http_respond; the arena likewise. */
struct http_request {
    enum http_method method;
    struct str path;     /* percent-decoded, without the query */
    struct str prefix;   /* of the path: what stands before the route, "/collect"; mostly empty */
    struct str query;    /* raw, without '?' */
    struct str body;     /* inflated if it was gzip */
    struct str address;  /* of the client: trusted proxies resolved; never empty, below 64 bytes */
    struct str wildcard; /* what '*' stood for in the route, percent-decoded */
    bool secure;         /* a trusted proxy says that the client came by https */
    bool
        head_only; /* HEAD: as GET, but the answer goes without its body, and nothing may be done */
    const void *arg; /* the route's */
    struct arena *arena;
    /* For what only the handler itself needs: emptied when it returns, before the answer may be known.
     * All requests of a loop share it, so large ones do not hold much memory while they wait. */
    struct arena *transient;
    /* Empty, for the handler's use until http_respond; keeps its memory from request to request. */
    struct buf *scratch;
    void *connection; /* the server's */
};

/* http_header finds a header by its name (any case); p = NULL when absent, joined by ", " if several. */
struct str http_header(const struct http_request *req, struct str name);
/* http_query_get decodes one query parameter into the arena; p = NULL when absent. */
struct str http_query_get(const struct http_request *req, struct str name);
/* http_basic_user decodes the user part of Basic authorization (colon optional); p = NULL if none. Without
 * a password the user may have colons: Jitsu's keys do. */
struct str http_basic_user(const struct http_request *req);

struct http_response {
    int status;
    struct str content_type;  /* default application/json */
    struct str body;          /* copied */
    struct str extra_headers; /* whole lines, each ended by \r\n; copied; may be empty */
    int retry_after_s;        /* 0: none */
};

/* Runs on the server's thread. Answers now or later with http_respond, exactly once. */
typedef void http_handler_fn(void *ctx, struct http_request *req);
/* Answers, with http_respond and at once, a request that the server itself refuses (status 408, 413,
 * 415, ...): a client that reads bodies wants to read its own kind. The body is not there. */
typedef void http_refuse_fn(void *ctx, struct http_request *req, int status);
/* http_respond sends the answer. Server's thread only. req and its views are gone afterwards. It is
 * safe when the client has hung up meanwhile (the answer goes nowhere). */
void http_respond(struct http_request *req, const struct http_response *res);
/* http_respond_error answers {"error":{"code":...,"message":...}}; message is a sentence for people. */
void http_respond_error(struct http_request *req, int status, struct str code, struct str message);
/* http_drop_body gives the body back before the answer, for a handler that has read it and waits for
 * something: req->body is empty then, and the memory of a large one free. Server's thread. */
void http_drop_body(struct http_request *req);
/* http_drop hangs up without an answer, in place of http_respond and under the same rules: for the
 * sandbox, which plays a broken network. */
void http_drop(struct http_request *req);

struct http_route {
    enum http_method method;
    /* Exact, or with one '*': at the end it stands for the rest (also empty, slashes included), in the
     * middle for one piece between slashes. An exact path beats '*', a longer beginning a shorter. */
    const char *path;
    http_handler_fn *handler;
    /* Is this path, which no other route has, one of ours at present? For paths that the configuration
     * chooses. Server's thread. NULL: all that fit. */
    bool (*knows)(void *ctx, struct str path);
    bool cors;         /* answer OPTIONS and put CORS headers on every answer, errors too */
    size_t body_limit; /* 0 = LIMIT_BODY_BYTES */
    /* The handler reads the body at once: before it returns it has answered, or called http_drop_body. Then a
     * body that came whole is not copied for it. */
    bool brief;
    const void *arg;        /* for the handler, which other routes may share */
    http_refuse_fn *refuse; /* NULL: the server's own words */
    /* Also behind any prefix ("/collect/v1/track"), for paths that no route takes as they are: at most
     * LIMIT_PATH_PREFIX pieces, as few of them as possible. */
    bool anywhere;
};

/* How long a client may take, in ms; 0 = the value of core/limits.h named behind it. */
struct http_timeouts {
    int64_t
        header_ms;    /* LIMIT_HEADER_MS: from the connection or first byte to the end of headers */
    int64_t stall_ms; /* LIMIT_BODY_STALL_MS: between two pieces of a body */
    int64_t request_ms; /* LIMIT_REQUEST_MS: for the whole request */
    int64_t idle_ms;    /* LIMIT_IDLE_MS: between two requests */
    int64_t write_ms;   /* LIMIT_WRITE_MS: without taking any of the answer */
    int64_t linger_ms;  /* LIMIT_LINGER_MS: after the last answer, to see it */
    int64_t
        patience_ms; /* LIMIT_BODY_PATIENCE_MS: for a body, when the memory for bodies is full */
};

struct http_options {
    const char *name;   /* of the thread and in log lines */
    struct str address; /* "127.0.0.1:8080", "[::1]:80", ":8080"; port 0 picks a free one */
    bool reuse_port;    /* several servers share the address, the kernel spreads connections */
    /* With reuse_port: the first of them, whose port this one shares; NULL for the first itself, which
     * nobody else may share it with. */
    const struct http_server *first;
    /* Sockets from before this program. Those with the server's name that are bound to the address are
     * listened on, all of them, in place of a new one: a socket that is closed resets who waits in its queue.
     * Several servers that share the address share them out: this is number loop of loops (0 counts as 1).
     * Where there are fewer sockets than servers, servers share a socket. Clients' connections of that name
     * go on. NULL: none. */
    struct handover *handed;
    size_t loop, loops;
    /* Refuse requests to host names of the Internet: a page of a site that points its own name here must
     * not be able to read the answers through a visitor's browser. Addresses, "localhost" and names
     * without a dot pass. */
    bool local_names;
    const struct http_route *routes;
    size_t route_count;
    void *ctx;                         /* for the handlers */
    const struct str *trusted_proxies; /* CIDRs; X-Forwarded-For counts only from these */
    size_t trusted_proxy_count;
    unsigned max_connections; /* 0 = LIMIT_CONNECTIONS */
    size_t max_bodies_bytes;  /* 0 = LIMIT_BODIES_BYTES */
    struct http_timeouts timeouts;
};

/* http_server_open binds and listens (so the port is known and errors are immediate) but does not
 * accept yet. NULL and err when the address cannot be used. Options are copied but routes and the
 * ctx must live as long as the server; one trusted proxy that is no CIDR is an error. */
struct http_server *http_server_open(const struct http_options *options, struct err *err);
/* http_server_start runs the loop in its own thread. */
void http_server_start(struct http_server *s);
/* http_server_ask_stop begins what http_server_stop waits for, so that several servers stop at the same
 * time. Any thread. */
void http_server_ask_stop(struct http_server *s, int64_t drain_ms);
/* http_server_ask_leave is http_server_ask_stop, except that the listening sockets stay open, and so do
 * clients' connections as soon as they are between two requests: http_server_hand_over has them then. */
void http_server_ask_leave(struct http_server *s, int64_t drain_ms);
/* http_server_hand_over moves what http_server_ask_leave kept open into to; after http_server_stop. */
void http_server_hand_over(struct http_server *s, struct handover *to);
/* http_server_stop stops accepting, closes idle connections, waits for requests under way (at most
 * drain_ms) and joins the thread. */
void http_server_stop(struct http_server *s, int64_t drain_ms);
/* http_server_free after stop (or instead of start); NULL is a no-op. Tasks that were posted after the
 * stop run here, so free whatever may still post (the journal) first. */
void http_server_free(struct http_server *s);
/* The port it listens on. */
unsigned http_server_port(const struct http_server *s);

/* http_post runs fn(arg) on the server's thread soon; any thread; never blocks. For answers that
 * come from elsewhere. The node is the caller's and is free again when fn runs. */
struct http_task {
    struct http_task *next;
    void (*fn)(void *arg);
    void *arg;
    int64_t due_ms; /* the server's */
};
void http_post(struct http_server *s, struct http_task *task);
/* http_after runs the task once on the server's thread, ms from now; server's thread only. The node
 * is the caller's and is free again when fn runs. Tasks still waiting when the server stops run at
 * once, so that a late answer is never forgotten. */
void http_after(struct http_server *s, int64_t ms, struct http_task *task);
/* http_server_of is the server that req came in on. */
struct http_server *http_server_of(const struct http_request *req);
/* http_set_proxies replaces the trusted proxies (reload). Any thread, between start and stop; the texts
 * are read at once. What is no CIDR is left out and logged: the configuration was checked before. */
void http_set_proxies(struct http_server *s, const struct str *proxies, size_t count);

struct http_stats {
    uint64_t connections;       /* open now */
    uint64_t accepted, refused; /* refused: over max_connections */
    uint64_t requests;
    uint64_t timeouts;   /* connections closed because a client was too slow */
    uint64_t answers[6]; /* by status class: [2] = 2xx */
    uint64_t body_bytes; /* request bodies in memory now */
};
void http_stats(struct http_server *s, struct http_stats *out);

#endif
