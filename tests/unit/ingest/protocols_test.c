/* SPDX-License-Identifier: Apache-2.0 */
/* What each protocol makes of odd requests: what it answers, and what the journal has then. Of
 * ingest/amplitude.c, ingest/jitsu.c, ingest/image.c and ingest/wire.h; the cases are in
 * tests/cases/ingest/protocols.ndjson. */
#include "support/site.h"

/* Sends the case's request: headers are whole lines. */
static struct test_answer ask(struct test_client *client, yyjson_val *one)
{
    struct test_answer a;
    struct buf request = {0}, packed = {0};
    struct str headers = test_case_str(one, "headers"), body = test_case_str(one, "body");
    if (yyjson_get_bool(yyjson_obj_get(one, "gzip"))) {
        put_gzip(&packed, body);
        body = buf_str(&packed);
    }
    buf_printf(&request, "%.*s HTTP/1.1\r\nHost: in.example\r\n",
               STR_ARG(test_case_str(one, "request")));
    if (headers.n) buf_printf(&request, "%.*s\r\n", STR_ARG(headers));
    buf_printf(&request, "Content-Length: %zu\r\n\r\n", body.n);
    buf_put(&request, body);
    *client = test_connect(site.port);
    assert_true(test_send(client, buf_str(&request)));
    assert_true(test_answer(client, false, &a));
    buf_fini(&request);
    buf_fini(&packed);
    return a;
}

static void check_id(struct str got, struct str want)
{
    if (str_eq(want, S("made"))) {
        assert_true(str_starts(got, S("px-")));
    } else {
        check_str_at(got, want, __FILE__, __LINE__);
    }
}

static void check_record(const struct event *e, void *ctx)
{
    struct expected *want = ctx;
    yyjson_val *item = yyjson_arr_get(yyjson_obj_get(want->one, "records"), want->index++);
    int64_t sent = 0;
    if (!item) {
        fail_msg("%.*s: one too many: %.*s", STR_ARG(test_case_str(want->one, "name")),
                 STR_ARG(e->json));
    }
    struct str reject = test_case_str(item, "reject");
    check_str_at(e->json, test_case_str(item, "json"), __FILE__, __LINE__);
    check_id(e->message_id, test_case_str(item, "id"));
    check_str_at(protocol_name(e->protocol), test_case_str(item, "protocol"), __FILE__, __LINE__);
    check_str_at(reason_name(e->reject), reject.p ? reject : S("none"), __FILE__, __LINE__);
    (void)time_parse(test_case_str(item, "sent"), &sent);
    assert_int_equal(e->sent_ms, sent);
    assert_int_equal((e->flags & EVENT_FROM_BROWSER) != 0,
                     yyjson_get_bool(yyjson_obj_get(item, "browser")));
}

static void takes_one(yyjson_val *one)
{
    struct test_client client;
    struct expected want = {one, 0};
    int64_t status = 0;
    struct test_answer a = ask(&client, one);
    struct str type = test_case_str(one, "content_type");
    assert_true(str_to_i64(test_case_str(one, "status"), &status));
    if (a.status != status) {
        fail_msg("%.*s: %d %.*s", STR_ARG(test_case_str(one, "name")), a.status, STR_ARG(a.body));
    }
    if (type.p) check_str_at(test_header(&a, "Content-Type"), type, __FILE__, __LINE__);
    if (!yyjson_obj_get(one, "image")) check_answer(a.body, one);
    if (yyjson_obj_get(one, "image")) {
        assert_int_equal(a.body.n, 43);
        check_str(str_head(a.body, 6), "GIF89a");
        check_str(test_header(&a, "Content-Type"), "image/gif");
        check_str(test_header(&a, "Cache-Control"), "no-store");
    }
    (void)new_events(check_record, &want);
    assert_int_equal(want.index, yyjson_arr_size(yyjson_obj_get(one, "records")));
    test_hang_up(&client);
}

static void takes(void **state)
{
    (void)state;
    test_cases("tests/cases/ingest/protocols.ndjson", takes_one);
}

/* The same content gets the same id, and other content another. */
static void note_id(const struct event *e, void *ctx)
{
    struct buf *ids = ctx;
    buf_put(ids, e->message_id);
    buf_putc(ids, ' ');
}

