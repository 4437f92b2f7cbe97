/* SPDX-License-Identifier: Apache-2.0 */
/* map/expr.c, map/steps.c, map/eval.c and map/field.c: expressions and their values are lines of
 * tests/cases/map/expressions.ndjson, problems those of expression-errors.ndjson. And what random
 * texts must not do. */
#include "map/expr.h"

#include "core/limits.h"
#include "map/explain.h"
#include "map/field.h"

#include "support/cases.h"
#include "support/language.h"

static void take_envelope(struct language *l, yyjson_val *line)
{
    yyjson_val *envelope = json_get(line, "envelope");
    l->event = (struct event){
        .received_ms = case_i64(envelope, "received_ms", 0),
        .sent_ms = case_i64(envelope, "sent_ms", 0),
        .flags = yyjson_is_true(json_get(envelope, "from_browser")) ? EVENT_FROM_BROWSER : 0,
        .address = case_str(envelope, "address"),
        .user_agent = case_str(envelope, "user_agent"),
        .source = case_str(envelope, "source"),
        .message_id = case_str(envelope, "message_id"),
    };
    l->eval.now_ms = case_i64(line, "now_ms", 0);
}

static bool run_case(yyjson_val *line)
{
    struct language l;
    struct members members = {0};
    struct value values[MEMBERS_MAX];
    struct buf want = {0};
    yyjson_val *item = json_get(line, "item"), *out = json_get(line, "out");
    language_init(&l);
    l.scope.in_each = item != NULL;
    l.scope.members = item ? &members : NULL;
    struct expr *e = expr_compile(&l.scope, language_text(&l, case_str(line, "expr")));
    take_envelope(&l, line);
    l.eval.item = value_of(item);
    l.eval.members = values;
    members_fill(&members, &l.eval.item, values);
    language_fill(&l, json_get(line, "event"));
    if (out) {
        json_put_val(&want, out);
    } else {
        buf_put(&want, case_str(line, "verdict"));
    }
    l.eval.explain = explain_new(true); /* whoever listens hears of the same value */
    struct str got = e ? language_eval(&l, e) : language_problems(&l);
    bool ok = str_eq(got, buf_str(&want));
    explain_free(l.eval.explain);
    l.eval.explain = NULL;
    if (ok && e) got = language_eval(&l, e);
    ok = ok && str_eq(got, buf_str(&want));
    if (!ok) {
        print_error("%.*s\ngot  %.*s\nwant %.*s\n", STR_ARG(case_str(line, "expr")), STR_ARG(got),
                    STR_ARG(buf_str(&want)));
    }
    buf_fini(&want);
    language_fini(&l);
    return ok;
}

static void cases(void **state)
{
    (void)state;
    cases_run("tests/cases/map/expressions.ndjson", 100, run_case);
}

/* The whole message with its line and caret. */
static bool run_error(yyjson_val *line)
{
    struct language l;
    struct str text = case_str(line, "expr");
    language_init(&l);
    l.scope.in_each = yyjson_is_true(json_get(line, "in_each"));
    bool refused = !expr_compile(&l.scope, language_text(&l, text));
    bool ok = language_refused(&l, text, line) && refused;
    language_fini(&l);
    return ok;
}

static void errors(void **state)
{
    (void)state;
    cases_run("tests/cases/map/expression-errors.ndjson", 40, run_error);
}

static void limits(void **state)
{
    struct language l;
    struct buf text = {0};
    (void)state;
    language_init(&l);
    for (int i = 0; i < LIMIT_EXPRESSION_DEPTH; i++) buf_putc(&text, '(');
    buf_put(&text, S("userId"));
    for (int i = 0; i < LIMIT_EXPRESSION_DEPTH; i++) buf_putc(&text, ')');
    assert_non_null(expr_compile(&l.scope, language_text(&l, buf_str(&text))));
    assert_int_equal(l.diags.count, 0);
    struct str deeper = arena_printf(&l.arena, "(%.*s)", STR_ARG(buf_str(&text)));
    assert_null(expr_compile(&l.scope, language_text(&l, deeper)));

    buf_clear(&text);
    buf_put(&text, S("userId"));
    for (int i = 0; i < LIMIT_EXPRESSION_FILTERS; i++) buf_put(&text, S("|trim"));
    assert_non_null(expr_compile(&l.scope, language_text(&l, buf_str(&text))));
    buf_put(&text, S("|trim"));
    assert_null(expr_compile(&l.scope, language_text(&l, buf_str(&text))));

    buf_clear(&text);
    buf_put(&text, S("properties"));
    for (int i = 1; i < LIMIT_JSON_DEPTH; i++) buf_put(&text, S(".a"));
    assert_non_null(expr_compile(&l.scope, language_text(&l, buf_str(&text))));
    buf_put(&text, S(".a"));
    assert_null(expr_compile(&l.scope, language_text(&l, buf_str(&text))));

    buf_clear(&text);
    buf_put(&text, S("userId"));
    while (text.n <= LIMIT_EXPRESSION_BYTES) buf_putc(&text, ' ');
    assert_null(expr_compile(&l.scope, language_text(&l, buf_str(&text))));
    buf_cut(&text, LIMIT_EXPRESSION_BYTES);
    assert_non_null(expr_compile(&l.scope, language_text(&l, buf_str(&text))));

    buf_clear(&text);
    buf_put(&text, S("userId"));
    for (int i = 0; i < 64; i++) buf_put(&text, S("||userId"));
    assert_null(expr_compile(&l.scope, language_text(&l, buf_str(&text))));
    assert_int_equal(l.diags.count, 5);
    buf_fini(&text);
    language_fini(&l);
}

