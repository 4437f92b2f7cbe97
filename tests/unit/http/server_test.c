/* SPDX-License-Identifier: Apache-2.0 */
/* The server under all kinds of clients, over real sockets: http/server.c, http/tasks.c, http/connection.c. */
#include "core/limits.h"
#include "support/http_server.h"

#include <sys/resource.h>

static void text_of(struct buf *out, const char *path, struct str body)
{
    buf_clear(out);
    buf_printf(out, "POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n", path, body.n);
    buf_put(out, body);
}

static void answers_in_order(void **state)
{
    (void)state;
    enum { COUNT = 60 };
    struct buf all = {0}, one = {0};
    struct test_answer a;
    site_open((struct http_options){0});
    struct test_client c = test_connect(test_site.port);
    for (unsigned i = 0; i < COUNT; i++) { /* some answered at once, some by another thread */
        char number[12];
        (void)snprintf(number, sizeof number, "%u", i);
        text_of(&one, i % 3 ? "/echo" : "/park", str_z(number));
        buf_put(&all, buf_str(&one));
    }
    assert_true(test_send(&c, buf_str(&all)));
    for (unsigned i = 0; i < COUNT; i++) {
        char number[12];
        (void)snprintf(number, sizeof number, "%u", i);
        if (i % 3 == 0) {
            site_wait_parked(1);
            assert_int_equal(site_answer_parked(), 1); /* one request at a time */
        }
        assert_true(test_answer(&c, false, &a));
        check_str(a.body, i % 3 ? number : "late");
    }
    assert_int_equal(site_stats().requests, COUNT);
    assert_int_equal(site_stats().answers[2], COUNT);
    test_hang_up(&c);
    buf_fini(&all);
    buf_fini(&one);
    site_close();
}

/* A pipeline larger than one read, whose rest must wait for answers. */
static void takes_long_pipelines(void **state)
{
    (void)state;
    struct buf one = {0}, body = {0};
    struct test_answer a;
    site_open((struct http_options){0});
    struct test_client c = test_connect(test_site.port);
    for (int i = 0; i < 20000; i++) buf_putc(&body, (char)('a' + i % 26));
    text_of(&one, "/park", buf_str(&body));
    for (int i = 0; i < 10; i++) assert_true(test_send(&c, buf_str(&one)));
    for (int i = 0; i < 10; i++) {
        site_wait_parked(1);
        assert_true(str_eq(test_site.parked[0]->body, buf_str(&body)));
        (void)site_answer_parked();
        assert_true(test_answer(&c, false, &a));
    }
    test_hang_up(&c);
    buf_fini(&one);
    buf_fini(&body);
    site_close();
}

/* A handler that waits need not hold a large body. */
static void gives_large_bodies_back(void **state)
{
    (void)state;
    struct buf text = {0}, body = {0};
    struct test_answer a;
    site_open((struct http_options){0});
    struct test_client c = test_connect(test_site.port);
    for (size_t bytes = 1000; bytes <= 1000000; bytes *= 1000) {
        bool large = bytes > LIMIT_BODY_KEPT_BYTES;
        buf_clear(&body);
        buf_clear(&text);
        memset(buf_reserve(&body, bytes), 'x', bytes);
        body.n = bytes;
        text_of(&text, "/shed", buf_str(&body));
        assert_true(test_send(&c, buf_str(&text)));
        site_wait_parked(1);
        assert_int_equal(test_site.parked[0]->body.n, 0);
        assert_int_equal(site_stats().body_bytes, large ? 0 : bytes);
        (void)site_answer_parked();
        assert_true(test_answer(&c, false, &a));
    }
    test_hang_up(&c);
    buf_fini(&text);
    buf_fini(&body);
    site_close();
}