static void amplitude_knows_events_again(void **state)
{
    (void)state;
    struct buf ids = {0};
    struct arena arena = {0};
    struct err err;
    static const char body[] =
        "{\"request\":\"POST "
        "/2/httpapi\",\"body\":\"{\\\"api_key\\\":\\\"wk_old\\\",\\\"events\\\":["
        "{\\\"event_type\\\":\\\"a\\\",\\\"user_id\\\":\\\"u\\\",\\\"time\\\":1},"
        "{\\\"event_type\\\":\\\"a\\\",\\\"user_id\\\":\\\"u\\\",\\\"time\\\":1,\\\"x\\\":2},"
        "{\\\"event_type\\\": \\\"a\\\", \\\"user_id\\\": \\\"u\\\", \\\"time\\\": 1}]}\"}";
    struct test_client client;
    yyjson_val *one = json_read(&arena, str_z(body), &err);
    assert_non_null(one);
    assert_int_equal(ask(&client, one).status, 200);
    assert_int_equal(new_events(note_id, &ids), 3);
    struct str first, second, third, rest = buf_str(&ids);
    assert_true(str_cut(rest, ' ', &first, &rest));
    assert_true(str_cut(rest, ' ', &second, &rest));
    assert_true(str_cut(rest, ' ', &third, &rest));
    assert_int_equal(first.n, sizeof "sha256:" - 1 + 64);
    assert_true(str_eq(first, third));
    assert_false(str_eq(first, second));
    test_hang_up(&client);
    arena_fini(&arena);
    buf_fini(&ids);
}

/* A query may not make more work than its limits say. */
static void bounds_queries(void **state)
{
    (void)state;
    struct buf line = {0};
    for (unsigned fields = LIMIT_QUERY_FIELDS; fields <= LIMIT_QUERY_FIELDS + 1; fields++) {
        struct test_client client = test_connect(site.port);
        struct test_answer a;
        buf_clear(&line);
        buf_put(&line, S("GET /pixel/v1/track?writeKey=wk_old"));
        for (unsigned i = 1; i < fields; i++) buf_printf(&line, "&f%u=1", i);
        buf_put(&line, S(" HTTP/1.1\r\nHost: h\r\n\r\n"));
        assert_true(test_send(&client, buf_str(&line)));
        assert_true(test_answer(&client, false, &a));
        assert_int_equal(a.status, 200);
        assert_int_equal(new_events(NULL, NULL), fields == LIMIT_QUERY_FIELDS);
        test_hang_up(&client);
    }
    buf_fini(&line);
}

/* What the server itself refuses is said in the protocol's words too. */
static void words_refusals_of_the_server(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        int status;
        const char *says;
    } cases[] = {
        {"POST /2/httpapi HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n", 413,
         "{\"code\":413,\"error\":\"Payload too large\"}"},
        {"POST /api/s/track HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n", 413,
         "{\"ok\":false,\"error\":"},
        {"POST /beacon/v1/batch HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n", 413,
         "request size exceeds max limit"},
        {"POST /v1/batch HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n", 413,
         "{\"success\":false,\"code\":\"batch_too_large\""},
        {"POST /2/httpapi HTTP/1.1\r\nHost: h\r\nContent-Encoding: br\r\nContent-Length: "
         "0\r\n\r\n",
         400, "{\"code\":400,\"error\":\"Invalid Content-Encoding: gzip or none\""},
        {"POST /beacon/v1/batch HTTP/1.1\r\nHost: h\r\nContent-Encoding: "
         "deflate\r\nContent-Length: "
         "0\r\n\r\n",
         415, "unsupported content encoding"},
        {"POST /v26.0/1/events HTTP/1.1\r\nHost: h\r\nContent-Encoding: br\r\nContent-Length: "
         "0\r\n\r\n",
         400, "{\"error\":{\"message\":\"Invalid parameter: Content-Encoding"},
        {"POST /v1/batch HTTP/1.1\r\nHost: h\r\nContent-Encoding: br\r\nContent-Length: 0\r\n\r\n",
         415, "{\"success\":false,\"code\":\"unsupported_encoding\""},
        {"POST /2/httpapi HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: "
         "1\r\n\r\nx",
         400, "{\"code\":400"},
    };
    for (size_t i = 0; i < countof(cases); i++) {
        struct test_client client = test_connect(site.port);
        struct test_answer a;
        assert_true(test_send(&client, str_z(cases[i].head)));
        assert_true(test_answer(&client, false, &a));
        assert_int_equal(a.status, cases[i].status);
        check_str(str_head(a.body, strlen(cases[i].says)), cases[i].says);
        test_hang_up(&client);
    }
    struct ingest_stats stats;
    ingest_stats(site.ingest, &stats);
    assert_int_equal(stats.requests, countof(cases));
    assert_int_equal(stats.bad_requests + stats.unavailable, countof(cases));
}

