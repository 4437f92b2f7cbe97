/* SPDX-License-Identifier: Apache-2.0 */
/* map/detect.c, as lines of tests/cases/map/detect.ndjson: a text, perhaps the name of its property, and the
 * hits in it, each as its kind and the part of the text. */
#include "map/detect.h"

#include "support/cases.h"

static const char *const kinds[] = {"mail", "phone", "card"};

static bool run_case(yyjson_val *line)
{
    struct str text = case_str(line, "text");
    struct detect_hint hint = detect_hint(case_str(line, "name"));
    yyjson_val *want = yyjson_obj_get(line, "hits");
    size_t count = 0, at = 0;
    bool ok = true;
    for (struct hit hit; detect_next(text, at, &hint, &hit); at = hit.at + hit.n) {
        yyjson_val *one = yyjson_arr_get(want, count++);
        struct str got = str_of(text.p + hit.at, hit.n);
        ok = ok && one && str_eq(json_str(yyjson_arr_get(one, 0)), str_z(kinds[hit.kind])) &&
             str_eq(json_str(yyjson_arr_get(one, 1)), got);
        if (!ok) print_error("got %s \"%.*s\"\n", kinds[hit.kind], STR_ARG(got));
        if (!ok) break;
        assert_true(hit.n > 0 && detect_maybe(text));
    }
    if (ok && count != yyjson_arr_size(want)) {
        print_error("got %zu hits\n", count);
        ok = false;
    }
    return ok;
}

static void cases(void **state)
{
    (void)state;
    cases_run("tests/cases/map/detect.ndjson", 100, run_case);
}

/* Any bytes: hits lie in the text, in order, and the quick look misses none. */
static void any_bytes(void **state)
{
    (void)state;
    static const char bytes[] = "0123456789 -.+()/@%40ab\xC3";
    uint64_t seed = 20260116;
    char text[96];
    for (int round = 0; round < 200000; round++) {
        size_t n = check_random(&seed) % sizeof text, at = 0;
        for (size_t i = 0; i < n; i++) text[i] = bytes[check_random(&seed) % (sizeof bytes - 1)];
        struct detect_hint hint = {
            .known = true, .phone = check_random(&seed) % 2, .id = check_random(&seed) % 2};
        for (struct hit hit; detect_next(str_of(text, n), at, &hint, &hit);) {
            assert_true(hit.n > 0 && hit.at >= at && hit.at + hit.n <= n);
            assert_true(detect_maybe(str_of(text, n)));
            at = hit.at + hit.n;
        }
    }
}

/* Work grows with the text, not faster: a minute would not do for the square of this. */
static void long_texts(void **state)
{
    (void)state;
    static const char *const pieces[] = {"1", "1 ", "a@",  "a.",  "+1 ",
                                         "(", "@",  "%40", "12-", "a@b."};
    struct buf text = {0};
    struct detect_hint none = {.known = true};
    struct hit hit;
    for (size_t i = 0; i < countof(pieces); i++) {
        buf_clear(&text);
        while (text.n < (size_t)1 << 20) buf_put(&text, str_z(pieces[i]));
        for (size_t at = 0; detect_next(buf_str(&text), at, &none, &hit); at = hit.at + hit.n)
            continue;
    }
    buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases),
        cmocka_unit_test(any_bytes),
        cmocka_unit_test(long_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
