/* SPDX-License-Identifier: Apache-2.0 */
/* map/written.c by cases: objects and lists that the configuration writes out. */
#include "support/mapping_case.h"

static void cases(void **state)
{
    (void)state;
    mapping_case_file("tests/cases/map/written.ndjson", S(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
