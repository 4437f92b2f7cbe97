/* SPDX-License-Identifier: Apache-2.0 */
/* core/outcome.c, core/event.c, core/diag.c, core/log.c: the words that rooms share. */
#include "core/diag.h"
#include "core/event.h"
#include "core/limits.h"
#include "core/log.h"
#include "core/outcome.h"

#include "support/check.h"

static void names_are_unique_and_found(void **state)
{
    (void)state;
    for (enum reason r = 0; r < REASON_COUNT; r++) {
        assert_int_equal(reason_find(reason_name(r)), r);
        assert_true(reason_meaning(r).n > 5);
        assert_int_equal(reason_cure(r).n > 5, reason_state(r) == STATE_DEAD);
    }
    for (enum state s = 0; s < STATE_COUNT; s++) {
        assert_true(state_name(s).n > 3);
        assert_true(state_meaning(s).n > 5);
    }
    for (enum protocol p = 0; p < PROTOCOL_COUNT; p++) {
        assert_int_equal(protocol_find(protocol_name(p)), p);
    }
    assert_int_equal(reason_find(S("nope")), REASON_COUNT);
    assert_int_equal(protocol_find(S("")), PROTOCOL_COUNT);
    /* These are in journal records: their numbers must never change. */
    assert_int_equal(REASON_BAD_EVENT, 1);
    assert_int_equal(REASON_EVENT_TOO_LARGE, 2);
    assert_int_equal(REASON_EVENT_TOO_DEEP, 3);
    assert_int_equal(REASON_BATCH_TOO_LONG, 4);
}

static void outcome_follows_its_reason(void **state)
{
    struct outcome o;
    (void)state;
    outcome_set(&o, REASON_MISSING_VALUE, "custom_data.value", "no %s", "value");
    assert_int_equal(o.state, STATE_DEAD);
    assert_string_equal(o.message, "no value");
    outcome_set(&o, REASON_NO_ACTION, NULL, NULL);
    assert_int_equal(o.state, STATE_FILTERED);
    assert_string_equal(o.path, "");
    assert_string_equal(o.message, "");
}

static struct event sample(void)
{
    return (struct event){
        .received_ms = 1795284245123,
        .sent_ms = -5,
        .protocol = PROTOCOL_RUDDERSTACK,
        .flags = EVENT_FROM_BROWSER,
        .reject = REASON_EVENT_TOO_DEEP,
        .source = S("shop"),
        .address = S("203.0.113.7"),
        .user_agent = S("Mozilla"),
        .message_id = S("m-1"),
        .json = S("{\"type\":\"track\"}"),
    };
}

static void record_round_trips(void **state)
{
    struct buf out = {0};
    struct event in = sample(), back;
    (void)state;
    event_encode(&out, &in);
    assert_int_equal(event_record_size(buf_str(&out)), out.n);
    assert_true(event_decode(buf_str(&out), &back));
    assert_int_equal(back.received_ms, in.received_ms);
    assert_int_equal(back.sent_ms, in.sent_ms);
    assert_int_equal(back.protocol, in.protocol);
    assert_int_equal(back.flags, in.flags);
    assert_int_equal(back.reject, in.reject);
    assert_true(str_eq(back.source, in.source) && str_eq(back.address, in.address));
    assert_true(str_eq(back.user_agent, in.user_agent) && str_eq(back.message_id, in.message_id));
    assert_true(str_eq(back.json, in.json));
    buf_fini(&out);
}

static void damaged_records_are_refused(void **state)
{
    struct buf out = {0};
    struct event in = sample(), back;
    (void)state;
    event_encode(&out, &in);
    for (size_t n = 0; n < out.n; n++) assert_false(event_decode(str_of(out.p, n), &back));
    for (size_t i = 0; i < 40; i++) { /* any byte of the head, any value: no crash */
        for (int value = 0; value < 256; value++) {
            char keep = out.p[i];
            out.p[i] = (char)value;
            (void)event_decode(buf_str(&out), &back);
            out.p[i] = keep;
        }
    }
    buf_fini(&out);
}

static void marks_duplicates(void **state)
{
    struct buf out = {0};
    struct event in = sample(), back;
    (void)state;
    event_encode(&out, &in);
    event_mark_duplicate(out.p, 77, false);
    assert_true(event_decode(buf_str(&out), &back));
    assert_int_equal(back.flags, EVENT_FROM_BROWSER | EVENT_DUPLICATE);
    assert_int_equal(back.first_seq, 77);
    assert_true(str_eq(back.json, in.json));
    event_mark_duplicate(out.p, 78, true);
    assert_true(event_decode(buf_str(&out), &back));
    assert_int_equal(back.flags, EVENT_FROM_BROWSER | EVENT_DUPLICATE | EVENT_CHANGED);
    assert_int_equal(back.first_seq, 78);
    buf_fini(&out);
}

