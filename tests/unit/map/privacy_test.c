/* SPDX-License-Identifier: Apache-2.0 */
/* map/pii.c and map/redact.c by cases: what may leave and what is taken out. */
#include "support/mapping_case.h"

static void cases(void **state)
{
    (void)state;
    mapping_case_file("tests/cases/map/privacy.ndjson", S(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
