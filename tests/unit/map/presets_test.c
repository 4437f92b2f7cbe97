/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded presets, one test each: it compiles, and does what tests/cases/presets/NAME.ndjson
 * says. The destinations of the cases use it when they name none. support/mapping_case.h says what a
 * case looks like. */
#include "support/mapping_case.h"

enum { PRESETS_MAX = 32 };

static void compiles(struct str name)
{
    static struct mapping_world w;
    struct arena arena = {0};
    mapping_open(&w, arena_printf(&arena, "preset: %.*s", STR_ARG(name)));
    if (!w.plan) mapping_print_problems(&w);
    assert_non_null(w.plan);
    mapping_close(&w);
    arena_fini(&arena);
}

static void does_what_its_cases_say(void **state)
{
    const struct preset *preset = *state;
    char path[256] = "tests/cases/map/standard.ndjson";
    compiles(preset->name);
    if (!str_eq(preset->name, S("standard"))) {
        (void)snprintf(path, sizeof path, "tests/cases/presets/%.*s.ndjson", STR_ARG(preset->name));
    }
    mapping_case_file(path, preset->name);
}

int main(void)
{
    static struct CMUnitTest tests[PRESETS_MAX];
    if (preset_count > PRESETS_MAX) return 1;
    for (size_t i = 0; i < preset_count; i++) {
        tests[i].name = presets[i].name.p;
        tests[i].test_func = does_what_its_cases_say;
        tests[i].initial_state = (void *)(uintptr_t)&presets[i];
    }
    return _cmocka_run_group_tests("presets", tests, preset_count, NULL, NULL);
}