/* Journals of before have records with a shorter head. */
static void old_records_are_read(void **state)
{
    static const char record[] = "\x2c\0\0\0\1\1\1\0"
                                 "\1\0\0\0\0\0\0\0"
                                 "\0\0\0\0\0\0\0\0"
                                 "\4\0\0\0\0\0\3\0"
                                 "shopm-1{\"a\":";
    struct event e;
    (void)state;
    assert_true(event_decode(str_of(record, 44), &e));
    assert_int_equal(e.received_ms, 1);
    assert_int_equal(e.first_seq, 0);
    assert_int_equal(e.protocol, PROTOCOL_RUDDERSTACK);
    assert_true(str_eq(e.source, S("shop")) && str_eq(e.message_id, S("m-1")));
    assert_true(str_eq(e.json, S("{\"a\":")));
}

static void diag_shows_the_place(void **state)
{
    struct arena a = {0};
    struct diags d;
    struct buf out = {0};
    struct source_text file = {S("shop.yaml"), S("a: 1\n\tb\xC3\xA4r: x\r\nc: 3")};
    (void)state;
    diags_init(&d, &a);
    diag_add(&d, (struct loc){&file, 3, 4}, "later");
    diag_add(&d, (struct loc){0}, "nowhere");
    diag_add(&d, (struct loc){&file, 2, 7}, "wrong \"%s\"", "x");
    diags_print(&out, &d);
    check_str(buf_str(&out),
              "nowhere\nshop.yaml:2:7: wrong \"x\"\n    \tb\xC3\xA4r: x\n    \t    ^\n"
              "shop.yaml:3:4: later\n    c: 3\n       ^\n");
    buf_fini(&out);
    arena_fini(&a);
}

static void diags_are_bounded(void **state)
{
    struct arena a = {0};
    struct diags d;
    struct buf out = {0};
    (void)state;
    diags_init(&d, &a);
    for (int i = 0; i < LIMIT_PROBLEMS + 7; i++) diag_add(&d, (struct loc){0}, "p");
    assert_int_equal(d.count, LIMIT_PROBLEMS);
    diags_print(&out, &d);
    assert_true(str_ends(buf_str(&out), S("and 7 more problems\n")));
    buf_fini(&out);
    arena_fini(&a);
}

static void suggests_near_names(void **state)
{
    const struct str known[] = {S("access_token"), S("pixel_id"), S("em"), S("ph")};
    (void)state;
    check_str(diag_suggest(S("acces_token"), known, 4), "access_token");
    check_str(diag_suggest(S("pixelid"), known, 4), "pixel_id");
    assert_int_equal(diag_suggest(S("zebra"), known, 4).n, 0);
    assert_int_equal(diag_suggest(S("gear"), (struct str[]){S("data")}, 1).n,
                     0); /* three of four */
    check_str(diag_suggest(S("eml"), known, 4), "em");
}

/* Reads what fn wrote on stderr. */
static void captured(void (*fn)(void), char *text, size_t size)
{
    int pipe_fds[2], saved = dup(STDERR_FILENO);
    assert_int_equal(pipe(pipe_fds), 0);
    assert_true(dup2(pipe_fds[1], STDERR_FILENO) >= 0);
    fn();
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    ssize_t n = read(pipe_fds[0], text, size - 1);
    text[n > 0 ? n : 0] = '\0';
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    close(saved);
}

static void write_a_line(void)
{
    log_setup(LOG_JSON, LOG_INFO);
    log_plain(LOG_DEBUG, "test", "not shown");
    log_line(LOG_WARN, "test", "hello", LOG_Z("who", "a\"b"), LOG_NUM("n", -3));
}

static void log_lines_are_json(void **state)
{
    char text[512];
    (void)state;
    captured(write_a_line, text, sizeof text);
    assert_non_null(strstr(text, "\"level\":\"warn\",\"area\":\"test\",\"msg\":\"hello\","
                                 "\"who\":\"a\\\"b\",\"n\":-3}\n"));
    assert_null(strstr(text, "not shown"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique_and_found), cmocka_unit_test(outcome_follows_its_reason),
        cmocka_unit_test(record_round_trips),         cmocka_unit_test(damaged_records_are_refused),
        cmocka_unit_test(marks_duplicates),           cmocka_unit_test(old_records_are_read),
        cmocka_unit_test(diag_shows_the_place),       cmocka_unit_test(diags_are_bounded),
        cmocka_unit_test(suggests_near_names),        cmocka_unit_test(log_lines_are_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
