/* SPDX-License-Identifier: Apache-2.0 */
/* map/decimal.c: amounts as people write them are also in tests/cases/map/filters.ndjson; here are the
 * corners of rounding and a comparison with long arithmetic on random digits. */
#include "map/decimal.h"

#include "support/check.h"

static void rounds_to(const char *in, unsigned places, const char *want)
{
    struct decimal d;
    char text[DECIMAL_TEXT_BYTES];
    if (!decimal_read(str_z(in), &d)) fail_msg("%s is not read", in);
    decimal_round(&d, places);
    check_str(decimal_print(&d, text), want);
}

static void rounding(void **state)
{
    (void)state;
    rounds_to("1.005", 2, "1.01");
    rounds_to("-1.005", 2, "-1.01");
    rounds_to("1.004999999999999999999999999999", 2, "1");
    rounds_to("9.999", 2, "10");
    rounds_to("-0.994", 0, "-1");
    rounds_to("0.5", 0, "1");
    rounds_to("0.05", 0, "0");
    rounds_to("0.05", 1, "0.1");
    rounds_to("0.005", 2, "0.01");
    rounds_to("-0.0049", 2, "0");
    rounds_to("0", 2, "0");
    rounds_to("-0.000", 2, "0");
    rounds_to("1200", 2, "1200");
    rounds_to("120e1", 2, "1200");
    rounds_to("1.5e-3", 2, "0");
    rounds_to("15e-1", 0, "2");
    rounds_to("1e-300", 2, "0");
    rounds_to("123.456", 30, "123.456");
}

static void extremes(void **state)
{
    static const char *const refused[] = {"",      "-",   "+",   ".",   "1e",
                                          "1e400", "0x1", "nan", "1 2", "1,2"};
    struct decimal d;
    char text[DECIMAL_TEXT_BYTES], nines[DECIMAL_DIGITS];
    (void)state;
    for (size_t i = 0; i < countof(refused); i++) {
        assert_false(decimal_read(str_z(refused[i]), &d));
    }
    assert_true(decimal_read(S("1.7e308"), &d));
    assert_int_equal(decimal_print(&d, text).n, 309);
    assert_true(decimal_read(S("1e-999999999999999999999"), &d));
    check_str(decimal_print(&d, text), "0");
    assert_true(decimal_read(S("0e999999999999999999999"), &d));
    check_str(decimal_print(&d, text), "0");
    assert_true(decimal_read(S("5e-299"), &d));
    assert_int_equal(decimal_print(&d, text).n, 301);
    memset(nines, '9', sizeof nines);
    nines[100] = '.';
    assert_true(decimal_read(str_of(nines, DECIMAL_DIGITS - 1), &d));
    decimal_round(&d, 2); /* carries through all digits */
    struct str printed = decimal_print(&d, text);
    assert_int_equal(printed.n, 101);
    assert_int_equal(printed.p[0], '1');
}

static void cutting(void **state)
{
    struct decimal d;
    char text[DECIMAL_TEXT_BYTES];
    (void)state;
    assert_true(decimal_read(S("-2.99"), &d));
    decimal_cut(&d, 0);
    check_str(decimal_print(&d, text), "-2");
    assert_true(decimal_read(S("0.99"), &d));
    decimal_cut(&d, 0);
    check_str(decimal_print(&d, text), "0");
}

static void amounts(void **state)
{
    struct decimal d;
    char text[DECIMAL_TEXT_BYTES];
    (void)state;
    assert_true(decimal_read_amount(S("CHF 5") /* a code is no sign */, &d) == false);
    assert_true(decimal_read_amount(S("\xE2\x82\xAC 1.234.567,891"), &d));
    check_str(decimal_print(&d, text), "1234567.891");
    assert_false(decimal_read_amount(S("\xFF"
                                       "1"),
                                     &d));
    assert_false(decimal_read_amount(S("1\xC2"), &d));
}

/* Against integers: a random number of cents and a third decimal, written out. */
static void random_rounding(void **state)
{
    uint64_t seed = 88172645463325252;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        int64_t thousandths = (int64_t)(check_random(&seed) % 100000000);
        int64_t cents = (thousandths + 5) / 10;
        char in[64], want[64];
        (void)snprintf(in, sizeof in, "%lld.%03lld", (long long)(thousandths / 1000),
                       (long long)(thousandths % 1000));
        int n = snprintf(want, sizeof want, "%lld.%02lld", (long long)(cents / 100),
                         (long long)(cents % 100));
        while (want[n - 1] == '0') n--;
        if (want[n - 1] == '.') n--;
        want[n] = '\0';
        rounds_to(in, 2, want);
    }
}

static void multiplying(void **state)
{
    static const struct {
        const char *number;
        uint64_t count;
        const char *product;
    } cases[] = {
        {"89.9", 2, "179.8"},  {"0.1", 3, "0.3"},   {"-2.5", 4, "-10.0"}, {"9", 1000000, "9000000"},
        {"7", 0, "0"},         {"0", 9, "0"},       {"-1", 0, "0"},       {"1e2", 5, "500"},
        {"99.99", 1, "99.99"}, {"1e308", 10, NULL},
    };
    struct decimal d;
    char text[DECIMAL_TEXT_BYTES], digits[DECIMAL_DIGITS];
    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        assert_true(decimal_read(str_z(cases[i].number), &d));
        assert_true(decimal_multiply(&d, cases[i].count));
        struct str product = decimal_print(&d, text);
        if (cases[i].product) check_str(product, cases[i].product);
    }
    memset(digits, '9', sizeof digits);
    assert_true(decimal_read(str_of(digits, sizeof digits - 1), &d));
    assert_true(decimal_multiply(&d, 2));
    assert_false(decimal_multiply(&d, 10)); /* a digit too many */
    assert_false(decimal_multiply(&d, 1000001));
    check_str(str_head(decimal_print(&d, text), 3), "199");
}

/* What is called short is what would be written if it had been read and rounded, and plain prices are. */
static void short_ones_are_themselves(void **state)
{
    static const char *const prices[] = {
        "0", "7", "129", "129.5", "129.95", "0.05", "123456789012.34"};
    static const char letters[] = "0123456789000..-+e ";
    uint64_t seed = 11;
    size_t found = 0;
    (void)state;
    for (size_t i = 0; i < countof(prices); i++) {
        assert_true(decimal_is_short(str_z(prices[i]), 2));
    }
    for (size_t round = 0; round < 200000; round++) {
        char text[20], printed[DECIMAL_TEXT_BYTES];
        size_t n = check_random(&seed) % sizeof text;
        unsigned places = (unsigned)(check_random(&seed) % 4);
        struct decimal d;
        for (size_t i = 0; i < n; i++) {
            text[i] = letters[check_random(&seed) % (sizeof letters - 1)];
        }
        if (!decimal_is_short(str_of(text, n), places)) continue;
        found++;
        assert_true(decimal_read(str_of(text, n), &d));
        decimal_round(&d, places);
        check_str_at(decimal_print(&d, printed), str_of(text, n), __FILE__, __LINE__);
    }
    assert_true(found > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_ones_are_themselves),
        cmocka_unit_test(rounding),
        cmocka_unit_test(extremes),
        cmocka_unit_test(cutting),
        cmocka_unit_test(amounts),
        cmocka_unit_test(random_rounding),
        cmocka_unit_test(multiplying),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
