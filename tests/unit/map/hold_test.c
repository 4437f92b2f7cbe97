/* SPDX-License-Identifier: Apache-2.0 */
/* map/hold.c: which holds an event meets, and what it confirms or cancels for others. */
#include "map/explain.h"
#include "support/mapping.h"

#define PAID                                                                                       \
    "hold:\n"                                                                                      \
    "  - name: until paid\n"                                                                       \
    "    trigger: event = \"Order Completed\" and properties.payment != \"card\"\n"                \
    "    key: properties.order_id\n"                                                               \
    "    until: event = \"Order Paid\"\n"                                                          \
    "    until_key: properties.order.id || properties.order_id\n"                                  \
    "    cancel: event = \"Order Cancelled\"\n"

#define ORDER                                                                                      \
    "{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"u\","                          \
    "\"timestamp\":\"2026-01-15T11:00:00Z\",\"properties\":{\"value\":3,\"currency\":\"EUR\""

static struct mapping_world w;

static void open_world(const char *body)
{
    mapping_open(&w, str_z(body));
    if (!w.plan) mapping_print_problems(&w);
    assert_non_null(w.plan);
}

static void run(const char *json, enum event_flag flags)
{
    struct event e = {.source = S("web"),
                      .json = str_z(json),
                      .message_id = S("m"),
                      .user_agent = S("Googlebot/2.1"),
                      .flags = flags,
                      .received_ms = mapping_time(S("2026-01-15T11:30:00Z"))};
    mapping_run(&w, &e, mapping_time(S(MAPPING_NOW)), NULL);
}

static void meets(void **state)
{
    const struct held_by *by = &w.result.holds[0];
    (void)state;
    open_world(PAID "    within: 3d\n    then: drop\n");
    run(ORDER ",\"order_id\":17}}", 0);
    assert_int_equal(w.result.send_count, 1);
    assert_int_equal(w.result.hold_count, 1);
    assert_int_equal(w.result.confirm_count, 0);
    check_str(by->name, "until paid");
    check_str(by->key_text, "17");
    struct hold_key number = by->key, want = hold_key_make(S("until paid"), S("17"));
    assert_true(hold_key_eq(&number, &want));
    assert_int_equal(by->since_ms, mapping_time(S("2026-01-15T11:30:00Z")));
    assert_int_equal(by->until_ms, mapping_time(S("2026-01-18T11:30:00Z")));
    assert_int_equal(by->within_ms, 3 * MS_PER_DAY);
    assert_int_equal(by->then, HOLD_DROP);
    run(ORDER ",\"order_id\":\"17\"}}", 0); /* a text of the same digits is the same order */
    assert_true(hold_key_eq(&by->key, &number));
    run(ORDER ",\"order_id\":17,\"payment\":\"card\"}}", 0);
    assert_int_equal(w.result.send_count, 1);
    assert_int_equal(w.result.hold_count, 0);
    mapping_close(&w);
}

/* It cannot wait for ever unnoticed: it is dead at once. */
static void without_a_key(void **state)
{
    static const char *const keys[] = {"", ",\"order_id\":\"\"", ",\"order_id\":null",
                                       ",\"order_id\":[1]", ",\"order_id\":{\"a\":1}"};
    (void)state;
    open_world(PAID);
    for (size_t i = 0; i < countof(keys); i++) {
        char json[256];
        (void)snprintf(json, sizeof json, "%s%s}}", ORDER, keys[i]);
        run(json, 0);
        assert_int_equal(w.result.outcome.reason, REASON_MISSING_FIELD);
        assert_string_equal(w.result.outcome.path, "hold.key");
        assert_int_equal(w.result.send_count + w.result.hold_count + w.out.n, 0);
    }
    run("{\"type\":\"track\",\"event\":\"Order Paid\",\"properties\":{}}", 0);
    assert_int_equal(w.result.confirm_count, 0);
    mapping_close(&w);
}

/* A dead event is dead at once, not after days of waiting. */
static void a_bad_event_does_not_wait(void **state)
{
    (void)state;
    open_world(PAID);
    run("{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"u\","
        "\"timestamp\":\"2026-01-15T11:00:00Z\",\"properties\":{\"order_id\":17,\"currency\":"
        "\"no\",\"revenue\":3}}",
        0);
    assert_int_equal(w.result.outcome.state, STATE_DEAD);
    assert_int_equal(w.result.hold_count, 0);
    mapping_close(&w);
}

