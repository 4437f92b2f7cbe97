/* SPDX-License-Identifier: Apache-2.0 */
/* One request and its answer, with all memory they need, and the pool they are taken from. An idle
 * connection has no exchange, so ten thousand of them cost little; finished exchanges keep their
 * buffers for the next request, so a steady state does not call malloc. */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include "core/limits.h"
#include "http/server.h"

#include <libdeflate.h>

struct connection;

/* A header as offsets into exchange.head, which moves while it grows. */
struct header {
    uint32_t name_at, name_n, value_at, value_n;
};

struct exchange {
    struct http_request req; /* what the handler sees */
    struct http_server *server;
    struct connection *connection; /* NULL: the client has gone */
    struct exchange *next, *prev;  /* in the pool's free or busy list */
    struct arena arena;
    struct buf head;    /* the URL, then names and values of the headers */
    struct buf body;    /* as it came */
    struct buf plain;   /* inflated */
    struct buf scratch; /* the handler's */
    struct buf out;     /* the answer */
    size_t url_n;
    size_t header_count;
    uint64_t name_lengths;          /* of the headers: a bit for each length modulo 64 */
    size_t head_bytes;              /* all bytes up to the end of the headers, blanks included */
    int64_t started_ms;             /* first byte; loop time */
    const struct http_route *route; /* NULL: none fits */
    size_t body_limit;
    int refusal;     /* 0, or the status that the request gets without asking a handler */
    unsigned allow;  /* for 405 and preflights: one bit per enum http_method */
    bool head_done;  /* the headers are complete */
    bool cors;       /* the path belongs to a route for browsers */
    bool preflight;  /* OPTIONS on such a path */
    bool gzip;       /* the body is gzip */
    bool expects;    /* the client waits for 100 Continue */
    bool old;        /* HTTP/1.0 */
    bool keep_alive; /* the client is ready for more on this connection */
    struct header
        headers[LIMIT_HEADERS]; /* last: those beyond header_count are of requests before */
};

struct exchange_pool {
    struct exchange *free, *busy;
    size_t free_bytes; /* held by the free ones: at most LIMIT_POOL_BYTES */
    size_t body_bytes; /* held by bodies of the busy ones */
    size_t body_bytes_max;
    struct arena transient; /* of the handler that is running */
    struct libdeflate_decompressor *inflater;
    /* Frees some body's memory, or says that none can be freed. NULL: never. */
    bool (*make_room)(void *ctx);
    void *make_room_ctx;
};

/* All of one thread. */
void exchange_pool_init(struct exchange_pool *pool, size_t body_bytes_max);
/* exchange_pool_fini frees all exchanges, busy ones too. */
void exchange_pool_fini(struct exchange_pool *pool);
/* exchange_take returns an empty exchange. */
struct exchange *exchange_take(struct exchange_pool *pool);
/* exchange_give hands it back: all views into it are gone. */
void exchange_give(struct exchange_pool *pool, struct exchange *x);
/* exchange_has_room: may n more bytes of body come, if need be after room was made? */
bool exchange_has_room(struct exchange_pool *pool, size_t n);
/* exchange_drop_body frees the body that x has got so far. */
void exchange_drop_body(struct exchange_pool *pool, struct exchange *x);
/* exchange_count_body notes n more bytes of body in memory; false when they are too many. */
bool exchange_count_body(struct exchange_pool *pool, size_t n);

/* exchange_of is the exchange that a handler's request lies in. */
static inline struct exchange *exchange_of(const struct http_request *req)
{
    return req->connection;
}

/* exchange_length_bit is the bit of names of n bytes in name_lengths. */
static inline uint64_t exchange_length_bit(size_t n)
{
    return (uint64_t)1 << n % 64;
}

static inline struct str exchange_header_name(const struct exchange *x, size_t i)
{
    return str_of(x->head.p + x->headers[i].name_at, x->headers[i].name_n);
}

static inline struct str exchange_header_value(const struct exchange *x, size_t i)
{
    return str_of(x->head.p + x->headers[i].value_at, x->headers[i].value_n);
}

#endif
