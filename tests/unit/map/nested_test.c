/* SPDX-License-Identifier: Apache-2.0 */
/* map/targets.c and map/nested.c by cases: objects and lists that the configuration writes out, and the
 * fields of Meta's that are such. */
#include "support/mapping_case.h"

static void any_shape(void **state)
{
    (void)state;
    mapping_case_file("tests/cases/map/written.ndjson", S(""));
}

static void fields(void **state)
{
    (void)state;
    mapping_case_file("tests/cases/map/fields.ndjson", S(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_shape),
        cmocka_unit_test(fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
