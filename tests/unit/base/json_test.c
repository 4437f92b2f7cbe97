/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "support/check.h"

static void keeps_numbers_as_written(void **state)
{
    struct arena a = {0};
    struct buf out = {0};
    struct err err;
    (void)state;
    struct str text =
        S("{\"a\":1.10,\"b\":12345678901234567890123,\"c\":-0,\"d\":[1e5,true,null,\"x\"]}");
    yyjson_val *root = json_read(&a, text, &err);
    assert_non_null(root);
    json_put_val(&out, root);
    check_str(buf_str(&out), text.p);
    buf_fini(&out);
    arena_fini(&a);
}

static void says_what_is_wrong(void **state)
{
    struct arena a = {0};
    struct err err;
    (void)state;
    assert_null(json_read(&a, S("{\"a\":}"), &err));
    check_err(err, "byte 5");
    assert_null(json_read(&a, S(""), &err));
    assert_null(json_read(&a, S("{} {}"), &err));
    assert_null(json_read(&a, S("{\"a\":NaN}"), &err));
    assert_null(json_read(&a, S("// c\n{}"), &err));
    arena_fini(&a);
}

/* A script that cuts a text inside an emoji leaves half of it, which JSON.stringify escapes. */
static void reads_half_characters(void **state)
{
    static const struct {
        const char *text, *means;
    } cases[] = {
        {"\"a\\ud83d\"", "a\xEF\xBF\xBD"},
        {"\"\\uDE00b\"", "\xEF\xBF\xBD"
                         "b"},
        {"\"\\ud83d\\ud83d\\ude00\"", "\xEF\xBF\xBD\xF0\x9F\x98\x80"},
        {"\"\\ude00\\ud83d\\u0041\"", "\xEF\xBF\xBD\xEF\xBF\xBD"
                                      "A"},
        {"\"\\\\ud83d\\udbff\"", "\\ud83d\xEF\xBF\xBD"},
        {"\"\\\\\\ud83d\"", "\\\xEF\xBF\xBD"},
    };
    struct arena a = {0};
    struct err err;
    (void)state;
    for (size_t i = 0; i < countof(cases); i++)
        check_str(json_str(json_read(&a, str_z(cases[i].text), &err)), cases[i].means);
    assert_null(json_read(&a, S("\"\\ud83\""), &err));
    assert_null(json_read(&a, S("{\"a\":\"\\ud83d\",}"), &err));
    check_err(err, "byte 13");
    assert_null(json_mend(&a, S("{\"a\":\"\\ud83d\\ude00 \\\\ud83d\"}")).p);
    assert_null(json_mend(&a, S("\"\\")).p);
    arena_fini(&a);
}

static void follows_paths(void **state)
{
    struct arena a = {0};
    struct err err;
    double number;
    (void)state;
    yyjson_val *root = json_read(
        &a, S("{\"n\":1,\"context\":{\"page\":{\"url\":\"u\"}},\"n\":\"12.5\",\"l\":[]}"), &err);
    check_str(json_str(json_get(root, "context.page.url")), "u");
    assert_null(json_get(root, "context.page.nope"));
    assert_null(json_get(root, "n.x"));
    assert_null(json_get(NULL, "x"));
    assert_true(json_number(json_get(root, "n"), &number));
    assert_true(number == 12.5);
    assert_false(json_number(json_get(root, "l"), &number));
    assert_null(json_str(json_get(root, "l")).p);
    arena_fini(&a);
}

static void measures_depth(void **state)
{
    struct arena a = {0};
    struct err err;
    (void)state;
    assert_true(json_depth_ok(json_read(&a, S("1"), &err), 1));
    yyjson_val *v = json_read(&a, S("[[{\"a\":[1]}]]"), &err);
    assert_true(json_depth_ok(v, 5));
    assert_false(json_depth_ok(v, 3));
    char deep[20001];
    memset(deep, '[', 10000);
    memset(deep + 10000, ']', 10000);
    assert_false(json_depth_ok(json_read(&a, str_of(deep, 20000), &err), 64));
    arena_fini(&a);
}

/* The plain rule that json_depth_ok takes short cuts to. */
static unsigned depth_of(yyjson_val *v)
{
    size_t index, count;
    yyjson_val *key, *item;
    unsigned deepest = 0;
    yyjson_arr_foreach (v, index, count, item) {
        if (yyjson_is_ctn(item) && depth_of(item) > deepest) deepest = depth_of(item);
    }
    yyjson_obj_foreach (v, index, count, key, item) {
        if (yyjson_is_ctn(item) && depth_of(item) > deepest) deepest = depth_of(item);
    }
    return 1 + deepest;
}

