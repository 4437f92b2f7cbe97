/* SPDX-License-Identifier: Apache-2.0 */
/* load PORT KEY CORPUS CONNECTIONS EVENTS_PER_REQUEST SECONDS [EVENTS_PER_SECOND]: sends the corpus to a
 * running pixeld over keep-alive connections, one request under way on each, and prints one JSON line:
 * requests, events, refusals, the latency of answers and its own CPU time per event. With a rate, requests are due at times of their own
 * and latency counts from there, whether or not a connection was free. Every message id gets the time of
 * its request, so that no event repeats another however often the corpus goes round. A client of the
 * simplest kind, so that it costs as little as possible of the machine that it shares with the server. */
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
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUESTS_MAX = 16384, SAMPLES_MAX = 4 << 20, STAMP_DIGITS = 13 };

/* A request made beforehand, and where its message ids have their stamps. */
struct request {
    struct buf text;
    size_t *stamps, stamp_count;
    bool busy; /* under way: it must not be stamped anew */
};

struct connection {
    int fd;
    struct request *request; /* under way; NULL: it waits until the next one is due */
    size_t written;
    char answer[2048];
    size_t answered;
    int64_t start_us;
};

struct load {
    struct request requests[REQUESTS_MAX]; /* sent round robin */
    size_t request_count, next;
    unsigned per_request;
    struct connection *connections;
    struct connection **idle; /* those that wait */
    size_t idle_count;
    double gap_us; /* between two requests; 0: as fast as answers come */
    double due_us;
    int64_t stamp; /* the latest */
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

static void find_stamps(struct request *r, size_t most)
{
    static const struct str mark = S_INIT("\"messageId\":\"ajs-next-");
    struct str text = buf_str(&r->text);
    r->stamps = mem_new(most * sizeof *r->stamps);
    for (size_t at = 0; (at = str_find(text, mark, at)) != SIZE_MAX && r->stamp_count < most;) {
        at += mark.n;
        r->stamps[r->stamp_count++] = at;
    }
}

static void make_request(struct load *l, struct str *corpus, const char *key)
{
    struct request *r = &l->requests[l->request_count++];
    struct buf body = {0}, user = {0}, *out = &r->text;
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
    find_stamps(r, l->per_request);
}

/* Stamps are in microseconds since the machine started, and no two requests have the same. */
static void stamp(struct load *l, struct request *r, int64_t now_us)
{
    char digits[24]; /* of any number */
    l->stamp = now_us > l->stamp ? now_us : l->stamp + 1;
    (void)snprintf(digits, sizeof digits, "%0*lld", STAMP_DIGITS,
                   (long long)l->stamp % 10000000000000);
    for (size_t i = 0; i < r->stamp_count; i++)
        memcpy(r->text.p + r->stamps[i], digits, STAMP_DIGITS);
}

/* True when the connection has a request to send; else it waits until one is due. */
static bool start_request(struct load *l, struct connection *c)
{
    int64_t now_us = clock_mono_us();
    c->request = NULL;
    if (l->gap_us > 0 && l->due_us > (double)now_us) {
        l->idle[l->idle_count++] = c;
        return false;
    }
    c->start_us = l->gap_us > 0 ? (int64_t)l->due_us : now_us;
    l->due_us += l->gap_us;
    do {
        c->request = &l->requests[l->next++ % l->request_count];
    } while (c->request->busy); /* there are more than connections */
    c->request->busy = true;
    c->written = c->answered = 0;
    stamp(l, c->request, now_us);
    return true;
}

static void write_request(struct connection *c)
{
    const struct buf *text = &c->request->text;
    while (c->written < text->n) {
        ssize_t n = write(c->fd, text->p + c->written, text->n - c->written);
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
    c->request->busy = false;
    if (c->answer[9] == '2') {
        l->done++;
    } else {
        l->refused++;
    }
    if (l->sample_count < SAMPLES_MAX) {
        l->samples_us[l->sample_count++] = (uint32_t)(clock_mono_us() - c->start_us);
    }
    if (start_request(l, c)) write_request(c);
}

static void connect_all(struct load *l, unsigned count, unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    l->epoll = epoll_create1(0);
    l->connections = mem_new(count * sizeof *l->connections);
    l->idle = mem_new(count * sizeof *l->idle);
    l->due_us = (double)clock_mono_us();
    for (unsigned i = 0; i < count; i++) {
        struct connection *c = &l->connections[i];
        int one = 1;
        c->fd = socket(AF_INET, SOCK_STREAM, 0);
        if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to)) fail("connect");
        (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.ptr = c}};
        if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event)) fail("epoll");
        (void)start_request(l, c); /* written when the socket says that it may */
    }
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* What this process has used. */
static double cpu_us(void)
{
    struct rusage used;
    (void)getrusage(RUSAGE_SELF, &used); /* cannot fail with these arguments */
    return 1e6 * (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static void report(struct load *l, double seconds)
{
    qsort(l->samples_us, l->sample_count, sizeof *l->samples_us, compare);
    size_t n = l->sample_count ? l->sample_count : 1;
    printf("{\"requests\":%llu,\"events\":%llu,\"refused\":%llu,\"seconds\":%.3f,"
           "\"requests_per_s\":%.0f,\"events_per_s\":%.0f,\"p50_us\":%u,\"p99_us\":%u,"
           "\"max_us\":%u,\"cpu_us\":%.2f}\n",
           (unsigned long long)l->done, (unsigned long long)l->done * l->per_request,
           (unsigned long long)l->refused, seconds, (double)l->done / seconds,
           (double)l->done * l->per_request / seconds, l->samples_us[n / 2],
           l->samples_us[n * 99 / 100], l->samples_us[n - 1],
           l->done ? cpu_us() / ((double)l->done * l->per_request) : 0);
}

static void start_due(struct load *l)
{
    while (l->idle_count && l->due_us <= (double)clock_mono_us()) {
        struct connection *c = l->idle[--l->idle_count];
        if (start_request(l, c)) write_request(c);
    }
}

/* Until the next request is due, to the microsecond: looking without a pause would take a processor away
 * from the server. */
static struct timespec wait_for(const struct load *l)
{
    double left_us = l->idle_count ? l->due_us - (double)clock_mono_us() : 100000;
    if (left_us > 100000) left_us = 100000;
    return (struct timespec){.tv_nsec = left_us > 0 ? (long)(left_us * 1000) : 0};
}

static void run(struct load *l, int64_t seconds)
{
    int64_t start = clock_mono_us(), end = start + seconds * 1000000;
    struct epoll_event events[256];
    while (clock_mono_us() < end) {
        start_due(l);
        struct timespec wait = wait_for(l);
        int n = epoll_pwait2(l->epoll, events, 256, &wait, NULL);
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            if (c->request && events[i].events & EPOLLOUT) write_request(c);
            if (c->request && events[i].events & EPOLLIN) read_answer(l, c);
        }
    }
    report(l, (double)(clock_mono_us() - start) / 1e6);
}

int main(int argc, char **argv)
{
    static struct load l;
    struct buf text = {0};
    struct err err;
    uint64_t port, connections, per_request, seconds, rate = 0;
    if ((argc != 7 && argc != 8) || (argc == 8 && !str_to_u64(str_z(argv[7]), &rate)) ||
        !str_to_u64(str_z(argv[1]), &port) || !str_to_u64(str_z(argv[4]), &connections) ||
        !str_to_u64(str_z(argv[5]), &per_request) || !str_to_u64(str_z(argv[6]), &seconds)) {
        fprintf(stderr, "usage: load PORT KEY CORPUS CONNECTIONS EVENTS_PER_REQUEST SECONDS "
                        "[EVENTS_PER_SECOND]\n");
        return 2;
    }
    if (!file_read_all(argv[3], (size_t)1 << 30, &text, &err)) {
        fprintf(stderr, "load: %s\n", err.text);
        return 1;
    }
    struct str corpus = str_trim(buf_str(&text));
    l.per_request = (unsigned)per_request;
    if (rate) l.gap_us = 1e6 * (double)per_request / (double)rate;
    struct str rest = corpus;
    while (l.request_count < REQUESTS_MAX && (rest.n || l.request_count < 2 * connections)) {
        if (!rest.n) rest = corpus;
        make_request(&l, &rest, argv[2]);
    }
    if (l.request_count <= connections) {
        fprintf(stderr, "load: at most %u connections\n", REQUESTS_MAX - 1);
        return 2;
    }
    l.samples_us = mem_new(SAMPLES_MAX * sizeof *l.samples_us);
    connect_all(&l, (unsigned)connections, (unsigned)port);
    run(&l, (int64_t)seconds);
    return 0;
}
