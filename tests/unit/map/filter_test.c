/* SPDX-License-Identifier: Apache-2.0 */
/* map/filter.c with map/filter_kind.c, map/filter_text.c, map/filter_list.c, map/filter_money.c and map/filter_event.c:
 * every row's example, the fitting of inputs, arguments, and the reference. What single filters do
 * beyond their example is in tests/cases/map/filters.ndjson. */
#include "map/filter.h"

#include "core/limits.h"

#include "support/cases.h"
#include "support/language.h"

/* The event around an input: the input, and what filters look at besides. */
static yyjson_val *around(struct language *l, struct str input)
{
    struct err err;
    struct str json = arena_printf(&l->scratch,
                                   "{\"timestamp\":\"2026-11-21T18:04:05.123Z\","
                                   "\"properties\":{\"x\":%.*s}}",
                                   STR_ARG(input));
    yyjson_val *root = json_read(&l->scratch, json, &err);
    if (!root) fail_msg("%s in %.*s", err.text, STR_ARG(json));
    return root;
}

/* When and how the event came. */
static struct event event;
static int64_t now_ms;

/* Does `in | call` give want? Says so when not. */
static bool gives(struct str in, struct str call, struct str want)
{
    struct language l;
    language_init(&l);
    l.scope.in_each = true;
    l.event = event;
    l.eval.now_ms = now_ms;
    struct str text = arena_printf(&l.scratch, "properties.x | %.*s", STR_ARG(call));
    struct expr *e = expr_compile(&l.scope, language_text(&l, text));
    if (e) language_fill(&l, around(&l, in));
    struct str got = e ? language_eval(&l, e) : language_problems(&l);
    bool same = str_eq(got, want);
    if (!same) {
        print_error("%.*s | %.*s\ngot  %.*s\nwant %.*s\n", STR_ARG(str_head(in, 200)),
                    STR_ARG(call), STR_ARG(got), STR_ARG(want));
    }
    language_fini(&l);
    return same;
}

static void run(struct str in, struct str call, struct str want)
{
    assert_true(gives(in, call, want));
}

static void examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < filter_count; i++) {
        run(filters[i].example_in, filters[i].example_call, filters[i].example_out);
    }
}

/* Only a filter that reads event fields may give something else at another time (expr_is_settled). */
static void examples_at_another_time(void **state)
{
    size_t others = 0;
    (void)state;
    event =
        (struct event){.received_ms = 1795284250000, .sent_ms = 1795284240000, .flags = UINT8_MAX};
    now_ms = 1895284250000;
    for (size_t i = 0; i < filter_count; i++) {
        others += filters[i].reads.n > 0;
        if (filters[i].reads.n) continue;
        run(filters[i].example_in, filters[i].example_call, filters[i].example_out);
    }
    assert_int_equal(others, 2);
    event = (struct event){0};
    now_ms = 0;
}

static void each_name_is_found_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < filter_count; i++) {
        assert_ptr_equal(filter_find(filters[i].name), &filters[i]);
    }
    assert_null(filter_find(S("uper")));
    assert_null(filter_find(S("")));
    check_str(filter_suggest(S("uper")), "upper");
    check_str(filter_suggest(S("xyzzyx")), "");
}

/* What each kind of input does with each kind of value, when the filter is a harmless one. */
static void inputs(void **state)
{
    static const struct {
        const char *call, *missing, *text, *number, *truth, *list, *object, *nothing;
    } rows[] = {
        {"default(7)", "7", "\"a\"", "1.50", "true", "[1]", "{\"k\":1}", "7"},
        {"json", "nothing", "\"\\\"a\\\"\"", "\"1.50\"", "\"true\"", "\"[1]\"", "\"{\\\"k\\\":1}\"",
         "nothing"},
        {"upper", "nothing", "\"A\"", "\"1.50\"", "\"TRUE\"", "nothing", "nothing", "nothing"},
        {"round", "nothing", "nothing", "2", "nothing", "nothing", "nothing", "nothing"},
        {"count", "nothing", "1", "1", "1", "1", "1", "nothing"},
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct str call = str_z(rows[i].call);
        run(S("\"a\""), call, str_z(rows[i].text));
        run(S("1.50"), call, str_z(rows[i].number));
        run(S("true"), call, str_z(rows[i].truth));
        run(S("[1]"), call, str_z(rows[i].list));
        run(S("{\"k\":1}"), call, str_z(rows[i].object));
        run(S("null"), call, str_z(rows[i].nothing));
    }
}

static bool run_case(yyjson_val *line)
{
    struct buf in = {0}, want = {0};
    yyjson_val *out = json_get(line, "out");
    json_put_val(&in, json_get(line, "in"));
    if (out) {
        json_put_val(&want, out);
    } else {
        buf_put(&want, case_str(line, "verdict"));
    }
    bool ok = gives(buf_str(&in), case_str(line, "call"), buf_str(&want));
    buf_fini(&in);
    buf_fini(&want);
    return ok;
}

