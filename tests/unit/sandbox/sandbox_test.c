/* SPDX-License-Identifier: Apache-2.0 */
/* The whole sandbox over real connections: addresses, encodings, both batch rules, the desk under
 * /sandbox, limits. Of sandbox/sandbox.c, sandbox/graph.c and sandbox/answer.c; what Meta's answers
 * mean to a sender is read with meta/reply.h. The faults are in late_test.c. */
#include "support/sandbox.h"

/* --- addresses, tokens, encodings ------------------------------------------------------------------ */

static void test_addresses(void **state)
{
    static const struct {
        const char *target;
        int status, code;
    } cases[] = {
        {"POST /v26.0/123/events", 200, -1},
        {"POST /v21.0/123/events", 200, -1},
        {"POST /v99.9/123/events", 200, -1},
        {"POST /123/events", 200, -1},
        {"POST /v26.0/123/events?x=1", 200, -1},
        {"POST /v20.0/123/events", 400, 2635},
        {"POST /v2.11/123/events", 400, 2635},
        {"POST /v26.0/123", 400, 100},
        {"POST /v26.0/123/event", 400, 100},
        {"POST /v26.0/123/events/1", 400, 100},
        {"POST /v26/123/events", 400, 100},
        {"POST /vx.0/123/events", 400, 100},
        {"POST /v26.0/abc/events", 404, 803},
        {"POST /v26.0//events", 404, 803},
        {"POST /v26.0/1%0D%0AX:1/events", 404, 803},
        {"POST /v999999999999999999999.0/123/events", 400, 100},
        {"POST /", 400, 100},
        {"GET /v26.0/123/events", 400, 100},
    };
    (void)state;
    add_fault("{\"kind\":\"usage\"}"); /* the pixel goes into a header: it must not break out */
    for (size_t i = 0; i < countof(cases); i++) {
        yyjson_val *answer;
        int status = ask(cases[i].target, BATCH(good(NULL)), &answer);
        if (status != cases[i].status || number(answer, "error.code") != cases[i].code) {
            fail_msg("%s: %d %.*s", cases[i].target, status, STR_ARG(buf_str(&body)));
        }
    }
    assert_int_equal(number(get("/"), "no.such"), -1);
}

static void test_success(void **state)
{
    struct test_client c = test_connect(sandbox_port(sandbox));
    struct test_answer a;
    struct err err;
    (void)state;
    assert_true(test_send(
        &c, request("POST /v23.0/123/events", "application/json", BATCH(good("a"), good("b")))));
    assert_true(test_answer(&c, false, &a));
    assert_int_equal(a.status, 200);
    check_str(test_header(&a, "Content-Type"), "application/json; charset=UTF-8");
    check_str(test_header(&a, "facebook-api-version"), "v23.0");
    assert_null(test_header(&a, "X-App-Usage").p);
    yyjson_val *root = json_read(&arena, a.body, &err);
    assert_int_equal(number(root, "events_received"), 2);
    assert_true(yyjson_is_arr(json_get(root, "messages")));
    assert_int_equal(json_str(json_get(root, "fbtrace_id")).n, 23);
    test_hang_up(&c);
}

static void test_tokens(void **state)
{
    static const struct {
        const char *head, *more;
        int status;
        const char *seen;
    } cases[] = {
        {"POST /123/events", "", 401, "none"},
        {"POST /123/events?access_token=s3cret", "", 200, "query"},
        {"POST /123/events?access_token=s3%63ret", "", 200, "query"},
        {"POST /123/events?access_token=other", "", 401, "query"},
        {"POST /123/events\nAuthorization: Bearer s3cret\r\n", "", 200, "header"},
        {"POST /123/events\nauthorization: bearer  s3cret\r\n", "", 200, "header"},
        {"POST /123/events\nAuthorization: Basic s3cret\r\n", "", 401, "none"},
        {"POST /123/events", ",\"access_token\":\"s3cret\"", 200, "body"},
        {"POST /123/events", ",\"access_token\":\"S3cret\"", 401, "body"},
    };
    (void)state;
    open_with(&(struct sandbox_options){.token = S("s3cret")});
    for (size_t i = 0; i < countof(cases); i++) {
        yyjson_val *answer;
        struct str content = arena_printf(&arena, "{\"data\":[%s]%s}", good(NULL).p, cases[i].more);
        int status = ask(cases[i].head, content, &answer);
        if (status != cases[i].status) fail_msg("case %zu: %d", i, status);
        if (status != 200) assert_int_equal(number(answer, "error.code"), 190);
        yyjson_val *notes = json_get(get("/sandbox/requests"), "requests");
        check_str(json_str(json_get(yyjson_arr_get_last(notes), "token")), cases[i].seen);
        assert_true(str_find(buf_str(&body), S("cret"), 0) == SIZE_MAX);
    }
    (void)close_all(state);
    open_with(&(struct sandbox_options){.token_required = true});
    assert_int_equal(send_batch(BATCH(good("a"))).class, REPLY_TOKEN);
    yyjson_val *answer;
    assert_int_equal(ask("POST /1/events?access_token=x", BATCH(good("a")), &answer), 200);
}

