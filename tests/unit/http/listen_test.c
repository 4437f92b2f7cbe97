/* SPDX-License-Identifier: Apache-2.0 */
/* Who listens where, and to whom it answers: http/listen.c, http/proxies.c and http/request.c over real
 * sockets. */
#include "support/http_server.h"

static void opens_and_refuses_addresses(void **state)
{
    (void)state;
    static const char *const bad[] = {"",          "8080",         "127.0.0.1",       "127.0.0.1:",
                                      "1.2.3:80x", "127.0.0.1:-1", "127.0.0.1:65536", "nowhere:80",
                                      "[::1:80",   "256.0.0.1:80"};
    static const char *const good[] = {"127.0.0.1:0", "localhost:0", ":0"};
    struct err err;
    struct http_options o = {.routes = test_routes, .route_count = countof(test_routes)};
    for (size_t i = 0; i < countof(bad); i++) {
        o.address = str_z(bad[i]);
        if (http_server_open(&o, &err)) fail_msg("\"%s\" was opened", bad[i]);
        assert_int_equal(err.kind, ERR_INPUT);
    }
    for (size_t i = 0; i < countof(good); i++) {
        o.address = str_z(good[i]);
        struct http_server *s = http_server_open(&o, &err);
        assert_non_null(s);
        assert_true(http_server_port(s) > 0);
        http_server_free(s); /* never started */
    }
    http_server_free(NULL);
}

static void shares_a_port_only_when_asked(void **state)
{
    (void)state;
    struct err err;
    char address[32];
    struct http_options o = {.address = S("127.0.0.1:0"), .reuse_port = true};
    struct http_server *a = http_server_open(&o, &err);
    assert_non_null(a);
    (void)snprintf(address, sizeof address, "127.0.0.1:%u", http_server_port(a));
    o.address = str_z(address);
    assert_null(http_server_open(&o, &err)); /* as another process would */
    assert_int_equal(err.kind, ERR_IO);
    o.first = a;
    o.address = S("127.0.0.1:0");
    struct http_server *b = http_server_open(&o, &err);
    assert_non_null(b);
    assert_int_equal(http_server_port(a), http_server_port(b));
    o = (struct http_options){.address = str_z(address)};
    assert_null(http_server_open(&o, &err));
    assert_int_equal(err.kind, ERR_IO);
    check_err(err, "cannot listen on 127.0.0.1:");
    http_server_free(a);
    http_server_free(b);
}

static void refuses_foreign_hosts_when_asked(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        int status;
    } cases[] = {
        {"127.0.0.1:8081", 200},
        {"[::1]:8081", 200},
        {"localhost", 200},
        {"pixeld:8081", 200},
        {"a.LOCALHOST:1", 200},
        {"localhost.:1", 200},
        {"evil.example:8081", 421},
        {"evil.example.", 421},
        {"127.0.0.1.evil.example", 421},
        {"localhost.evil.example", 421},
        {".localhost", 421},
    };
    site_open((struct http_options){.local_names = true});
    for (size_t i = 0; i < countof(cases); i++) {
        char text[200];
        struct buf body = {0};
        (void)snprintf(text, sizeof text, "GET /who HTTP/1.1\r\nHost: %s\r\n\r\n", cases[i].host);
        int status = test_ask(test_site.port, str_z(text), &body);
        if (status != cases[i].status) fail_msg("%s: %d", cases[i].host, status);
        buf_fini(&body);
    }
    site_close();
}

static void believes_trusted_proxies(void **state)
{
    (void)state;
    struct buf body = {0};
    struct err err;
    struct str ask = S("GET /who HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 198.51.100.7\r\n"
                       "X-Forwarded-Proto: https\r\n\r\n");
    struct str bad = S("10.0.0.0/99"), local = S("127.0.0.0/8");
    struct http_options o = {.address = S("127.0.0.1:0"), .trusted_proxies = &bad};
    o.trusted_proxy_count = 1;
    assert_null(http_server_open(&o, &err));
    check_err(err, "10.0.0.0/99");
    site_open((struct http_options){0});
    assert_int_equal(test_ask(test_site.port, ask, &body), 200);
    check_str(buf_str(&body), "127.0.0.1");
    http_set_proxies(test_site.server, &local, 1);
    buf_clear(&body);
    assert_int_equal(test_ask(test_site.port, ask, &body), 200);
    check_str(buf_str(&body), "198.51.100.7 s");
    http_set_proxies(test_site.server, NULL, 0);
    buf_clear(&body);
    assert_int_equal(test_ask(test_site.port, ask, &body), 200);
    check_str(buf_str(&body), "127.0.0.1");
    buf_fini(&body);
    site_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_and_refuses_addresses),
        cmocka_unit_test(shares_a_port_only_when_asked),
        cmocka_unit_test(refuses_foreign_hosts_when_asked),
        cmocka_unit_test(believes_trusted_proxies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
