/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include "support/check.h"

static void check_lower(const char *in, const char *want)
{
    struct buf out = {0};
    text_lower(&out, str_z(in));
    check_str(buf_str(&out), want);
    buf_fini(&out);
}

static void lowers(void **state)
{
    struct buf out = {0};
    (void)state;
    check_lower("John_SMITH@Gmail.com", "john_smith@gmail.com");
    check_lower("M\xC3\x9CLLER", "m\xC3\xBCller");
    check_lower("\xC4\xB0", "i\xCC\x87");    /* I with dot */
    check_lower("\xD0\x96", "\xD0\xB6");     /* Cyrillic */
    check_lower("A\xFF\xC3Z", "a\xFF\xC3z"); /* not UTF-8: bytes pass */
    text_upper(&out, S("stra\xC3\x9F"
                       "e \xC3\xA9"));
    check_str(buf_str(&out), "STRASSE \xC3\x89");
    buf_fini(&out);
}

static void trims(void **state)
{
    (void)state;
    check_str(text_trim(S("\xEF\xBB\xBF \xC2\xA0x y\xE3\x80\x80\n")), "x y");
    check_str(text_trim(S(" \xE2\x80\x83 ")), "");
    check_str(text_trim(S("")), "");
    check_str(text_head(S("a\xC3\xA4z"), 2), "a");
    check_str(text_head(S("a\xC3\xA4z"), 3), "a\xC3\xA4");
    check_str(text_head(S("\x80\x80\x80"), 2), "");
    check_str(text_head(S("abc"), 3), "abc");
}

static void classifies(void **state)
{
    size_t at = 0;
    (void)state;
    assert_true(text_is_punct('!') && text_is_punct('~') && text_is_punct('@'));
    assert_true(text_is_punct(0x2019)); /* the typographic apostrophe */
    assert_false(text_is_punct('a') || text_is_punct(' ') || text_is_punct('0'));
    assert_true(text_is_letter(0xE9) && text_is_letter('z'));
    assert_false(text_is_letter('1') || text_is_letter(-1 - 0xFF));
    assert_true(text_is_valid(S("\xF0\x9F\x98\x80")));
    assert_false(text_is_valid(S("\xF0\x9F\x98")));
    assert_int_equal(text_next(S("\xFF"), &at), -1 - 0xFF);
    assert_int_equal(at, 1);
}

/* Of every length, with a letter of two bytes or half of it at every place. */
static void finds_invalid_bytes_anywhere(void **state)
{
    char text[40];
    (void)state;
    for (size_t n = 0; n <= sizeof text; n++) {
        memset(text, 'a', sizeof text);
        assert_true(text_is_valid(str_of(text, n)));
        for (size_t i = 0; i + 1 < n; i++) {
            memset(text, 'a', sizeof text);
            text[i] = (char)0xC3;
            assert_false(text_is_valid(str_of(text, n)));
            text[i + 1] = (char)0xA9;
            assert_true(text_is_valid(str_of(text, n)));
            assert_false(text_is_valid(str_of(text, i + 1)));
        }
    }
}

static void round_trips_any_bytes(void **state)
{
    uint64_t seed = 99;
    (void)state;
    for (int round = 0; round < 2000; round++) {
        char bytes[24];
        struct buf out = {0};
        for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)check_random(&seed);
        struct str s = str_of(bytes, sizeof bytes);
        for (size_t at = 0; at < s.n;) text_put(&out, text_next(s, &at));
        assert_true(str_eq(buf_str(&out), s));
        buf_fini(&out);
    }
}

static void disarms(void **state)
{
    (void)state;
    char text[] = "a\tb\n\x1B[2J\r\x7F \xC2\x9B"
                  "2J \xC2\xA0\xC3\xA9 \xC2";
    text_disarm(text, sizeof text - 1);
    check_str(str_z(text), "a\tb\n?[2J?? \xC2\xBF"
                           "2J \xC2\xA0\xC3\xA9 \xC2");
    text_disarm(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lowers),
        cmocka_unit_test(trims),
        cmocka_unit_test(classifies),
        cmocka_unit_test(round_trips_any_bytes),
        cmocka_unit_test(finds_invalid_bytes_anywhere),
        cmocka_unit_test(disarms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
