/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of real SDKs and of people who are not allowed, over a real server into a real journal:
 * ingest/ingest.c, ingest/routes.c, ingest/source.c, ingest/answer.c, ingest/segment.c,
 * ingest/customerio.c and ingest/rudderstack.c. */
#include "support/site.h"

static void takes_what_sdks_sent(void **state)
{
    (void)state;
    test_cases("tests/cases/ingest/captured.ndjson", takes_one_captured);
}

/* --- who may, and what may not be -------------------------------------------------------------- */

struct asked {
    struct test_client client;
    struct test_answer answer;
};

/* Sends method, path, header lines and a body on a connection of its own. */
static struct asked ask(const char *line, const char *headers, const char *body)
{
    struct asked asked = {.client = test_connect(site.port)};
    struct buf request = {0};
    buf_printf(&request, "%s HTTP/1.1\r\nHost: in.example:8080\r\n%sContent-Length: %zu\r\n\r\n%s",
               line, headers, strlen(body), body);
    assert_true(test_send(&asked.client, buf_str(&request)));
    assert_true(test_answer(&asked.client, false, &asked.answer));
    buf_fini(&request);
    return asked;
}

static void done(struct asked *asked)
{
    test_hang_up(&asked->client);
}

static void refuses(void **state)
{
    (void)state;
#define KEY "Authorization: Basic d2tfY2FwdHVyZV8wMDAxOg==\r\n" /* shop */
#define RUDDER "Authorization: Basic d2tfcnVkZGVyOg==\r\n"
    static const struct {
        const char *line, *headers, *body;
        int status;
        const char *says; /* somewhere in the body */
        size_t events;
    } cases[] = {
        {"POST /v1/track", KEY, "{\"event\":\"x\"}", 200, "{\"success\":true}", 1},
        {"POST /v1/track", "", "{\"event\":\"x\",\"writeKey\":\"wk_old\"}", 200, "true", 1},
        {"POST /v1/track?writeKey=wk%5Fold", "", "{\"event\":\"x\"}", 200, "true", 1},
        {"POST /v1/track", "Authorization: Basic Og==\r\n",
         "{\"event\":\"x\",\"writeKey\":\"wk_old\"}", 200, "true", 1},
        {"POST /v1/track", "", "{\"event\":\"x\"}", 401, "no_write_key", 0},
        {"POST /v1/track", "", "{\"writeKey\":\"\"}", 401, "no_write_key", 0},
        {"POST /v1/track", "", "{\"writeKey\":5}", 401, "invalid_write_key", 0},
        {"POST /v1/track", "", "{\"writeKey\":\"wk_capture_0002\"}", 401, "invalid_write_key", 0},
        {"POST /v1/track", "", "{\"writeKey\":\"wk_capture_000\"}", 401, "invalid_write_key", 0},
        {"POST /v1/track", "", "{\"writeKey\":\"wk_off\"}", 401, "invalid_write_key", 0},
        {"POST /v1/track?writeKey=nobody", "", "{\"writeKey\":\"wk_old\"}", 401,
         "invalid_write_key", 0},
        {"POST /v1/track", "AnonymousId: x\r\n", "{}", 401, "failed to read writekey from header",
         0},
        {"POST /beacon/v1/batch?writeKey=nobody", "", "{}", 401, "invalid write key", 0},
        {"POST /v1/batch", KEY, "{\"batch\":[", 400, "invalid_json", 0},
        {"POST /v1/batch", KEY, "", 400, "invalid_json", 0},
        {"POST /v1/batch", KEY, "[]", 400, "invalid_json", 0},
        {"POST /v1/batch", KEY, "{\"event\":\"x\"}", 400, "no_events", 0},
        {"POST /v1/batch", RUDDER, "{\"x\":1", 400, "invalid_json", 0},
        {"POST /v1/batch", RUDDER "AnonymousId: x\r\n", "{\"x\":1", 400, "invalid json", 0},
        {"POST /v1/batch", KEY, "{\"batch\":[]}", 200, "true", 0},
        {"POST /v1/batch", RUDDER, "{\"batch\":[]}", 400, "empty batch payload", 0},
        {"POST /v1/batch", RUDDER, "{\"batch\":[{\"type\":\"track\"}]}", 200, "OK", 1},
        {"POST /v1/track", RUDDER "Origin: https://SHOP.example\r\n", "{}", 200, "OK", 1},
        {"POST /v1/track", RUDDER "Origin: https://evil.example\r\n", "{}", 403,
         "origin is not allowed", 0},
        {"POST /v1/track", RUDDER "Origin: null\r\n", "{}", 403, "origin is not allowed", 0},
        {"POST /v1/track", KEY "Origin: https://evil.example\r\n", "{}", 200, "true", 1},
        {"POST /v1/batch", KEY, "{\"batch\":[1,{\"type\":\"track\"}]}", 200, "true", 2},
        {"POST /v1/m", "", "anything", 200, "true", 0},
        {"GET /v1/track", KEY, "", 405, "method_not_allowed", 0},
        {"POST /v1/nope", KEY, "{}", 404, "not_found", 0},
    };
#undef RUDDER
#undef KEY
    for (size_t i = 0; i < countof(cases); i++) {
        struct asked a = ask(cases[i].line, cases[i].headers, cases[i].body);
        if (a.answer.status != cases[i].status ||
            str_find(a.answer.body, str_z(cases[i].says), 0) == SIZE_MAX) {
            fail_msg("%s %s: %d %.*s", cases[i].line, cases[i].body, a.answer.status,
                     STR_ARG(a.answer.body));
        }
        assert_int_equal(new_events(NULL, NULL), cases[i].events);
        done(&a);
    }
    struct ingest_stats stats;
    ingest_stats(site.ingest, &stats);
    assert_int_equal(stats.events, 9);
    assert_int_equal(stats.rejected, 1);
    assert_int_equal(stats.unauthorized, 11);
    assert_int_equal(stats.bad_requests, 7);
    assert_int_equal(stats.unavailable, 0);
}

