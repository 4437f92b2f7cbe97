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

/* The simpler form of detect_signs. */
static unsigned slow_signs(struct str text)
{
    size_t digits = 0;
    bool found = false, coded = false, colon = false;
    for (size_t i = 0; i < text.n; i++) {
        digits += text.p[i] >= '0' && text.p[i] <= '9';
        found |= text.p[i] == '@' || str_starts(str_from(text, i), S("%40"));
        coded |= text.p[i] == '%' || text.p[i] == '+';
        colon |= text.p[i] == ':';
    }
    found |= digits >= 8;
    return (found ? DETECT_FOUND : 0U) | (coded ? DETECT_CODED : 0U) | (colon ? DETECT_COLON : 0U);
}

static void quick_look_misses_nothing(void **state)
{
    static const char letters[] = "0123456789ab/:;-.?&\xC3\xA9\x80\xFF @%40%+";
    char text[90];
    uint64_t seed = 7;
    (void)state;
    for (size_t round = 0; round < 20000; round++) {
        size_t n = check_random(&seed) % sizeof text;
        size_t variety = 1 + check_random(&seed) % (sizeof letters - 1);
        for (size_t i = 0; i < n; i++) text[i] = letters[check_random(&seed) % variety];
        if (n > 3) memcpy(text + check_random(&seed) % (n - 2), "%40", round % 3 ? 0 : 3);
        assert_int_equal(detect_signs(str_of(text, n)), slow_signs(str_of(text, n)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases),
        cmocka_unit_test(any_bytes),
        cmocka_unit_test(long_texts),
        cmocka_unit_test(quick_look_misses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
