/* SPDX-License-Identifier: Apache-2.0 */
/* Answers as a client sees them (http/respond.c), and what handlers ask a request (http/request.c,
 * http/base64.c). */
#include "http/base64.h"
#include "http/request.h"
#include "http/respond.h"

#include "support/http_server.h"

static int setup(void **state)
{
    (void)state;
    site_open((struct http_options){0});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    site_close();
    return 0;
}

static struct test_client client;

/* Asks on the open connection. */
static struct test_answer ask(const char *request)
{
    struct test_answer a = {0};
    assert_true(test_send(&client, str_z(request)));
    assert_true(test_answer(&client, strncmp(request, "HEAD", 4) == 0, &a));
    return a;
}

static void answers(void **state)
{
    (void)state;
    client = test_connect(test_site.port);
    struct test_answer a = ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhallo");
    assert_int_equal(a.status, 200);
    check_str(a.body, "hallo");
    check_str(test_header(&a, "Content-Type"), "text/plain");
    check_str(test_header(&a, "Server"), "pixeld");
    assert_null(test_header(&a, "Connection").p);
    a = ask("HEAD /who HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(a.status, 200);
    check_str(test_header(&a, "Content-Length"), "9"); /* of what a GET would get */
    a = ask("GET /who HTTP/1.1\r\nHost: h\r\n\r\n");
    check_str(a.body, "127.0.0.1");
    check_str(test_header(&a, "Content-Type"), "application/json");
    a = ask("GET /nope HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(a.status, 404);
    check_str(
        a.body,
        "{\"error\":{\"code\":\"not_found\",\"message\":\"There is nothing at this path.\"}}");
    a = ask("GET /wrong HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(a.status, 429);
    check_str(a.body, "{\"error\":{\"code\":\"too_many\",\"message\":\"Say \\\"please\\\".\"}}");
    a = ask("PUT /who HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(a.status, 405);
    check_str(test_header(&a, "Allow"), "GET, HEAD");
    a = ask("GET /who HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    check_str(test_header(&a, "Connection"), "close");
    assert_true(test_at_end(&client));
    test_hang_up(&client);
}

static void speaks_http_1_0(void **state)
{
    (void)state;
    client = test_connect(test_site.port);
    struct test_answer a = ask("GET /who HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    check_str(test_header(&a, "Connection"), "keep-alive");
    a = ask("GET /who HTTP/1.0\r\n\r\n");
    check_str(test_header(&a, "Connection"), "close");
    check_str(a.body, "127.0.0.1");
    assert_true(test_at_end(&client));
    test_hang_up(&client);
}

static void answers_preflights(void **state)
{
    (void)state;
    client = test_connect(test_site.port);
    struct test_answer a =
        ask("OPTIONS /echo HTTP/1.1\r\nHost: h\r\nOrigin: https://shop.example\r\n"
            "Access-Control-Request-Method: POST\r\n"
            "Access-Control-Request-Headers: authorization,x-retry-count\r\n\r\n");
    assert_int_equal(a.status, 204);
    check_str(test_header(&a, "Access-Control-Allow-Origin"), "https://shop.example");
    check_str(test_header(&a, "Access-Control-Allow-Headers"), "authorization,x-retry-count");
    check_str(test_header(&a, "Access-Control-Allow-Methods"), "GET, HEAD, POST, OPTIONS");
    check_str(test_header(&a, "Access-Control-Max-Age"), "900");
    check_str(test_header(&a, "Vary"), "Origin");
    assert_null(test_header(&a, "Content-Length").p);
    a = ask("OPTIONS /echo HTTP/1.1\r\nHost: h\r\nOrigin: null\r\n"
            "Access-Control-Request-Headers: x;y=<script>\r\n\r\n");
    assert_int_equal(a.status, 204);
    assert_null(test_header(&a, "Access-Control-Allow-Headers").p); /* no list of names */
    a = ask("OPTIONS /who HTTP/1.1\r\nHost: h\r\nOrigin: https://shop.example\r\n\r\n");
    assert_int_equal(a.status, 405); /* not a path for browsers */
    assert_null(test_header(&a, "Access-Control-Allow-Origin").p);
    a = ask("OPTIONS /nope HTTP/1.1\r\nHost: h\r\nOrigin: https://shop.example\r\n\r\n");
    assert_int_equal(a.status, 404);
    test_hang_up(&client);
}

/* Without these headers on errors an SDK sees a broken network instead of the status. */
static void errors_have_cors(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        int status;
    } cases[] = {
        {"GET /echo HTTP/1.1\r\nHost: h\r\n%s\r\n", 200},
        {"GET /wrong HTTP/1.1\r\nHost: h\r\n%s\r\n", 429},
        {"PUT /echo HTTP/1.1\r\nHost: h\r\n%s\r\n", 405},
        {"POST /small HTTP/1.1\r\nHost: h\r\n%sContent-Length: 11\r\n\r\n", 413},
        {"POST /echo HTTP/1.1\r\nHost: h\r\n%sContent-Encoding: br\r\n\r\n", 415},
        {"POST /echo HTTP/1.1\r\nHost: h\r\n%sContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
         400},
        {"POST /echo HTTP/1.1\r\nHost: h\r\n%sTransfer-Encoding: chunked\r\n\r\nzz", 400},
    };
    for (size_t i = 0; i < countof(cases); i++) {
        char request[300];
        (void)snprintf(request, sizeof request, cases[i].request, "Origin: https://a.example\r\n");
        client = test_connect(test_site.port);
        struct test_answer a = ask(request);
        assert_int_equal(a.status, cases[i].status);
        check_str(test_header(&a, "Access-Control-Allow-Origin"), "https://a.example");
        check_str(test_header(&a, "Access-Control-Expose-Headers"), "Retry-After");
        check_str(test_header(&a, "Vary"), "Origin");
        test_hang_up(&client);
    }
}

/* Handlers and refusals of routes that share them know which route it is. */
static void routes_have_words_of_their_own(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        int status;
        const char *says;
    } cases[] = {
        {"POST /mine HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", 200, "mine"},
        {"POST /yours HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", 200, "yours"},
        {"POST /mine HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n", 413, "mine: 413"},
        {"POST /yours HTTP/1.1\r\nHost: h\r\nContent-Encoding: br\r\n\r\n", 415, "yours: 415"},
        {"POST /mine HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz", 400,
         "mine: 400"},
    };
    for (size_t i = 0; i < countof(cases); i++) {
        client = test_connect(test_site.port);
        struct test_answer a = ask(cases[i].request);
        assert_int_equal(a.status, cases[i].status);
        check_str(a.body, cases[i].says);
        test_hang_up(&client);
    }
}

static struct exchange *made;

/* An exchange with one header, for the functions that look at requests. */
static struct http_request *request_with(struct exchange_pool *pool, struct str name,
                                         struct str value)
{
    made = exchange_take(pool);
    buf_put(&made->head, name);
    buf_put(&made->head, value);
    made->headers[made->header_count++] =
        (struct header){0, (uint32_t)name.n, (uint32_t)name.n, (uint32_t)value.n};
    made->name_lengths |= exchange_length_bit(name.n);
    return &made->req;
}

static void finds_the_basic_user(void **state)
{
    (void)state;
    static const struct {
        const char *value, *user; /* NULL: none */
    } cases[] = {
        {"Basic d2tfY2FwdHVyZV8wMDAxOg==", "wk_capture_0001"},
        {"basic d2tfY2FwdHVyZV8wMDAxOg", "wk_capture_0001"},
        {"Basic d2tfY2FwdHVyZV8wMDAx", "wk_capture_0001"}, /* no colon */
        {"Basic   d2s6cGFzczp3b3Jk  ", "wk"},
        {"Basic aWQ6c2VjcmV0Og==", "id:secret"}, /* a key as user, without a password */
        {"Basic Og==", ""},
        {"Basic", NULL},
        {"Basic !!!", NULL},
        {"Basic d", NULL},
        {"Bearer d2tfY2FwdHVyZV8wMDAxOg==", NULL},
    };
    struct exchange_pool pool;
    exchange_pool_init(&pool, 1);
    for (size_t i = 0; i < countof(cases); i++) {
        struct http_request *req = request_with(&pool, S("AUTHORIZATION"), str_z(cases[i].value));
        struct str user = http_basic_user(req);
        if (cases[i].user) {
            check_str(user, cases[i].user);
        } else {
            assert_null(user.p);
        }
        exchange_give(&pool, made);
    }
    exchange_pool_fini(&pool);
}

static void finds_query_parameters(void **state)
{
    (void)state;
    struct exchange_pool pool;
    exchange_pool_init(&pool, 1);
    struct http_request *req = request_with(&pool, S("X"), S(""));
    req->query = S("a=1&b=%41+x%2B&c&d=&=e&writeKey=%zz&a=2&f=%00");
    check_str(http_query_get(req, S("a")), "1");
    check_str(http_query_get(req, S("b")), "A x+");
    check_str(http_query_get(req, S("c")), "");
    assert_non_null(http_query_get(req, S("d")).p);
    assert_null(http_query_get(req, S("writeKey")).p); /* a broken escape is no value */
    assert_null(http_query_get(req, S("f")).p);
    assert_null(http_query_get(req, S("g")).p);
    req->query = S("");
    assert_null(http_query_get(req, S("a")).p);
    exchange_give(&pool, made);
    exchange_pool_fini(&pool);
}

static void decodes_base64(void **state)
{
    (void)state;
    static const struct {
        const char *text, *plain;
    } cases[] = {
        {"", ""},
        {"Zg", "f"},
        {"Zg==", "f"},
        {"Zm8=", "fo"},
        {"Zm9v", "foo"},
        {"Pz8_Pj4-", "?\?\?>>>"},
        {"Pz8/Pj4+", "?\?\?>>>"},
        {"Z", NULL},
        {"Zg===", NULL},
        {"Zm 9v", NULL},
        {"Zm9v\n", NULL},
        {"=", ""},
        {"====", NULL},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < countof(cases); i++) {
        struct str plain = base64_decode(&arena, str_z(cases[i].text));
        if (cases[i].plain) {
            check_str(plain, cases[i].plain);
        } else if (plain.p) {
            fail_msg("%s was taken", cases[i].text);
        }
    }
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers, setup, teardown),
        cmocka_unit_test_setup_teardown(speaks_http_1_0, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_preflights, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_have_cors, setup, teardown),
        cmocka_unit_test_setup_teardown(routes_have_words_of_their_own, setup, teardown),
        cmocka_unit_test(finds_the_basic_user),
        cmocka_unit_test(finds_query_parameters),
        cmocka_unit_test(decodes_base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