static void check_browser(const struct event *e, void *ctx)
{
    *(bool *)ctx = (e->flags & EVENT_FROM_BROWSER) != 0;
}

static void knows_browsers(void **state)
{
    (void)state;
    static const struct {
        const char *headers;
        bool browser;
    } cases[] = {
        {"", false},
        {"Origin: https://a.example\r\n", true},
        {"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n", true},
        {"Sec-Fetch-Mode: cors\r\nUser-Agent: analytics-node-next/latest\r\n", false},
        {"User-Agent: Mozilla/5.0\r\n", false},
    };
    for (size_t i = 0; i < countof(cases); i++) {
        bool browser = !cases[i].browser;
        struct asked a = ask("POST /v1/track?writeKey=wk_old", cases[i].headers, "{}");
        assert_int_equal(new_events(check_browser, &browser), 1);
        assert_int_equal(browser, cases[i].browser);
        done(&a);
    }
}

static void check_protocol(const struct event *e, void *ctx)
{
    *(enum protocol *)ctx = e->protocol;
}

/* Who shares Segment's routes is known by the source, or by what the request says of itself. */
static void tells_relatives_apart(void **state)
{
    (void)state;
    static const struct {
        const char *key, *header, *body;
        enum protocol protocol;
    } cases[] = {
        {"wk_old", "", "{}", PROTOCOL_SEGMENT},
        {"wk_cio", "", "{}", PROTOCOL_CUSTOMERIO},
        {"wk_rudder", "", "{}", PROTOCOL_RUDDERSTACK},
        {"wk_cio", "AnonymousId: x\r\n", "{}", PROTOCOL_RUDDERSTACK},
        {"wk_cio", "", "{\"context\":{\"library\":{\"name\":\"com.Rudderstack.android\"}}}",
         PROTOCOL_RUDDERSTACK},
        {"wk_old", "", "{\"context\":{\"library\":{\"name\":5}}}", PROTOCOL_SEGMENT},
    };
    for (size_t i = 0; i < countof(cases); i++) {
        char line[64];
        enum protocol protocol = PROTOCOL_COUNT;
        (void)snprintf(line, sizeof line, "POST /v1/track?writeKey=%s", cases[i].key);
        struct asked a = ask(line, cases[i].header, cases[i].body);
        assert_int_equal(new_events(check_protocol, &protocol), 1);
        assert_int_equal(protocol, cases[i].protocol);
        done(&a);
    }
}

