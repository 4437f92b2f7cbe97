/* SPDX-License-Identifier: Apache-2.0 */
/* straight DIR PORT: the whole way in a straight line, one thread: reads the requests of bench/load.c with
 * "batch" bodies, keeps the bodies with one write and one fdatasync for all that are there, answers them, writes the
 * events as bench/limit.h does, and sends them over TLS to bench/sink.c on PORT, 1,000 at a time. It checks
 * nothing, remembers nothing, and loses what does not go well: what it costs is what the kernel, TLS and the
 * limit cost, below which no daemon gets. Prints where it listens as one JSON line; runs until it is killed. */
#include "bench/limit.h"
#include "bench/request.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CLIENTS_MAX = 64, READ_BYTES = 1 << 18, BATCH_EVENTS = 1000, FILE_BYTES = 1 << 30 };

struct client {
    int fd;
    struct buf in;
    struct str body; /* of a request that is whole; it is to be answered */
};

struct straight {
    struct limit limit;
    struct client clients[CLIENTS_MAX];
    size_t client_count;
    struct client *whole[CLIENTS_MAX]; /* requests that came since the last sync */
    size_t whole_count;
    int listening, epoll, file;
    off_t at;
    SSL *tls;
    size_t batched; /* events in limit.out */
};

static void fail(const char *what)
{
    perror(what);
    exit(3);
}

/* --- out ---------------------------------------------------------------------------------------- */

static void send_batch(struct straight *s)
{
    char head[200], answer[4096];
    struct buf *out = &s->limit.out;
    buf_put(out, S("]}"));
    int n = snprintf(head, sizeof head,
                     "POST /v26.0/1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                     "application/json\r\nContent-Length: %zu\r\n\r\n",
                     out->n);
    if (SSL_write(s->tls, head, n) != n || SSL_write(s->tls, out->p, (int)out->n) != (int)out->n ||
        SSL_read(s->tls, answer, sizeof answer) <= 0)
        fail("send");
    buf_clear(out);
    s->batched = 0;
}

static void map_body(struct straight *s, struct str body)
{
    struct err err;
    yyjson_val *event;
    size_t i, count;
    arena_reset(&s->limit.arena);
    yyjson_val *batch = yyjson_obj_get(json_read(&s->limit.arena, body, &err), "batch");
    yyjson_arr_foreach (batch, i, count, event) {
        buf_put(&s->limit.out, s->batched ? S(",") : S("{\"data\":["));
        limit_write(&s->limit, event, 0);
        if (++s->batched == BATCH_EVENTS) send_batch(s);
    }
}

/* --- in ----------------------------------------------------------------------------------------- */

static void keep(struct straight *s)
{
    struct iovec pieces[CLIENTS_MAX];
    ssize_t bytes = 0;
    for (size_t i = 0; i < s->whole_count; i++) {
        struct str body = s->whole[i]->body;
        pieces[i] = (struct iovec){(void *)body.p, body.n};
        bytes += (ssize_t)body.n;
    }
    if (s->at + bytes > FILE_BYTES) s->at = 0;
    if (pwritev(s->file, pieces, (int)s->whole_count, s->at) != bytes || fdatasync(s->file))
        fail("file");
    s->at += bytes;
}

/* All requests that are whole: kept, answered, mapped and sent. */
static void work(struct straight *s)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"success\":true}";
    if (!s->whole_count) return;
    keep(s);
    for (size_t i = 0; i < s->whole_count; i++)
        if (write(s->whole[i]->fd, answer, sizeof answer - 1) < 0) fail("answer");
    for (size_t i = 0; i < s->whole_count; i++) {
        map_body(s, s->whole[i]->body);
        buf_clear(&s->whole[i]->in); /* the next one is sent after the answer; not read before */
    }
    s->whole_count = 0;
}

static void read_client(struct straight *s, struct client *c)
{
    ssize_t n = read(c->fd, buf_reserve(&c->in, READ_BYTES), READ_BYTES);
    if (n <= 0) { /* the load is over */
        (void)epoll_ctl(s->epoll, EPOLL_CTL_DEL, c->fd, NULL);
        return;
    }
    c->in.n += (size_t)n;
    size_t size = request_size(buf_str(&c->in), &c->body);
    if (size && c->in.n >= size) s->whole[s->whole_count++] = c;
}

static void take_client(struct straight *s)
{
    int one = 1;
    if (s->client_count == CLIENTS_MAX) fail("more clients than it is made for");
    struct client *c = &s->clients[s->client_count++];
    c->fd = accept(s->listening, NULL, NULL);
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = c}};
    if (c->fd < 0 || setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) ||
        epoll_ctl(s->epoll, EPOLL_CTL_ADD, c->fd, &event))
        fail("accept");
}

static void serve(struct straight *s)
{
    struct epoll_event events[CLIENTS_MAX];
    for (;;) {
        int n = epoll_wait(s->epoll, events, CLIENTS_MAX, -1);
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr) {
                read_client(s, events[i].data.ptr);
            } else {
                take_client(s);
            }
        }
        work(s);
    }
}

/* --- beginning ---------------------------------------------------------------------------------- */

static void start_listening(struct straight *s)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN};
    socklen_t size = sizeof at;
    s->listening = socket(AF_INET, SOCK_STREAM, 0);
    s->epoll = epoll_create1(0);
    if (s->listening < 0 || bind(s->listening, (struct sockaddr *)&at, sizeof at) ||
        listen(s->listening, CLIENTS_MAX) ||
        getsockname(s->listening, (struct sockaddr *)&at, &size) ||
        epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->listening, &event))
        fail("listen");
    (void)printf("{\"listen\":%u}\n", ntohs(at.sin_port));
    (void)fflush(stdout);
}

static void open_file(struct straight *s, const char *dir)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/straight", dir);
    s->file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (s->file < 0 || unlink(path) || fallocate(s->file, 0, 0, FILE_BYTES)) fail(path);
}

static void connect_sink(struct straight *s, unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) fail("connect");
    s->tls = SSL_new(SSL_CTX_new(TLS_client_method()));
    if (!s->tls || !SSL_set_fd(s->tls, fd) || SSL_connect(s->tls) != 1) fail("TLS");
}

int main(int argc, char **argv)
{
    static struct straight s;
    uint64_t port;
    if (argc != 3 || !str_to_u64(str_z(argv[2]), &port)) {
        fprintf(stderr, "usage: straight DIR PORT\n");
        return 2;
    }
    open_file(&s, argv[1]);
    connect_sink(&s, (unsigned)port);
    start_listening(&s);
    serve(&s);
}
