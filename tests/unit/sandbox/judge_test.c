/* SPDX-License-Identifier: Apache-2.0 */
/* The judge, by its cases: tests/cases/sandbox/judge.ndjson has an event a line and what is said of
 * it at 2026-09-21T14:13:20Z: nothing, or the subcode and the path of the refusal, and every warning
 * by some of its words. Then the same events with random damage, which must only be survived. */
/* Of sandbox/judge.c, sandbox/judge_value.c, sandbox/judge_user.c, sandbox/judge_custom.c,
 * sandbox/judge_channel.c and sandbox/verdict.c. */
#include "sandbox/judge.h"
#include "support/cases.h"
#include "sys/file.h"

#define CASES "tests/cases/sandbox/judge.ndjson"
#define NOW_MS ((int64_t)1790000000 * MS_PER_SECOND)

static struct buf cases;
static struct arena arena;

static int read_cases(void **state)
{
    struct err err;
    (void)state;
    return file_read_all(CASES, (size_t)1 << 20, &cases, &err) ? 0 : 1;
}

static int drop_cases(void **state)
{
    (void)state;
    buf_fini(&cases);
    arena_fini(&arena);
    return 0;
}

static bool has_warning(const struct verdict *v, struct str words)
{
    for (size_t i = 0; i < v->warning_count; i++) {
        if (str_find(v->warnings[i], words, 0) != SIZE_MAX) return true;
    }
    return false;
}

/* What is wrong with the verdict, or NULL. */
static const char *compare(yyjson_val *c, const struct verdict *v)
{
    yyjson_val *warn = json_get(c, "warn"), *item;
    size_t index, count;
    if (verdict_subcode(v->rule) != case_i64(c, "subcode", 0)) return "subcode";
    if (json_get(c, "path") && !str_eq(case_str(c, "path"), v->path)) return "path";
    if (!warn) return NULL;
    if (yyjson_arr_size(warn) != v->warning_count) return "number of warnings";
    yyjson_arr_foreach (warn, index, count, item) {
        if (!has_warning(v, json_str(item))) return "warning";
    }
    return NULL;
}

static bool run_case(yyjson_val *c)
{
    struct verdict v;
    judge_event(json_get(c, "event"), NOW_MS, &arena, &v);
    const char *wrong = compare(c, &v);
    if (wrong) {
        print_error("wrong %s: %d %.*s\n", wrong, verdict_subcode(v.rule), STR_ARG(v.path));
        for (size_t i = 0; i < v.warning_count; i++) {
            print_error("  warning %.*s\n", STR_ARG(v.warnings[i]));
        }
    }
    arena_reset(&arena);
    return !wrong;
}

static void test_cases(void **state)
{
    (void)state;
    cases_run(CASES, 190, run_case);
}

/* No text of a verdict may show what the event holds. */
static void test_no_values(void **state)
{
    struct str line, rest = buf_str(&cases);
    struct err err;
    (void)state;
    while (str_cut(rest, '\n', &line, &rest)) {
        struct verdict v;
        struct buf out = {0};
        judge_event(json_get(json_read(&arena, line, &err), "event"), NOW_MS, &arena, &v);
        verdict_put_warnings(&out, &v);
        buf_put(&out, v.path);
        buf_put(&out, v.detail);
        assert_true(str_find(buf_str(&out), S("jane"), 0) == SIZE_MAX);
        assert_true(str_find(buf_str(&out), S("f1904cf1"), 0) == SIZE_MAX);
        buf_fini(&out);
        arena_reset(&arena);
    }
}

/* A long key must not break the place, nor many warnings their number. */
static void test_bounds(void **state)
{
    struct buf text = {0};
    struct verdict v;
    struct err err;
    (void)state;
    buf_put(&text, S("{\"event_name\":\"x\",\"event_time\":1790000000,\"action_source\":\"other\","
                     "\"user_data\":{\"fbp\":\"x\"},\"custom_data\":{\"a\":{"));
    for (int i = 0; i < 40; i++) {
        buf_printf(&text, "%s\"%0500d\":[[[\"a@b.cc\"]]]", i ? "," : "", i);
    }
    buf_put(&text, S("}}}"));
    judge_event(json_read(&arena, buf_str(&text), &err), NOW_MS, &arena, &v);
    assert_int_equal(v.rule, VERDICT_OK);
    assert_int_equal(v.warning_count, LIMIT_SANDBOX_WARNINGS);
    for (size_t i = 0; i < v.warning_count; i++) assert_true(v.warnings[i].n < 400);
    buf_fini(&text);
}

static uint64_t seed = 0x9E3779B97F4A7C15;

static void put_junk(struct buf *out)
{
    static const char *const junk[] = {
        "null",
        "true",
        "-1",
        "1e999",
        "\"\"",
        "\"x\"",
        "[]",
        "{}",
        "[null]",
        "{\"id\":[]}",
        "\"\\u0000\"",
        "[[[]]]",
        "123456789012345678901234567890",
        "\"a@b.cc\"",
        "{\"\":\"\"}",
    };
    buf_put(out, str_z(junk[check_random(&seed) % countof(junk)]));
}

/* Writes v, with one value in so many replaced by junk and one key in so many dropped. */
static void put_damaged(struct buf *out, yyjson_val *v)
{
    size_t index, count;
    yyjson_val *key, *item;
    if (check_random(&seed) % 12 == 0) {
        put_junk(out);
    } else if (yyjson_is_obj(v)) {
        buf_putc(out, '{');
        yyjson_obj_foreach (v, index, count, key, item) {
            if (check_random(&seed) % 15 == 0) continue;
            json_key(out, json_str(key));
            put_damaged(out, item);
        }
        buf_putc(out, '}');
    } else if (yyjson_is_arr(v)) {
        buf_putc(out, '[');
        yyjson_arr_foreach (v, index, count, item) {
            json_comma(out);
            put_damaged(out, item);
        }
        buf_putc(out, ']');
    } else {
        json_put_val(out, v);
    }
}

static void test_damaged(void **state)
{
    struct buf text = {0};
    struct err err;
    size_t refused = 0, taken = 0;
    (void)state;
    for (int round = 0; round < 40; round++) {
        struct str line, rest = buf_str(&cases);
        while (str_cut(rest, '\n', &line, &rest)) {
            struct verdict v;
            buf_clear(&text);
            put_damaged(&text, json_get(json_read(&arena, line, &err), "event"));
            yyjson_val *event = json_read(&arena, buf_str(&text), &err);
            assert_non_null(event);
            judge_event(event, NOW_MS, &arena, &v);
            if (v.rule == VERDICT_OK) {
                taken++;
            } else {
                refused++;
            }
            arena_reset(&arena);
        }
    }
    assert_true(refused > 1000 && taken > 300);
    buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_no_values),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, read_cases, drop_cases);
}