static void check_connection(const struct event *e, void *ctx)
{
    (void)ctx;
    check_str(e->address, "2001:db8::7");
    assert_int_equal(e->user_agent.n, LIMIT_USER_AGENT_BYTES - 1); /* not within a character */
}

static void notes_the_connection(void **state)
{
    (void)state;
    struct buf headers = {0};
    buf_put(&headers, S("X-Forwarded-For: 2001:DB8::7\r\nUser-Agent: "));
    for (int i = 0; i < LIMIT_USER_AGENT_BYTES - 1; i++) buf_putc(&headers, 'u');
    buf_put(&headers, S("\xC3\xA9 and more\r\n"));
    buf_putc(&headers, '\0');
    struct asked a = ask("POST /v1/track?writeKey=wk_old", headers.p, "{}");
    assert_int_equal(a.answer.status, 200);
    assert_int_equal(new_events(check_connection, NULL), 1);
    done(&a);
    buf_fini(&headers);
}

/* --- what SDKs ask for before they send -------------------------------------------------------- */

static void gives_settings(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct err err;
    struct asked a = ask("GET /v1/projects/wk_old/settings", "Origin: https://a.example\r\n", "");
    assert_int_equal(a.answer.status, 200);
    check_str(test_header(&a.answer, "Access-Control-Allow-Origin"), "https://a.example");
    yyjson_val *root = json_read(&arena, a.answer.body, &err);
    yyjson_val *all = yyjson_obj_get(root, "integrations");
    assert_int_equal(yyjson_obj_size(all), 1);
    yyjson_val *one = yyjson_obj_get(all, "Segment.io");
    check_str(json_str(yyjson_obj_get(one, "apiKey")), "wk_old");
    check_str(json_str(yyjson_obj_get(one, "apiHost")), "in.example:8080/v1");
    check_str(json_str(yyjson_obj_get(one, "protocol")), "http");
    done(&a);
    a = ask("GET /v1/projects/wk_cio/settings", "X-Forwarded-Proto: https\r\n", "");
    root = json_read(&arena, a.answer.body, &err);
    one = yyjson_obj_get(yyjson_obj_get(root, "integrations"), "Customer.io Data Pipelines");
    check_str(json_str(yyjson_obj_get(one, "protocol")), "https");
    done(&a);
    a = ask("GET /collect/v1/projects/wk_old/settings", "", "");
    root = json_read(&arena, a.answer.body, &err);
    one = yyjson_obj_get(yyjson_obj_get(root, "integrations"), "Segment.io");
    check_str(json_str(yyjson_obj_get(one, "apiHost")), "in.example:8080/collect/v1");
    done(&a);
    a = ask("GET /v1/projects/wk_off/settings", "", "");
    assert_int_equal(a.answer.status, 401);
    done(&a);
    arena_fini(&arena);
}

static void gives_source_config(void **state)
{
    (void)state;
    static const char *const lines[] = {"GET /sourceConfig/?p=npm&writeKey=wk_rudder",
                                        "GET /sourceConfig?writeKey=wk_rudder"};
    struct arena arena = {0};
    struct err err;
    for (size_t i = 0; i < countof(lines); i++) {
        struct asked a = ask(lines[i], "Origin: https://a.example\r\n", "");
        assert_int_equal(a.answer.status, 200);
        check_str(test_header(&a.answer, "Access-Control-Allow-Origin"), "https://a.example");
        yyjson_val *source = yyjson_obj_get(json_read(&arena, a.answer.body, &err), "source");
        assert_true(yyjson_is_str(yyjson_obj_get(source, "id")));
        assert_true(yyjson_is_obj(yyjson_obj_get(source, "config")));
        assert_true(yyjson_is_arr(yyjson_obj_get(source, "destinations")));
        assert_true(yyjson_is_true(yyjson_obj_get(source, "enabled")));
        check_str(json_str(yyjson_obj_get(source, "writeKey")), "wk_rudder");
        done(&a);
    }
    struct asked a = ask("GET /sourceConfig/?writeKey=wk_off", "", "");
    assert_int_equal(a.answer.status, 401);
    check_str(a.answer.body, "invalid write key");
    done(&a);
    arena_fini(&arena);
}

