/* SPDX-License-Identifier: Apache-2.0 */
/* map/trigger.c, map/judge.c, map/dispatch.c and map/glob.c: what is true of which event are lines of
 * tests/cases/map/triggers.ndjson and, where we differ from Segment's own evaluator, of
 * trigger-differences.ndjson; problems are in trigger-errors.ndjson. */
#include "map/trigger.h"

#include "core/limits.h"
#include "map/glob.h"

#include "support/cases.h"
#include "support/language.h"

static bool run_case(yyjson_val *line)
{
    struct language l;
    bool error = yyjson_is_true(json_get(line, "error"));
    bool want = yyjson_is_true(json_get(line, "match"));
    language_init(&l);
    l.event.source = case_str(line, "source");
    struct trigger *t = trigger_compile(&l.scope, language_text(&l, case_str(line, "trigger")));
    language_fill(&l, json_get(line, "event"));
    bool got = t && trigger_test(t, &l.eval);
    bool ok = error ? !t && l.diags.count == 1 : t && got == want;
    if (!ok) {
        print_error("%.*s is %s\n", STR_ARG(case_str(line, "trigger")), got ? "true" : "false");
        print_error("%.*s", STR_ARG(language_problems(&l)));
    }
    language_fini(&l);
    return ok;
}

static void cases(void **state)
{
    (void)state;
    cases_run("tests/cases/map/triggers.ndjson", 300, run_case);
}

static void differences(void **state)
{
    (void)state;
    cases_run("tests/cases/map/trigger-differences.ndjson", 60, run_case);
}

static bool run_error(yyjson_val *line)
{
    struct language l;
    struct str text = case_str(line, "trigger");
    language_init(&l);
    bool refused = !trigger_compile(&l.scope, language_text(&l, text));
    bool ok = language_refused(&l, text, line) && refused;
    language_fini(&l);
    return ok;
}

static void errors(void **state)
{
    (void)state;
    cases_run("tests/cases/map/trigger-errors.ndjson", 50, run_error);
}

static void put_name(void *ctx, struct str name, bool lowered)
{
    struct buf *out = ctx;
    if (out->n) buf_putc(out, '|');
    if (lowered) buf_putc(out, '~');
    buf_put(out, name);
}

