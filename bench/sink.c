/* SPDX-License-Identifier: Apache-2.0 */
/* sink CERTIFICATE KEY: Meta's place over TLS, as cheap as a receiver can be, so that it takes little of the
 * machine that it shares with what is measured. It counts the events of a request by their event_id and
 * confirms them; it judges nothing, which the sandbox is for. Prints where it listens as one JSON line;
 * for each line on its input, one with what came since the last: requests, events, when the last was confirmed
 * (CLOCK_MONOTONIC), and how long ago the load generator had begun to send them (bench/load.c stamps their
 * message ids). */
#include "bench/request.h"

#include "base/buf.h"
#include "base/mem.h"
#include "sys/clock.h"
#include "sys/thread.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SAMPLES_MAX = 4 << 20, READ_BYTES = 1 << 16 };

static struct {
    SSL_CTX *tls;
    int listening;
    struct lock lock; /* of the rest */
    uint64_t requests, events;
    int64_t last_us; /* the latest answer */
    uint32_t *samples_us;
    size_t sample_count;
} sink;

struct visitor {
    struct thread thread;
    SSL *tls;
    struct buf in; /* what was read and not answered */
};

static void fail(const char *what)
{
    perror(what);
    exit(3);
}

/* --- counting ---------------------------------------------------------------------------------- */

static uint64_t count_events(struct str body)
{
    static const struct str mark = S_INIT("\"event_id\":\"ajs-next-");
    uint64_t count = 0;
    int64_t now_us = clock_mono_us();
    lock_take(&sink.lock);
    for (const char *at; (at = memmem(body.p, body.n, mark.p, mark.n)); count++) {
        body = str_from(body, (size_t)(at - body.p) + mark.n);
        uint64_t began_us = 0;
        (void)str_to_u64(str_head(body, 13), &began_us); /* 0: not a stamp of ours */
        if (began_us && sink.sample_count < SAMPLES_MAX)
            sink.samples_us[sink.sample_count++] = (uint32_t)((uint64_t)now_us - began_us);
    }
    sink.requests++;
    sink.events += count;
    lock_give(&sink.lock);
    return count;
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void report(void)
{
    lock_take(&sink.lock);
    size_t n = sink.sample_count ? sink.sample_count : 1;
    qsort(sink.samples_us, sink.sample_count, sizeof *sink.samples_us, compare);
    (void)printf(
        "{\"requests\":%llu,\"events\":%llu,\"last_us\":%lld,\"p50_us\":%u,\"p99_us\":%u}\n",
        (unsigned long long)sink.requests, (unsigned long long)sink.events, (long long)sink.last_us,
        sink.samples_us[n / 2], sink.samples_us[n * 99 / 100]);
    (void)fflush(stdout);
    sink.requests = sink.events = sink.sample_count = 0;
    lock_give(&sink.lock);
}

/* --- one connection ---------------------------------------------------------------------------- */

static bool answer(struct visitor *v, uint64_t events)
{
    char body[100], all[300];
    int n = snprintf(body, sizeof body,
                     "{\"events_received\":%llu,\"messages\":[],\"fbtrace_id\":\"sink\"}",
                     (unsigned long long)events);
    n = snprintf(
        all, sizeof all,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", n,
        body);
    bool ok = SSL_write(v->tls, all, n) == n;
    lock_take(&sink.lock);
    sink.last_us = clock_mono_us();
    lock_give(&sink.lock);
    return ok;
}

static void serve(void *ctx)
{
    struct visitor *v = ctx;
    struct str body;
    bool open = SSL_accept(v->tls) == 1;
    while (open) {
        int n = SSL_read(v->tls, buf_reserve(&v->in, READ_BYTES), READ_BYTES);
        if (n <= 0) break;
        v->in.n += (size_t)n;
        size_t size = request_size(buf_str(&v->in), &body);
        if (!size || v->in.n < size) continue;
        open = answer(v, count_events(body));
        buf_clear(&v->in); /* curl sends the next one after the answer */
    }
    (void)close(SSL_get_fd(v->tls));
    SSL_free(v->tls);
    buf_fini(&v->in);
    mem_free(v); /* its thread ends here and is never joined: the process is short-lived */
}

static void accept_all(void *ctx)
{
    (void)ctx;
    for (int fd; (fd = accept(sink.listening, NULL, NULL)) >= 0;) {
        struct visitor *v = mem_new(sizeof *v);
        v->tls = SSL_new(sink.tls);
        if (!v->tls || !SSL_set_fd(v->tls, fd)) fail("TLS");
        thread_start(&v->thread, "visitor", serve, v);
    }
    fail("accept");
}

static void start_listening(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    sink.listening = socket(AF_INET, SOCK_STREAM, 0);
    if (sink.listening < 0 || bind(sink.listening, (struct sockaddr *)&at, sizeof at) ||
        listen(sink.listening, 128) || getsockname(sink.listening, (struct sockaddr *)&at, &size))
        fail("listen");
    (void)printf("{\"listen\":\"https://127.0.0.1:%u\"}\n", ntohs(at.sin_port));
    (void)fflush(stdout);
}

int main(int argc, char **argv)
{
    char line[16];
    struct thread thread;
    if (argc != 3) {
        fprintf(stderr, "usage: sink CERTIFICATE KEY\n");
        return 2;
    }
    sink.tls = SSL_CTX_new(TLS_server_method());
    if (!sink.tls || SSL_CTX_use_certificate_chain_file(sink.tls, argv[1]) != 1 ||
        SSL_CTX_use_PrivateKey_file(sink.tls, argv[2], SSL_FILETYPE_PEM) != 1)
        fail("certificate");
    sink.samples_us = mem_new(SAMPLES_MAX * sizeof *sink.samples_us);
    lock_init(&sink.lock);
    start_listening();
    thread_start(&thread, "accept", accept_all, NULL);
    while (fgets(line, sizeof line, stdin)) report();
    return 0;
}
