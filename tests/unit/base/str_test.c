/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include "support/check.h"

static void compares(void **state)
{
    (void)state;
    assert_true(str_eq(S(""), str_of(NULL, 0)));
    assert_false(str_eq(S("a"), S("b")));
    assert_true(str_eq_nocase(S("Content-TYPE"), S("content-type")));
    assert_false(str_eq_nocase(S("\xC3\x84"), S("\xC3\xA4"))); /* only ASCII folds */
    assert_int_equal(str_cmp(S("ab"), S("ab")), 0);
    assert_true(str_cmp(S("ab"), S("abc")) < 0);
    assert_true(str_cmp(S("b"), S("abc")) > 0);
}

/* Of every length: what is compared and copied by words against what goes byte by byte. */
static void compares_and_copies_all_of_it(void **state)
{
    char a[40], b[40], copy[41];
    (void)state;
    for (size_t i = 0; i < sizeof a; i++) a[i] = (char)('a' + i % 7);
    for (size_t n = 0; n < sizeof a; n++) {
        memcpy(b, a, sizeof a);
        assert_true(str_eq(str_of(a, n), str_of(b, n)));
        assert_false(str_eq(str_of(a, n), str_of(b, n + 1)));
        for (size_t at = 0; at < sizeof a; at++) {
            b[at] ^= 1;
            assert_int_equal(str_eq(str_of(a, n), str_of(b, n)), at >= n);
            b[at] ^= 1;
        }
        memset(copy, '#', sizeof copy);
        str_copy(copy, str_of(a, n));
        assert_memory_equal(copy, a, n);
        assert_int_equal(copy[n], '#');
    }
}

static void cuts(void **state)
{
    struct str head, tail;
    (void)state;
    assert_true(str_cut(S("a.b.c"), '.', &head, &tail));
    check_str(head, "a");
    check_str(tail, "b.c");
    assert_false(str_cut(S("abc"), '.', &head, &tail));
    check_str(head, "abc");
    assert_int_equal(tail.n, 0);
    check_str(str_trim(S(" \t a b\r\n")), "a b");
    check_str(str_trim(S("   ")), "");
    check_str(str_from(S("abc"), 9), "");
    check_str(str_head(S("abc"), 9), "abc");
    assert_int_equal(str_find(S("hello"), S("l"), 3), 3);
    assert_true(str_find(S("hello"), S("z"), 0) == SIZE_MAX);
    assert_true(str_find(S("hello"), S("h"), 9) == SIZE_MAX);
    assert_int_equal(str_find(S("hello"), S(""), 5), 5);
    assert_int_equal(str_find(S("aaab"), S("aab"), 0), 1);
    assert_int_equal(str_find(S("aab"), S("aab"), 0), 0);
    assert_true(str_find(S("aa"), S("aab"), 0) == SIZE_MAX);
    assert_true(str_find(S("aabaa"), S("aab"), 1) == SIZE_MAX);
    assert_true(str_find(str_of(NULL, 0), S("a"), 0) == SIZE_MAX);
}

static void reads_integers(void **state)
{
    uint64_t u = 7;
    int64_t i = 7;
    (void)state;
    assert_true(str_to_u64(S("18446744073709551615"), &u));
    assert_true(u == UINT64_MAX);
    assert_false(str_to_u64(S("18446744073709551616"), &u));
    assert_false(str_to_u64(S(""), &u));
    assert_false(str_to_u64(S("1 "), &u));
    assert_false(str_to_u64(S("-1"), &u));
    assert_true(u == UINT64_MAX); /* untouched on failure */
    assert_true(str_to_i64(S("-9223372036854775808"), &i));
    assert_true(i == INT64_MIN);
    assert_false(str_to_i64(S("-9223372036854775809"), &i));
    assert_false(str_to_i64(S("9223372036854775808"), &i));
    assert_false(str_to_i64(S("-"), &i));
}

static void reads_doubles(void **state)
{
    static const char *const bad[] = {"",    ".",  "-",  "1e",    "1e+", "0x10", "inf",
                                      "nan", " 1", "1 ", "1e999", "1,5", "1..2", "--1"};
    double value = 0;
    (void)state;
    assert_true(str_to_double(S("-12.5e1"), &value));
    assert_true(value == -125);
    assert_true(str_to_double(S("+.5"), &value));
    assert_true(value == 0.5);
    assert_true(str_to_double(S("7."), &value));
    for (size_t i = 0; i < countof(bad); i++) {
        if (str_to_double(str_z(bad[i]), &value)) fail_msg("took \"%s\"", bad[i]);
    }
}

/* The quick way must give what strtod gives. */
static void reads_doubles_as_strtod(void **state)
{
    uint64_t seed = 7;
    (void)state;
    for (int i = 0; i < 50000; i++) {
        char text[40];
        double value = 0;
        int decimals = (int)(check_random(&seed) % 8);
        (void)snprintf(text, sizeof text, "%llu.%0*llu",
                       (unsigned long long)(check_random(&seed) % 1000000000ULL), decimals,
                       decimals ? (unsigned long long)(check_random(&seed) % 10) : 0ULL);
        assert_true(str_to_double(str_z(text), &value));
        if (value != strtod(text, NULL)) fail_msg("%s gave %.17g", text, value);
    }
}

static void measures_distance(void **state)
{
    (void)state;
    assert_int_equal(str_distance(S("acces_token"), S("access_token")), 1);
    assert_int_equal(str_distance(S("kitten"), S("sitting")), 3);
    assert_int_equal(str_distance(S(""), S("abc")), 3);
    assert_int_equal(str_distance(S("EM"), S("em")), 0);
    char a[65];
    memset(a, 'a', sizeof a);
    assert_int_equal(str_distance(str_of(a, 65), S("x")), 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares),
        cmocka_unit_test(cuts),
        cmocka_unit_test(compares_and_copies_all_of_it),
        cmocka_unit_test(reads_integers),
        cmocka_unit_test(reads_doubles),
        cmocka_unit_test(measures_distance),
        cmocka_unit_test(reads_doubles_as_strtod),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
