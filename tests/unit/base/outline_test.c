/* SPDX-License-Identifier: Apache-2.0 */
/* Outlines (base/outline.c) against the parser's trees (support/outline.h): texts by hand, the cases, and both broken at random. */
#include "support/outline.h"

#include "base/mem.h"
#include "sys/file.h"

#include "support/check.h"

static struct arena arena;

/* The text has memory of its own, of just its size: reading beyond it is found. */
static bool agrees(struct str text)
{
    char *own = mem_grow(NULL, text.n ? text.n : 1);
    if (text.n) memcpy(own, text.p, text.n);
    bool ok = outline_agrees(str_of(own, text.n), &arena);
    arena_reset(&arena);
    mem_free(own);
    return ok;
}

static const char *const sound[] = {
    "0",
    "-0",
    " -1.50e+07\r\n\t",
    "1E5",
    "1e-5",
    "null",
    "true",
    " false ",
    "\"\"",
    "[]",
    "{}",
    " [ ] ",
    "{ }",
    "[[],{},[{}],\"\",0]",
    "{\"\":{\"\":[]}}",
    "{\"a\":1,\"a\":2,\"\\u0061\":3}",
    "{ \"k\" : [ 1 , -2.5 , \"x\" ] , \"l\\n\" : null }",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u00e9\\u20AC\\uD83D\\uDe00\"",
    "\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 \xEF\xBF\xBF \x7F\"",
    "\"a text that is longer than sixteen bytes, \xC3\xA9 and then \\\"longer\\\" still\"",
    " { \"a\" : [ ] , \"b\" : { } } ",
    "\t\"a\" ",
    "\"\\uD83D\"",
    "\"\\uD83Dx\"",
    "\"\\uD83D\\n\"",
    "\"\\uD83D\\u0041\"",
    "\"\\uDE00\"",
    "{\"\\ude00\":[\"\\\\\\uDBFF\\uD83D\\uDE00\\udc00\"]}",
    "[\"sixteen bytes ...\",\"seventeen bytes ..\",\"fifteen bytes .\"]",
};

static const char *const unsound[] = {
    "",
    " ",
    "nul",
    "True",
    "nan",
    "+1",
    "-",
    "01",
    "-01",
    "1.",
    ".5",
    "1.e5",
    "1e",
    "1e+",
    "0x1",
    "1 2",
    "\"",
    "\"\\\"",
    "\"\\a\"",
    "\"\\u00g0\"",
    "\"\\u00\"",
    "\"\\uD83D\\u00g0\"",
    "\"\\uD8g0\"",
    "\"\\uD8\"",
    "\"\n\"",
    "\"\x01\"",
    "\"\x80\"",
    "\"\xC0\x80\"",
    "\"\xE2\x82\"",
    "\"\xED\xA0\x80\"",
    "\"\xE0\x9F\xBF\"",
    "\"\xF0\x8F\xBF\xBF\"",
    "\"\xF4\x90\x80\x80\"",
    "\"\xF5\x80\x80\x80\"",
    "[",
    "]",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1}",
    "{",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":}",
    "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}",
    "{\"a\" 1}",
    "{a:1}",
    "{1:1}",
    "{\"a\":1]",
    "{\"a\":1}}",
    "1,]",
    "1]",
    "\"a]",
    "\"a\"]",
    "{\"a\":\"b}",
    "{\"a\":\"\\}",
    "{\"a\":\"\\u12}",
    "{\"a\":1e}",
    "{\"a\":-}",
    "{\"a\":tru}",
    "{\"a\"}",
    "{}]",
    "{} }",
    "[] []",
    "// c\n1",
    "\xEF\xBB\xBF{}",
    "'a'",
};

static void takes_what_the_parser_takes(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(sound); i++) assert_true(agrees(str_z(sound[i])));
    for (size_t i = 0; i < countof(unsound); i++) assert_false(agrees(str_z(unsound[i])));
    assert_false(agrees(S("1\0")));
    assert_false(agrees(S("\"\0\"")));
}

static void agrees_on_every_beginning(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(sound); i++) {
        struct str text = str_z(sound[i]);
        for (size_t n = 0; n <= text.n; n++) (void)agrees(str_head(text, n));
    }
}

/* Breaks a text in up to three places: one byte becomes another that JSON knows, or any. */
static void check_broken(struct str text, uint64_t *seed)
{
    static const char bytes[] = "\"\\{}[]:,0-.eEutfn \n\x01\x80\xC3\xED\xF4";
    char *copy = mem_new(text.n);
    memcpy(copy, text.p, text.n);
    for (uint64_t left = 1 + check_random(seed) % 3; left; left--) {
        uint64_t number = check_random(seed);
        copy[check_random(seed) % text.n] =
            number & 1 ? (char)(number >> 8) : bytes[(number >> 8) % (sizeof bytes - 1)];
    }
    (void)agrees(str_of(copy, text.n));
    mem_free(copy);
}

