/* SPDX-License-Identifier: Apache-2.0 */
/* A client that speaks raw bytes to a server on a local port, and reads answers strictly. */
#ifndef SUPPORT_HTTP_H
#define SUPPORT_HTTP_H

#include "base/buf.h"
#include "sys/clock.h"

#include "support/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

enum { TEST_PATIENCE_MS = 10000 };

struct test_client {
    int fd;
    struct buf in;
    size_t at; /* how much of in has been looked at */
};

struct test_answer {
    int status;
    struct str
        head; /* status line and headers; view into the client's buffer until the next read */
    struct str body;
};

static inline struct test_client test_connect(unsigned port)
{
    struct test_client c = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(c.fd >= 0);
    assert_int_equal(connect(c.fd, (struct sockaddr *)&to, sizeof to), 0);
    return c;
}

static inline void test_hang_up(struct test_client *c)
{
    (void)close(c->fd);
    buf_fini(&c->in);
    c->fd = -1;
}

/* test_send sends all of bytes; false when the other side has closed. */
static inline bool test_send(struct test_client *c, struct str bytes)
{
    while (bytes.n) {
        ssize_t n = send(c->fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes = str_from(bytes, (size_t)n);
    }
    return true;
}

/* test_read_more appends what has come; false at the end of the connection, or after patience_ms. */
static inline bool test_read_more(struct test_client *c, int patience_ms)
{
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    if (poll(&p, 1, patience_ms) <= 0) return false;
    ssize_t n = recv(c->fd, buf_reserve(&c->in, 65536), 65536, 0);
    if (n <= 0) return false;
    c->in.n += (size_t)n;
    return true;
}

/* test_header is the value of a header of the answer; p = NULL when it is not there. */
static inline struct str test_header(const struct test_answer *a, const char *name)
{
    struct str rest = a->head, line, key, value;
    while (str_cut(rest, '\n', &line, &rest)) {
        if (str_cut(line, ':', &key, &value) && str_eq_nocase(key, str_z(name))) {
            return str_trim(value);
        }
    }
    return str_of(NULL, 0);
}

/* test_answer reads one answer (to a HEAD: without a body); false when none comes. */
static inline bool test_answer(struct test_client *c, bool head_only, struct test_answer *a)
{
    size_t end;
    for (;;) {
        end = c->in.n ? str_find(buf_str(&c->in), S("\r\n\r\n"), c->at) : SIZE_MAX;
        if (end != SIZE_MAX) break;
        if (!test_read_more(c, TEST_PATIENCE_MS)) return false;
    }
    end += 4;
    struct str head = str_of(c->in.p + c->at, end - c->at);
    uint64_t status = 0, length = 0;
    assert_true(str_starts(head, S("HTTP/1.1 ")));
    assert_true(str_to_u64(str_of(head.p + 9, 3), &status));
    *a = (struct test_answer){.status = (int)status, .head = head};
    struct str text = test_header(a, "Content-Length");
    if (text.p) assert_true(str_to_u64(text, &length));
    if (!text.p) assert_true(status == 204 || status == 304 || status == 100);
    if (head_only) length = 0;
    while (c->in.n - end < length) {
        if (!test_read_more(c, TEST_PATIENCE_MS)) return false;
    }
    a->head = str_of(c->in.p + c->at, end - c->at);
    a->body = str_of(c->in.p + end, (size_t)length);
    c->at = end + (size_t)length;
    return true;
}

/* test_at_end: nothing more comes and the server has closed its side. */
static inline bool test_at_end(struct test_client *c)
{
    char byte;
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    if (c->in.n > c->at || poll(&p, 1, TEST_PATIENCE_MS) <= 0) return false;
    return recv(c->fd, &byte, 1, 0) <= 0;
}

/* test_ask sends one request on a connection of its own and returns the status; 0 without an answer.
 * The body is copied to body (which may be NULL). */
static inline int test_ask(unsigned port, struct str request, struct buf *body)
{
    struct test_client c = test_connect(port);
    struct test_answer a = {0};
    (void)test_send(&c, request); /* a refusal may come before all is sent */
    if (!test_answer(&c, str_starts(request, S("HEAD ")), &a)) a.status = 0;
    if (body && a.status) buf_put(body, a.body);
    test_hang_up(&c);
    return a.status;
}

#endif
