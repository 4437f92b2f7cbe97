/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies taken apart (ingest/envelope.c). */
#include "ingest/envelope.h"

#include "base/time.h"
#include "core/limits.h"
#include "ingest/segment.h"
#include "journal/content.h"

#include "support/ndjson.h"

static struct arena arena;
static struct buf records;
static struct envelope_count count;

static const struct envelope_form form = SEGMENT_FORM;
static const struct event common = {.received_ms = 7,
                                    .protocol = PROTOCOL_JITSU,
                                    .flags = EVENT_FROM_BROWSER,
                                    .source = S_INIT("shop"),
                                    .address = S_INIT("192.0.2.1"),
                                    .user_agent = S_INIT("agent")};

/* Takes the next record off *rest; what all events share must be in it. */
static struct event next_event(struct str *rest)
{
    struct event e;
    size_t size = event_record_size(*rest);
    assert_true(size > 0);
    assert_true(event_decode(str_head(*rest, size), &e));
    *rest = str_from(*rest, size);
    assert_int_equal(e.received_ms, 7);
    assert_int_equal(e.protocol, PROTOCOL_JITSU);
    assert_int_equal(e.flags, EVENT_FROM_BROWSER);
    check_str(e.source, "shop");
    check_str(e.address, "192.0.2.1");
    check_str(e.user_agent, "agent");
    return e;
}

static void check_id(struct str got, struct str want)
{
    if (!str_eq(want, S("made"))) {
        check_str_at(got, want, __FILE__, __LINE__);
        return;
    }
    assert_int_equal(got.n, 3 + 32);
    assert_true(str_starts(got, S("px-")));
}

static void check_event(const struct event *e, yyjson_val *want)
{
    int64_t sent = 0;
    struct str reject = test_case_str(want, "reject");
    check_str_at(e->json, test_case_str(want, "json"), __FILE__, __LINE__);
    check_str_at(reason_name(e->reject), reject.p ? reject : S("none"), __FILE__, __LINE__);
    check_id(e->message_id, test_case_str(want, "id"));
    (void)time_parse(test_case_str(want, "sent"), &sent); /* 0: not given */
    assert_int_equal(e->sent_ms, sent);
}

static void splits_one(yyjson_val *one)
{
    struct err err;
    size_t i, n;
    yyjson_val *want;
    struct envelope e = {.form = &form,
                         .route_type = test_case_str(one, "type"),
                         .is_batch = yyjson_get_bool(yyjson_obj_get(one, "batch"))};
    buf_clear(&records);
    arena_reset(&arena);
    bool ok = envelope_parse(&e, test_case_str(one, "body"), &arena, &err);
    if (ok == yyjson_get_bool(yyjson_obj_get(one, "error"))) {
        fail_msg("%.*s", STR_ARG(test_case_str(one, "name")));
    }
    if (!ok) return;
    bool no_event = yyjson_get_bool(yyjson_obj_get(one, "no_event"));
    assert_int_equal(no_event, !e.items && !envelope_is_event(&e));
    if (no_event) return;
    ok = envelope_encode(&e, &common, LIMIT_CHUNK_BYTES, &records, &count);
    assert_int_equal(ok, !yyjson_get_bool(yyjson_obj_get(one, "too_much")));
    struct str rest = buf_str(&records);
    size_t rejected = 0;
    yyjson_arr_foreach (yyjson_obj_get(one, "records"), i, n, want) {
        if (!rest.n) fail_msg("%.*s: too few", STR_ARG(test_case_str(one, "name")));
        struct event got = next_event(&rest);
        check_event(&got, want);
        uint32_t content = got.reject == REASON_NONE ? content_sum(&got) : 0;
        assert_int_equal(count.contents[i], content);
        rejected += got.reject != REASON_NONE;
    }
    assert_int_equal(rest.n, 0);
    if (ok) assert_int_equal(count.rejected, rejected);
}

static void splits(void **state)
{
    (void)state;
    test_cases("tests/cases/ingest/envelope.ndjson", splits_one);
}

/* {"batch":[ item, item, ... ]<end> */
static struct str batch_of(struct buf *body, struct str item, size_t n, const char *end)
{
    buf_clear(body);
    buf_put(body, S("{\"batch\":["));
    for (size_t i = 0; i < n; i++) {
        if (i) buf_putc(body, ',');
        buf_put(body, item);
    }
    buf_put(body, S("]"));
    buf_put(body, str_z(end));
    return buf_str(body);
}

static bool encode(struct str body, size_t limit)
{
    struct envelope e = {.form = &form, .is_batch = true};
    struct err err;
    arena_reset(&arena);
    buf_clear(&records);
    assert_true(envelope_parse(&e, body, &arena, &err));
    return envelope_encode(&e, &common, limit, &records, &count);
}

