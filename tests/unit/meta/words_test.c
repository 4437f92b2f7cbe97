/* SPDX-License-Identifier: Apache-2.0 */
/* meta/words.c, and the order of the texts it searches: meta/country_table.c, meta/state_table.c and
 * the genders of meta/normalise_text.c. */
#include "meta/words.h"

#include "meta/normalise_text.c"

#include "support/check.h"

/* Every entry is "key=value ", key folded, behind its predecessor, and found. */
static size_t check_words(const struct words *words)
{
    size_t count = 0;
    for (size_t letter = 0; letter < countof(words->letters); letter++) {
        struct str rest = str_z(words->letters[letter]), previous = {NULL, 0};
        while (rest.n) {
            struct str entry, key, value = {NULL, 0};
            char folded[WORD_MAX];
            if (!str_cut(rest, ' ', &entry, &rest) || !str_cut(entry, '=', &key, &value))
                fail_msg("\"%.*s\" is not \"key=value \"", STR_ARG(entry));
            if (key.p[0] != (char)('a' + letter) || str_cmp(previous, key) >= 0)
                fail_msg("\"%.*s\" is out of order", STR_ARG(key));
            assert_true(str_eq(word_fold(key, folded), key));
            assert_true(str_eq(words_find(words, key), value));
            previous = key;
            count++;
        }
    }
    return count;
}

static void test_tables(void **state)
{
    (void)state;
    assert_true(check_words(&country_names) > 1500);
    assert_true(check_words(&state_names) > 150);
    assert_true(check_words(&genders) > 50);
}

static void check_fold(const char *in, const char *want)
{
    char folded[WORD_MAX];
    check_str(word_fold(str_z(in), folded), want);
}

static void test_fold(void **state)
{
    (void)state;
    check_fold("", "");
    check_fold("United States", "unitedstates");
    check_fold(" U.S.A. (840) ", "usa");
    check_fold("C\xC3\xB4te d\xE2\x80\x99Ivoire", "cotedivoire");
    check_fold("\xC3\x85land", "aland");
    check_fold("Hawai\xCA\xBBi", "hawaii"); /* a letter, but one that is an apostrophe */
    check_fold("A\xCC\x8Aland", "aland");   /* a mark of its own */
    check_fold("Gro\xC3\x9F"
               "britannien",
               "grossbritannien");
    check_fold("T\xC3\xBCrkiye \xC4\xB0"
               "I\xC4\xB1",
               "turkiyeiii");
    check_fold("\xC3\x86\xC5\x93\xC3\x98\xC5\x81\xC4\x91\xC3\x9E", "aeoeoldth");
    check_fold("\xE6\x97\xA5\xE6\x9C\xAC", ""); /* another script */
    check_fold("Texas \xE6\x97\xA5", "");
    check_fold("Texas\xFF", "");
    check_fold("0123 -.,", "");
}

static void test_fold_is_bounded(void **state)
{
    (void)state;
    char text[WORD_MAX + 1], folded[WORD_MAX];
    memset(text, 'x', sizeof text);
    assert_int_equal(word_fold(str_of(text, WORD_MAX), folded).n, WORD_MAX);
    assert_int_equal(word_fold(str_of(text, sizeof text), folded).n, 0);
    memcpy(text + WORD_MAX - 1, "\xC3\x9F", 2); /* two letters where one has room */
    assert_int_equal(word_fold(str_of(text, sizeof text), folded).n, 0);
}

static void test_find_knows_only_keys(void **state)
{
    (void)state;
    static const struct words few = {{['b' - 'a'] = "ba=1 bar=2 bat=3 "}};
    check_str(words_find(&few, S("ba")), "1");
    check_str(words_find(&few, S("bar")), "2");
    check_str(words_find(&few, S("bat")), "3");
    static const char *const unknown[] = {"",  "b",  "baa", "barr", "baz", "a",
                                          "c", "zz", "B",   "=",    "1"};
    for (size_t i = 0; i < countof(unknown); i++)
        assert_null(words_find(&few, str_z(unknown[i])).p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_fold_is_bounded),
        cmocka_unit_test(test_find_knows_only_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
