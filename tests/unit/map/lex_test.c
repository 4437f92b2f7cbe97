/* SPDX-License-Identifier: Apache-2.0 */
/* map/lex.c: tokens, and that any bytes end in tokens or one problem. */
#include "map/lex.h"

#include "support/check.h"

struct bench {
    struct arena arena;
    struct diags diags;
    struct lex lex;
    struct buf out;
};

static void bench_init(struct bench *b, struct str text)
{
    memset(b, 0, sizeof *b);
    diags_init(&b->diags, &b->arena);
    lex_init(&b->lex, (struct text){text, {0}}, &b->arena, &b->diags);
}

static void bench_fini(struct bench *b)
{
    arena_fini(&b->arena);
    buf_fini(&b->out);
}

/* All tokens as "kind:raw". */
static struct str tokens(struct bench *b)
{
    while (b->lex.token.kind != TOKEN_END && b->lex.token.kind != TOKEN_BAD) {
        const char *kind = b->lex.token.kind == TOKEN_WORD     ? "w:"
                           : b->lex.token.kind == TOKEN_TEXT   ? "t:"
                           : b->lex.token.kind == TOKEN_NUMBER ? "n:"
                                                               : "";
        buf_printf(&b->out, "%s%.*s ", kind, STR_ARG(b->lex.token.raw));
        lex_next(&b->lex);
    }
    if (b->lex.token.kind == TOKEN_BAD) buf_put(&b->out, S("bad"));
    return buf_str(&b->out);
}

static void reads(void **state)
{
    static const struct {
        const char *text, *tokens;
    } rows[] = {
        {"a.b[0] || c", "w:a . w:b [ n:0 ] || w:c "},
        {"a||b??c|d", "w:a || w:b ?? w:c | w:d "},
        {"a!=b<=c>=d<e>f=g!h", "w:a != w:b <= w:c >= w:d < w:e > w:f = w:g ! w:h "},
        {"a==b<>c&&d", "w:a == w:b <> w:c && w:d "},
        {"-1 +2.50 3e-2 4E+5 007", "n:-1 n:+2.50 n:3e-2 n:4E+5 n:007 "},
        {"\"a b\" 'c\"d' \"e\\\"f\" ''", "t:a b t:c\"d t:e\\\"f t: "},
        {"\\or a\\ b a\\.b", "w:\\or w:a\\ b w:a\\.b "},
        {"a-b _x $y \xC3\xA9t\xC3\xA9 @z", "w:a-b w:_x w:$y w:\xC3\xA9t\xC3\xA9 w:@z "},
        {" \t\r\na\r\n", "w:a "},
        {"a(*),b", "w:a ( * ) , w:b "},
        {"1a", "bad"},
        {"a 1.", "w:a bad"},
        {"a - b", "w:a bad"},
        {"a \"b", "w:a bad"},
        {"a 'b\\'", "w:a bad"},
        {"a \\", "w:a bad"},
        {"a ?b", "w:a bad"},
        {"a&b", "w:a bad"},
        {"a \a", "w:a bad"},
        {"", "bad"},
        {" \n", "bad"},
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct bench b;
        bench_init(&b, str_z(rows[i].text));
        check_str(tokens(&b), rows[i].tokens);
        assert_int_equal(b.diags.count, b.lex.failed ? 1 : 0);
        bench_fini(&b);
    }
}

/* Behind a dot, names may begin with a digit or be reserved words. */
static void reads_steps(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, S("a.0. 1st .-x.'q'"));
    static const char *const names[] = {"0", "1st", "-x", "q"};
    for (size_t i = 0; i < countof(names); i++) {
        lex_next(&b.lex);
        assert_int_equal(b.lex.token.kind, TOKEN_DOT);
        lex_next_step(&b.lex);
        check_str(b.lex.token.raw, names[i]);
    }
    bench_fini(&b);
}

