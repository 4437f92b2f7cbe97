/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/send.c against a server that misbehaves: whatever happens comes back as one answer. */
#include "deliver/send.h"

#include "core/limits.h"
#include "support/check.h"
#include "support/graph.h"

struct line {
    struct graph graph;
    struct sender *sender;
};

static int set_up(void **state)
{
    struct line *line = mem_new(sizeof *line);
    graph_open(&line->graph);
    graph_start(&line->graph);
    line->sender = sender_new();
    *state = line;
    return 0;
}

static int tear_down(void **state)
{
    struct line *line = *state;
    sender_free(line->sender);
    graph_close(&line->graph);
    mem_free(line);
    return 0;
}

static void post(struct line *line, unsigned port, int64_t timeout_ms, void *ctx)
{
    char url[64];
    struct transfer *t = send_begin(line->sender);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/v1/42/events", port);
    buf_put(send_body(t), S("{\"data\":[{\"event_id\":\"1\"}]}"));
    send_start(
        line->sender, t,
        &(struct post){
            .url = str_z(url), .token = S("good-token"), .timeout_ms = timeout_ms, .ctx = ctx});
}

static struct answer get(struct line *line)
{
    struct answer answer;
    for (int i = 0; i < 2000; i++) {
        if (send_next(line->sender, &answer)) return answer;
        send_wait(line->sender, 5);
    }
    fail_msg("no answer");
    return answer;
}

static void posts_and_reuses_the_connection(void **state)
{
    struct line *line = *state;
    int marks[3];
    line->graph.good_token = "\r\nAuthorization: Bearer good-token\r\n";
    for (int i = 0; i < 3; i++) {
        post(line, line->graph.port, 5000, &marks[i]);
        struct answer a = get(line);
        assert_ptr_equal(a.ctx, &marks[i]);
        assert_int_equal(a.status, 200);
        check_str(a.body, "{\"events_received\":1,\"messages\":[],\"fbtrace_id\":\"Aok\"}");
        assert_null(a.headers.retry_after.p);
        send_finish(line->sender, a.transfer);
    }
    assert_int_equal(line->graph.ids[1].taken, 3);
    assert_int_equal(line->graph.connects, 1);
}

/* The body in three pieces, larger than what curl takes at once; and from its start again, when the kept
 * connection is cut off and curl takes a new one. */
static void sends_what_is_inside(void **state)
{
    struct line *line = *state;
    struct buf url = {0}, events = {0};
    buf_printf(&url, "http://127.0.0.1:%u/v1/42/events", line->graph.port);
    buf_put(&events, S("{\"event_id\":\"7\",\"more\":\""));
    memset(buf_reserve(&events, 300000), 'x', 300000);
    events.n += 300000;
    buf_put(&events, S("\"},{\"event_id\":\"8\"}"));
    for (unsigned i = 1; i <= 3; i++) {
        struct transfer *t = send_begin(line->sender);
        buf_put(send_body(t), S("{\"data\":[],\"test_event_code\":\"T1\"}"));
        if (i == 2) GRAPH_PLAN_NEXT(&line->graph, GRAPH_RESET);
        send_start(line->sender, t,
                   &(struct post){.url = buf_str(&url),
                                  .inside = buf_str(&events),
                                  .inside_at = 9,
                                  .timeout_ms = 20000});
        struct answer a = get(line);
        assert_int_equal(a.status, 200);
        check_str(a.body, "{\"events_received\":2,\"messages\":[],\"fbtrace_id\":\"Aok\"}");
        send_finish(line->sender, a.transfer);
        assert_int_equal(line->graph.ids[7].taken, i);
        assert_int_equal(line->graph.ids[8].taken, i);
        assert_false(line->graph.ids[7].differs);
    }
    assert_int_equal(line->graph.tested, 4); /* also the one that was cut off */
    assert_int_equal(line->graph.connects, 2);
    buf_fini(&events);
    buf_fini(&url);
}