/* RFC 4231's way of HMAC, as Meta wants it: of the token, under the app's secret. */
static void test_proof(void **state)
{
    const struct {
        const char *head, *more;
        int status;
    } cases[] = {
        {"POST /1/events?access_token=t", "", 400},
        {"POST /1/events?access_token=t",
         ",\"appsecret_proof\":"
         "\"b3a75d59d3f63afd0c23cb9b91cce1d4a9a7c9a7d2446bb578473ccb05769f5a\"",
         200},
        {"POST /1/events?access_token=u",
         ",\"appsecret_proof\":"
         "\"b3a75d59d3f63afd0c23cb9b91cce1d4a9a7c9a7d2446bb578473ccb05769f5a\"",
         400},
        {"POST "
         "/1/"
         "events?access_token=t&appsecret_proof="
         "b3a75d59d3f63afd0c23cb9b91cce1d4a9a7c9a7d2446bb578473ccb05769f5a",
         "", 200},
        {"POST /1/events?access_token=t&appsecret_proof=0", "", 400},
    };
    (void)state;
    open_with(&(struct sandbox_options){.app_secret = S("shh")});
    for (size_t i = 0; i < countof(cases); i++) {
        yyjson_val *answer;
        struct str content = arena_printf(&arena, "{\"data\":[%s]%s}", good(NULL).p, cases[i].more);
        int status = ask(cases[i].head, content, &answer);
        if (status != cases[i].status) fail_msg("case %zu: %d", i, status);
        if (status != 200) assert_int_equal(number(answer, "error.code"), 104);
    }
}

static void test_encodings(void **state)
{
    struct str one = good("a");
    const struct {
        const char *type;
        struct str content;
    } cases[] = {
        {"application/json", arena_printf(&arena, "{\"data\":[%s]}", one.p)},
        {"application/x-www-form-urlencoded",
         arena_printf(&arena, "data=[%s]&access_token=t", one.p)},
        {"application/x-www-form-urlencoded", arena_printf(&arena, "data[0]=%s", one.p)},
        {"multipart/form-data; boundary=B",
         arena_printf(&arena,
                      "--B\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n[%s]\r\n--B\r\n"
                      "Content-Disposition: form-data; name=\"test_event_code\"\r\n\r\nTEST1\r\n"
                      "--B--\r\n",
                      one.p)},
    };
    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        buf_clear(&body);
        int status =
            test_ask(sandbox_port(sandbox),
                     request("POST /v26.0/7/events", cases[i].type, cases[i].content), &body);
        if (status != 200) fail_msg("%s: %.*s", cases[i].type, STR_ARG(buf_str(&body)));
    }
    yyjson_val *events = json_get(get("/sandbox/events"), "events");
    assert_int_equal(yyjson_arr_size(events), countof(cases));
    check_str(json_str(json_get(yyjson_arr_get(events, 3), "test_event_code")), "TEST1");
    assert_int_equal(summary("duplicates"), 3); /* the same event each time, byte for byte */
    assert_int_equal(summary("changed"), 0);
}

static void test_bodies_refused(void **state)
{
    static const char *const bodies[] = {"", "{", "[]", "{}", "{\"data\":[]}", "{\"data\":7}"};
    (void)state;
    for (size_t i = 0; i < countof(bodies); i++) {
        struct reply reply = send_batch(str_z(bodies[i]));
        assert_int_equal(reply.status, 400);
        assert_int_equal(reply.code, 100);
        assert_int_equal(reply.class, REPLY_REFUSED);
    }
    assert_int_equal(summary("total"), 0);
    assert_int_equal(summary("requests"), countof(bodies));
    assert_int_equal(summary("requests_ok"), 0);
}

static void test_limits(void **state)
{
    struct str events[1001];
    (void)state;
    for (size_t i = 0; i < countof(events); i++) events[i] = good(NULL);
    struct reply reply = send_batch(batch(1001, events));
    assert_int_equal(reply.status, 400);
    assert_int_equal(reply.code, 100);
    assert_true(str_find(reply.text, S("Too many"), 0) != SIZE_MAX);
    assert_int_equal(summary("total"), 0);
    assert_int_equal(send_batch(batch(1000, events)).events_received, 1000);
    assert_int_equal(summary("total"), 1000);
    assert_int_equal(summary("batch_sizes.501-1000"), 1);
    assert_int_equal(yyjson_arr_size(json_get(get("/sandbox/events?limit=5000"), "events")), 1000);
    assert_int_equal(yyjson_arr_size(json_get(get("/sandbox/events"), "events")), 100);
}

