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
    static struct nodes_secret secret;
    uint64_t seed = 3;
    for (size_t i = 0; i < countof(secret.pairs); i++)
        secret.pairs[i] = (struct nodes_pair){check_random(&seed), check_random(&seed)};
    return nodes_read(&arena, text, &secret, out);
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

/* --- shapes ------------------------------------------------------------------------------------- */

static const char *const names[] = {
    "",
    "a",
    "aa",
    "b",
    "aaaaaaa",
    "aaaaaaaa",
    "aaaaaaaaa",
    "aaaaaaaaaaaaaaaa",
    "aaaaaaaaaaaaaaaaa",
    "aaaaaaaaaaaaaaaab",
    "baaaaaaaaaaaaaaaa",
    "a name of just 32 characters, so",
};

static void put_any(struct buf *text, uint64_t *seed, unsigned depth)
{
    uint64_t kind = check_random(seed) % (depth ? 6 : 4);
    if (kind < 4) {
        static const char *const scalars[] = {"1", "\"text\"", "true", "\"\xC3\xBC\""};
        buf_put(text, str_z(scalars[kind]));
        return;
    }
    buf_putc(text, kind == 4 ? '{' : '[');
    for (uint64_t n = check_random(seed) % 3; n; n--) {
        if (kind == 4) json_key(text, str_z(names[check_random(seed) % countof(names)]));
        if (kind == 5) json_comma(text);
        if (!(check_random(seed) % 9)) buf_putc(text, ' ');
        put_any(text, seed, depth - 1);
    }
    buf_putc(text, kind == 4 ? '}' : ']');
}

/* The text with all scalars alike. */
static void put_bare(struct buf *to, yyjson_val *v)
{
    size_t i, count;
    yyjson_val *key, *item;
    if (yyjson_is_obj(v)) {
        buf_putc(to, '{');
        yyjson_obj_foreach (v, i, count, key, item) {
            json_key(to, json_str(key));
            put_bare(to, item);
        }
        buf_putc(to, '}');
    } else if (yyjson_is_arr(v)) {
        buf_putc(to, '[');
        yyjson_arr_foreach (v, i, count, item) {
            json_comma(to);
            put_bare(to, item);
        }
        buf_putc(to, ']');
    } else {
        buf_putc(to, '0');
    }
}

static void shapes_differ_as_texts_without_values(void **state)
{
    enum { TEXTS = 600 };
    static struct nodes_shape shapes[TEXTS];
    static struct buf bare[TEXTS];
    struct buf text = {0};
    uint64_t seed = 4;
    size_t alike = 0;
    (void)state;
    for (size_t i = 0; i < TEXTS; i++) {
        struct nodes nodes;
        buf_clear(&text);
        buf_put(&text, S("{\"messageId\":1,\"a\":"));
        put_any(&text, &seed, 3);
        buf_put(&text, S(",\"b\":"));
        put_any(&text, &seed, 2);
        buf_putc(&text, '}');
        assert_true(reads(buf_str(&text), &nodes));
        put_bare(&bare[i], nodes.root);
        shapes[i] = nodes.shape;
        assert_true(shapes[i].count);
        for (size_t k = 0; k < i; k++) {
            bool same = str_eq(buf_str(&bare[i]), buf_str(&bare[k]));
            assert_int_equal(memcmp(&shapes[i], &shapes[k], sizeof shapes[i]) == 0, same);
            alike += same;
        }
    }
    assert_in_range(alike, 1000, TEXTS * TEXTS / 4);
    for (size_t i = 0; i < TEXTS; i++) buf_fini(&bare[i]);
    buf_fini(&text);
}

static void some_have_no_shape(void **state)
{
    static const char *const texts[] = {
        "{\"\xC3\xBC\":1}",
        "{\"messageId\":1,\"a name of more than 32 characters.\":2}",
        "{\"a name of more than 32 characters.\":2}",
    };
    struct buf text = {0};
    struct nodes nodes;
    (void)state;
    for (size_t i = 0; i < countof(texts); i++) {
        assert_true(reads(str_z(texts[i]), &nodes));
        assert_int_equal(nodes.shape.count, 0);
    }
    buf_put(&text, S("{\"messageId\":1"));
    for (size_t count = 3; count < NODES_SHAPED + 100; count += 2) {
        buf_putc(&text, '}');
        assert_true(reads(buf_str(&text), &nodes));
        assert_int_equal(nodes.shape.count, count <= NODES_SHAPED ? count : 0);
        assert_int_equal(yyjson_obj_size(nodes.root), count / 2);
        buf_cut(&text, text.n - 1);
        buf_put(&text, S(",\"n\":\"\""));
    }
    buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_into_the_text),
        cmocka_unit_test(leaves_escapes_to_the_parser),
        cmocka_unit_test(counts_how_deep_it_is),
        cmocka_unit_test(takes_any_number_and_depth),
        cmocka_unit_test(shapes_differ_as_texts_without_values),
        cmocka_unit_test(some_have_no_shape),
        cmocka_unit_test(finds_the_end_at_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, fini);
}
