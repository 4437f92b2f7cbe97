/* SPDX-License-Identifier: Apache-2.0 */
/* The faults over real connections: wrong answers, late ones, none at all, poison. Of sandbox/late.c
 * and of what sandbox/graph.c plays. */
#include "support/sandbox.h"

/* Sends a batch of one and tells whether the connection ended without an answer. */
static bool hangs_up(const char *id)
{
    struct test_client c = test_connect(sandbox_port(sandbox));
    assert_true(test_send(&c, request("POST /123/events", "application/json", BATCH(good(id)))));
    bool at_end = test_at_end(&c);
    test_hang_up(&c);
    return at_end;
}

static void test_fault_answers(void **state)
{
    (void)state;
    add_fault("{\"kind\":\"status\",\"status\":503,\"count\":2}");
    for (int i = 0; i < 2; i++) {
        struct reply reply = send_batch(BATCH(good("a")));
        assert_int_equal(reply.status, 503);
        assert_int_equal(reply.class, REPLY_RETRY);
    }
    assert_int_equal(summary("total"), 0);
    assert_int_equal(send_batch(BATCH(good("a"))).class, REPLY_OK);

    add_fault("{\"kind\":\"error\",\"code\":190,\"subcode\":463,\"count\":1}");
    struct reply reply = send_batch(BATCH(good("b")));
    assert_int_equal(reply.code, 190);
    assert_int_equal(reply.subcode, 463);
    assert_int_equal(reply.class, REPLY_TOKEN);
    assert_int_equal(reply.status, 401);

    add_fault("{\"kind\":\"error\",\"code\":2,\"count\":1}");
    reply = send_batch(BATCH(good("b")));
    assert_int_equal(reply.class, REPLY_RETRY);
    assert_true(str_find(buf_str(&body), S("\"is_transient\":true"), 0) != SIZE_MAX);

    add_fault("{\"kind\":\"error\",\"code\":4711,\"status\":418,\"count\":1}");
    assert_int_equal(send_batch(BATCH(good("b"))).status, 418);

    add_fault("{\"kind\":\"garbage\",\"count\":1}");
    reply = send_batch(BATCH(good("b")));
    assert_int_equal(reply.status, 200);
    assert_true(str_starts(buf_str(&body), S("<!DOCTYPE")));
    assert_int_equal(summary("total"), 1);

    add_fault("{\"kind\":\"fewer\",\"count\":1}");
    assert_int_equal(send_batch(BATCH(good("fewer"))).events_received, 0);
    assert_int_equal(summary("total"), 2);
    add_fault("{\"kind\":\"truncate\",\"count\":1}");
    reply = send_batch(BATCH(good("b")));
    assert_int_equal(reply.status, 200);
    assert_int_not_equal(reply.class, REPLY_OK);
    assert_int_equal(summary("total"), 3); /* stored all the same */
    assert_int_equal(yyjson_arr_size(json_get(get("/sandbox/faults"), "faults")), 0);
}

static void test_fault_connections(void **state)
{
    (void)state;
    add_fault("{\"kind\":\"reset\",\"count\":1}");
    assert_true(hangs_up("a"));
    assert_int_equal(summary("total"), 0);
    add_fault("{\"kind\":\"lost_answer\",\"count\":1}");
    assert_true(hangs_up("a"));
    assert_int_equal(summary("total"), 1);
    assert_int_equal(send_batch(BATCH(good("a"))).class, REPLY_OK);
    assert_int_equal(summary("duplicates"), 1);
    add_fault("{\"kind\":\"hang\",\"ms\":150,\"count\":1}");
    int64_t start_us = clock_mono_us();
    assert_true(hangs_up("c"));
    assert_true(clock_mono_us() - start_us >= 140000);
    assert_int_equal(summary("total"), 2);
    yyjson_val *notes = json_get(get("/sandbox/requests"), "requests");
    check_str(json_str(json_get(yyjson_arr_get_last(notes), "fault")), "hang");
    assert_int_equal(number(yyjson_arr_get_last(notes), "status"), 0);
}

static void test_fault_slow(void **state)
{
    (void)state;
    add_fault("{\"kind\":\"slow\",\"ms\":150,\"count\":1}");
    int64_t start_us = clock_mono_us();
    assert_int_equal(send_batch(BATCH(good("a"), good("b"))).events_received, 2);
    assert_true(clock_mono_us() - start_us >= 140000);
    add_fault("[{\"kind\":\"slow\",\"ms\":100,\"count\":1},{\"kind\":\"status\",\"count\":1}]");
    start_us = clock_mono_us();
    assert_int_equal(send_batch(BATCH(good("c"))).status, 500);
    assert_true(clock_mono_us() - start_us >= 90000);
    assert_int_equal(summary("total"), 2);
}

/* A late answer is its own request's, whatever was answered meanwhile. */
static void test_late_is_kept(void **state)
{
    struct test_client c = test_connect(sandbox_port(sandbox));
    struct test_answer a;
    (void)state;
    add_fault("[{\"kind\":\"slow\",\"ms\":200,\"count\":1},{\"kind\":\"usage\",\"count\":1}]");
    assert_true(test_send(
        &c, request("POST /v24.0/123/events", "application/json", BATCH(good("a"), good("b")))));
    while (summary("requests") < 1) clock_sleep_ms(1);
    assert_int_equal(send_batch(BATCH(bad("c"))).class, REPLY_REFUSED);
    assert_true(test_answer(&c, false, &a));
    assert_int_equal(a.status, 200);
    assert_true(str_starts(a.body, S("{\"events_received\":2,")));
    check_str(test_header(&a, "facebook-api-version"), "v24.0");
    assert_non_null(test_header(&a, "X-App-Usage").p);
    test_hang_up(&c);
}

