/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of events, by the case files of tests/cases/map: how map/plan.c, map/compile.c and
 * map/pii.c read rules, and what map/run.c, map/emit.c, map/user.c and map/custom.c make of them.
 * support/mapping_case.h says what a case looks like. */
#include "support/mapping_case.h"

static void standard_preset(void **state)
{
    (void)state;
    mapping_case_file("tests/cases/map/standard.ndjson", S(""));
}

static void rules(void **state)
{
    (void)state;
    mapping_case_file("tests/cases/map/rules.ndjson", S(""));
}

static void problems(void **state)
{
    (void)state;
    mapping_case_file("tests/cases/map/problems.ndjson", S(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules),
        cmocka_unit_test(standard_preset),
        cmocka_unit_test(problems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