static void literal(const char *text, enum value_kind kind, const char *want)
{
    struct bench b;
    struct value v;
    bench_init(&b, str_z(text));
    assert_true(lex_literal(&b.lex, &v));
    assert_int_equal(v.kind, kind);
    if (want) check_str(v.text, want);
    assert_int_equal(b.lex.token.kind, TOKEN_END);
    bench_fini(&b);
}

static void literals(void **state)
{
    (void)state;
    literal("\"a\\n\\t\\r\\\\\\\"\\'\\*\\u20AC\\u00e9\\u0041\"", VALUE_TEXT,
            "a\n\t\r\\\"'*\xE2\x82\xAC\xC3\xA9"
            "A");
    literal("''", VALUE_TEXT, "");
    literal("+007.50", VALUE_NUMBER, "7.50");
    literal("-00", VALUE_NUMBER, "-0");
    literal("00e5", VALUE_NUMBER, "0e5");
    literal("TRUE", VALUE_BOOL, NULL);
    literal("Null", VALUE_NULL, NULL);
    struct bench b;
    struct value v;
    bench_init(&b, S("word"));
    assert_false(lex_literal(&b.lex, &v));
    assert_int_equal(b.diags.count, 0); /* no literal is no problem yet */
    bench_fini(&b);
    bench_init(&b, S("\\true"));
    assert_false(lex_literal(&b.lex, &v)); /* escaped: a name */
    bench_fini(&b);
}

static void bad_escapes(void **state)
{
    static const char *const texts[] = {"'\\q'",     "'\\u12'", "'\\u12g4'",    "'\\ud800'",
                                        "'\\u0000'", "'\\x41'", "'\\\xC3\xA9'", "'\\ '"};
    (void)state;
    for (size_t i = 0; i < countof(texts); i++) {
        struct bench b;
        struct value v;
        bench_init(&b, str_z(texts[i]));
        assert_false(lex_literal(&b.lex, &v));
        assert_int_equal(b.diags.count, 1);
        bench_fini(&b);
    }
}

static void peeks(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, S("a \n ( b"));
    assert_int_equal(lex_peek(&b.lex), '(');
    lex_next(&b.lex);
    assert_int_equal(lex_peek(&b.lex), 'b');
    lex_next(&b.lex);
    assert_int_equal(lex_peek(&b.lex), '\0');
    bench_fini(&b);
}

/* Only the first problem of a text is told; the rest would be guesses. */
static void one_problem(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, S("a"));
    assert_false(lex_fail(&b.lex, 0, "first %d", 1));
    assert_false(lex_fail(&b.lex, 0, "second"));
    lex_next(&b.lex);
    lex_next_step(&b.lex);
    assert_int_equal(b.lex.token.kind, TOKEN_BAD);
    assert_int_equal(b.diags.count, 1);
    check_str(b.diags.items[0].message, "first 1");
    bench_fini(&b);
}

static void random_bytes(void **state)
{
    uint64_t seed = 0x123456789ABCDEF;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        char text[40];
        size_t n = check_random(&seed) % sizeof text, last = 0;
        for (size_t k = 0; k < n; k++) {
            uint64_t r = check_random(&seed);
            text[k] = r & 0x300 ? "a.\"'\\|?=!<>[]()*,-+0 1eé"[r % 24] : (char)r;
        }
        struct bench b;
        bench_init(&b, str_of(text, n));
        while (b.lex.token.kind != TOKEN_END && b.lex.token.kind != TOKEN_BAD) {
            assert_true(b.lex.at > last && b.lex.at <= n); /* always forward */
            last = b.lex.at;
            lex_next(&b.lex);
        }
        bench_fini(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),        cmocka_unit_test(reads_steps),
        cmocka_unit_test(literals),     cmocka_unit_test(bad_escapes),
        cmocka_unit_test(peeks),        cmocka_unit_test(one_problem),
        cmocka_unit_test(random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
