/* SPDX-License-Identifier: Apache-2.0 */
/* The only user of libcurl: POST requests in flight, answers as they come. HTTP/1.1 with keep-alive
 * and several connections, because HTTP/2 uploads stall in curl 7.88 when a server answers early. TLS
 * is verified; proxies come from the environment, as curl reads it. Knows nothing of batches.
 *
 * Bytes are moved, encrypted and waited for on a thread of the sender's own, so that whoever makes requests
 * goes on with the next one: with requests of a thousand events the line is never idle while one is made. */
#ifndef DELIVER_SEND_H
#define DELIVER_SEND_H

#include "base/buf.h"
#include "meta/reply.h"

struct sender;
struct transfer;

/* sender_new starts the thread. It and everything else but send_wake: one caller's thread at a time. */
struct sender *sender_new(void);
/* sender_free cuts off what is in flight. */
void sender_free(struct sender *s);

/* send_begin gives a transfer whose body the caller fills; send_start must follow. */
struct transfer *send_begin(struct sender *s);
struct buf *send_body(struct transfer *t);

struct post {
    struct str url;
    struct str token;  /* goes into the Authorization header, never into the URL; empty = none */
    struct str header; /* one more line, "Name: value"; empty = none */
    /* What is sent at this offset of the body besides; empty = nothing. The caller's until send_finish or
     * sender_free: large bodies are not copied. */
    struct str inside;
    size_t inside_at;
    int64_t timeout_ms;
    void *ctx; /* comes back with the answer */
};
/* send_start sends the body. It cannot fail: whatever goes wrong comes back as an answer. */
void send_start(struct sender *s, struct transfer *t, const struct post *post);

struct answer {
    void *ctx;
    int status;      /* 0: no answer, and body says why */
    struct str body; /* at most LIMIT_REPLY_BYTES; what is beyond is not waited for */
    struct reply_headers headers;
    struct transfer *transfer; /* for send_finish, after which all views are gone */
};
/* send_next gives the next answer, if there is one. */
bool send_next(struct sender *s, struct answer *out);
void send_finish(struct sender *s, struct transfer *t);

/* send_wait waits until there is an answer, send_wake is called, or the time is over; it may return early. */
void send_wait(struct sender *s, int64_t timeout_ms);
/* send_wake ends send_wait (the present or the next one) early. Any thread. */
void send_wake(struct sender *s);

#endif