static void agrees_on_what_is_broken(void **state)
{
    uint64_t seed = 11;
    (void)state;
    for (size_t i = 0; i < countof(sound); i++) {
        for (unsigned round = 0; round < 300; round++) check_broken(str_z(sound[i]), &seed);
    }
}

static void agrees_on_the_cases(void **state)
{
    static const char *const files[] = {
        "tests/cases/ingest/captured.ndjson", "tests/cases/ingest/envelope.ndjson",
        "tests/cases/ingest/pixel.ndjson", "tests/cases/ingest/protocols.ndjson"};
    uint64_t seed = 12;
    (void)state;
    for (size_t i = 0; i < countof(files); i++) {
        struct buf text = {0};
        struct err err;
        struct str line, rest;
        assert_true(file_read_all(files[i], (size_t)64 << 20, &text, &err));
        for (rest = buf_str(&text); rest.n;) {
            (void)str_cut(rest, '\n', &line, &rest);
            if (!line.n || line.p[0] == '#') continue;
            assert_true(agrees(line));
            for (unsigned round = 0; round < 20; round++) check_broken(line, &seed);
        }
        buf_fini(&text);
    }
}

/* The end of a string is found wherever it is. */
static void agrees_on_strings_of_every_length(void **state)
{
    static const char *const odd[] = {"", "\\\"", "\\\\", "\xC3\xA9", "\\u00e9", "\x01", "\x80"};
    struct buf text = {0};
    (void)state;
    for (size_t before = 0; before < 130; before++) {
        for (size_t behind = 0; behind < 130; behind++) {
            size_t which = (before + behind) % countof(odd);
            buf_clear(&text);
            buf_putc(&text, '"');
            for (size_t i = 0; i < before; i++) buf_putc(&text, 'a');
            buf_put(&text, str_z(odd[which]));
            for (size_t i = 0; i < behind; i++) buf_putc(&text, 'b');
            buf_putc(&text, '"');
            assert_int_equal(agrees(buf_str(&text)), which < 5);
        }
    }
    buf_fini(&text);
}

static void takes_any_depth(void **state)
{
    enum { DEPTH = 100000 };
    struct buf text = {0};
    struct outline o;
    (void)state;
    for (size_t i = 0; i < DEPTH; i++) buf_putc(&text, '[');
    assert_false(outline_read(&arena, buf_str(&text), &o));
    for (size_t i = 0; i < DEPTH; i++) buf_putc(&text, ']');
    assert_true(outline_read(&arena, buf_str(&text), &o));
    assert_int_equal(o.nodes[0].height, UINT16_MAX);
    assert_int_equal(o.nodes[DEPTH - 1].height, 1);
    assert_int_equal(o.nodes[0].n, text.n);
    buf_fini(&text);
    arena_fini(&arena);
}

static void finds_fields(void **state)
{
    struct outline o;
    (void)state;
    struct str text = S("{\"a\":2,\"\\u0062\\u00e9\":7,\"list\":[1],\"a\":{\"b\":[]},\"\\u0061\":{"
                        "\"b\":{\"c\":\"x\\ty\"}}}");
    assert_true(outline_read(&arena, text, &o));
    const struct outline_node *root = o.nodes;
    check_str(outline_str(&o, outline_get(&o, root, S("a.b.c")), &arena), "x\ty");
    check_str(outline_text(&o, outline_get(&o, root, S("a.b.c"))), "\"x\\ty\"");
    check_str(outline_text(&o, outline_find(&o, root, S("a"))), "{\"b\":{\"c\":\"x\\ty\"}}");
    check_str(outline_str(&o, outline_find(&o, root, S("b\xC3\xA9")), &arena), "7");
    assert_null(outline_find(&o, root, S("b")));
    assert_null(outline_find(&o, root, S("b\xC3\xA9 ")));
    assert_null(outline_find(&o, root, S("\\u0062\\u00e9")));
    assert_null(outline_find(&o, outline_find(&o, root, S("list")), S("1")));
    assert_null(outline_find(&o, NULL, S("a")));
    assert_null(outline_get(&o, root, S("a.x.c")));
    assert_null(outline_get(&o, root, S("list.a")));
    assert_null(outline_str(&o, root, &arena).p);
    assert_null(outline_str(&o, NULL, &arena).p);
    assert_int_equal(outline_count(root), 5);
    struct outline untouched = o;
    assert_false(outline_read(&arena, S("[1,]"), &untouched));
    assert_ptr_equal(untouched.nodes, o.nodes);
    arena_fini(&arena);
}

static int teardown(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(takes_what_the_parser_takes, teardown),
        cmocka_unit_test_teardown(agrees_on_every_beginning, teardown),
        cmocka_unit_test_teardown(agrees_on_what_is_broken, teardown),
        cmocka_unit_test_teardown(agrees_on_the_cases, teardown),
        cmocka_unit_test_teardown(agrees_on_strings_of_every_length, teardown),
        cmocka_unit_test_teardown(takes_any_depth, teardown),
        cmocka_unit_test_teardown(finds_fields, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