/* HEAD is asked by link checkers and proxies, who mean no event. */
static void stores_nothing_for_head(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "/v1/pixel/track?writeKey=wk_old&event=a", "/pixel/v1/page?writeKey=wk_rudder",
        "/tr?id=601010101010101&ev=Purchase", "/tr/?id=601010101010101&ev=PageView&noscript=1"};
    for (size_t i = 0; i < countof(paths); i++) {
        struct test_client client = test_connect(site.port);
        struct test_answer a;
        struct buf request = {0};
        buf_printf(&request, "HEAD %s HTTP/1.1\r\nHost: h\r\n\r\n", paths[i]);
        assert_true(test_send(&client, buf_str(&request)));
        assert_true(test_answer(&client, true, &a));
        assert_int_equal(a.status, 200);
        check_str(test_header(&a, "Content-Type"), "image/gif");
        assert_int_equal(new_events(NULL, NULL), 0);
        test_hang_up(&client);
        buf_fini(&request);
    }
}

/* A disk that fails: what can send again is told to, in a form that it understands. */
static void says_busy_in_their_words(void **state)
{
    (void)state;
    static const struct {
        const char *head, *body;
        int status;
        const char *says;
    } cases[] = {
        {"POST /2/httpapi", "{\"api_key\":\"wk_old\",\"events\":[{\"event_type\":\"a\"}]}", 503,
         "{\"code\":503,"},
        {"POST /api/s/track?writeKey=wk_old", "{}", 503, "{\"ok\":false,"},
        {"POST /v1/track?writeKey=wk_rudder", "{}", 503, "service unavailable"},
        {"GET /v1/pixel/track?writeKey=wk_old", "", 200, "GIF89a"},
    };
    for (size_t i = 0; i < countof(cases); i++) {
        struct test_client client = test_connect(site.port);
        struct test_answer a = {0};
        struct buf request = {0};
        buf_printf(&request, "%s HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n%s",
                   cases[i].head, strlen(cases[i].body), cases[i].body);
        faults_on(FAULT_DATASYNC, 1, 100, EIO);
        assert_true(test_send(&client, buf_str(&request)));
        assert_true(test_answer(&client, false, &a));
        (void)faults_off(); /* after the first failure the journal may not even try */
        assert_int_equal(a.status, cases[i].status);
        check_str(str_head(a.body, strlen(cases[i].says)), cases[i].says);
        assert_int_equal(test_header(&a, "Retry-After").n != 0, a.status == 503);
        test_hang_up(&client);
        buf_fini(&request);
    }
    struct ingest_stats stats;
    ingest_stats(site.ingest, &stats);
    assert_int_equal(stats.unavailable, countof(cases));
    assert_int_equal(stats.events, 0);
}

/* Browsers ask first, whatever the path, and without a key. */
static void answers_preflights(void **state)
{
    (void)state;
    static const struct {
        const char *path, *wants, *methods;
    } cases[] = {
        {"/2/httpapi", "content-encoding,content-type", "POST, OPTIONS"},
        {"/some/prefix/2/httpapi", "content-type", "POST, OPTIONS"},
        {"/api/s/track", "content-type,x-write-key", "POST, OPTIONS"},
        {"/api/s/s2s/page", "x-enable-debug,x-ip-policy", "POST, OPTIONS"},
        {"/pixel/v1/page", "x", "GET, HEAD, OPTIONS"},
        {"/config/key", "x", "GET, HEAD, OPTIONS"},
    };
    for (size_t i = 0; i < countof(cases); i++) {
        struct test_client client = test_connect(site.port);
        struct test_answer a;
        struct buf request = {0};
        buf_printf(&request,
                   "OPTIONS %s HTTP/1.1\r\nHost: h\r\nOrigin: https://a.example\r\n"
                   "Access-Control-Request-Method: POST\r\n"
                   "Access-Control-Request-Headers: %s\r\n\r\n",
                   cases[i].path, cases[i].wants);
        assert_true(test_send(&client, buf_str(&request)));
        assert_true(test_answer(&client, false, &a));
        assert_int_equal(a.status, 204);
        check_str(test_header(&a, "Access-Control-Allow-Origin"), "https://a.example");
        check_str(test_header(&a, "Access-Control-Allow-Headers"), cases[i].wants);
        check_str(test_header(&a, "Access-Control-Allow-Methods"), cases[i].methods);
        test_hang_up(&client);
        buf_fini(&request);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(takes, setup, teardown),
        cmocka_unit_test_setup_teardown(amplitude_knows_events_again, setup, teardown),
        cmocka_unit_test_setup_teardown(bounds_queries, setup, teardown),
        cmocka_unit_test_setup_teardown(stores_nothing_for_head, setup, teardown),
        cmocka_unit_test_setup_teardown(words_refusals_of_the_server, setup, teardown),
        cmocka_unit_test_setup_teardown(says_busy_in_their_words, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_preflights, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
