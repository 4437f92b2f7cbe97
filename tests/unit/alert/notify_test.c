/* SPDX-License-Identifier: Apache-2.0 */
/* How an alert is told (alert/notify.c): the JSON, and a command that takes it or does not. The webhook, its
 * signature and the thread of alert/alerts.c are tested through the whole daemon, in
 * tests/integration/guards.test.mjs. */
#include "support/check.h"

#include "alert/notify.h"

static const struct alert paused = {.rule = ALERT_PAUSED,
                                    .subject = "acme",
                                    .raised = true,
                                    .changed_ms = INT64_C(1795284245000),
                                    .message = "it is paused: \"why\""};

static void the_body(void **state)
{
    struct buf body = {0};
    (void)state;
    notify_body(&body, &paused, S("raised"));
    check_str(buf_str(&body),
              "{\"alert\":\"paused\",\"subject\":\"acme\",\"state\":\"raised\",\"message\":\"it is "
              "paused: \\\"why\\\"\",\"time\":\"2026-11-21T18:04:05.000Z\",\"text\":\"pixeld: "
              "paused of acme raised: it is paused: \\\"why\\\"\"}");
    buf_fini(&body);
}

static struct alerts_conf conf_of(struct text *words, size_t count)
{
    return (struct alerts_conf){.command = {words, count, true}};
}

/* The alert is the argument behind those of the configuration. */
static void a_command(void **state)
{
    struct text takes[] = {{S("/bin/sh"), {0}},
                           {S("-c"), {0}},
                           {S("test \"$0\" = ops && test \"$1\" = '{\"a\":1}'"), {0}},
                           {S("ops"), {0}}};
    struct text fails[] = {
        {S("/bin/sh"), {0}}, {S("-c"), {0}}, {S("echo no such room; exit 3"), {0}}};
    struct text absent[] = {{S("/nowhere/at/all"), {0}}};
    struct alerts_conf conf = conf_of(takes, countof(takes));
    struct err err = {0};
    (void)state;
    assert_int_equal(notify_ways(&conf), NOTIFY_COMMAND);
    assert_int_equal(notify_send(&conf, NOTIFY_COMMAND, S("{\"a\":1}"), &err), 0);
    assert_int_equal(notify_send(&conf, NOTIFY_COMMAND, S("{\"a\":2}"), &err), NOTIFY_COMMAND);
    /* What is not configured any more is not tried. */
    assert_int_equal(notify_send(&conf, NOTIFY_WEBHOOK, S("{}"), &err), 0);
    conf = conf_of(fails, countof(fails));
    assert_int_equal(notify_send(&conf, NOTIFY_COMMAND, S("{}"), &err), NOTIFY_COMMAND);
    assert_string_equal(err.text, "the command ended with 3: no such room");
    conf = conf_of(absent, countof(absent));
    assert_int_equal(notify_send(&conf, NOTIFY_COMMAND, S("{}"), &err), NOTIFY_COMMAND);
    assert_non_null(strstr(err.text, "cannot run /nowhere/at/all"));
    conf = conf_of(NULL, 0);
    assert_int_equal(notify_ways(&conf), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_body),
        cmocka_unit_test(a_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
