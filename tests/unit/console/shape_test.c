/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of JSON and their schemas (console/shape.c), and the description made of them (console/openapi.c). */
#include "base/json.h"
#include "console/console.h"
#include "console/shape.h"

#include "support/check.h"

static void means(const char *shape, const char *schema)
{
    struct buf out = {0};
    shape_put_schema(&out, shape);
    buf_putc(&out, '\0');
    assert_string_equal(out.p, schema);
    buf_fini(&out);
}

static void test_types(void **state)
{
    (void)state;
    means("string", "{\"type\":\"string\"}");
    means("any", "{}");
    means("Letter", "{\"$ref\":\"#/components/schemas/Letter\"}");
    means("[integer]", "{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}");
    means("map of number", "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"number\"}}");
    means("string or null", "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}");
}

static void test_objects(void **state)
{
    (void)state;
    means("{}", "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{},"
                "\"required\":[]}");
    means("{a: string, b?: [{c: Name}]}",
          "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"a\":{\"type\":"
          "\"string\"},\"b\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
          "\"additionalProperties\":false,\"properties\":{\"c\":{\"$ref\":"
          "\"#/components/schemas/Name\"}},\"required\":[\"c\"]}}},\"required\":[\"a\"]}");
}

static void put_key(void *ctx, const struct shape_key *key)
{
    buf_printf(ctx, "%.*s%s=%.*s;", STR_ARG(key->name), key->optional ? "?" : "",
               STR_ARG(key->shape));
}

static void test_keys(void **state)
{
    struct buf out = {0};
    (void)state;
    shape_each_key("{from?: integer, list: [string], one: {a: any}}", put_key, &out);
    buf_putc(&out, '\0');
    assert_string_equal(out.p, "from?=integer;list=[string];one={a: any};");
    buf_fini(&out);
}

/* The description of the whole table is JSON, has every row, and no reference leads nowhere. */
static void test_description(void **state)
{
    struct arena arena = {0};
    struct err err;
    struct buf out = {0};
    (void)state;
    console_openapi(&out);
    yyjson_val *root = json_read(&arena, buf_str(&out), &err);
    assert_non_null(root);
    yyjson_val *paths = json_get(root, "paths"), *schemas = json_get(root, "components.schemas");
    assert_non_null(yyjson_obj_get(yyjson_obj_get(paths, "/api/v1/dead/retry"), "post"));
    struct str ref = S("#/components/schemas/"), text = buf_str(&out);
    size_t found = 0;
    for (size_t at = 0; (at = str_find(text, ref, at)) != SIZE_MAX; found++) {
        at += ref.n;
        size_t end = str_find_char(text, '"', at);
        assert_non_null(yyjson_obj_getn(schemas, text.p + at, end - at));
    }
    assert_true(found > 5);
    arena_fini(&arena);
    buf_fini(&out);
}

/* Parameters become the stars that the server's router knows. */
static void test_routes(void **state)
{
    struct arena arena = {0};
    struct http_route *routes;
    size_t count, stars = 0;
    (void)state;
    console_routes(&arena, &routes, &count);
    for (size_t i = 0; i < count; i++) {
        assert_null(strchr(routes[i].path, '{'));
        stars += !strcmp(routes[i].path, "/api/v1/dead/*");
    }
    assert_int_equal(stars, 1);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),  cmocka_unit_test(test_objects),
        cmocka_unit_test(test_keys),   cmocka_unit_test(test_description),
        cmocka_unit_test(test_routes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
