/* SPDX-License-Identifier: Apache-2.0 */
/* The list of faults: what it takes, when each is due, and how it is used up. Of sandbox/faults.c. */
#include "sandbox/faults.h"
#include "support/cases.h"

static struct arena arena;
static struct faults faults;

static int drop_arena(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

static bool add(const char *json, struct err *err)
{
    yyjson_val *spec = json_read(&arena, str_z(json), err);
    assert_non_null(spec);
    return faults_add(&faults, spec, err);
}

static void add_well(const char *json)
{
    struct err err = {.kind = ERR_NONE};
    if (!add(json, &err)) fail_msg("%s: %s", json, err.text);
}

/* The plan for a batch of one event. */
static struct fault_plan plan_for(const char *pixel, const char *event)
{
    struct err err;
    struct fault_plan plan;
    yyjson_val *events[1] = {json_read(&arena, str_z(event), &err)};
    const struct batch batch = {.events = events, .count = events[0] ? 1 : 0};
    faults_plan(&faults, str_z(pixel), &batch, &plan);
    return plan;
}

static struct fault_plan plan(void)
{
    return plan_for("1", "{\"event_name\":\"a\",\"event_id\":\"x\"}");
}

static void test_refused(void **state)
{
    static const struct {
        const char *json, *words;
    } bad[] = {
        {"7", "a fault is a JSON object"},
        {"{}", "\"kind\""},
        {"{\"kind\":\"explode\"}", "\"kind\""},
        {"{\"kind\":\"status\",\"status\":200}", "from 300 to 599"},
        {"{\"kind\":\"status\",\"status\":\"500\"}", "\"status\" must be an integer"},
        {"{\"kind\":\"status\",\"statsu\":500}", "unknown key \"statsu\""},
        {"{\"kind\":\"slow\",\"ms\":-1}", "\"ms\""},
        {"{\"kind\":\"slow\",\"ms\":600001}", "\"ms\""},
        {"{\"kind\":\"reset\",\"count\":0}", "\"count\""},
        {"{\"kind\":\"reset\",\"count\":1.5}", "\"count\""},
        {"{\"kind\":\"reset\",\"probability\":1.1}", "\"probability\""},
        {"{\"kind\":\"reset\",\"probability\":-0.1}", "\"probability\""},
        {"{\"kind\":\"reset\",\"probability\":\"often\"}", "\"probability\""},
        {"{\"kind\":\"reset\",\"pixel\":\"\"}", "\"pixel\""},
        {"{\"kind\":\"reset\",\"event\":[]}", "\"event\""},
        {"{\"kind\":\"usage\",\"percent\":101}", "\"percent\""},
        {"[{\"kind\":\"reset\"},{\"kind\":\"x\"}]", "fault 1:"},
    };
    (void)state;
    for (size_t i = 0; i < countof(bad); i++) {
        struct err err;
        assert_false(add(bad[i].json, &err));
        check_err(err, bad[i].words);
    }
    assert_int_equal(faults.count, 0);
}

static void test_count(void **state)
{
    (void)state;
    add_well("{\"kind\":\"status\",\"status\":503,\"count\":2,\"retry_after\":9}");
    for (int i = 0; i < 2; i++) {
        struct fault_plan p = plan();
        assert_true(p.has_decision);
        assert_int_equal(p.decision.status, 503);
        assert_int_equal(p.decision.retry_after_s, 9);
    }
    assert_false(plan().has_decision);
    assert_int_equal(faults.count, 0);
    add_well("{\"kind\":\"reset\"}");
    for (int i = 0; i < 100; i++) assert_true(plan().has_decision);
    faults_clear(&faults);
    assert_false(plan().has_decision);
}

static void test_order(void **state)
{
    (void)state;
    add_well("[{\"kind\":\"slow\",\"ms\":10},{\"kind\":\"usage\",\"percent\":95,\"minutes\":3},"
             "{\"kind\":\"slow\",\"ms\":5,\"count\":1},{\"kind\":\"error\",\"code\":4,\"count\":1},"
             "{\"kind\":\"slow\",\"ms\":100,\"count\":1},{\"kind\":\"garbage\",\"count\":1}]");
    struct fault_plan p = plan();
    assert_int_equal(p.decision.kind, FAULT_ERROR);
    assert_int_equal(p.decision.code, 4);
    assert_int_equal(p.delay_ms, 15);
    assert_int_equal(p.usage_percent, 95);
    assert_int_equal(p.usage_minutes, 3);
    p = plan(); /* what stands behind the decision is not used up by it */
    assert_int_equal(p.decision.kind, FAULT_GARBAGE);
    assert_int_equal(p.delay_ms, 110);
    p = plan();
    assert_false(p.has_decision);
    assert_int_equal(p.delay_ms, 10);
    faults_clear(&faults);
    assert_int_equal(plan().usage_percent, -1);
}

static void test_conditions(void **state)
{
    (void)state;
    add_well("{\"kind\":\"reset\",\"pixel\":\"2\"}");
    assert_false(plan().has_decision);
    assert_true(plan_for("2", "{}").has_decision);
    assert_false(plan_for("22", "{}").has_decision);
    faults_clear(&faults);
    add_well("{\"kind\":\"reset\",\"event\":\"x\"}");
    assert_true(plan().has_decision);
    assert_true(plan_for("1", "{\"event_name\":\"x\"}").has_decision);
    assert_false(plan_for("1", "{\"event_name\":\"y\",\"event_id\":\"xx\"}").has_decision);
    assert_false(plan_for("1", "[]").has_decision);
    assert_false(plan_for("1", "not JSON").has_decision);
    faults_clear(&faults);
}

static void test_probability(void **state)
{
    int hits = 0;
    (void)state;
    add_well("{\"kind\":\"reset\",\"probability\":0}");
    for (int i = 0; i < 100; i++) assert_false(plan().has_decision);
    faults_clear(&faults);
    add_well("{\"kind\":\"reset\",\"probability\":0.25}");
    for (int i = 0; i < 4000; i++) hits += plan().has_decision;
    assert_in_range(hits, 800, 1200); /* seven standard deviations */
    faults_clear(&faults);
}

static void test_full(void **state)
{
    struct err err;
    (void)state;
    for (int i = 0; i < LIMIT_SANDBOX_FAULTS; i++) add_well("{\"kind\":\"slow\",\"ms\":600000}");
    assert_false(add("{\"kind\":\"reset\"}", &err));
    assert_false(add("[{\"kind\":\"reset\"}]", &err));
    add_well("[]");
    assert_int_equal(plan().delay_ms, LIMIT_SANDBOX_DELAY_MS);
    faults_clear(&faults);
}

/* What is printed can be read again, but for what only the server knows. */
static void test_print(void **state)
{
    struct buf out = {0};
    struct err err;
    (void)state;
    add_well("{\"kind\":\"error\",\"code\":190,\"subcode\":463,\"count\":3,\"pixel\":\"5\","
             "\"event\":\"a\\\"b\",\"probability\":0.5,\"status\":418}");
    faults_print(&faults, &out);
    yyjson_val *root = json_read(&arena, buf_str(&out), &err);
    assert_non_null(root);
    check_str(buf_str(&out), "{\"faults\":[{\"kind\":\"error\",\"status\":418,\"code\":190,"
                             "\"subcode\":463,\"pixel\":\"5\",\"event\":\"a\\\"b\","
                             "\"probability\":0.5,\"left\":3,\"applied\":0}]}");
    faults_clear(&faults);
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),     cmocka_unit_test(test_count),
        cmocka_unit_test(test_order),       cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_probability), cmocka_unit_test(test_full),
        cmocka_unit_test(test_print),
    };
    return cmocka_run_group_tests(tests, NULL, drop_arena);
}