/* --- the two batch rules ---------------------------------------------------------------------------- */

static void test_rule_all(void **state)
{
    (void)state;
    struct reply reply = send_batch(BATCH(good("a"), good("b"), bad("c"), good(NULL), bad("d")));
    assert_int_equal(reply.status, 400);
    assert_int_equal(reply.code, 100);
    assert_int_equal(reply.subcode, 2804023);
    assert_int_equal(reply.class, REPLY_REFUSED);
    assert_int_equal(reply.culprit, -1);
    assert_int_equal(summary("total"), 0);
    assert_int_equal(summary("refused"), 2);
    assert_int_equal(summary("unstored"), 3);
    assert_int_equal(send_batch(BATCH(good("a"), good("b"), good(NULL))).events_received, 3);
    assert_int_equal(summary("total"), 3);
    assert_int_equal(summary("duplicates"), 0);
}

static void test_rule_valid(void **state)
{
    (void)state;
    open_with(&(struct sandbox_options){.rule = BATCH_RULE_VALID});
    struct str a = good("a"), b = good("b"), without = good(NULL);
    struct reply reply = send_batch(BATCH(a, bad("c"), without, b));
    assert_int_equal(reply.subcode, 2804023);
    assert_int_equal(summary("total"), 2); /* a and b; the one without an id is lost */
    assert_int_equal(summary("unstored"), 1);
    assert_int_equal(send_batch(BATCH(a, without, b)).events_received, 3);
    assert_int_equal(summary("total"), 5);
    assert_int_equal(summary("duplicates"), 2);
    assert_int_equal(summary("distinct_ids"), 2);
    assert_int_equal(summary("changed"), 0);
    /* an event that is too old costs the whole request under either rule */
    reply = send_batch(BATCH(good("x"), bad("y"), event("z", 8 * 86400, "")));
    assert_int_equal(reply.code, 100);
    assert_int_equal(summary("total"), 5);
    reply = send_batch(BATCH(good("x"), event("z", 8 * 86400, "")));
    assert_int_equal(reply.subcode, 2804003);
    assert_int_equal(summary("total"), 5);
}

static void test_naming(void **state)
{
    struct str clear = arena_str(&arena, S("{\"event_name\":\"Lead\",\"event_time\":1,"
                                           "\"action_source\":\"other\",\"user_data\":{}}"));
    (void)state;
    open_with(&(struct sandbox_options){.naming = SANDBOX_NAME_ALWAYS});
    assert_int_equal(send_batch(BATCH(good("a"), good("b"), bad("c"))).culprit, 2);
    assert_int_equal(send_batch(BATCH(good("a"), clear)).culprit, 1);
    (void)close_all(state);
    open_with(&(struct sandbox_options){.naming = SANDBOX_NAME_NEVER});
    struct str typed = event("t", 10, ",\"custom_data\":{\"num_items\":1.5}");
    assert_int_equal(send_batch(BATCH(good("a"), typed)).culprit, -1);
    (void)close_all(state);
    open_with(&(struct sandbox_options){.naming = SANDBOX_NAME_SOME});
    typed = event("t", 10, ",\"custom_data\":{\"num_items\":1.5}");
    struct reply reply = send_batch(BATCH(good("a"), typed));
    assert_int_equal(reply.culprit, 1);
    assert_true(str_find(buf_str(&body), S("$['data'][1]['custom_data']['num_items']"), 0) !=
                SIZE_MAX);
    assert_true(str_find(buf_str(&body), S("\"blame_field_specs\":[[\"data\",\"1\"]]"), 0) !=
                SIZE_MAX);
    assert_int_equal(send_batch(BATCH(good("a"), bad("c"))).culprit, -1);
}

