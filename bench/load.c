/* SPDX-License-Identifier: Apache-2.0 */
/* load PORT KEY CORPUS CONNECTIONS EVENTS_PER_REQUEST SECONDS: sends the corpus to a running pixeld
 * over keep-alive connections, one request under way on each, and prints one JSON line: requests,
 * events, refusals and the latency of answers. A client of the simplest kind, so that it costs as
 * little as possible of the machine that it shares with the server. */
#include "base/buf.h"
#include "base/mem.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUESTS_MAX = 1024, SAMPLES_MAX = 4 << 20 };

struct connection {
    int fd;
    size_t request; /* index of the request under way */
    size_t written;
    char answer[2048];
    size_t answered;
    int64_t start_us;
};

struct load {
    struct buf requests[REQUESTS_MAX]; /* made beforehand, sent round robin */
    size_t request_count, next;
    unsigned per_request;
    struct connection *connections;
    uint64_t done, refused;
    uint32_t *samples_us;
    size_t sample_count;
    int epoll;
};

static void fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(3);
}

/* Basic authorization of "key:". */
static void put_base64(struct buf *out, struct str s)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < s.n; i += 3) {
        unsigned v = (unsigned char)s.p[i] << 16U;
        if (i + 1 < s.n) v |= (unsigned)(unsigned char)s.p[i + 1] << 8;
        if (i + 2 < s.n) v |= (unsigned char)s.p[i + 2];
        buf_putc(out, digit[v >> 18]);
        buf_putc(out, digit[v >> 12 & 63]);
        buf_putc(out, i + 1 < s.n ? digit[v >> 6 & 63] : '=');
        buf_putc(out, i + 2 < s.n ? digit[v & 63] : '=');
    }
}

static void make_request(struct load *l, struct str *corpus, const char *key)
{
    struct buf body = {0}, user = {0}, *out = &l->requests[l->request_count++];
    struct str line;
    if (l->per_request > 1) buf_put(&body, S("{\"batch\":["));
    for (unsigned i = 0; i < l->per_request && corpus->n; i++) {
        (void)str_cut(*corpus, '\n', &line, corpus);
        if (i) buf_putc(&body, ',');
        buf_put(&body, line);
    }
    if (l->per_request > 1) buf_put(&body, S("]}"));
    buf_printf(&user, "%s:", key);
    buf_printf(out, "POST /v1/%s HTTP/1.1\r\nHost: bench\r\nAuthorization: Basic ",
               l->per_request > 1 ? "batch" : "track");
    put_base64(out, buf_str(&user));
    buf_printf(out, "\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", body.n);
    buf_put(out, buf_str(&body));
    buf_fini(&body);
    buf_fini(&user);
}

static void start_request(struct load *l, struct connection *c)
{
    c->request = l->next++ % l->request_count;
    c->written = c->answered = 0;
    c->start_us = clock_mono_us();
}

static void write_request(struct load *l, struct connection *c)
{
    struct buf *request = &l->requests[c->request];
    while (c->written < request->n) {
        ssize_t n = write(c->fd, request->p + c->written, request->n - c->written);
        if (n < 0 && errno == EAGAIN) return;
        if (n < 0) fail("write");
        c->written += (size_t)n;
    }
}

/* The whole answer is here when the head has ended and Content-Length bytes follow it. */
static bool answer_is_whole(const struct connection *c)
{
    struct str answer = str_of(c->answer, c->answered);
    size_t end = str_find(answer, S("\r\n\r\n"), 0), at;
    uint64_t length = 0;
    if (end == SIZE_MAX) return false;
    at = str_find(answer, S("Content-Length: "), 0);
    if (at == SIZE_MAX) at = str_find(answer, S("content-length: "), 0);
    if (at != SIZE_MAX) {
        struct str value = str_from(answer, at + 16);
        (void)str_to_u64(str_head(value, str_find_char(value, '\r', 0)), &length);
    }
    return c->answered >= end + 4 + length;
}

static void read_answer(struct load *l, struct connection *c)
{
    ssize_t n = read(c->fd, c->answer + c->answered, sizeof c->answer - c->answered);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) fail("read");
    c->answered += (size_t)n;
    if (!answer_is_whole(c)) return;
    if (c->answer[9] == '2') {
        l->done++;
    } else {
        l->refused++;
    }
    if (l->sample_count < SAMPLES_MAX) {
        l->samples_us[l->sample_count++] = (uint32_t)(clock_mono_us() - c->start_us);
    }
    start_request(l, c);
    write_request(l, c);
}

static void connect_all(struct load *l, unsigned count, unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    l->epoll = epoll_create1(0);
    l->connections = mem_new(count * sizeof *l->connections);
    for (unsigned i = 0; i < count; i++) {
        struct connection *c = &l->connections[i];
        int one = 1;
        c->fd = socket(AF_INET, SOCK_STREAM, 0);
        if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to)) fail("connect");
        (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.ptr = c}};
        if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event)) fail("epoll");
        start_request(l, c);
    }
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void report(struct load *l, double seconds)
{
    qsort(l->samples_us, l->sample_count, sizeof *l->samples_us, compare);
    size_t n = l->sample_count ? l->sample_count : 1;
    printf("{\"requests\":%llu,\"events\":%llu,\"refused\":%llu,\"seconds\":%.3f,"
           "\"requests_per_s\":%.0f,\"events_per_s\":%.0f,\"p50_us\":%u,\"p99_us\":%u}\n",
           (unsigned long long)l->done, (unsigned long long)l->done * l->per_request,
           (unsigned long long)l->refused, seconds, (double)l->done / seconds,
           (double)l->done * l->per_request / seconds, l->samples_us[n / 2],
           l->samples_us[n * 99 / 100]);
}

static void run(struct load *l, int64_t seconds)
{
    int64_t start = clock_mono_us(), end = start + seconds * 1000000;
    struct epoll_event events[256];
    while (clock_mono_us() < end) {
        int n = epoll_wait(l->epoll, events, 256, 100);
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            if (events[i].events & EPOLLOUT) write_request(l, c);
            if (events[i].events & EPOLLIN) read_answer(l, c);
        }
    }
    report(l, (double)(clock_mono_us() - start) / 1e6);
}

int main(int argc, char **argv)
{
    static struct load l;
    struct buf text = {0};
    struct err err;
    uint64_t port, connections, per_request, seconds;
    if (argc != 7 || !str_to_u64(str_z(argv[1]), &port) ||
        !str_to_u64(str_z(argv[4]), &connections) || !str_to_u64(str_z(argv[5]), &per_request) ||
        !str_to_u64(str_z(argv[6]), &seconds)) {
        fprintf(stderr, "usage: load PORT KEY CORPUS CONNECTIONS EVENTS_PER_REQUEST SECONDS\n");
        return 2;
    }
    if (!file_read_all(argv[3], (size_t)1 << 30, &text, &err)) {
        fprintf(stderr, "load: %s\n", err.text);
        return 1;
    }
    struct str corpus = str_trim(buf_str(&text));
    l.per_request = (unsigned)per_request;
    while (corpus.n && l.request_count < REQUESTS_MAX) make_request(&l, &corpus, argv[2]);
    l.samples_us = mem_new(SAMPLES_MAX * sizeof *l.samples_us);
    connect_all(&l, (unsigned)connections, (unsigned)port);
    run(&l, (int64_t)seconds);
    return 0;
}