/* Appends a value that is at most so deep. */
static void put_random(struct buf *out, uint64_t *seed, unsigned depth)
{
    bool list = check_random(seed) & 1;
    if (!depth || check_random(seed) % 3 == 0) {
        buf_put(out, list ? S("\"x\"") : S("1"));
        return;
    }
    size_t items = check_random(seed) % 4;
    buf_putc(out, list ? '[' : '{');
    for (size_t i = 0; i < items; i++) {
        if (i) buf_putc(out, ',');
        if (!list) buf_put(out, S("\"k\":"));
        put_random(out, seed, depth - 1);
    }
    buf_putc(out, list ? ']' : '}');
}

static void measures_depth_of_any_tree(void **state)
{
    struct arena a = {0};
    struct buf text = {0};
    struct err err;
    uint64_t seed = 7;
    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        buf_clear(&text);
        arena_reset(&a);
        put_random(&text, &seed, 1 + i % 7);
        yyjson_val *v = json_read(&a, buf_str(&text), &err);
        unsigned depth = depth_of(v);
        for (unsigned max = 0; max < 10; max++)
            assert_int_equal(json_depth_ok(v, max), max >= depth);
    }
    assert_true(json_depth_ok(NULL, 1));
    buf_fini(&text);
    arena_fini(&a);
}

/* Walks a list the way ingest does and must find each item's own bytes. */
static void finds_spans(void **state)
{
    static const char *const items[] = {
        "1",  "-2.5e3", "\"a]\\\"b\"",  "{\"x\":[1,2,{\"y\":\"}\"}]}",
        "[]", "null",   "[[\"\\\\\"]]", "true"};
    struct buf text = {0};
    (void)state;
    buf_put(&text, S(" [ "));
    for (size_t i = 0; i < countof(items); i++) {
        if (i) buf_put(&text, i % 2 ? S(" ,\n") : S(","));
        buf_put(&text, str_z(items[i]));
    }
    buf_put(&text, S(" ]"));
    struct str s = buf_str(&text);
    size_t at = json_skip_space(s, 0) + 1;
    for (size_t i = 0; i < countof(items); i++) {
        at = json_skip_space(s, at);
        size_t end = json_skip(s, at);
        check_str(str_of(s.p + at, end - at), items[i]);
        at = json_skip_space(s, end);
        assert_int_equal(s.p[at], i + 1 < countof(items) ? ',' : ']');
        at++;
    }
    /* Cut anywhere it stays inside the text. */
    for (size_t n = 0; n <= s.n; n++) {
        for (size_t start = 0; start <= n; start++) {
            assert_true(json_skip(str_head(s, n), start) <= n);
        }
    }
    buf_fini(&text);
}

/* The end of a string is found wherever it is, and what looks like one before it is not. */
static void skips_strings_of_every_length(void **state)
{
    static const char *const odd[] = {"", "\\\"", "\\\\", "\\\\\\\"", "{[", "\\u0022"};
    struct buf text = {0};
    (void)state;
    for (size_t before = 0; before < 40; before++) {
        for (size_t behind = 0; behind < 40; behind++) {
            buf_clear(&text);
            buf_putc(&text, '"');
            for (size_t i = 0; i < before; i++) buf_putc(&text, 'a');
            buf_put(&text, str_z(odd[(before + behind) % countof(odd)]));
            for (size_t i = 0; i < behind; i++) buf_putc(&text, 'b');
            buf_putc(&text, '"');
            size_t end = text.n;
            buf_put(&text, S(",\"next\"]"));
            assert_int_equal(json_skip(buf_str(&text), 0), end);
            assert_int_equal(json_skip(str_head(buf_str(&text), end), 0), end);
            assert_int_equal(json_skip(str_head(buf_str(&text), end - 1), 0), end - 1);
        }
    }
    buf_fini(&text);
}

