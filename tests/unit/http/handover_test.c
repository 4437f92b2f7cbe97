/* SPDX-License-Identifier: Apache-2.0 */
/* A server that goes and one that comes in its place, on the same sockets: http/listen.c, http/connection.c and
 * http/server.c. */
#include "support/http_server.h"

/* The next server on what the one before left. */
static void site_reopen(struct handover *handed, struct http_options options)
{
    char address[32];
    struct err err;
    (void)snprintf(address, sizeof address, "127.0.0.1:%u", test_site.port);
    options.name = "test";
    options.address = str_z(address);
    options.routes = test_routes;
    options.route_count = countof(test_routes);
    options.ctx = &test_site;
    options.handed = handed;
    test_site.server = http_server_open(&options, &err);
    assert_non_null(test_site.server);
    http_server_start(test_site.server);
    handover_close(handed);
}

static void site_leave(struct handover *handed)
{
    http_server_ask_leave(test_site.server, 2000);
    http_server_stop(test_site.server, 2000);
    http_server_hand_over(test_site.server, handed);
    http_server_free(test_site.server);
}

static void ask(struct test_client *c, const char *body)
{
    struct buf text = {0};
    buf_printf(&text, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n%s",
               strlen(body), body);
    assert_true(test_send(c, buf_str(&text)));
    buf_fini(&text);
}

static void check_answer(struct test_client *c, const char *body)
{
    struct test_answer a = {0};
    assert_true(test_answer(c, false, &a));
    assert_int_equal(a.status, 200);
    assert_null(test_header(&a, "Connection").p); /* nobody is sent away */
    check_str(a.body, body);
}

static void nobody_notices(void **state)
{
    (void)state;
    struct handover handed = {0};
    site_open((struct http_options){0});
    struct test_client idle = test_connect(test_site.port), busy = test_connect(test_site.port);
    ask(&idle, "one");
    check_answer(&idle, "one");
    assert_true(
        test_send(&busy, S("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabcd")));
    site_await(connections, 2);
    site_await(body_bytes, 4); /* more than the request before, which may still count */
    http_server_ask_leave(test_site.server, 5000);
    struct test_client waiting = test_connect(test_site.port);
    ask(&waiting, "waits for the next");
    ask(&idle, "two"); /* arrives while nobody reads, or before: either way it is answered */
    assert_true(test_send(&busy, S("ef")));
    check_answer(&busy, "abcdef"); /* the request under way was waited for */
    site_leave(&handed);
    /* The listening socket and two who are between requests; the third may have come just in time. */
    assert_in_range(handed.count, 3, 4);
    site_reopen(&handed, (struct http_options){0});
    check_answer(&idle, "two");
    check_answer(&waiting, "waits for the next");
    ask(&busy, "again");
    check_answer(&busy, "again");
    test_hang_up(&idle);
    test_hang_up(&busy);
    test_hang_up(&waiting);
    site_close();
}

/* Who is in the middle of a request when the patience ends is cut off; half a request cannot be handed on. */
static void half_requests_are_not_handed_on(void **state)
{
    (void)state;
    struct handover handed = {0};
    site_open((struct http_options){0});
    struct test_client slow = test_connect(test_site.port);
    assert_true(test_send(&slow, S("POST /echo HTTP/1.1\r\nHost")));
    site_await(connections, 1);
    clock_sleep_ms(20); /* until the bytes are read; a few more at worst */
    http_server_ask_leave(test_site.server, 50);
    http_server_stop(test_site.server, 50);
    http_server_hand_over(test_site.server, &handed);
    http_server_free(test_site.server);
    assert_int_equal(handed.count, 1);
    assert_true(handed.items[0].listening);
    while (test_read_more(&slow, TEST_PATIENCE_MS)) continue;
    test_hang_up(&slow);
    site_reopen(&handed, (struct http_options){0});
    site_close();
}

/* Sockets and servers in all proportions: each socket has a server, each server a socket. */
static void shares_sockets_out(void **state)
{
    (void)state;
    enum { MOST = 4 };
    for (size_t sockets = 1; sockets <= MOST; sockets++) {
        for (size_t loops = 1; loops <= MOST; loops++) {
            struct http_server *old[MOST] = {0}, *new[MOST] = {0};
            struct handover handed = {0};
            struct err err;
            char address[32];
            struct http_options o = {.name = "test", .address = S("127.0.0.1:0")};
            o.reuse_port = sockets > 1;
            o.routes = test_routes;
            o.route_count = countof(test_routes);
            for (size_t i = 0; i < sockets; i++) {
                old[i] = http_server_open(&o, &err);
                assert_non_null(old[i]);
                o.first = old[0];
            }
            (void)snprintf(address, sizeof address, "127.0.0.1:%u", http_server_port(old[0]));
            for (size_t i = 0; i < sockets; i++) {
                http_server_ask_leave(old[i], 0);
                http_server_stop(old[i], 0);
                http_server_hand_over(old[i], &handed);
                http_server_free(old[i]);
            }
            assert_int_equal(handed.count, sockets);
            o = (struct http_options){.name = "test", .handed = &handed, .loops = loops};
            o.address = str_z(address);
            o.routes = test_routes;
            o.route_count = countof(test_routes);
            for (o.loop = 0; o.loop < loops; o.loop++) {
                o.reuse_port = loops > 1;
                new[o.loop] = http_server_open(&o, &err);
                assert_non_null(new[o.loop]);
                o.first = new[0];
            }
            for (size_t i = 0; i < sockets; i++) assert_true(handed.items[i].used);
            handover_close(&handed);
            for (size_t i = 0; i < loops; i++) http_server_start(new[i]);
            for (int i = 0; i < 16; i++) { /* the kernel spreads them over all sockets */
                struct test_client c = test_connect(http_server_port(new[0]));
                ask(&c, "x");
                check_answer(&c, "x");
                test_hang_up(&c);
            }
            for (size_t i = 0; i < loops; i++) http_server_free(new[i]);
        }
    }
}

static void takes_only_what_is_meant(void **state)
{
    (void)state;
    static const struct {
        const char *name, *address;
        bool taken;
    } cases[] = {
        {"test", "127.0.0.1:%u", true},          /* both right */
        {"pixeld.socket", "127.0.0.1:%u", true}, /* the address says it */
        {"test", "127.0.0.1:0", true},           /* any port: the name says it */
        {"other", "127.0.0.1:0", false},         /* nothing says it */
        {"test", "127.0.0.2:0", false},          /* bound elsewhere */
        {"test", "[::1]:%u", false},
        {"test", ":%u", false},
    };
    for (size_t i = 0; i < countof(cases); i++) {
        struct handover handed = {0}, named = {0};
        struct err err;
        char address[32];
        site_open((struct http_options){0});
        unsigned port = test_site.port;
        site_leave(&handed);
        assert_true(handover_add(&named, cases[i].name, handed.items[0].fd));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        (void)snprintf(address, sizeof address, cases[i].address, port);
#pragma GCC diagnostic pop
        struct http_options o = {.name = "test", .handed = &named, .address = str_z(address)};
        struct http_server *s = http_server_open(&o, &err);
        assert_int_equal(named.items[0].used, cases[i].taken);
        if (s && cases[i].taken) assert_int_equal(http_server_port(s), port);
        http_server_free(s);
        handover_close(&named);
        handover_close(&handed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_notices),
        cmocka_unit_test(half_requests_are_not_handed_on),
        cmocka_unit_test(shares_sockets_out),
        cmocka_unit_test(takes_only_what_is_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
