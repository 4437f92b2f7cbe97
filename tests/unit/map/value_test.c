/* SPDX-License-Identifier: Apache-2.0 */
/* map/value.c: what counts as null and empty, how lists of either kind are walked. */
#include "map/value.h"

#include "support/check.h"

/* X(json, is null, is empty, length, scalar text or NULL) */
static const struct {
    const char *json;
    bool null, empty;
    size_t length;
    const char *text;
} rows[] = {
    {"null", true, true, 0, NULL},           {"\"\"", false, true, 1, ""},
    {"\" \"", false, false, 1, " "},         {"0", false, false, 1, "0"},
    {"-1.50e3", false, false, 1, "-1.50e3"}, {"false", false, false, 1, "false"},
    {"true", false, false, 1, "true"},       {"[]", false, true, 0, NULL},
    {"[null,\"a\"]", false, false, 2, NULL}, {"{}", false, true, 1, NULL},
    {"{\"a\":1}", false, false, 1, NULL},
};

static void kinds(void **state)
{
    struct arena arena = {0};
    struct buf out = {0};
    struct err err;
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct value v = value_of(json_read(&arena, str_z(rows[i].json), &err));
        struct str text = {0};
        assert_int_equal(value_is_null(&v), rows[i].null);
        assert_int_equal(value_is_empty(&v), rows[i].empty);
        assert_int_equal(value_length(&v), rows[i].length);
        assert_int_equal(value_scalar_text(&v, &text), rows[i].text != NULL);
        if (rows[i].text) check_str(text, rows[i].text);
        buf_clear(&out);
        value_put_json(&out, &v);
        check_str(buf_str(&out), rows[i].json); /* numbers digit for digit */
    }
    struct value missing = value_of(NULL);
    struct str text;
    assert_int_equal(missing.kind, VALUE_MISSING);
    assert_true(value_is_null(&missing) && value_is_empty(&missing));
    assert_int_equal(value_length(&missing), 0);
    assert_false(value_scalar_text(&missing, &text));
    buf_fini(&out);
    arena_fini(&arena);
}

/* Walks v and by index; both must agree. */
static struct str walked(struct value v, struct buf *out)
{
    struct value_walk walk = value_walk(&v);
    size_t count = 0;
    buf_clear(out);
    for (struct value item; value_next(&walk, &item); count++) {
        struct value same = value_item(&v, count);
        assert_int_equal(item.kind, same.kind);
        assert_ptr_equal(item.node, same.node);
        value_put_json(out, &item);
        buf_putc(out, ';');
    }
    assert_int_equal(count, value_length(&v));
    assert_int_equal(value_item(&v, count).kind, VALUE_MISSING);
    return buf_str(out);
}

static void walks(void **state)
{
    struct arena arena = {0};
    struct buf out = {0};
    struct err err;
    (void)state;
    check_str(walked(value_of(json_read(&arena, S("[1,[2],{\"a\":3},null]"), &err)), &out),
              "1;[2];{\"a\":3};null;");
    check_str(walked(value_of(json_read(&arena, S("[]"), &err)), &out), "");
    check_str(walked(value_of(json_read(&arena, S("{\"a\":1}"), &err)), &out), "{\"a\":1};");
    check_str(walked(value_text(S("x")), &out), "\"x\";");
    check_str(walked(value_of(NULL), &out), "");
    struct value items[] = {value_bool(true), value_number(S("1.0")), value_text(S("a\"b"))};
    struct value list = {.kind = VALUE_LIST, .items = items, .count = countof(items)};
    check_str(walked(list, &out), "true;1.0;\"a\\\"b\";");
    assert_false(value_is_empty(&list));
    buf_clear(&out);
    value_put_json(&out, &list);
    check_str(buf_str(&out), "[true,1.0,\"a\\\"b\"]");
    list.count = 0;
    assert_true(value_is_empty(&list));
    check_str(walked(list, &out), "");
    buf_fini(&out);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kinds), cmocka_unit_test(walks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