static void keeps_what_is_beyond(void **state)
{
    (void)state;
    struct buf body = {0};
    struct str item = S("{\"type\":\"a\"}");
    assert_true(encode(batch_of(&body, item, LIMIT_BATCH_EVENTS + 2, "}"), LIMIT_CHUNK_BYTES));
    assert_int_equal(count.events, LIMIT_BATCH_EVENTS + 2);
    assert_int_equal(count.rejected, 2);
    struct str rest = buf_str(&records);
    for (size_t i = 0; i < LIMIT_BATCH_EVENTS + 2; i++) {
        struct event e = next_event(&rest);
        assert_int_equal(e.reject, i < LIMIT_BATCH_EVENTS ? REASON_NONE : REASON_BATCH_TOO_LONG);
        assert_true(str_eq(e.json, item));
    }
    assert_true(encode(batch_of(&body, S("1"), LIMIT_BATCH_ITEMS, "}"), LIMIT_CHUNK_BYTES));
    assert_false(encode(batch_of(&body, S("1"), LIMIT_BATCH_ITEMS + 1, "}"), LIMIT_CHUNK_BYTES));
    assert_int_equal(records.n, 0);
    buf_fini(&body);
}

static void cuts_what_is_too_large(void **state)
{
    (void)state;
    struct buf item = {0}, body = {0};
    buf_put(&item, S("{\"type\":\"a\",\"messageId\":\"big\",\"p\":\""));
    while (item.n < LIMIT_EVENT_BYTES - 2) buf_putc(&item, 'x');
    buf_put(&item, S("\"}"));
    for (int over = 0; over < 2; over++) {
        assert_true(encode(batch_of(&body, buf_str(&item), 2, "}"), LIMIT_CHUNK_BYTES));
        struct str rest = buf_str(&records);
        for (int i = 0; i < 2; i++) {
            struct event e = next_event(&rest);
            assert_int_equal(e.reject, over ? REASON_EVENT_TOO_LARGE : REASON_NONE);
            assert_true(str_eq(e.json, str_head(buf_str(&item), LIMIT_EVENT_BYTES)));
            check_str(e.message_id, "big");
        }
        buf_cut(&item, item.n - 2); /* now one byte more */
        buf_put(&item, S("x\"}"));
    }
    buf_fini(&item);
    buf_fini(&body);
}

/* What a batch says for all is copied into each event: it has bounds of its own. */
static void bounds_what_is_shared(void **state)
{
    (void)state;
    struct buf body = {0}, end = {0};
    struct str item = S("{\"type\":\"a\"}");
    for (int over = 0; over < 2; over++) {
        buf_clear(&end);
        buf_put(&end, S(",\"context\":{\"x\":\""));
        size_t frame = sizeof "{\"x\":\"\"}" - 1;
        for (size_t i = frame; i < LIMIT_SHARED_BYTES + (size_t)over; i++) buf_putc(&end, 'y');
        buf_put(&end, S("\"}}"));
        buf_putc(&end, '\0');
        assert_int_equal(encode(batch_of(&body, item, 3, end.p), LIMIT_CHUNK_BYTES), !over);
    }
    for (unsigned fields = LIMIT_SHARED_FIELDS; fields <= LIMIT_SHARED_FIELDS + 1; fields++) {
        buf_clear(&end);
        buf_put(&end, S(",\"context\":{"));
        for (unsigned i = 0; i < fields; i++) buf_printf(&end, "%s\"%u\":1", i ? "," : "", i);
        buf_put(&end, S("}}"));
        buf_putc(&end, '\0');
        assert_int_equal(encode(batch_of(&body, item, 3, end.p), LIMIT_CHUNK_BYTES),
                         fields == LIMIT_SHARED_FIELDS);
    }
    buf_fini(&body);
    buf_fini(&end);
}

static void bounds_the_records(void **state)
{
    (void)state;
    struct buf body = {0};
    struct str text = batch_of(&body, S("{\"type\":\"a\",\"messageId\":\"m\"}"), 100, "}");
    assert_true(encode(text, LIMIT_CHUNK_BYTES));
    size_t size = records.n;
    assert_true(encode(text, size));
    assert_false(encode(text, size - 1));
    assert_int_equal(records.n, 0);
    buf_fini(&body);
}

/* Nor is a text beside the events taken once more for each of them. */
static void bounds_what_is_beside(void **state)
{
    (void)state;
    struct buf body = {0}, end = {0};
    buf_put(&end, S(",\"sentAt\":\""));
    for (size_t i = 0; i < 10000; i++) buf_put(&end, S("\\u0041"));
    buf_put(&end, S("\"}"));
    buf_putc(&end, '\0');
    struct str text = batch_of(&body, S("{\"type\":\"a\"}"), 1000, end.p);
    assert_true(encode(text, LIMIT_CHUNK_BYTES));
    assert_in_range(arena.total, 1, 16 * text.n);
    buf_fini(&body);
    buf_fini(&end);
}

