/* SPDX-License-Identifier: Apache-2.0 */
/* import/fql.c by cases: the trigger, and the remarks on what Segment's evaluator read otherwise. */
#include "import/fql.h"

#include "support/cases.h"

static bool has_remarks(const struct directives *d, yyjson_val *want)
{
    if (d->remark_count != yyjson_arr_size(want)) return false;
    for (size_t i = 0; i < d->remark_count; i++) {
        struct str part = json_str(yyjson_arr_get(want, i));
        if (str_find(d->remarks[i], part, 0) == SIZE_MAX) return false;
    }
    return true;
}

static bool run_case(yyjson_val *c)
{
    struct arena arena = {0};
    struct directives d;
    struct str fql = case_str(c, "fql"), refused = case_str(c, "refused"), got = {0};
    struct str want = json_get(c, "trigger") ? case_str(c, "trigger") : fql;
    directives_init(&d, &arena);
    bool taken = fql_translate(&d, fql, &got);
    bool ok = refused.p ? !taken && str_find(d.why, refused, 0) != SIZE_MAX
                        : taken && str_eq(got, want) && has_remarks(&d, json_get(c, "remarks"));
    if (!ok) {
        print_error("%.*s\ngives %.*s%.*s\n", STR_ARG(fql), STR_ARG(got), STR_ARG(d.why));
        for (size_t i = 0; i < d.remark_count && i < DIRECTIVE_REMARKS; i++)
            print_error("  remark: %.*s\n", STR_ARG(d.remarks[i]));
    }
    arena_fini(&arena);
    return ok;
}

static void cases(void **state)
{
    (void)state;
    cases_run("tests/cases/import/triggers.ndjson", 25, run_case);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