/* --- the promise ------------------------------------------------------------------------------- */

static void says_no_when_the_disk_does(void **state)
{
    (void)state;
    struct ingest_stats stats;
    faults_on(FAULT_DATASYNC, 1, 1, EIO);
    struct asked a = ask("POST /v1/track?writeKey=wk_old", "Origin: https://a.example\r\n", "{}");
    assert_true(faults_off());
    assert_int_equal(a.answer.status, 503);
    check_str(test_header(&a.answer, "Retry-After"), "2");
    check_str(test_header(&a.answer, "Access-Control-Expose-Headers"), "Retry-After");
    done(&a);
    ingest_stats(site.ingest, &stats);
    assert_int_equal(stats.unavailable, 1);
    assert_int_equal(stats.events, 0);
    int status = 0; /* the journal tries again by itself */
    for (int i = 0; i < 500 && status != 200; i++) {
        a = ask("POST /v1/track?writeKey=wk_old", "", "{\"messageId\":\"again\"}");
        status = a.answer.status;
        done(&a);
        if (status != 200) clock_sleep_ms(10);
    }
    assert_int_equal(status, 200);
    assert_true(new_events(NULL, NULL) >= 1);
}

enum { SENDERS = 4, EACH = 100 };

static void send_many(void *ctx)
{
    unsigned me = *(unsigned *)ctx;
    struct test_client c = test_connect(site.port);
    struct test_answer a;
    for (unsigned i = 0; i < EACH; i++) {
        struct buf body = {0}, request = {0};
        buf_printf(&body, "{\"batch\":[{\"type\":\"a\",\"messageId\":\"%u\"},{\"type\":\"b\"}]}",
                   me * EACH + i);
        buf_printf(&request,
                   "POST /v1/b?writeKey=wk_old HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n",
                   body.n);
        buf_put(&request, buf_str(&body));
        if (!test_send(&c, buf_str(&request)) || !test_answer(&c, false, &a)) break;
        if (a.status != 200) break;
        buf_fini(&body);
        buf_fini(&request);
    }
    test_hang_up(&c);
}

static void mark_seen(const struct event *e, void *ctx)
{
    unsigned *seen = ctx;
    uint64_t id;
    if (str_to_u64(e->message_id, &id) && id < SENDERS * EACH) seen[id]++;
}

static void keeps_all_of_many(void **state)
{
    (void)state;
    struct thread senders[SENDERS] = {0};
    unsigned numbers[SENDERS], seen[SENDERS * EACH] = {0};
    for (unsigned i = 0; i < SENDERS; i++) {
        numbers[i] = i;
        thread_start(&senders[i], "sender", send_many, &numbers[i]);
    }
    for (unsigned i = 0; i < SENDERS; i++) thread_join(&senders[i]);
    assert_int_equal(new_events(mark_seen, seen), SENDERS * EACH * 2);
    for (unsigned i = 0; i < SENDERS * EACH; i++) assert_int_equal(seen[i], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(takes_what_sdks_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(knows_browsers, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_relatives_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(notes_the_connection, setup, teardown),
        cmocka_unit_test_setup_teardown(gives_settings, setup, teardown),
        cmocka_unit_test_setup_teardown(gives_source_config, setup, teardown),
        cmocka_unit_test_setup_teardown(says_no_when_the_disk_does, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_all_of_many, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