static void finds_what_is_around(void **state)
{
    (void)state;
    struct envelope e = {.form = &form, .is_batch = true};
    struct err err;
    assert_true(
        envelope_parse(&e, S("{\"batch\":[{\"a\":1},{}],\"writeKey\":\"wk\"}"), &arena, &err));
    check_str(envelope_str(&e, S("a")), "1");
    check_str(e.key, "wk");
    assert_true(envelope_parse(&e, S("{\"writeKey\":null,\"a\":1}"), &arena, &err));
    check_str(envelope_str(&e, S("a")), "1");
    assert_null(e.key.p);
    assert_true(envelope_parse(&e, S("{\"batch\":[]}"), &arena, &err));
    assert_null(envelope_str(&e, S("a")).p);
}

static bool make_id(struct buf *out, yyjson_val *event)
{
    struct str name = json_str(yyjson_obj_get(event, "name"));
    buf_put(out, name);
    return name.n != 0;
}

static const struct envelope_form other = {.key = S_INIT("k"),
                                           .batch = S_INIT("list"),
                                           .type = S_INIT("kind"),
                                           .id = S_INIT("id"),
                                           .sent = S_INIT("at"),
                                           .make_id = make_id};

/* Another protocol's names, nothing shared, numbers for times and ids. */
static void takes_other_names(void **state)
{
    (void)state;
    struct err err;
    struct envelope e = {.form = &other, .route_type = S("given"), .is_batch = true};
    buf_clear(&records);
    assert_true(envelope_parse(
        &e,
        S("{\"k\":\"wk\",\"writeKey\":\"no\",\"at\":1700000000000,\"context\":{\"a\":1},"
          "\"list\":[{\"kind\":\"x\",\"id\":7,\"at\":1700000001500},{\"name\":\"me\"},"
          "{\"type\":\"t\",\"messageId\":\"no\",\"at\":\"soon\"}]}"),
        &arena, &err));
    check_str(e.key, "wk");
    assert_true(envelope_encode(&e, &common, LIMIT_CHUNK_BYTES, &records, &count));
    struct str rest = buf_str(&records);
    struct event got = next_event(&rest);
    check_str(got.message_id, "7");
    check_str(got.json, "{\"kind\":\"x\",\"id\":7,\"at\":1700000001500}");
    assert_int_equal(got.sent_ms, INT64_C(1700000001500));
    got = next_event(&rest);
    check_str(got.message_id, "me");
    check_str(got.json, "{\"kind\":\"given\",\"name\":\"me\"}");
    assert_int_equal(got.sent_ms, INT64_C(1700000000000));
    got = next_event(&rest);
    check_id(got.message_id, S("made"));
    assert_int_equal(got.sent_ms, INT64_C(1700000000000));
    assert_int_equal(rest.n, 0);
}

/* A tree as deep as a body is long must not be walked over: not for an id either. */
static void makes_no_id_of_what_is_too_deep(void **state)
{
    (void)state;
    struct err err;
    struct buf body = {0};
    struct envelope e = {.form = &other};
    buf_clear(&records);
    buf_put(&body, S("{\"kind\":\"x\",\"name\":\"me\",\"deep\":"));
    for (size_t i = 0; i < LIMIT_JSON_DEPTH; i++) buf_putc(&body, '[');
    for (size_t i = 0; i < LIMIT_JSON_DEPTH; i++) buf_putc(&body, ']');
    buf_putc(&body, '}');
    assert_true(envelope_parse(&e, buf_str(&body), &arena, &err));
    assert_true(envelope_encode(&e, &common, LIMIT_CHUNK_BYTES, &records, &count));
    struct str rest = buf_str(&records);
    struct event got = next_event(&rest);
    assert_int_equal(got.reject, REASON_EVENT_TOO_DEEP);
    check_id(got.message_id, S("made"));
    buf_fini(&body);
}

static int teardown(void **state)
{
    (void)state;
    arena_fini(&arena);
    buf_fini(&records);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(splits, teardown),
        cmocka_unit_test_teardown(keeps_what_is_beyond, teardown),
        cmocka_unit_test_teardown(cuts_what_is_too_large, teardown),
        cmocka_unit_test_teardown(bounds_what_is_shared, teardown),
        cmocka_unit_test_teardown(bounds_the_records, teardown),
        cmocka_unit_test_teardown(bounds_what_is_beside, teardown),
        cmocka_unit_test_teardown(finds_what_is_around, teardown),
        cmocka_unit_test_teardown(takes_other_names, teardown),
        cmocka_unit_test_teardown(makes_no_id_of_what_is_too_deep, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