static void writes_strings(void **state)
{
    struct buf out = {0};
    (void)state;
    json_put_str(&out, str_of("a\"\\\n\x01\t\xC3\xA9\xF0\x9F\x98\x80", 12));
    check_str(buf_str(&out), "\"a\\\"\\\\\\n\\u0001\\t\xC3\xA9\xF0\x9F\x98\x80\"");
    buf_clear(&out);
    /* Lone continuation, overlong, surrogate, cut: each bad byte becomes U+FFFD. */
    json_put_str(&out, str_of("\x80|\xC0\xAF|\xED\xA0\x80|\xE2\x82", 11));
    check_str(buf_str(&out), "\"\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD"
                             "\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD\"");
    buf_fini(&out);
}

/* A byte that must be escaped, at every place of a text of every length: what the quick copy must not
 * overlook. */
static void escapes_at_every_place(void **state)
{
    static const char odd[] = {'"', '\\', '\n', '\x1f', '\0'};
    static const char *const escaped[] = {"\\\"", "\\\\", "\\n", "\\u001f", "\\u0000"};
    struct buf out = {0}, want = {0};
    char text[48];
    (void)state;
    for (size_t i = 0; i < sizeof text * sizeof text * sizeof odd; i++) {
        size_t n = i % sizeof text, at = i / sizeof text % sizeof text;
        size_t which = i / sizeof text / sizeof text;
        memset(text, "~ a#["[which], sizeof text);
        text[at] = odd[which];
        buf_clear(&out);
        buf_clear(&want);
        buf_putc(&want, '"');
        for (size_t k = 0; k < n; k++) {
            buf_put(&want, k == at ? str_z(escaped[which]) : str_of(text + k, 1));
        }
        buf_putc(&want, '"');
        json_put_str(&out, str_of(text, n));
        assert_true(str_eq(buf_str(&out), buf_str(&want)));
        buf_clear(&out);
        bool plain = json_put_plain(&out, str_of(text, n));
        assert_int_equal(plain, at >= n);
        assert_true(str_eq(buf_str(&out), plain ? buf_str(&want) : S("")));
    }
    buf_fini(&out);
    buf_fini(&want);
}

static void writes_objects_and_numbers(void **state)
{
    struct buf out = {0};
    struct arena a = {0};
    struct err err;
    (void)state;
    buf_putc(&out, '{');
    json_kv_str(&out, S("a"), S("x"));
    json_kv_i64(&out, S("b"), -5);
    json_kv_bool(&out, S("c"), true);
    json_key(&out, S("d"));
    buf_putc(&out, '[');
    json_comma(&out);
    json_put_double(&out, 0.1);
    json_comma(&out);
    json_put_double(&out, 1e300);
    json_comma(&out);
    json_put_double(&out, -42);
    buf_put(&out, S("]}"));
    check_str(buf_str(&out), "{\"a\":\"x\",\"b\":-5,\"c\":true,\"d\":[0.1,1e+300,-42]}");
    yyjson_val *root = json_read(&a, buf_str(&out), &err);
    buf_clear(&out);
    json_put_pretty(&out, root, 0);
    check_str(buf_str(&out),
              "{\n  \"a\": \"x\",\n  \"b\": -5,\n  \"c\": true,\n  \"d\": [\n    0.1,\n"
              "    1e+300,\n    -42\n  ]\n}");
    buf_fini(&out);
    arena_fini(&a);
}

static void disarms_every_text(void **state)
{
    struct arena a = {0};
    struct buf out = {0};
    struct err err;
    (void)state;
    yyjson_val *root = json_read(
        &a, S("{\"a\\u001bb\":[\"\\u0007\",{\"x\":\"\\r\"},1,\"\"],\"c\":\"\\u009b\\n\"}"), &err);
    json_disarm(root);
    json_put_val(&out, root);
    check_str(buf_str(&out), "{\"a?b\":[\"?\",{\"x\":\"?\"},1,\"\"],\"c\":\"\xC2\xBF\\n\"}");
    buf_clear(&out);
    root = json_read(&a, S("\"\\u001b\""), &err);
    json_disarm(root);
    json_disarm(NULL);
    json_put_val(&out, root);
    check_str(buf_str(&out), "\"?\"");
    buf_fini(&out);
    arena_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_numbers_as_written),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(reads_half_characters),
        cmocka_unit_test(follows_paths),
        cmocka_unit_test(measures_depth),
        cmocka_unit_test(measures_depth_of_any_tree),
        cmocka_unit_test(skips_strings_of_every_length),
        cmocka_unit_test(finds_spans),
        cmocka_unit_test(writes_strings),
        cmocka_unit_test(escapes_at_every_place),
        cmocka_unit_test(writes_objects_and_numbers),
        cmocka_unit_test(disarms_every_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
