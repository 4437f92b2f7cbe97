/* SPDX-License-Identifier: Apache-2.0 */
/* conf/snippets.c: all files can be read, and nothing dangerous is filled in. */
#include "conf/snippets.h"

#include "support/check.h"

static void all_are_whole(void **state)
{
    (void)state;
    static const struct str runs[] = {S_INIT("node"), S_INIT("browser"), S_INIT("page"),
                                      S_INIT("shell")};
    struct snippet_place place = {
        .url = S("https://u"), .key = S("k"), .pixel_id = S("1"), .path = S("/p")};
    assert_true(snippet_count > 10);
    for (size_t i = 0; i < snippet_count; i++) {
        struct snippet s = snippet_get(i);
        struct buf out = {0};
        bool known = false;
        for (size_t k = 0; k < countof(runs); k++) known |= str_eq(s.run, runs[k]);
        assert_true(known && s.title.n && s.name.n);
        assert_true(protocol_find(s.protocol) < PROTOCOL_COUNT);
        snippet_put(&out, &s, &place);
        assert_true(str_ends(buf_str(&out), S("\n")) && !str_starts(buf_str(&out), S("\n")));
        assert_true(str_find(buf_str(&out), S("{{"), 0) == SIZE_MAX);
        assert_true(str_find(buf_str(&out), S("https://u"), 0) != SIZE_MAX);
        buf_fini(&out);
    }
}

static void fills_in_only_what_is_harmless(void **state)
{
    (void)state;
    static const struct {
        const char *key, *shown;
    } cases[] = {
        {"abc:DEF-1_2.3~", "abc:DEF-1_2.3~"},
        {"a'b", "NO"},
        {"a\"b", "NO"},
        {"a\\b", "NO"},
        {"a`b", "NO"},
        {"a$b", "NO"},
        {"<b>", "NO"},
        {"a b", "NO"},
        {"a\nb", "NO"},
        {"", "NO"},
        {"k\xc3\xa9y", "NO"},
        {"{{url}}", "NO"},
    };
    struct snippet s = {.body = S("[{{key}}] and {{ open")};
    for (size_t i = 0; i < countof(cases); i++) {
        struct buf out = {0}, want = {0};
        struct snippet_place place = {.key = str_z(cases[i].key)};
        bool refused = !strcmp(cases[i].shown, "NO");
        snippet_put(&out, &s, &place);
        buf_printf(&want, "[%s] and {{ open", refused ? "YOUR_WRITE_KEY" : cases[i].shown);
        assert_true(str_eq(buf_str(&out), buf_str(&want)));
        buf_fini(&out);
        buf_fini(&want);
    }
    struct snippet_place place = snippet_place(NULL, NULL, S("https://x//"), NULL);
    check_str(place.url, "https://x");
}

static void the_page_has_all(void **state)
{
    (void)state;
    struct buf out = {0};
    snippet_reference(&out);
    for (size_t i = 0; i < snippet_count; i++) {
        struct snippet s = snippet_get(i);
        assert_true(str_find(buf_str(&out), s.title, 0) != SIZE_MAX);
    }
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_are_whole),
        cmocka_unit_test(fills_in_only_what_is_harmless),
        cmocka_unit_test(the_page_has_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
