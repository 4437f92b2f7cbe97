/* SPDX-License-Identifier: Apache-2.0 */
/* meta/reply.c, as lines of tests/cases/meta/replies.ndjson: "body" is JSON (or a text that is not),
 * "headers" the four that matter; what a line does not name must be zero, empty or -1. */
#include "meta/reply.h"

#include "base/text.h"
#include "core/limits.h"

#include "support/cases.h"

static bool same_text(const char *what, struct str got, struct str want)
{
    if (str_eq(got, want)) return true;
    print_error("%s is \"%.*s\", want \"%.*s\"\n", what, STR_ARG(got), STR_ARG(want));
    return false;
}

static bool same_number(const char *what, int64_t got, int64_t want)
{
    if (got == want) return true;
    print_error("%s is %lld, want %lld\n", what, (long long)got, (long long)want);
    return false;
}

static bool is_expected(const struct reply *r, yyjson_val *line)
{
    return same_text("class", reply_class_name(r->class), case_str(line, "class")) &&
           same_number("code", r->code, case_i64(line, "code", 0)) &&
           same_number("subcode", r->subcode, case_i64(line, "subcode", 0)) &&
           same_number("culprit", r->culprit, case_i64(line, "culprit", -1)) &&
           same_number("wait", r->retry_after_ms, case_i64(line, "wait_ms", 0)) &&
           same_number("received", (int64_t)r->events_received, case_i64(line, "received", 0)) &&
           same_text("text", r->text, case_str(line, "text")) &&
           same_text("fbtrace_id", r->fbtrace_id, case_str(line, "fbtrace_id")) && r->cause.n > 0 &&
           (r->cure.n > 0 || r->class == REPLY_OK);
}

static bool run_case(yyjson_val *line)
{
    struct arena arena = {0};
    struct buf body = {0};
    struct reply reply;
    yyjson_val *headers = yyjson_obj_get(line, "headers"), *value = yyjson_obj_get(line, "body");
    struct reply_headers h = {.retry_after = case_str(headers, "Retry-After"),
                              .app_usage = case_str(headers, "X-App-Usage"),
                              .account_usage = case_str(headers, "X-Ad-Account-Usage"),
                              .business_usage = case_str(headers, "X-Business-Use-Case-Usage")};
    if (yyjson_is_str(value))
        buf_put(&body, json_str(value));
    else if (value)
        json_put_val(&body, value);
    reply_read((int)case_i64(line, "status", 0), buf_str(&body), headers ? &h : NULL, &arena,
               &reply);
    buf_fini(&body); /* what the reply keeps is in the arena */
    bool ok = is_expected(&reply, line);
    arena_fini(&arena);
    return ok;
}

static void test_cases(void **state)
{
    (void)state;
    cases_run("tests/cases/meta/replies.ndjson", 100, run_case);
}

/* Each row of the table, as an answer of its status, gives back itself. */
static void test_every_code(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buf body = {0};
    for (size_t i = 0; i < reply_code_count; i++) {
        const struct reply_code *row = &reply_codes[i];
        struct reply r;
        int subcode = row->subcode < 0 ? 424242 : row->subcode;
        buf_clear(&body);
        buf_printf(&body, "{\"error\":{\"message\":\"m\",\"code\":%d,\"error_subcode\":%d}}",
                   row->code, subcode);
        reply_read(row->status, buf_str(&body), NULL, &arena, &r);
        assert_int_equal(r.class, row->class);
        assert_int_equal(r.code, row->code);
        assert_int_equal(r.subcode, subcode);
        assert_int_equal(r.retry_after_ms, row->wait_ms);
        assert_ptr_equal(r.cause.p, row->cause.p);
        assert_ptr_equal(r.cure.p, row->cure.p);
        arena_reset(&arena);
    }
    buf_fini(&body);
    arena_fini(&arena);
}