static void test_fault_usage(void **state)
{
    struct test_client c = test_connect(sandbox_port(sandbox));
    struct test_answer a;
    struct reply reply;
    (void)state;
    add_fault("[{\"kind\":\"usage\",\"percent\":100,\"minutes\":2},"
              "{\"kind\":\"error\",\"code\":80004,\"retry_after\":7}]");
    assert_true(test_send(&c, request("POST /123/events", "application/json", BATCH(good("a")))));
    assert_true(test_answer(&c, false, &a));
    const struct reply_headers headers = {
        .retry_after = test_header(&a, "Retry-After"),
        .app_usage = test_header(&a, "X-App-Usage"),
        .account_usage = test_header(&a, "X-Ad-Account-Usage"),
        .business_usage = test_header(&a, "X-Business-Use-Case-Usage"),
    };
    check_str(headers.retry_after, "7");
    check_str(headers.app_usage, "{\"call_count\":100,\"total_time\":100,\"total_cputime\":100}");
    reply_read(a.status, a.body, &headers, &arena, &reply);
    assert_int_equal(reply.class, REPLY_THROTTLE);
    assert_int_equal(reply.retry_after_ms, 2 * MS_PER_MINUTE);
    test_hang_up(&c);
    clear_faults();
    assert_int_equal(send_batch(BATCH(good("a"))).class, REPLY_OK);
}

/* A poison event: only it is refused, and the batch by the batch rule. */
static void test_fault_poison(void **state)
{
    (void)state;
    open_with(&(struct sandbox_options){.rule = BATCH_RULE_VALID});
    add_fault("{\"kind\":\"error\",\"subcode\":2804007,\"event\":\"p\"}");
    assert_int_equal(send_batch(BATCH(good("a"), good("b"))).class, REPLY_OK);
    struct reply reply = send_batch(BATCH(good("c"), good("p"), good("d")));
    assert_int_equal(reply.code, 100);
    assert_int_equal(reply.subcode, 2804007);
    assert_int_equal(reply.culprit, -1);
    assert_int_equal(summary("total"), 4);
    assert_int_equal(summary("refused"), 1);
    clear_faults();
    /* any other code refuses the batch that holds the event, whole */
    add_fault("{\"kind\":\"error\",\"code\":1,\"event\":\"p\"}");
    assert_int_equal(send_batch(BATCH(good("e"), good("p"))).class, REPLY_RETRY);
    assert_int_equal(summary("total"), 4);
    assert_int_equal(send_batch(BATCH(good("e"))).class, REPLY_OK);
    clear_faults();
    add_fault("{\"kind\":\"reset\",\"pixel\":\"999\"}");
    assert_int_equal(send_batch(BATCH(good("p"))).class, REPLY_OK);
}

static void test_fault_refused(void **state)
{
    yyjson_val *answer;
    (void)state;
    assert_int_equal(ask("POST /sandbox/faults", S("{\"kind\":\"x\"}"), &answer), 400);
    assert_int_equal(ask("POST /sandbox/faults", S("{"), &answer), 400);
    assert_int_equal(yyjson_arr_size(json_get(get("/sandbox/faults"), "faults")), 0);
}

/* A stop does not wait for a fault's delay, and its answer leaks nowhere. */
static void test_stop_during_delay(void **state)
{
    (void)state;
    open_with(&(struct sandbox_options){.inbox_max = 10});
    add_fault("[{\"kind\":\"hang\",\"ms\":600000,\"count\":1},{\"kind\":\"slow\",\"ms\":600000}]");
    struct test_client hanging = test_connect(sandbox_port(sandbox));
    struct test_client slow = test_connect(sandbox_port(sandbox));
    struct test_client gone = test_connect(sandbox_port(sandbox));
    struct test_client *all[] = {&hanging, &slow, &gone};
    for (size_t i = 0; i < countof(all); i++) {
        assert_true(
            test_send(all[i], request("POST /1/events", "application/json", BATCH(good("a")))));
        while (summary("requests") < (int64_t)i + 1) clock_sleep_ms(1);
    }
    test_hang_up(&gone);
    int64_t start_us = clock_mono_us();
    (void)close_all(state);
    assert_true(clock_mono_us() - start_us < 5000000);
    test_hang_up(&hanging);
    test_hang_up(&slow);
    (void)open_plain(state);
}

int main(void)
{
#define WITH_PLAIN(test) cmocka_unit_test_setup_teardown(test, open_plain, close_all)
#define WITH_OWN(test) cmocka_unit_test_teardown(test, close_all)
    const struct CMUnitTest tests[] = {
        WITH_PLAIN(test_fault_answers), WITH_PLAIN(test_fault_connections),
        WITH_PLAIN(test_fault_slow),    WITH_PLAIN(test_late_is_kept),
        WITH_PLAIN(test_fault_usage),   WITH_OWN(test_fault_poison),
        WITH_PLAIN(test_fault_refused), WITH_OWN(test_stop_during_delay),
    };
    return cmocka_run_group_tests(tests, NULL, drop_buffers);
}