static void cases(void **state)
{
    (void)state;
    cases_run("tests/cases/map/filters.ndjson", 100, run_case);
}

/* A text that grows beyond the largest output is a verdict, not memory. */
static void growth_is_bounded(void **state)
{
    struct language l;
    (void)state;
    language_init(&l);
    struct buf json = {0}, text = {0};
    buf_put(&json, S("\""));
    for (size_t i = 0; i < LIMIT_EVENT_BYTES / 2; i++) buf_putc(&json, 'a');
    buf_put(&json, S("\""));
    buf_put(&text, S("properties.x | replace(\"a\", \""));
    for (size_t i = 0; i < 4000; i++) buf_putc(&text, 'b');
    buf_put(&text, S("\")"));
    struct expr *e = expr_compile(&l.scope, language_text(&l, buf_str(&text)));
    assert_non_null(e);
    language_fill(&l, around(&l, buf_str(&json)));
    check_str(language_eval(&l, e), "invalid");
    assert_true(l.text.capacity < LIMIT_OUT_EVENT_BYTES * 4);
    buf_fini(&json);
    buf_fini(&text);
    language_fini(&l);
}

/* Filters on lists look at the first items only, so that unique stays cheap. */
static void long_lists(void **state)
{
    struct buf json = {0};
    (void)state;
    buf_putc(&json, '[');
    for (unsigned i = 0; i < LIMIT_EACH_ITEMS * 3; i++) {
        buf_printf(&json, "%s%u", i ? "," : "", i % (LIMIT_EACH_ITEMS + 10));
    }
    buf_putc(&json, ']');
    run(buf_str(&json), S("unique | count"), S("1000"));
    run(buf_str(&json), S("compact | count"), S("1000"));
    run(buf_str(&json), S("count"), S("3000"));
    run(buf_str(&json), S("last"), S("979"));
    buf_fini(&json);
}

static void reference_has_every_filter(void **state)
{
    struct buf out = {0};
    (void)state;
    filter_reference(&out);
    for (size_t i = 0; i < filter_count; i++) {
        char row[64];
        (void)snprintf(row, sizeof row, "| `%.*s", STR_ARG(filters[i].name));
        assert_true(str_find(buf_str(&out), str_z(row), 0) != SIZE_MAX);
    }
    assert_true(str_find(buf_str(&out), S("| `round[(decimals)]` | number |"), 0) != SIZE_MAX);
    assert_true(str_find(buf_str(&out), S("| `envelope.client_ip` |"), 0) != SIZE_MAX);
    assert_true(str_find(buf_str(&out), S("| `anonymousId` |"), 0) != SIZE_MAX);
    buf_fini(&out);
}

/* A time that was read is remembered: whatever was asked before, the answer is the same. */
static void times_are_not_mixed_up(void **state)
{
    static const struct str texts[] = {
        S_INIT("timestamp | time"),
        S_INIT("properties.x | time"),
        S_INIT("timestamp | time | skew_corrected"),
        S_INIT("properties.x | time | skew_corrected"),
        S_INIT("properties.x | date"),
        S_INIT("properties.x | fbc"),
        S_INIT("\"5000000\" | time | skew_corrected"),
        S_INIT("\"5000000\" | time | append(\"\") | skew_corrected"),
        S_INIT("properties.x | text | time | text | time"),
    };
    struct language l;
    struct expr *exprs[countof(texts)];
    struct str want[countof(texts)];
    uint64_t seed = 3;
    (void)state;
    language_init(&l);
    for (size_t i = 0; i < countof(texts); i++) {
        exprs[i] = expr_compile(&l.scope, language_text(&l, texts[i]));
        assert_non_null(exprs[i]);
    }
    language_fill(&l, around(&l, S("\"2025-01-02T03:04:05Z\"")));
    for (size_t i = 0; i < countof(texts); i++) {
        l.eval.read = l.eval.made = (struct eval_time){.ms = 0};
        want[i] = arena_str(&l.arena, language_eval(&l, exprs[i]));
    }
    check_str(want[2], "1795284245123");
    check_str_at(want[6], want[7], __FILE__, __LINE__); /* known, and read anew */
    for (size_t round = 0; round < 2000; round++) {
        size_t i = check_random(&seed) % countof(texts);
        check_str_at(language_eval(&l, exprs[i]), want[i], __FILE__, __LINE__);
    }
    language_fini(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples),
        cmocka_unit_test(examples_at_another_time),
        cmocka_unit_test(each_name_is_found_once),
        cmocka_unit_test(inputs),
        cmocka_unit_test(cases),
        cmocka_unit_test(growth_is_bounded),
        cmocka_unit_test(long_lists),
        cmocka_unit_test(times_are_not_mixed_up),
        cmocka_unit_test(reference_has_every_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
