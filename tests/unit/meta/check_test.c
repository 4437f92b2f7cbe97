/* SPDX-License-Identifier: Apache-2.0 */
/* meta/check.c, as lines of tests/cases/meta/checks.ndjson. "age" is how many seconds ago the event
 * was; fields are "section.name"; a line without a reason is an event that Meta takes. */
#include "meta/check.h"

#include "core/limits.h"

#include "support/cases.h"

static const int64_t now_ms = 1795262400000; /* 2026-11-21T12:00Z */

static void note_field(struct meta_facts *facts, struct str path)
{
    size_t dot = path.n;
    while (dot && path.p[dot - 1] != '.') dot--;
    if (!dot) fail_msg("%.*s has no section", STR_ARG(path));
    struct str section = str_head(path, dot - 1), name = str_from(path, dot);
    for (enum meta_section s = META_EVENT; s < META_SECTION_COUNT; s++) {
        if (!str_eq(meta_section_name(s), section)) continue;
        const struct meta_field *field = meta_field_find(s, name);
        if (!field) fail_msg("there is no %.*s", STR_ARG(path));
        meta_facts_note(facts, meta_field_index(field));
        assert_true(meta_facts_has(facts, meta_field_index(field)));
    }
}

static bool run_case(yyjson_val *line)
{
    size_t i, count;
    yyjson_val *field;
    struct outcome o = {.state = STATE_WAITING};
    struct meta_facts facts = {
        .event_name = case_str(line, "event_name"),
        .has_time = yyjson_obj_get(line, "age") != NULL,
        .event_time_ms = now_ms - case_i64(line, "age", 0) * MS_PER_SECOND,
        .action_source = case_str(line, "action_source"),
        .messaging_channel = case_str(line, "channel"),
        .currency = case_str(line, "currency"),
        .has_value = yyjson_is_true(yyjson_obj_get(line, "value")),
    };
    yyjson_arr_foreach (yyjson_obj_get(line, "fields"), i, count, field)
        note_field(&facts, json_str(field));
    struct str reason = case_str(line, "reason"), path = case_str(line, "path");
    bool taken = meta_check(&facts, now_ms, &o);
    bool ok = taken == (reason.p == NULL);
    if (!taken)
        ok = ok && o.state == STATE_DEAD && str_eq(reason_name(o.reason), reason) &&
             str_eq(str_z(o.path), path) && o.message[strlen(o.message) - 1] == '.';
    else
        ok = ok && o.state == STATE_WAITING;
    if (!ok)
        print_error("got %d %.*s %s \"%s\"\n", taken, STR_ARG(reason_name(o.reason)), o.path,
                    o.message);
    return ok;
}

static void test_cases(void **state)
{
    (void)state;
    cases_run("tests/cases/meta/checks.ndjson", 40, run_case);
}

static void test_content_needs_an_id(void **state)
{
    (void)state;
    struct outcome o = {.state = STATE_WAITING};
    assert_true(meta_check_content(true, 3, &o));
    assert_int_equal(o.state, STATE_WAITING);
    assert_false(meta_check_content(false, 3, &o));
    assert_int_equal(o.reason, REASON_INVALID_CONTENTS);
    assert_string_equal(o.path, "custom_data.contents[3].id");
}

static void test_currencies(void **state)
{
    (void)state;
    static const char *const good[] = {"AED", "EUR", "USD", "JPY", "SLE",
                                       "VED", "ZWG", "ZWL", "XCG"};
    static const char *const bad[] = {"",
                                      "U",
                                      "US",
                                      "usd",
                                      "USDX",
                                      "ZZZ",
                                      "AAA",
                                      "XTS",
                                      "BTC",
                                      "EDA",
                                      "\xC3\xA4"
                                      "a"};
    for (size_t i = 0; i < countof(good); i++) assert_true(meta_is_currency(str_z(good[i])));
    for (size_t i = 0; i < countof(bad); i++) assert_false(meta_is_currency(str_z(bad[i])));
}

/* The packed list is searched by halves, so each code must be found at its place. */
static void test_currency_list_is_sorted(void **state)
{
    (void)state;
    size_t count = 0;
    for (char a = 'A'; a <= 'Z'; a++)
        for (char b = 'A'; b <= 'Z'; b++)
            for (char c = 'A'; c <= 'Z'; c++) {
                char code[3] = {a, b, c};
                count += meta_is_currency(str_of(code, 3));
            }
    assert_int_equal(count, 182);
}

static void test_standard_events(void **state)
{
    (void)state;
    assert_int_equal(meta_standard_event_count, 18);
    assert_true(meta_is_standard_event(S("Purchase")));
    assert_true(meta_is_standard_event(S("PageView")));
    assert_false(meta_is_standard_event(S("purchase")));
    assert_false(meta_is_standard_event(S("")));
}

static void test_ages(void **state)
{
    (void)state;
    assert_int_equal(meta_max_age_ms(S("website")), 7 * MS_PER_DAY);
    assert_int_equal(meta_max_age_ms(S("physical_store")), 62 * MS_PER_DAY);
    assert_int_equal(meta_max_age_ms(S("")), 7 * MS_PER_DAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),           cmocka_unit_test(test_content_needs_an_id),
        cmocka_unit_test(test_currencies),      cmocka_unit_test(test_currency_list_is_sorted),
        cmocka_unit_test(test_standard_events), cmocka_unit_test(test_ages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
