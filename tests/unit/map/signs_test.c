/* SPDX-License-Identifier: Apache-2.0 */
/* map/signs.c beside its simpler form, which looks at one byte at a time, and the writer of JSON. */
#include "map/signs.h"

#include "base/json.h"
#include "support/check.h"

static unsigned slow_signs(struct str text)
{
    size_t digits = 0;
    bool found = false, coded = false, query = false;
    for (size_t i = 0; i < text.n; i++) {
        digits += text.p[i] >= '0' && text.p[i] <= '9';
        found |= text.p[i] == '@' || str_starts(str_from(text, i), S("%40"));
        coded |= text.p[i] == '%' || text.p[i] == '+';
        query |= text.p[i] == '?' || text.p[i] == '#';
    }
    found |= digits >= 8;
    return (found ? SIGN_FOUND : 0U) | (coded ? SIGN_CODED : 0U) | (query ? SIGN_QUERY : 0U);
}

static bool is_odd(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') return true;
    }
    return false;
}

/* The text lies at the end of its memory, so that a sanitizer sees who reads behind it. */
static void compare_with(unsigned (*of)(struct str), unsigned (*puts)(struct buf *, struct str),
                         struct str text)
{
    struct buf out = {0}, want = {0};
    char *end = test_malloc(text.n + 1);
    struct str tight = str_of(end + 1, text.n);
    memcpy(end + 1, text.p, text.n);
    assert_int_equal(of(tight), slow_signs(text));
    buf_put(&out, S("before"));
    buf_put(&want, S("before"));
    bool odd = is_odd(text);
    assert_int_equal(puts(&out, tight), slow_signs(text) | (odd ? SIGN_ODD : 0U));
    if (!odd) json_put_str(&want, text);
    check_str_at(buf_str(&out), buf_str(&want), __FILE__, __LINE__);
    test_free(end);
    buf_fini(&out);
    buf_fini(&want);
}

static void compare(struct str text)
{
    compare_with(signs_of, signs_put, text);
    compare_with(signs_of_portable, signs_put_portable, text);
}

static void quick_look_misses_nothing(void **state)
{
    static const char letters[] = "0123456789ab/:;-.?&#@%40%+<>~|_\x1F\"\\ \xC3\xA9\x80\xFF\n";
    char text[90];
    uint64_t seed = 7;
    (void)state;
    for (size_t round = 0; round < 20000; round++) {
        size_t n = check_random(&seed) % sizeof text;
        size_t variety = 1 + check_random(&seed) % (sizeof letters - 1);
        for (size_t i = 0; i < n; i++) text[i] = letters[check_random(&seed) % variety];
        if (n > 3) memcpy(text + check_random(&seed) % (n - 2), "%40", round % 3 ? 0 : 3);
        compare(str_of(text, n));
    }
}

/* Every byte, at every place of a short text and around the ends of the long stretches. */
static void every_byte_everywhere(void **state)
{
    static const size_t lengths[] = {1, 2, 3, 7, 8, 15, 16, 17, 31, 33};
    char text[600];
    (void)state;
    for (size_t k = 0; k < countof(lengths); k++) {
        for (size_t place = 0; place < lengths[k]; place++) {
            for (unsigned c = 0; c < 256; c++) {
                memset(text, 'x', sizeof text);
                text[place] = (char)c;
                compare(str_of(text, lengths[k]));
            }
        }
    }
    for (size_t n = 230; n < sizeof text; n++) {
        memset(text, 'x', sizeof text);
        for (size_t i = 0; i < 7; i++) text[n - 1 - 30 * i] = (char)('0' + i);
        compare(str_of(text, n));
        text[0] = '7'; /* the eighth */
        compare(str_of(text, n));
        memset(text, '1', n); /* many digits are not too many to count */
        compare(str_of(text, n));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quick_look_misses_nothing),
        cmocka_unit_test(every_byte_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
