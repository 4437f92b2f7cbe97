/* SPDX-License-Identifier: Apache-2.0 */
#include "support/mapping.h"

#include "map/url.h"

static const struct {
    const char *in, *out;
} rows[] = {
    {"https://x.example/", "https://x.example/"},
    {"https://x.example/?a=1&b=2", "https://x.example/?a=1&b=2"},
    {"https://x.example/?email=a%40b", "https://x.example/"},
    {"https://x.example/?email=a&b=1&phone&c=2", "https://x.example/?b=1&c=2"},
    {"https://x.example/p?b=1&email=a#email=c", "https://x.example/p?b=1#email=c"},
    {"https://x.example/?Email=a", "https://x.example/?Email=a"},
    {"https://x.example/#?email=a", "https://x.example/#?email=a"},
    {"http://x.example?secret=1&&email=", "http://x.example?"},
    {"/p?email=a", "/p"},
    {"?email=a&q=1", "?q=1"},
    {"?", "?"},
    {"", ""},
    {"is it? email=a", "is it? email=a"},
    {"https://x.example/?emails=a&xemail=b", "https://x.example/?emails=a&xemail=b"},
};

static void personal_keys_go(void **state)
{
    (void)state;
    static struct mapping_world w;
    struct arena arena = {0};
    mapping_open(&w, S("pii: { deny: [secret] }"));
    assert_non_null(w.plan);
    for (size_t i = 0; i < countof(rows); i++) {
        check_str(url_clean(w.plan, str_z(rows[i].in), &arena), rows[i].out);
    }
    arena_fini(&arena);
    mapping_close(&w);
}

static void untouched_text_is_the_same_view(void **state)
{
    (void)state;
    static struct mapping_world w;
    struct arena arena = {0};
    struct str text = S("https://x.example/?a=1");
    mapping_open(&w, S(""));
    assert_ptr_equal(url_clean(w.plan, text, &arena).p, text.p);
    assert_int_equal(arena.total, 0);
    mapping_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(personal_keys_go),
        cmocka_unit_test(untouched_text_is_the_same_view),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