/* The dispatch table must never hide a trigger from an event of which it is true. */
static void event_names(void **state)
{
    static const struct {
        const char *trigger, *names; /* ~ before a name in small letters; NULL: any */
    } rows[] = {
        {"lowercase(event) = \"a b\"", "~a b"},
        {"type = \"track\" and lowercase(event) = \"a\" and userId = \"u\"", "~a"},
        {"lowercase(event) = \"a\" or lowercase(event) = \"a\"", "~a|~a"},
        {"lowercase(event) = \"a\" or event = \"a\"", "~a|a"},
        {"event = \"a\" or lowercase(event) = \"a\"", "a|~a"},
        {"lowercase(event) = \"a\" and event = \"A\"", "~a"},
        {"lowercase(event) = \"5\"", NULL},
        {"lowercase(event) in [\"a\"]", "~a"},
        {"lowercase(event) != \"a\"", NULL},
        {"not lowercase(event) = \"a\"", NULL},
        {"lowercase(type) = \"page\" and event = \"A\"", NULL},
        {"lowercase(type) = \"track\" and event = \"A\"", "A"},
        {"length(event) = \"1\" and type = \"track\"", NULL},
        {"event = \"A\"", "A"},
        {"type = \"track\" and event = \"A\"", "A"},
        {"event = \"A\" and properties.a > 5 and not userId = null", "A"},
        {"(type = \"track\" or type = \"page\") and event = \"A\"", "A"},
        {"event = \"A\" and (userId = \"u\" or event = \"B\")", "A"},
        {"event = \"A\" and userId = \"u\" or event = \"A\" and userId = \"v\"", "A|A"},
        {"event = \"A\" or event = \"B\"", "A|B"},
        {"event = \"A\" or userId = \"u\"", NULL},
        {"userId = \"u\" or event = \"A\"", NULL},
        {"not event = \"A\"", NULL},
        {"not (event != \"A\")", NULL},
        {"event != \"A\"", NULL},
        {"event in [\"A\", \"5\"]", NULL},
        {"event in [\"A\", \"B\"] and userId = \"u\"", "A|B"},
        {"not (event in [\"A\"])", NULL},
        {"type = \"track\" and (event = \"A\" or event = \"B\")", "A|B"},
        {"type = \"track\" and (event = \"A\" or userId = \"u\")", NULL},
        {"event = null", NULL},
        {"event = \"5\"", NULL}, /* also true of the number 5, which is another name */
        {"event = 5", NULL},
        {"event = \"true\"", NULL},
        {"event = \"\"", NULL},
        {"contains(event, \"A\")", NULL},
        {"match(event, \"A\")", NULL},
        {"event in [\"A\"]", "A"},
        {"properties.event = \"A\"", NULL},
        {"event.x = \"A\"", NULL},
        {"event[*] = \"A\"", NULL},
        {"type = \"page\" and event = \"A\"", NULL},
        {"type = \"page\"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct language l;
        language_init(&l);
        struct trigger *t = trigger_compile(&l.scope, language_text(&l, str_z(rows[i].trigger)));
        assert_non_null(t);
        struct buf names = {0};
        bool only = trigger_event_names(t, put_name, &names);
        if (only != (rows[i].names != NULL)) fail_msg("%s", rows[i].trigger);
        if (only) check_str(buf_str(&names), rows[i].names);
        buf_fini(&names);
        language_fini(&l);
    }
}

static void limits(void **state)
{
    static const char *const openers[] = {"(", "not ", "!"};
    struct buf text = {0};
    (void)state;
    for (size_t o = 0; o < countof(openers); o++) {
        for (int depth = LIMIT_EXPRESSION_DEPTH; depth <= LIMIT_EXPRESSION_DEPTH + 1; depth++) {
            struct language l;
            language_init(&l);
            buf_clear(&text);
            for (int i = 0; i < depth; i++) buf_put(&text, str_z(openers[o]));
            buf_put(&text, S("type = \"x\""));
            for (int i = 0; !o && i < depth; i++) buf_putc(&text, ')');
            struct trigger *t = trigger_compile(&l.scope, language_text(&l, buf_str(&text)));
            assert_int_equal(t != NULL, depth == LIMIT_EXPRESSION_DEPTH);
            language_fini(&l);
        }
    }
    struct language l;
    language_init(&l);
    buf_clear(&text);
    buf_put(&text, S("type = \"x\""));
    while (text.n + 14 <= LIMIT_EXPRESSION_BYTES) buf_put(&text, S(" or type = \"y\""));
    struct trigger *t = trigger_compile(&l.scope, language_text(&l, buf_str(&text)));
    assert_non_null(t); /* long is fine, deep is not */
    language_fill(&l, NULL);
    assert_false(trigger_test(t, &l.eval));
    buf_put(&text, S(" or type = \"y\""));
    assert_null(trigger_compile(&l.scope, language_text(&l, buf_str(&text))));
    buf_fini(&text);
    language_fini(&l);
}

/* A pattern of many stars on a long text that almost matches: no explosion. */
static void hostile_pattern(void **state)
{
    struct str pattern, s;
    struct buf text = {0}, stars = {0};
    struct lex lex;
    struct arena arena = {0};
    struct diags diags;
    (void)state;
    diags_init(&diags, &arena);
    buf_putc(&stars, '"');
    for (int i = 0; i < 500; i++) buf_put(&stars, S("*a"));
    buf_put(&stars, S("b\""));
    for (int i = 0; i < 20000; i++) buf_putc(&text, 'a');
    s = buf_str(&text);
    lex_init(&lex, (struct text){buf_str(&stars), {0}}, &arena, &diags);
    assert_true(glob_parse(&lex, &pattern));
    assert_false(glob_match(pattern, s));
    buf_putc(&text, 'b');
    assert_true(glob_match(pattern, buf_str(&text)));
    assert_true(glob_match(S(""), S("")));
    assert_false(glob_match(S(""), S("a")));
    buf_fini(&text);
    buf_fini(&stars);
    arena_fini(&arena);
}

/* --- random texts ------------------------------------------------------------------------------- */

static const char *const pieces[] = {"type",
                                     "event",
                                     "properties.a",
                                     "[*]",
                                     " = ",
                                     " != ",
                                     " > ",
                                     "<=",
                                     "\"track\"",
                                     "5",
                                     "null",
                                     "true",
                                     " and ",
                                     " or",
                                     " not ",
                                     "!",
                                     "(",
                                     ")",
                                     "contains(",
                                     "match(",
                                     ",",
                                     "\"a*\"",
                                     " in ",
                                     "[",
                                     "]",
                                     ".",
                                     "userId",
                                     "\\",
                                     "'",
                                     "\"",
                                     "event = \"abc\"",
                                     "properties.a[*] > 0",
                                     "contains(event, \"b\")",
                                     "type = null",
                                     "\r\n",
                                     "&&",
                                     "==",
                                     "-",
                                     "1e3",
                                     " ",
                                     "traits.x"};

/* Either a trigger, which gives the same answer twice and whose opposite gives the other one, or one
 * problem inside the text. */
static void random_texts(void **state)
{
    static const char event[] = "{\"type\":\"track\",\"event\":\"abc\",\"userId\":5,\"properties\":"
                                "{\"a\":[1,\"a\",{\"a\":5}]},\"traits\":{\"x\":-2}}";
    uint64_t seed = 0x9E3779B97F4A7C15;
    struct buf text = {0};
    size_t good = 0;
    (void)state;
    for (int i = 0; i < 30000; i++) {
        struct language l;
        struct err err;
        size_t count = check_random(&seed) % 9;
        language_init(&l);
        buf_clear(&text);
        for (size_t k = 0; k < count; k++) {
            buf_put(&text, str_z(pieces[check_random(&seed) % countof(pieces)]));
        }
        struct trigger *t = trigger_compile(&l.scope, language_text(&l, buf_str(&text)));
        assert_int_equal(l.diags.count, t ? 0 : 1);
        if (t) {
            good++;
            struct str opposite = arena_printf(&l.arena, "not (%.*s)", STR_ARG(buf_str(&text)));
            struct trigger *not_t = trigger_compile(&l.scope, language_text(&l, opposite));
            assert_non_null(not_t);
            language_fill(&l, json_read(&l.scratch, str_z(event), &err));
            assert_int_equal(trigger_test(t, &l.eval), !trigger_test(not_t, &l.eval));
        } else {
            unsigned column = l.diags.items[0].loc.column;
            assert_true(column >= 7 && column <= 7 + text.n);
        }
        language_fini(&l);
    }
    assert_true(good > 100);
    buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases),           cmocka_unit_test(differences),
        cmocka_unit_test(errors),          cmocka_unit_test(limits),
        cmocka_unit_test(hostile_pattern), cmocka_unit_test(event_names),
        cmocka_unit_test(random_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
