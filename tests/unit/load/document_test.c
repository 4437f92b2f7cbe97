/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration as JSON and back (load/document.c). */
#include "load/document.h"

#include "support/check.h"

/* yaml becomes json, and json becomes back; back becomes json again. */
static void becomes(const char *yaml, const char *json, const char *back)
{
    struct arena arena = {0};
    struct diags diags;
    struct yaml_file *file;
    struct err err;
    struct buf text = {0}, again = {0};
    diags_init(&diags, &arena);
    struct yaml_node *root = yaml_parse(S("t"), str_z(yaml), &arena, &diags, &file);
    assert_non_null(root);
    document_put_json(&text, root);
    check_str(buf_str(&text), json);
    yyjson_val *value = json_read(&arena, buf_str(&text), &err);
    assert_non_null(value);
    document_put_yaml(&again, value);
    check_str(buf_str(&again), back);
    root = yaml_parse(S("t"), buf_str(&again), &arena, &diags, &file);
    assert_non_null(root);
    buf_clear(&text);
    document_put_json(&text, root);
    check_str(buf_str(&text), json);
    assert_int_equal(diags.count, 0);
    buf_fini(&again);
    buf_fini(&text);
    arena_fini(&arena);
}

static void test_round_trip(void **state)
{
    (void)state;
    becomes("a: 1\n", "{\"a\":1}", "a: 1\n");
    becomes("pixel_id: 1234567890123456\n", "{\"pixel_id\":\"1234567890123456\"}",
            "pixel_id: \"1234567890123456\"\n");
    becomes(
        "a: \"x\"\nb: true\nc: 'true'\nd: ~\ne: 007\nf: -1.5\ng: 1.\n",
        "{\"a\":\"x\",\"b\":true,\"c\":\"true\",\"d\":null,\"e\":\"007\",\"f\":-1.5,\"g\":\"1.\"}",
        "a: x\nb: true\nc: \"true\"\nd: null\ne: \"007\"\nf: -1.5\ng: \"1.\"\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
