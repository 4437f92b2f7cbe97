/* SPDX-License-Identifier: Apache-2.0 */
/* Batches: every encoding Meta takes, what is malformed, and random damage. Of sandbox/batch.c. */
#include "sandbox/batch.h"

#include "base/buf.h"

#include "support/cases.h"

#define URLENCODED S("application/x-www-form-urlencoded")
#define MULTIPART S("multipart/form-data; boundary=X-1")

static struct arena arena;

static int drop_arena(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

/* Reads a batch; the number of events, or the words of the refusal. */
static struct str read_batch(struct str type, struct str body, struct batch *batch)
{
    struct err err;
    if (!batch_read(batch, type, body, &arena, &err)) return arena_str(&arena, str_z(err.text));
    return arena_printf(&arena, "%zu", batch->count);
}

#define JSON S("application/json")
#define EVENT "{\"event_name\":\"a\"}"

static void test_batch_shapes(void **state)
{
    struct batch b;
    (void)state;
    check_str(read_batch(JSON, S("{\"data\":[" EVENT "," EVENT "]}"), &b), "2");
    check_str(json_str(json_get(b.events[1], "event_name")), "a");
    check_str(read_batch(S(""), S("{\"data\":[" EVENT "]}"), &b), "1");
    check_str(read_batch(JSON, S("{\"data\":\"[{\\\"event_name\\\":\\\"a\\\"}]\"}"), &b), "1");
    check_str(read_batch(JSON, S("{\"data\":[\"{\\\"event_name\\\":\\\"a\\\"}\"]}"), &b), "1");
    check_str(json_str(json_get(b.events[0], "event_name")), "a");
    check_str(
        read_batch(URLENCODED, S("data=%5B" EVENT "%5D&access_token=t&test_event_code=T1"), &b),
        "1");
    check_str(b.access_token, "t");
    check_str(b.test_event_code, "T1");
    check_str(read_batch(URLENCODED, S("data=[\"{}\",\"{}\"]"), &b), "2");
    check_str(read_batch(URLENCODED, S("data[]={}&data[1]={}&data%5B2%5D={}"), &b), "3");
    check_str(read_batch(MULTIPART,
                         S("--X-1\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n"
                           "[{}]\r\n--X-1--"),
                         &b),
              "1");
    check_str(
        read_batch(JSON,
                   S("{\"access_token\":\"t\",\"test_event_code\":\"T1\",\"partner_agent\":\"p\","
                     "\"upload_tag\":\"x\",\"dta\":1,\"data\":[1]}"),
                   &b),
        "1");
    check_str(b.partner_agent, "p");
    check_str(b.unknown, "dta");
}

static void test_batch_refused(void **state)
{
    static const struct {
        struct str type, body;
        const char *words;
    } bad[] = {
        {S_INIT("application/json"), S_INIT(""), "empty input"},
        {S_INIT("application/json"), S_INIT("{"), "invalid JSON"},
        {S_INIT("application/json"), S_INIT("[]"), "must be a JSON object"},
        {S_INIT("application/json"), S_INIT("{}"), "data is required"},
        {S_INIT("application/json"), S_INIT("{\"data\":[]}"), "data is required"},
        {S_INIT("application/json"), S_INIT("{\"data\":{}}"), "must be an array"},
        {S_INIT("application/json"), S_INIT("{\"data\":\"[{]\"}"), "data: invalid JSON"},
        {S_INIT("application/json"), S_INIT("{\"data\":[{},\"{\"]}"), "data[1]: invalid JSON"},
        {S_INIT("application/x-www-form-urlencoded"), S_INIT("{\"data\":[{}]}"),
         "data is required"},
        {S_INIT("application/x-www-form-urlencoded"), S_INIT("data=x"), "data: invalid JSON"},
        {S_INIT("application/x-www-form-urlencoded"), S_INIT("data[0]=x"), "data[0]: invalid JSON"},
    };
    (void)state;
    for (size_t i = 0; i < countof(bad); i++) {
        struct batch b;
        struct err err;
        assert_false(batch_read(&b, bad[i].type, bad[i].body, &arena, &err));
        check_err(err, bad[i].words);
    }
}

static void put_events(struct buf *body, size_t count, bool as_texts)
{
    buf_put(body, S("{\"data\":["));
    for (size_t i = 0; i < count; i++) {
        json_comma(body);
        buf_put(body, as_texts ? S("\"{}\"") : S("{}"));
    }
    buf_put(body, S("]}"));
}

static void test_batch_limits(void **state)
{
    struct buf body = {0};
    struct batch b;
    (void)state;
    put_events(&body, 1000, false);
    check_str(read_batch(JSON, buf_str(&body), &b), "1000");
    buf_clear(&body);
    put_events(&body, 1001, true);
    assert_true(str_starts(read_batch(JSON, buf_str(&body), &b), S("Too many events")));
    buf_clear(&body);
    for (int i = 0; i < 1001; i++) buf_printf(&body, "data[%d]={}&", i);
    assert_true(str_starts(read_batch(URLENCODED, buf_str(&body), &b), S("Too many events")));
    buf_clear(&body);
    buf_put(&body, S("{\"data\":[{\"a\":"));
    for (int i = 0; i < 100000; i++) buf_putc(&body, '[');
    for (int i = 0; i < 100000; i++) buf_putc(&body, ']');
    buf_put(&body, S("}]}"));
    check_str(read_batch(JSON, buf_str(&body), &b), "data[0] is nested too deeply");
    buf_fini(&body);
}

/* Well-formed bodies with a few bytes changed, dropped or cut off: nothing may be read outside. */
static void test_random(void **state)
{
    static const struct {
        struct str type, body;
    } good[] = {
        {S_INIT("application/json"), S_INIT("{\"data\":[" EVENT "],\"access_token\":\"t\"}")},
        {S_INIT("application/x-www-form-urlencoded"), S_INIT("data=%5B%7b%7D%5d&access_token=t")},
        {S_INIT("multipart/form-data; boundary=\"X-1\""),
         S_INIT("--X-1\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n[{}]\r\n--X-1--")},
    };
    uint64_t seed = 0x2545F4914F6CDD1D;
    size_t count[2] = {0, 0};
    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct batch b;
        struct err err;
        size_t which = check_random(&seed) % countof(good), n = good[which].body.n;
        char *exact =
            malloc(n); /* of its own size, so that a sanitizer sees every byte behind it */
        assert_non_null(exact);
        memcpy(exact, good[which].body.p, n);
        for (uint64_t edits = check_random(&seed) % 4; edits; edits--) {
            exact[check_random(&seed) % n] = "%&=\r\n-\";:[]{}a"[check_random(&seed) % 14];
        }
        size_t cut = check_random(&seed) % 4 ? 0 : check_random(&seed) % n;
        struct str body = str_of(exact + cut, n - cut);
        count[batch_read(&b, good[which].type, body, &arena, &err)]++;
        free(exact);
        arena_reset(&arena);
    }
    assert_true(count[0] > 1000 && count[1] > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batch_shapes),
        cmocka_unit_test(test_batch_refused),
        cmocka_unit_test(test_batch_limits),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, drop_arena);
}