static void confirms(void **state)
{
    struct hold_key want = hold_key_make(S("until paid"), S("17"));
    (void)state;
    open_world(PAID "filter: event = \"Order Completed\"\n");
    run("{\"type\":\"track\",\"event\":\"Order Paid\",\"properties\":{\"order\":{\"id\":\"17\"}}}",
        0);
    assert_int_equal(w.result.outcome.reason, REASON_FILTER); /* and yet: */
    assert_int_equal(w.result.confirm_count, 1);
    assert_true(hold_key_eq(&w.result.confirms[0].key, &want));
    assert_int_equal(w.result.confirms[0].within_ms, 7 * MS_PER_DAY);
    assert_false(w.result.confirms[0].cancels);
    run("{\"event\":\"Order Paid\",\"properties\":{\"order_id\":17}}", EVENT_FROM_BROWSER);
    assert_int_equal(w.result.outcome.reason, REASON_BOT);
    assert_int_equal(w.result.confirm_count, 1);
    run("{\"type\":\"track\",\"event\":\"Order Cancelled\",\"properties\":{\"order_id\":17}}", 0);
    assert_int_equal(w.result.confirm_count, 1);
    assert_true(hold_key_eq(&w.result.confirms[0].key, &want));
    assert_true(w.result.confirms[0].cancels);
    run("[17]", 0);
    assert_int_equal(w.result.confirm_count, 0);
    mapping_close(&w);
}

/* Meta's deadline comes first; who wants it sent in the end needs time for that. */
static void metas_deadline(void **state)
{
    (void)state;
    open_world(PAID);
    run(ORDER ",\"order_id\":17}}", 0); /* half an hour older than it came */
    assert_int_equal(w.result.holds[0].until_ms, mapping_time(S("2026-01-22T11:00:00Z")));
    mapping_close(&w);
    open_world(PAID "    then: send\n");
    run(ORDER ",\"order_id\":17}}", 0);
    assert_int_equal(w.result.holds[0].until_ms, mapping_time(S("2026-01-22T10:00:00Z")));
    mapping_close(&w);
    open_world(PAID "    within: 62d\naction_source: '\"physical_store\"'\n");
    run(ORDER ",\"order_id\":17}}", 0);
    assert_int_equal(w.result.hold_count, 1);
    assert_true(w.result.holds[0].until_ms > mapping_time(S("2026-03-01T00:00:00Z")));
    mapping_close(&w);
}

static void several_and_the_presets(void **state)
{
    struct str preset =
        S("actions:\n  - {name: all, trigger: otherwise, send: X}\n"
          "event_time: timestamp\nevent_id: messageId\n"
          "user_data: {external_id: userId}\naction_source: '\"website\"'\n"
          "hold:\n"
          "  - {name: seen, trigger: type = \"track\", key: userId, until: event = \"See\"}\n"
          "  - {name: both, trigger: event = \"A\", key: userId, until: event = \"See\"}\n");
    const char *event = "{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\",\"messageId\":\"m\","
                        "\"timestamp\":\"2026-01-15T11:00:00Z\",\"context\":{\"userAgent\":\"x\","
                        "\"page\":{\"url\":\"https://a.example\"}}}";
    (void)state;
    mapping_open_preset(&w, S("pii: {}\n"), preset);
    assert_non_null(w.plan);
    run(event, 0);
    assert_int_equal(w.result.hold_count, 2);
    check_str(w.result.holds[0].name, "seen");
    check_str(w.result.holds[1].name, "both");
    run("{\"type\":\"track\",\"event\":\"See\",\"userId\":\"u\"}", 0);
    assert_int_equal(w.result.confirm_count, 2);
    mapping_close(&w);
    mapping_open_preset(
        &w, S("hold: [{name: own, trigger: event = \"A\", key: userId, until: event = \"B\"}]\n"),
        preset);
    run(event, 0);
    assert_int_equal(w.result.hold_count, 1);
    check_str(w.result.holds[0].name, "own");
    mapping_close(&w);
}

static void explained(void **state)
{
    struct explain *x = explain_new(false);
    struct buf text = {0};
    struct event e = {.source = S("web"),
                      .json = S(ORDER ",\"order_id\":\"ann@shop.example\"}}"),
                      .message_id = S("m")};
    (void)state;
    open_world(PAID "    within: 3d\n");
    mapping_run(&w, &e, mapping_time(S(MAPPING_NOW)), x); /* received now: a command's */
    explain_print(x, &w.result, buf_str(&w.out), &text);
    struct str said = buf_str(&text);
    assert_true(str_find(said, S("Verdict: held, then send 1 Meta event\n"), 0) != SIZE_MAX);
    assert_true(str_find(said, S("by \"until paid\""), 0) != SIZE_MAX);
    assert_true(str_find(said, S("until 2026-01-18T12:00:00.000Z"), 0) != SIZE_MAX);
    assert_true(str_find(str_from(said, str_find(said, S("Verdict"), 0)),
                         S("confirms the key \"ann"), 0) == SIZE_MAX);
    explain_free(x);
    buf_fini(&text);
    mapping_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(meets),
        cmocka_unit_test(without_a_key),
        cmocka_unit_test(a_bad_event_does_not_wait),
        cmocka_unit_test(confirms),
        cmocka_unit_test(metas_deadline),
        cmocka_unit_test(several_and_the_presets),
        cmocka_unit_test(explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