static void test_long_words_are_cut_between_characters(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buf body = {0};
    struct reply r;
    for (size_t lead = 0; lead < 4; lead++) {
        buf_clear(&body);
        buf_put(&body, S("{\"error\":{\"code\":100,\"error_user_title\":\"t\",\"message\":\""));
        for (size_t i = 0; i < lead; i++) buf_putc(&body, 'x');
        for (size_t i = 0; i < LIMIT_REPLY_TEXT_BYTES; i++) buf_put(&body, S("\xE2\x82\xAC"));
        buf_put(&body, S("\"}}"));
        reply_read(400, buf_str(&body), NULL, &arena, &r);
        assert_true(r.text.n <= LIMIT_REPLY_TEXT_BYTES && r.text.n > LIMIT_REPLY_TEXT_BYTES - 8);
        assert_true(text_is_valid(r.text));
        arena_reset(&arena);
    }
    buf_fini(&body);
    arena_fini(&arena);
}

/* An answer cut off anywhere is still one of the five, and never "accepted". */
static void test_truncated_answers(void **state)
{
    (void)state;
    static const struct str whole = S_INIT(
        "{\"error\":{\"message\":\"Invalid parameter\",\"type\":\"OAuthException\",\"code\":100,"
        "\"error_subcode\":2804050,\"is_transient\":false,\"error_data\":{\"blame_field_specs\":"
        "[[\"data\",\"1\",\"user_data\"]]},\"fbtrace_id\":\"A\"}}");
    static const struct str good =
        S_INIT("{\"events_received\":2,\"messages\":[],\"fbtrace_id\":\"A\"}");
    struct arena arena = {0};
    struct reply r;
    for (size_t n = 0; n < whole.n; n++) {
        reply_read(400, str_head(whole, n), NULL, &arena, &r);
        assert_int_equal(r.class, REPLY_REFUSED);
        assert_int_equal(r.code, 0);
        reply_read(503, str_head(whole, n), NULL, &arena, &r);
        assert_int_equal(r.class, REPLY_RETRY);
        arena_reset(&arena);
    }
    for (size_t n = 0; n < good.n; n++) {
        reply_read(200, str_head(good, n), NULL, &arena, &r);
        assert_int_equal(r.class, REPLY_RETRY);
        assert_int_equal(r.events_received, 0);
        arena_reset(&arena);
    }
    reply_read(200, good, NULL, &arena, &r);
    assert_int_equal(r.class, REPLY_OK);
    arena_fini(&arena);
}

static void test_random_bytes(void **state)
{
    (void)state;
    static const struct str pieces[] = {
        S_INIT("{\"error\":"),
        S_INIT("{"),
        S_INIT("}"),
        S_INIT("\"code\":"),
        S_INIT("190,"),
        S_INIT("[["),
        S_INIT("\"error_data\":"),
        S_INIT("\"blame_field_specs\":"),
        S_INIT("\"data\""),
        S_INIT("]"),
        S_INIT("\"data[3]\""),
        S_INIT("1e999"),
        S_INIT("-1"),
        S_INIT(","),
        S_INIT("\"message\":"),
        S_INIT("null"),
        S_INIT("\"events_received\":"),
        S_INIT("\xFF"),
    };
    uint64_t seed = 7;
    struct arena arena = {0};
    struct buf body = {0};
    for (int round = 0; round < 50000; round++) {
        struct reply r;
        buf_clear(&body);
        for (uint64_t parts = check_random(&seed) % 12; parts > 0; parts--)
            buf_put(&body, pieces[check_random(&seed) % countof(pieces)]);
        struct str s = buf_str(&body);
        struct reply_headers h = {s, s, s, s};
        reply_read((int)(check_random(&seed) % 600), s, &h, &arena, &r);
        assert_in_range(r.class, REPLY_OK, REPLY_REFUSED);
        assert_true(r.culprit >= -1 && r.culprit < LIMIT_BATCH_SEND_EVENTS);
        assert_true(r.retry_after_ms >= 0 && r.retry_after_ms <= LIMIT_RETRY_AFTER_MS);
        arena_reset(&arena);
    }
    buf_fini(&body);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_every_code),
        cmocka_unit_test(test_long_words_are_cut_between_characters),
        cmocka_unit_test(test_truncated_answers),
        cmocka_unit_test(test_random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