/* A place behind a line break of a folded or block scalar cannot be known: its beginning is shown. */
static void places_in_folded_text(void **state)
{
    struct language l;
    (void)state;
    language_init(&l);
    assert_null(expr_compile(&l.scope, language_text(&l, S("userId\n  || nope"))));
    assert_int_equal(l.diags.items[0].loc.column, 7);
    language_fini(&l);
}

struct noted {
    struct language *l;
    struct str text;
};

static void note_path(void *ctx, const struct path_step *steps, size_t count)
{
    struct noted *n = ctx;
    for (size_t i = 0; i < count; i++) {
        struct str key =
            steps[i].key.p ? steps[i].key : arena_printf(&n->l->arena, "%zu", steps[i].index);
        n->text = arena_printf(&n->l->arena, "%.*s/%.*s", STR_ARG(n->text), STR_ARG(key));
    }
    n->text = arena_printf(&n->l->arena, "%.*s;", STR_ARG(n->text));
}

static void note_slot(void *ctx, size_t slot)
{
    struct noted *n = ctx;
    n->text = arena_printf(&n->l->arena, "%.*s%zu;", STR_ARG(n->text), slot);
}

static void tells_what_it_reads(void **state)
{
    struct language l;
    (void)state;
    language_init(&l);
    l.scope.in_each = true;
    struct text text = language_text(
        &l,
        S("(properties.products[*].id | join(\",\")) || .sku || properties.list[1] || userId || "
          "properties.products[*].sku"));
    struct expr *e = expr_compile(&l.scope, text);
    assert_non_null(e);
    assert_true(str_eq(expr_text(e).text, text.text));
    assert_int_equal(expr_text(e).loc.column, 7);
    struct noted n = {&l, S("")};
    expr_paths(e, note_path, &n);
    check_str(n.text, "/properties/products;/properties/list/1;/userId;/properties/products;");
    n.text = S("");
    expr_slots(e, note_slot, &n);
    check_str(n.text, "0;1;2;0;"); /* the same path has the same slot */
    assert_int_equal(paths_count(l.scope.paths), 3);
    language_fini(&l);
}

/* An evaluation starts anew whatever the one before said. */
static void verdict_is_reset(void **state)
{
    struct language l;
    (void)state;
    language_init(&l);
    struct expr *bad = expr_compile(&l.scope, language_text(&l, S("userId | required")));
    struct expr *good = expr_compile(&l.scope, language_text(&l, S("(\"x\")")));
    language_fill(&l, NULL);
    check_str(language_eval(&l, bad), "required");
    check_str(language_eval(&l, good), "\"x\"");
    language_fini(&l);
}

/* --- random texts ------------------------------------------------------------------------------- */

/* Pieces that make almost right expressions. */
static const char *const pieces[] = {
    "properties", ".",     "a",      "[*]",      "[0]",      "[\"k\"]", "||",
    "??",         "|",     "(",      ")",        "upper",    "number",  "default",
    "(\"x\")",    "1.5",   "\"text", "\"",       "'",        "\\",      " ",
    "\n",         "null",  "true",   ",",        "userId",   "split",   "join",
    "count",      "first", "money",  "round(2)", "\xC3\xA9", "\xFF",    "\xE2\x80\x9C",
    "pick"};

static struct str random_text(uint64_t *seed, struct buf *out)
{
    size_t count = check_random(seed) % 24;
    buf_clear(out);
    for (size_t i = 0; i < count; i++) {
        buf_put(out, str_z(pieces[check_random(seed) % countof(pieces)]));
    }
    return buf_str(out);
}

/* Either a value or exactly one problem whose place is inside the text. */
static void random_texts(void **state)
{
    static const char event[] =
        "{\"userId\":\"\",\"properties\":{\"a\":[1,\"x\",null,{\"a\":[true],"
        "\"k\":\"1,5\"}],\"k\":{\"a\":-2.5e3}}}";
    uint64_t seed = 0x9E3779B97F4A7C15;
    struct buf text = {0};
    size_t good = 0;
    (void)state;
    for (int i = 0; i < 30000; i++) {
        struct language l;
        struct err err;
        language_init(&l);
        l.scope.in_each = i & 1;
        struct str s = random_text(&seed, &text);
        struct expr *e = expr_compile(&l.scope, language_text(&l, s));
        assert_int_equal(l.diags.count, e ? 0 : 1);
        if (e) {
            good++;
            yyjson_val *root = json_read(&l.scratch, str_z(event), &err);
            l.eval.item = value_of(json_get(root, "properties"));
            language_fill(&l, root);
            struct str out = language_eval(&l, e);
            if (l.eval.verdict == EXPR_OK && !str_eq(out, S("nothing"))) {
                assert_non_null(json_read(&l.scratch, out, &err));
            }
        } else {
            unsigned column = l.diags.items[0].loc.column;
            assert_true(column >= 7 && column <= 7 + s.n);
        }
        language_fini(&l);
    }
    assert_true(good > 300);
    buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases),
        cmocka_unit_test(errors),
        cmocka_unit_test(limits),
        cmocka_unit_test(places_in_folded_text),
        cmocka_unit_test(tells_what_it_reads),
        cmocka_unit_test(verdict_is_reset),
        cmocka_unit_test(random_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