/* Personal data in the clear is refused, said loudly, and repeated nowhere. */
static void test_in_the_clear(void **state)
{
    struct str jane =
        arena_printf(&arena,
                     "{\"event_name\":\"Lead\",\"event_time\":%lld,\"action_source\":\"other\","
                     "\"user_data\":{\"em\":[\"jane@example.com\"]}}",
                     (long long)(clock_now_ms() / MS_PER_SECOND));
    (void)state;
    struct reply reply = send_batch(BATCH(jane));
    assert_int_equal(reply.subcode, 2804019);
    assert_true(str_find(reply.text, S("Personal data in the clear"), 0) != SIZE_MAX);
    assert_true(str_find(buf_str(&body), S("jane"), 0) == SIZE_MAX);
    yyjson_val *notes = json_get(get("/sandbox/requests"), "requests");
    check_str(json_str(json_get(yyjson_arr_get_last(notes), "error")),
              "Personal data in the clear: data[0]['user_data']['em'][0]");
    assert_true(str_find(buf_str(&body), S("jane"), 0) == SIZE_MAX);
}

/* --- the desk ---------------------------------------------------------------------------------------- */

static void test_desk(void **state)
{
    yyjson_val *answer;
    (void)state;
    (void)send_batch(BATCH(good("a"), good("b"), good("a")));
    (void)send_batch(BATCH(bad("c")));
    yyjson_val *events = get("/sandbox/events?since=1&name=Lead&pixel=123&event_id=a");
    assert_int_equal(number(events, "total"), 3);
    assert_int_equal(number(events, "duplicates"), 1);
    assert_int_equal(number(events, "refused"), 1);
    assert_int_equal(yyjson_arr_size(json_get(events, "events")), 1);
    yyjson_val *third = yyjson_arr_get_first(json_get(events, "events"));
    assert_int_equal(number(third, "n"), 3);
    assert_true(yyjson_is_true(json_get(third, "duplicate")));
    check_str(json_str(json_get(third, "event.event_id")), "a");
    yyjson_val *requests = get("/sandbox/requests");
    assert_int_equal(number(requests, "total"), 2);
    yyjson_val *last = yyjson_arr_get_last(json_get(requests, "requests"));
    assert_int_equal(number(last, "status"), 400);
    assert_int_equal(number(last, "subcode"), 2804023);
    check_str(json_str(json_get(last, "pixel_id")), "123");
    check_str(json_str(json_get(last, "version")), "v26.0");
    assert_int_equal(ask("GET /sandbox/events?since=x", S(""), &answer), 400);
    assert_int_equal(ask("GET /sandbox/events?limit=-1", S(""), &answer), 400);
    assert_int_equal(ask("DELETE /sandbox/events", S(""), &answer), 200);
    assert_int_equal(number(get("/sandbox/requests"), "total"), 0);
    assert_int_equal(summary("total"), 0);
    assert_int_equal(send_batch(BATCH(good("a"))).class, REPLY_OK);
    assert_int_equal(summary("duplicates"), 0);
}

static void test_inbox_max(void **state)
{
    (void)state;
    open_with(&(struct sandbox_options){.inbox_max = 2});
    (void)send_batch(BATCH(good("a"), good("b"), good("c")));
    yyjson_val *events = get("/sandbox/events");
    assert_int_equal(number(events, "total"), 3);
    assert_int_equal(number(events, "dropped"), 1);
    assert_int_equal(yyjson_arr_size(json_get(events, "events")), 2);
    assert_int_equal(summary("distinct_ids"), 3);
}

static void test_options_refused(void **state)
{
    char token[2000];
    struct err err;
    (void)state;
    memset(token, 't', sizeof token);
    const struct sandbox_options bad_options[] = {
        {.listen = S("127.0.0.1:0"), .inbox_max = 100000000},
        {.listen = S("127.0.0.1:0"), .token = str_of(token, sizeof token)},
        {.listen = S("nowhere at all")},
    };
    for (size_t i = 0; i < countof(bad_options); i++) {
        assert_null(sandbox_open(&bad_options[i], &err));
    }
    sandbox_free(NULL);
    sandbox_free(sandbox_open(&(struct sandbox_options){.listen = S("127.0.0.1:0")}, &err));
}

int main(void)
{
#define WITH_PLAIN(test) cmocka_unit_test_setup_teardown(test, open_plain, close_all)
#define WITH_OWN(test) cmocka_unit_test_teardown(test, close_all)
    const struct CMUnitTest tests[] = {
        WITH_PLAIN(test_addresses),    WITH_PLAIN(test_success),
        WITH_OWN(test_tokens),         WITH_OWN(test_proof),
        WITH_PLAIN(test_encodings),    WITH_PLAIN(test_bodies_refused),
        WITH_PLAIN(test_limits),       WITH_PLAIN(test_rule_all),
        WITH_OWN(test_rule_valid),     WITH_OWN(test_naming),
        WITH_PLAIN(test_in_the_clear), WITH_PLAIN(test_desk),
        WITH_OWN(test_inbox_max),      cmocka_unit_test(test_options_refused),
    };
    return cmocka_run_group_tests(tests, NULL, drop_buffers);
}
