/* SPDX-License-Identifier: Apache-2.0 */
/* When alerts are raised and cleared (alert/rules.c), in simulated time. */
#include "support/check.h"

#include "alert/rules.h"

#include <stdio.h>

#define MINUTE ((int64_t)MS_PER_MINUTE)

/* A shop with one source and one destination, and what was said of it. */
struct world {
    struct rules *rules;
    struct alerts_conf conf;
    struct alert_facts facts;
    struct alert_source source;
    struct alert_destination destination;
    char said[512];
};

static void note(void *ctx, const struct alert *alert)
{
    struct world *w = ctx;
    size_t n = strlen(w->said);
    (void)snprintf(w->said + n, sizeof w->said - n, "%s%c%.*s(%s)", n ? " " : "",
                   alert->raised ? '+' : '-', STR_ARG(alert_rule_name(alert->rule)),
                   alert->subject);
}

static void begin(struct world *w)
{
    *w = (struct world){
        .rules = rules_new(),
        .conf = {.source_silent_ms = 30 * MINUTE,
                 .backlog_ms = 60 * MINUTE,
                 .paused_ms = MINUTE,
                 .test_code_ms = 120 * MINUTE,
                 .journal_ms = 10 * MS_PER_SECOND,
                 .errors = 20,
                 .at_risk = 1,
                 .dead_letters = 100,
                 .disk_free = 1000,
                 .clear_after_ms = 2 * MINUTE},
        .facts = {.now_ms = 1000000 * MINUTE,
                  .source_count = 1,
                  .destination_count = 1,
                  .disk_free = 5000},
        .source = {S("web"), 0},
        .destination = {.name = S("acme"), .pause_reason = S("a bad token")},
    };
}

static void end(struct world *w)
{
    rules_free(w->rules);
}

/* What changes until so much later, looked at every two seconds. */
static const char *after(struct world *w, int64_t ms)
{
    w->said[0] = '\0';
    w->facts.sources = &w->source;
    w->facts.destinations = &w->destination;
    for (int64_t t = 0; t < ms; t += 2000) {
        w->facts.now_ms += 2000;
        rules_judge(w->rules, &w->conf, &w->facts, note, w);
    }
    return w->said;
}

static size_t raised(struct world *w)
{
    size_t count = 0;
    w->said[0] = '\0';
    rules_each(w->rules, note, w);
    for (const char *p = w->said; *p; p++) count += *p == '+';
    return count;
}

#define says(w, ms, words) assert_string_equal(after((w), (ms)), (words))

static void nothing_is_wrong(void **state)
{
    struct world w;
    (void)state;
    begin(&w);
    says(&w, 600 * MINUTE, "");
    assert_int_equal(raised(&w), 0);
    end(&w);
}

/* Once each, and what comes and goes is neither. */
static void with_patience(void **state)
{
    struct world w;
    (void)state;
    begin(&w);
    w.destination.paused = true;
    says(&w, MINUTE - 4000, "");
    w.destination.paused = false;
    says(&w, 2000, "");
    w.destination.paused = true;
    says(&w, MINUTE, "");
    says(&w, 4000, "+paused(acme)");
    says(&w, 60 * MINUTE, "");
    assert_int_equal(raised(&w), 1);
    w.destination.paused = false;
    says(&w, 2 * MINUTE - 4000, "");
    w.destination.paused = true;
    says(&w, 10 * MINUTE, "");
    w.destination.paused = false;
    says(&w, 2 * MINUTE + 4000, "-paused(acme)");
    says(&w, 60 * MINUTE, "");
    assert_int_equal(raised(&w), 0);
    end(&w);
}

static void a_silent_source(void **state)
{
    struct world w;
    (void)state;
    begin(&w);
    says(&w, 100 * MINUTE, ""); /* it never sent anything */
    w.source.events = 5;
    says(&w, 29 * MINUTE, "");
    w.source.events = 6;
    says(&w, 30 * MINUTE, "");
    says(&w, 4000, "+source_silent(web)");
    w.source.events = 7;
    says(&w, 3 * MINUTE, "-source_silent(web)");
    w.conf.source_silent_ms = 0;
    says(&w, 300 * MINUTE, "");
    end(&w);
}

static void deaths(void **state)
{
    struct world w;
    (void)state;
    begin(&w);
    w.destination.dead = 5000; /* of former days */
    w.destination.delivered = 5000;
    says(&w, 20 * MINUTE, "");
    w.destination.dead += 19;
    says(&w, 4000, ""); /* too few to say anything */
    w.destination.dead += 1;
    says(&w, 4000, "+errors(acme)");
    w.destination.dead += 80;
    says(&w, 4000, "+dead_letters(acme)");
    w.destination.delivered += 10000; /* now they are few of many */
    says(&w, 3 * MINUTE, "-errors(acme)");
    says(&w, 15 * MINUTE, "-dead_letters(acme)");
    w.destination.dead -= 300; /* they are tried again */
    says(&w, 30 * MINUTE, "");
    end(&w);
}

static void what_waits(void **state)
{
    struct world w;
    (void)state;
    begin(&w);
    w.destination.oldest_waiting_ms = w.facts.now_ms;
    says(&w, 60 * MINUTE - 2000, "");
    says(&w, 4000, "+backlog(acme)");
    w.destination.at_risk = 3;
    says(&w, 2000, "+at_risk(acme)");
    w.destination.oldest_waiting_ms = 0;
    w.destination.at_risk = 0;
    says(&w, 3 * MINUTE, "-backlog(acme) -at_risk(acme)");
    w.destination.test_code = true;
    says(&w, 120 * MINUTE, "");
    says(&w, 4000, "+test_code(acme)");
    end(&w);
}

static void the_daemon(void **state)
{
    struct world w;
    (void)state;
    begin(&w);
    w.facts.disk_free = 999;
    w.facts.journal_failing = true;
    says(&w, 8000, "+disk_free()");
    says(&w, 8000, "+journal()");
    w.facts.disk_free = 1000;
    w.facts.journal_failing = false;
    says(&w, 3 * MINUTE, "-disk_free() -journal()");
    w.conf.disk_free = 0;
    w.conf.journal_ms = 0;
    w.facts.disk_free = 0;
    w.facts.journal_failing = true;
    says(&w, 3 * MINUTE, "");
    end(&w);
}

/* A destination that was taken out of the configuration is no trouble any more. */
static void what_is_gone(void **state)
{
    struct world w;
    (void)state;
    begin(&w);
    w.destination.paused = true;
    says(&w, 2 * MINUTE, "+paused(acme)");
    w.facts.destination_count = 0;
    says(&w, 3 * MINUTE, "-paused(acme)");
    w.facts.destination_count = 1;
    says(&w, 2 * MINUTE, "+paused(acme)");
    w.conf.paused_ms = 0; /* switched off */
    says(&w, 3 * MINUTE, "-paused(acme)");
    end(&w);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_wrong), cmocka_unit_test(with_patience),
        cmocka_unit_test(a_silent_source),  cmocka_unit_test(deaths),
        cmocka_unit_test(what_waits),       cmocka_unit_test(the_daemon),
        cmocka_unit_test(what_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
