/* SPDX-License-Identifier: Apache-2.0 */
/* meta/country.c: the table is sorted, complete and believable. */
#include "meta/country.h"

#include "support/check.h"

static void test_table(void **state)
{
    (void)state;
    assert_int_equal(country_count, 250); /* the 249 of ISO 3166-1 and Kosovo */
    for (size_t i = 0; i < country_count; i++) {
        const struct country *c = &countries[i];
        if (i > 0) assert_true(memcmp(countries[i - 1].code, c->code, 2) < 0);
        assert_ptr_equal(country_find(str_z(c->code)), c);
        assert_true(c->digits_min <= c->digits_max);
        assert_int_equal(c->calling[0] == '\0', c->digits_max == 0);
        /* With its calling code a number fits into the 15 digits of E.164. */
        assert_true(strlen(c->calling) + c->digits_max <= 15);
        assert_true(strlen(c->trunk) <= 2);
    }
}

static void test_find(void **state)
{
    (void)state;
    assert_string_equal(country_find(S("de"))->calling, "49");
    assert_string_equal(country_find(S("us"))->calling, "1");
    assert_null(country_find(S("")));
    assert_null(country_find(S("d")));
    assert_null(country_find(S("DE")));
    assert_null(country_find(S("deu")));
    assert_null(country_find(S("aa")));
    assert_null(country_find(S("zz")));
}

/* Every name leads to a country of the table, and every country has an alpha-3 code and a name. */
static void test_names_lead_to_countries(void **state)
{
    (void)state;
    static unsigned names[676], codes[676];
    for (size_t letter = 0; letter < countof(country_names.letters); letter++) {
        struct str rest = str_z(country_names.letters[letter]), entry, key, code;
        while (rest.n && str_cut(rest, ' ', &entry, &rest) && str_cut(entry, '=', &key, &code)) {
            if (!country_find(code)) fail_msg("no country \"%.*s\"", STR_ARG(entry));
            size_t at = (size_t)((code.p[0] - 'a') * 26 + (code.p[1] - 'a'));
            if (key.n == 3)
                codes[at]++;
            else
                names[at]++;
        }
    }
    for (size_t i = 0; i < country_count; i++) {
        const char *code = countries[i].code;
        size_t at = (size_t)((code[0] - 'a') * 26 + (code[1] - 'a'));
        if (!names[at] || !codes[at]) fail_msg("%s lacks a name or an alpha-3 code", code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_names_lead_to_countries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
