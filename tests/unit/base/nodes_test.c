/* SPDX-License-Identifier: Apache-2.0 */
/* base/nodes.c: what it promises beyond the same tree as the parser's, which outline_test.c holds it to with
 * texts by hand, the cases, and both broken at random (support/outline.h). */
#include "base/nodes.h"

#include "base/json.h"
#include "base/mem.h"

#include "support/check.h"

static struct arena arena;

static bool reads(struct str text, struct nodes *out)
{
    arena_reset(&arena);
    return nodes_read(&arena, text, out);
}

static void points_into_the_text(void **state)
{
    struct str text = S("{\"a\":[\"text\",-1.50],\"b\":true}");
    struct nodes nodes;
    (void)state;
    assert_true(reads(text, &nodes));
    yyjson_val *list = yyjson_obj_get(nodes.root, "a");
    assert_ptr_equal(json_str(yyjson_arr_get(list, 0)).p, text.p + 7);
    assert_ptr_equal(json_str(yyjson_arr_get(list, 1)).p, text.p + 13);
    check_str(json_str(yyjson_arr_get(list, 1)), "-1.50");
    assert_true(yyjson_is_true(yyjson_obj_get(nodes.root, "b")));
    assert_int_equal(nodes.height, 2);
}

static void leaves_escapes_to_the_parser(void **state)
{
    static const char *const texts[] = {"\"\\n\"", "{\"\\u0061\":1}",
                                        "[\"a long text, and then \\/\"]"};
    struct nodes nodes = {.height = 7};
    struct err err;
    (void)state;
    for (size_t i = 0; i < countof(texts); i++) {
        assert_false(reads(str_z(texts[i]), &nodes));
        assert_non_null(json_read(&arena, str_z(texts[i]), &err));
    }
    assert_int_equal(nodes.height, 7);
}

static void counts_how_deep_it_is(void **state)
{
    static const struct {
        const char *text;
        unsigned height;
    } rows[] = {{"1", 0},           {"[]", 1},      {"{\"a\":1}", 1},
                {"[[],[[]],1]", 3}, {"[{},{}]", 2}, {"{\"a\":{\"b\":[]},\"c\":{}}", 3}};
    struct nodes nodes;
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        assert_true(reads(str_z(rows[i].text), &nodes));
        assert_int_equal(nodes.height, rows[i].height);
    }
}

/* More values than the text's length lets expect, and deeper than any stack. */
static void takes_any_number_and_depth(void **state)
{
    enum { MANY = 100000 };
    struct buf text = {0};
    struct nodes nodes;
    (void)state;
    for (size_t i = 0; i < MANY; i++) buf_putc(&text, '[');
    assert_false(reads(buf_str(&text), &nodes));
    for (size_t i = 0; i < MANY; i++) buf_putc(&text, ']');
    assert_true(reads(buf_str(&text), &nodes));
    assert_int_equal(nodes.height, MANY);
    buf_clear(&text);
    buf_put(&text, S("{\"list\":[0"));
    for (size_t i = 1; i < MANY; i++) buf_put(&text, S(",0"));
    buf_put(&text, S("],\"behind\":1}"));
    assert_true(reads(buf_str(&text), &nodes));
    assert_int_equal(yyjson_arr_size(yyjson_obj_get(nodes.root, "list")), MANY);
    check_str(json_str(yyjson_obj_get(nodes.root, "behind")), "1");
    buf_fini(&text);
}

/* Names and texts around the lengths that are taken in one step, with room behind them and without. */
static void finds_the_end_at_every_length(void **state)
{
    static const char *const behind[] = {
        "}", ",\"z\":\"something that is long enough to go on after it\"}"};
    struct buf text = {0};
    struct nodes nodes;
    (void)state;
    for (size_t i = 0; i < (size_t)2 * 70 * 70; i++) {
        size_t name = i / 2 % 70, value = i / 140;
        buf_clear(&text);
        buf_put(&text, S("{\"x\":1,\""));
        for (size_t k = 0; k < name; k++) buf_putc(&text, 'n');
        buf_put(&text, S("\":\""));
        for (size_t k = 0; k < value; k++) buf_put(&text, k == 5 ? S("\xC3\xA9") : S("v"));
        buf_putc(&text, '"');
        buf_put(&text, str_z(behind[i % 2]));
        char *own = mem_grow(NULL, text.n); /* of just its size: reading beyond it is found */
        memcpy(own, text.p, text.n);
        assert_true(reads(str_of(own, text.n), &nodes));
        yyjson_val *key = unsafe_yyjson_get_first(nodes.root) + 2;
        assert_int_equal(yyjson_get_len(key), name);
        assert_int_equal(yyjson_get_len(key + 1), value + (value > 5));
        mem_free(own);
    }
    buf_fini(&text);
}

static int fini(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_into_the_text),
        cmocka_unit_test(leaves_escapes_to_the_parser),
        cmocka_unit_test(counts_how_deep_it_is),
        cmocka_unit_test(takes_any_number_and_depth),
        cmocka_unit_test(finds_the_end_at_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, fini);
}