static void compressed_answers_are_read(void **state)
{
    struct line *line = *state;
    GRAPH_PLAN_NEXT(&line->graph, GRAPH_GZIP);
    post(line, line->graph.port, 5000, NULL);
    struct answer a = get(line);
    assert_int_equal(a.status, 500);
    check_str(a.body, "{\"error\":{\"message\":\"packed\",\"code\":2}}");
    send_finish(line->sender, a.transfer);
}

static void several_at_a_time(void **state)
{
    struct line *line = *state;
    int marks[20] = {0};
    for (int i = 0; i < 20; i++) post(line, line->graph.port, 5000, &marks[i]);
    for (int i = 0; i < 20; i++) {
        struct answer a = get(line);
        assert_int_equal(a.status, 200);
        ++*(int *)a.ctx;
        send_finish(line->sender, a.transfer);
    }
    for (int i = 0; i < 20; i++) assert_int_equal(marks[i], 1);
}

static void reads_headers(void **state)
{
    struct line *line = *state;
    GRAPH_PLAN_NEXT(&line->graph, GRAPH_THROTTLE);
    post(line, line->graph.port, 5000, NULL);
    struct answer a = get(line);
    assert_int_equal(a.status, 400);
    check_str(a.headers.retry_after, "1");
    send_finish(line->sender, a.transfer);
}

static void check_no_answer(struct line *line)
{
    struct answer a = get(line);
    assert_int_equal(a.status, 0);
    assert_true(a.body.n > 0);
    send_finish(line->sender, a.transfer);
}

static void failures_are_answers(void **state)
{
    struct line *line = *state;
    GRAPH_PLAN_NEXT(&line->graph, GRAPH_RESET, GRAPH_HANG);
    post(line, line->graph.port, 5000, NULL);
    check_no_answer(line);
    post(line, line->graph.port, 100, NULL);
    check_no_answer(line);
    post(line, 1, 5000, NULL); /* nobody listens there */
    check_no_answer(line);
    post(line, line->graph.port, 5000, NULL); /* and it works again */
    struct answer a = get(line);
    assert_int_equal(a.status, 200);
    send_finish(line->sender, a.transfer);
}

static void only_http(void **state)
{
    struct line *line = *state;
    struct transfer *t = send_begin(line->sender);
    buf_put(send_body(t), S("x"));
    send_start(line->sender, t, &(struct post){.url = S("file:///etc/passwd"), .timeout_ms = 1000});
    check_no_answer(line);
    t = send_begin(line->sender);
    buf_put(send_body(t), S("x"));
    send_start(line->sender, t, &(struct post){.url = S("not a url"), .timeout_ms = 1000});
    check_no_answer(line);
}

static void endless_answers_are_cut(void **state)
{
    struct line *line = *state;
    GRAPH_PLAN_NEXT(&line->graph, GRAPH_HUGE);
    post(line, line->graph.port, 5000, NULL);
    struct answer a = get(line);
    assert_int_equal(a.status, 500);
    assert_int_equal(a.body.n, LIMIT_REPLY_BYTES);
    send_finish(line->sender, a.transfer);
}

static void wakes(void **state)
{
    struct line *line = *state;
    int64_t before = clock_mono_us();
    send_wake(line->sender);
    send_wait(line->sender, 10000);
    assert_true(clock_mono_us() - before < 5000000);
}

static void freed_while_in_flight(void **state)
{
    struct line *line = *state;
    GRAPH_PLAN_NEXT(&line->graph, GRAPH_HANG, GRAPH_HANG);
    post(line, line->graph.port, 60000, NULL);
    post(line, line->graph.port, 60000, NULL);
    send_wait(line->sender, 50);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(posts_and_reuses_the_connection),
        T(sends_what_is_inside),
        T(compressed_answers_are_read),
        T(several_at_a_time),
        T(reads_headers),
        T(failures_are_answers),
        T(only_http),
        T(endless_answers_are_cut),
        T(wakes),
        T(freed_while_in_flight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
