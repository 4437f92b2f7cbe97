/* SPDX-License-Identifier: Apache-2.0 */
/* map/targets.c and map/nested.c by cases: objects and lists that the configuration writes out, and the
 * fields of Meta's that are such. */
#include "support/mapping_case.h"

#include "core/limits.h"

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

/* Entries that the client sent, thousands of them. */
static void contents_are_bounded(void **state)
{
    (void)state;
    static struct mapping_world w;
    struct arena arena = {0};
    struct buf json = {0};
    struct err err;
    buf_put(&json, S("{\"type\":\"track\",\"event\":\"X\",\"userId\":\"u\",\"timestamp\":"
                     "\"2026-01-15T11:00:00Z\",\"properties\":{\"mine\":["));
    for (int i = 0; i < 3000; i++) buf_put(&json, i ? S(",{\"id\":1}") : S("{\"id\":1}"));
    buf_put(&json, S("]}}"));
    struct event e = {.json = buf_str(&json)};
    mapping_open(&w, S("actions: [{ name: A, trigger: event = \"X\", send: X,"
                       " custom_data: { contents: properties.mine } }]"));
    mapping_run(&w, &e, mapping_time(S(MAPPING_NOW)), NULL);
    assert_int_equal(w.result.send_count, 1);
    yyjson_val *event = json_read(&arena, mapping_json(&w, 0), &err);
    assert_int_equal(yyjson_arr_size(json_get(event, "custom_data.contents")), LIMIT_EACH_ITEMS);
    mapping_close(&w);
    arena_fini(&arena);
    buf_fini(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_shape),
        cmocka_unit_test(fields),
        cmocka_unit_test(contents_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
