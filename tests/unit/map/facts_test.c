/* SPDX-License-Identifier: Apache-2.0 */
/* What lists show of an event, from each protocol (map/facts.c). Cases: tests/cases/map/facts.ndjson, a
 * line {"protocol":…,"event":{…},"facts":{…}}; facts that are not named are empty. */
#include "map/facts.h"

#include "support/check.h"
#include "support/ndjson.h"

static const struct str names[] = {
#define X(NAME, name, expression) S_INIT(name),
    FACTS(X)
#undef X
};

static struct facts *facts;
static struct run *run;

static void check_case(yyjson_val *one)
{
    struct buf json = {0};
    struct str found[FACT_COUNT];
    struct parsed_event parsed;
    json_put_val(&json, json_get(one, "event"));
    struct event event = {.json = buf_str(&json),
                          .protocol = protocol_find(test_case_str(one, "protocol"))};
    assert_true(event.protocol < PROTOCOL_COUNT);
    run_parse(run, &event, &parsed);
    facts_read(facts, &parsed, found);
    for (size_t i = 0; i < FACT_COUNT; i++) {
        struct str want = json_str(yyjson_obj_getn(json_get(one, "facts"), names[i].p, names[i].n));
        if (!str_eq(found[i], want)) {
            fail_msg("%.*s of %.*s: \"%.*s\", wanted \"%.*s\"", STR_ARG(names[i]),
                     STR_ARG(event.json), STR_ARG(found[i]), STR_ARG(want));
        }
    }
    buf_fini(&json);
}

static void test_protocols(void **state)
{
    (void)state;
    facts = facts_new();
    run = run_new();
    test_cases("tests/cases/map/facts.ndjson", check_case);
    run_free(run);
    facts_free(facts);
}

/* What is no event has no facts. */
static void test_no_event(void **state)
{
    struct facts *f = facts_new();
    struct run *r = run_new();
    struct event event = {.json = S("[1")};
    struct parsed_event parsed;
    struct str found[FACT_COUNT];
    (void)state;
    run_parse(r, &event, &parsed);
    facts_read(f, &parsed, found);
    for (size_t i = 0; i < FACT_COUNT; i++) assert_int_equal(found[i].n, 0);
    run_free(r);
    facts_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_protocols),
        cmocka_unit_test(test_no_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