static void takes_bytes_one_by_one(void **state)
{
    (void)state;
    struct str text = S("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "5\r\nhallo\r\n0\r\n\r\n");
    struct test_answer a;
    site_open((struct http_options){0});
    struct test_client c = test_connect(test_site.port);
    for (size_t i = 0; i < text.n; i++) {
        assert_true(test_send(&c, str_of(text.p + i, 1)));
        if (i % 8 == 0) clock_sleep_ms(1);
    }
    assert_true(test_answer(&c, false, &a));
    check_str(a.body, "hallo");
    test_hang_up(&c);
    site_close();
}

static void says_continue(void **state)
{
    (void)state;
    struct test_answer a;
    site_open((struct http_options){0});
    struct test_client c = test_connect(test_site.port);
    assert_true(test_send(&c, S("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                                "Content-Length: 2\r\n\r\n")));
    assert_true(test_answer(&c, false, &a));
    assert_int_equal(a.status, 100);
    assert_true(test_send(&c, S("ok")));
    assert_true(test_answer(&c, false, &a));
    assert_int_equal(a.status, 200);
    check_str(a.body, "ok");
    assert_true(test_send(&c, S("POST /small HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                                "Content-Length: 11\r\n\r\n")));
    assert_true(test_answer(&c, false, &a));
    assert_int_equal(a.status, 413); /* at once, without the body */
    assert_true(test_at_end(&c));
    test_hang_up(&c);
    site_close();
}

/* A client that sends ten megabytes gets to read that they are too many. */
static void refusals_are_seen(void **state)
{
    (void)state;
    struct buf one = {0}, body = {0};
    struct test_answer a;
    memset(buf_reserve(&body, 10 << 20), 'x', 10 << 20);
    body.n = 10 << 20;
    site_open((struct http_options){.timeouts.linger_ms = 5000});
    text_of(&one, "/echo", buf_str(&body));
    struct test_client c = test_connect(test_site.port);
    assert_true(test_send(&c, buf_str(&one)));
    assert_true(test_answer(&c, false, &a));
    assert_int_equal(a.status, 413);
    check_str(test_header(&a, "Connection"), "close");
    test_hang_up(&c);
    buf_fini(&one);
    buf_fini(&body);
    site_close();
}

static void limits_connections(void **state)
{
    (void)state;
    struct test_answer a;
    struct test_client c[3];
    struct str hello = S("GET /who HTTP/1.1\r\nHost: h\r\n\r\n");
    site_open((struct http_options){.max_connections = 2});
    for (int i = 0; i < 2; i++) {
        c[i] = test_connect(test_site.port);
        assert_true(test_send(&c[i], hello));
        assert_true(test_answer(&c[i], false, &a));
        assert_int_equal(a.status, 200);
    }
    c[2] = test_connect(test_site.port);
    assert_true(test_send(&c[2], hello));
    assert_true(test_answer(&c[2], false, &a));
    assert_int_equal(a.status, 503);
    check_str(test_header(&a, "Retry-After"), "2");
    assert_true(test_at_end(&c[2]));
    assert_int_equal(site_stats().refused, 1);
    assert_int_equal(site_stats().connections, 2);
    assert_true(test_send(&c[0], hello)); /* the others are not disturbed */
    assert_true(test_answer(&c[0], false, &a));
    test_hang_up(&c[1]);
    test_hang_up(&c[2]);
    while (site_stats().connections > 1) clock_sleep_ms(2);
    assert_int_equal(test_ask(test_site.port, hello, NULL), 200);
    test_hang_up(&c[0]);
    site_close();
}

/* Bodies that wait for their handlers fill the room; the next one is asked to come again. */
static void limits_bodies(void **state)
{
    (void)state;
    struct buf one = {0}, body = {0};
    struct test_answer a;
    struct test_client c[3];
    memset(buf_reserve(&body, 40000), 'x', 40000);
    body.n = 40000;
    site_open((struct http_options){.max_bodies_bytes = 100000});
    text_of(&one, "/park", buf_str(&body));
    for (size_t i = 0; i < 3; i++) {
        c[i] = test_connect(test_site.port);
        assert_true(test_send(&c[i], buf_str(&one)));
        if (i < 2) site_wait_parked(i + 1);
    }
    assert_true(test_answer(&c[2], false, &a));
    assert_int_equal(a.status, 503);
    check_str(test_header(&a, "Retry-After"), "2");
    assert_int_equal(site_stats().body_bytes, 80000);
    (void)site_answer_parked();
    for (int i = 0; i < 2; i++) assert_true(test_answer(&c[i], false, &a));
    while (site_stats().body_bytes) clock_sleep_ms(1); /* counted behind the answer */
    text_of(&one, "/echo", buf_str(&body));
    assert_int_equal(test_ask(test_site.port, buf_str(&one), NULL), 200);
    for (int i = 0; i < 3; i++) test_hang_up(&c[i]);
    buf_fini(&one);
    buf_fini(&body);
    site_close();
}

static void survives_rude_clients(void **state)
{
    (void)state;
    struct test_answer a;
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    site_open((struct http_options){0});
    struct test_client c = test_connect(test_site.port); /* gone before its answer */
    assert_true(test_send(&c, S("POST /park HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx")));
    site_wait_parked(1);
    (void)setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    test_hang_up(&c);
    (void)site_answer_parked();
    c = test_connect(test_site.port); /* says all it has to say, then waits */
    assert_true(test_send(&c, S("GET /later/50 HTTP/1.1\r\nHost: h\r\n\r\n")));
    assert_int_equal(shutdown(c.fd, SHUT_WR), 0);
    assert_true(test_answer(&c, false, &a));
    check_str(a.body, "late");
    assert_true(test_at_end(&c));
    test_hang_up(&c);
    c = test_connect(test_site.port); /* stops in the middle */
    assert_true(test_send(&c, S("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx")));
    assert_int_equal(shutdown(c.fd, SHUT_WR), 0);
    assert_true(test_at_end(&c));
    test_hang_up(&c);
    c = test_connect(test_site.port); /* is hung up on */
    assert_true(test_send(&c, S("GET /drop HTTP/1.1\r\nHost: h\r\n\r\n")));
    assert_true(test_at_end(&c));
    test_hang_up(&c);
    assert_int_equal(test_ask(test_site.port, S("GET /who HTTP/1.1\r\nHost: h\r\n\r\n"), NULL),
                     200);
    site_close();
}

static void answers_late_in_time_order(void **state)
{
    (void)state;
    static const char *const requests[] = {"GET /later/120 HTTP/1.1\r\nHost: h\r\n\r\n",
                                           "GET /later/20 HTTP/1.1\r\nHost: h\r\n\r\n",
                                           "GET /later/70 HTTP/1.1\r\nHost: h\r\n\r\n"};
    struct test_answer a;
    struct test_client c[3];
    uint64_t order[3], due[3];
    site_open((struct http_options){0});
    int64_t start = clock_mono_us();
    for (size_t i = 0; i < 3; i++) {
        c[i] = test_connect(test_site.port);
        assert_true(test_send(&c[i], str_z(requests[i])));
        site_await(requests, i + 1);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_true(test_answer(&c[i], false, &a));
        if (i == 0) assert_true(clock_mono_us() - start >= 110 * 1000);
        assert_true(str_to_u64(test_header(&a, "X-Order"), &order[i]));
        assert_true(str_to_u64(test_header(&a, "X-Due"), &due[i]));
        test_hang_up(&c[i]);
    }
    for (size_t i = 0; i < 3; i++) /* mostly 1, 2, 0, but this program may be kept from running */
        for (size_t k = 0; k < 3; k++) assert_true(due[i] >= due[k] || order[i] < order[k]);
    site_close();
}

static void stops_in_order(void **state)
{
    (void)state;
    struct test_answer a;
    site_open((struct http_options){0});
    struct test_client idle = test_connect(test_site.port), busy = test_connect(test_site.port),
                       later = test_connect(test_site.port);
    assert_true(test_send(&later, S("GET /later/60000 HTTP/1.1\r\nHost: h\r\n\r\n")));
    assert_true(test_send(&busy, S("POST /park HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")));
    site_wait_parked(1);
    site_await(requests, 2);
    site_await(accepted, 3);
    int64_t start = clock_mono_us();
    http_server_stop(test_site.server, 400); /* busy is not answered in time */
    assert_true(clock_mono_us() - start < 5000000);
    assert_true(test_at_end(&idle));
    assert_true(test_answer(&later, false, &a)); /* at once, not in a minute */
    check_str(test_header(&a, "Connection"), "close");
    assert_true(test_at_end(&busy));
    assert_int_equal(site_answer_parked(), 1); /* too late for the client, not for the handler */
    test_hang_up(&idle);
    test_hang_up(&busy);
    test_hang_up(&later);
    site_close();
}

/* Whatever descriptor is missing, that of the loop, of the listener or the next one: words, no crash. */
static void needs_descriptors(void **state)
{
    (void)state;
    struct rlimit before, few;
    struct http_options options = {
        .name = "test", .address = S("127.0.0.1:0"), .routes = test_routes, .ctx = &test_site};
    struct http_server *server = NULL;
    int next = dup(0);
    (void)close(next);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = (rlim_t)next;
    /* Two more a time: a loop of libuv that cannot be made keeps one. */
    for (int i = 0; !server && i < 64; i++, few.rlim_cur += 2) {
        struct err err = {0};
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
        server = http_server_open(&options, &err);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        if (!server) check_err(err, "too many open files");
    }
    assert_non_null(server);
    http_server_free(server);
}

/* The same with an answer that comes while the server waits for it. */
static void drains(void **state)
{
    (void)state;
    struct test_answer a;
    site_open((struct http_options){0});
    struct test_client idle = test_connect(test_site.port), c = test_connect(test_site.port);
    site_await(accepted, 2);
    assert_true(test_send(&c, S("GET /later/1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /echo HTTP/1.1\r\n"
                                "Host: h\r\nContent-Length: 5\r\n\r\nha")));
    assert_true(test_answer(&c, false, &a));
    struct thread stopper;
    thread_start(&stopper, "stopper", (thread_main_fn *)site_close, NULL);
    assert_true(test_at_end(&idle));
    test_hang_up(&idle);
    assert_true(test_send(&c, S("llo"))); /* the request under way is still taken */
    assert_true(test_answer(&c, false, &a));
    check_str(a.body, "hallo");
    check_str(test_header(&a, "Connection"), "close");
    assert_true(test_at_end(&c));
    test_hang_up(&c);
    thread_join(&stopper);
}

/* Many connections, random pieces of good and bad bytes: everybody else is still served. */
static void survives_noise(void **state)
{
    (void)state;
    static const char *const words[] = {
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
        "GET /later/1 HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /who HTTP/1.0\r\n\r\n",
        "\r\n",
        "x",
        ": ",
        "Transfer-Encoding: chunked\r\n",
        "0\r\n\r\n",
        "GET /drop HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 99\r\n\r\n"};
    enum { CLIENTS = 16 };
    struct test_client c[CLIENTS];
    uint64_t random = 20261121; /* fixed: a failure can be run again */
    site_open((struct http_options){0});
    for (int i = 0; i < CLIENTS; i++) c[i] = test_connect(test_site.port);
    for (int i = 0; i < 3000; i++) {
        struct test_client *one = &c[check_random(&random) % CLIENTS];
        struct str piece = str_z(words[check_random(&random) % countof(words)]);
        if (check_random(&random) % 4 == 0)
            piece = str_head(piece, check_random(&random) % piece.n);
        bool alive = test_send(one, piece);
        if (alive && check_random(&random) % 50) continue;
        test_hang_up(one);
        *one = test_connect(test_site.port);
    }
    for (int i = 0; i < CLIENTS; i++) test_hang_up(&c[i]);
    assert_int_equal(test_ask(test_site.port, S("GET /who HTTP/1.1\r\nHost: h\r\n\r\n"), NULL),
                     200);
    site_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_in_order),        cmocka_unit_test(takes_long_pipelines),
        cmocka_unit_test(gives_large_bodies_back), cmocka_unit_test(takes_bytes_one_by_one),
        cmocka_unit_test(says_continue),           cmocka_unit_test(refusals_are_seen),
        cmocka_unit_test(limits_connections),      cmocka_unit_test(limits_bodies),
        cmocka_unit_test(survives_rude_clients),   cmocka_unit_test(answers_late_in_time_order),
        cmocka_unit_test(stops_in_order),          cmocka_unit_test(drains),
        cmocka_unit_test(survives_noise),          cmocka_unit_test(needs_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
