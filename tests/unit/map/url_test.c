/* SPDX-License-Identifier: Apache-2.0 */
#include "support/mapping.h"

#include "map/signs.h"
#include "map/url.h"

static const struct {
    const char *in, *out;
} rows[] = {
    {"https://x.example/", "https://x.example/"},
    {"https://x.example/?a=1&b=2", "https://x.example/?a=1&b=2"},
    {"https://x.example/?email=a%40b", "https://x.example/"},
    {"https://x.example/?email=a&b=1&phone&c=2", "https://x.example/?b=1&c=2"},
    {"http://x.example?secret=1&&email=", "http://x.example?"},
    {"/p?email=a", "/p"},
    {"?email=a&q=1", "?q=1"},
    {"?", "?"},
    {"", ""},
    /* however the key is written */
    {"https://x.example/?Email=a&E-MAIL=b&e_mail=c&%65mail=d&e%2Dmail=e&f=1",
     "https://x.example/?f=1"},
    {"https://x.example/?userEmail=a&customer_email=b&user[email]=c&user%5Bemail%5D=d&email2=e",
     "https://x.example/"},
    {"https://x.example/?emails=a&xemail=b&headphone=c&iphone=d",
     "https://x.example/?emails=a&xemail=b&headphone=c&iphone=d"},
    {"https://x.example/?token=a&access_token=b&csrf-token=c&tokens=3",
     "https://x.example/?tokens=3"},
    {"https://x.example/?name=a&product_name=b&filename=c",
     "https://x.example/?product_name=b&filename=c"},
    {"https://x.example/?pass=a&pwd=b&password=c&auth=d&session=e&PHPSESSID=f&passed=1",
     "https://x.example/?passed=1"},
    {"https://x.example/?customer+no=1&customerno=2", "https://x.example/"},
    {"https://x.example/?city=a&page=1", "https://x.example/?city=a&page=1"},
    /* by value */
    {"https://x.example/?u=jane%40shop.example&p=1", "https://x.example/?p=1"},
    {"https://x.example/?u=Jane.Doe%2Bx%40shop.example", "https://x.example/"},
    {"https://x.example/?u=jane@shop.example", "https://x.example/"},
    {"https://x.example/?q=hello+jane%40shop.example", "https://x.example/"},
    {"https://x.example/?q=%2B4915112345678", "https://x.example/"},
    {"https://x.example/?q=+4915112345678", "https://x.example/"},
    {"https://x.example/?q=0171+1234567", "https://x.example/"},
    {"https://x.example/?q=0171%201234567", "https://x.example/"},
    {"https://x.example/?mobile=491511234567&is_mobile=1", "https://x.example/?is_mobile=1"},
    {"https://x.example/?cc=4111+1111+1111+1111", "https://x.example/"},
    {"https://x.example/?order=4111111111111111&t=1795284245123",
     "https://x.example/?order=4111111111111111&t=1795284245123"},
    {"https://x.example/?d=2026-01-15&p=12.99&sku=0123-456-789",
     "https://x.example/?d=2026-01-15&p=12.99&sku=0123-456-789"},
    /* the click id and campaign keys stay */
    {"https://x.example/?fbclid=IwAR0jane@shop.example&utm_source=a&utm_email=x",
     "https://x.example/?fbclid=IwAR0jane@shop.example&utm_source=a&utm_email=x"},
    {"https://x.example/?utm_content=jane%40shop.example&utm_term=b",
     "https://x.example/?utm_content=[redacted]&utm_term=b"},
    /* the path */
    {"https://x.example/u/jane@shop.example/edit", "https://x.example/u/[redacted]/edit"},
    {"https://x.example/u/jane%40shop.example", "https://x.example/u/[redacted]"},
    {"https://x.example/tel/+49-151-1234567?a=1", "https://x.example/tel/[redacted]?a=1"},
    {"https://x.example/2026/01/15/0171-1234567", "https://x.example/2026/01/15/0171-1234567"},
    {"https://x.example/@jane/logo@2x.png", "https://x.example/@jane/logo@2x.png"},
    {"https://jane:pw@x.example/a", "https://x.example/a"},
    {"https://x.example/maps/@52.52,13.40,15z", "https://x.example/maps/@52.52,13.40,15z"},
    {"android-app://com.shop/?email=a", "android-app://com.shop/"},
    /* the fragment */
    {"https://x.example/p?b=1&email=a#email=c", "https://x.example/p?b=1"},
    {"https://x.example/#access_token=abc&state=1&k=v", "https://x.example/#k=v"},
    {"https://x.example/#?email=a", "https://x.example/#"},
    {"https://x.example/#/reset?token=a&b=1", "https://x.example/#/reset?b=1"},
    {"https://x.example/#/u/jane@shop.example", "https://x.example/#/u/[redacted]"},
    {"https://x.example/#top", "https://x.example/#top"},
    {"https://x.example/p#", "https://x.example/p#"},
    /* damaged */
    {"https://x.example/?%=1&%4=2&%zz=3&=4", "https://x.example/?%=1&%4=2&%zz=3&=4"},
    {"https://", "https://"},
    {"https://?email=a", "https://"},
};

static void personal_parts_go(void **state)
{
    (void)state;
    static struct mapping_world w;
    struct arena arena = {0};
    mapping_open(&w, S("pii: { deny: [secret], query: [customer_no], allow: [city] }"));
    assert_non_null(w.plan);
    for (size_t i = 0; i < countof(rows); i++) {
        struct url_found found;
        struct str in = str_z(rows[i].in),
                   out = url_clean(w.plan, in, signs_of(in), &arena, &found);
        check_str(out, rows[i].out);
        assert_int_equal(found.keys + found.values > 0, !str_eq(in, out));
        struct str again = url_clean(w.plan, out, signs_of(out), &arena, &found);
        check_str(again, rows[i].out);
    }
    arena_fini(&arena);
    mapping_close(&w);
}

static void values_may_be_kept(void **state)
{
    (void)state;
    static struct mapping_world w;
    struct arena arena = {0};
    struct url_found found;
    mapping_open(&w, S("pii: { values: keep, defaults: false, query: [secret] }"));
    assert_non_null(w.plan);
    struct str in = S("https://x.example/jane@x.example?email=a&q=jane@x.example&Secret=1");
    check_str(url_clean(w.plan, in, signs_of(in), &arena, &found),
              "https://x.example/jane@x.example?email=a&q=jane@x.example");
    assert_int_equal(found.keys, 1);
    assert_int_equal(found.values, 0);
    arena_fini(&arena);
    mapping_close(&w);
}

static void what_is_an_address(void **state)
{
    (void)state;
    static const char *const yes[] = {"http://x", "https://x y", "/p", "?a=1", "android-app://x"};
    static const char *const no[] = {"",     "is it? email=a", "/ means or",
                                     "://x", "a b://x",        "x.example"};
    for (size_t i = 0; i < countof(yes); i++) assert_true(url_is(str_z(yes[i])));
    for (size_t i = 0; i < countof(no); i++) assert_false(url_is(str_z(no[i])));
    check_str(url_page(S("https://x.example/p?a=1#b")), "https://x.example/p");
    check_str(url_page(S("https://x.example/p#b?a")), "https://x.example/p");
    check_str(url_page(S("https://x.example/p")), "https://x.example/p");
}

static void addresses_in_texts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *link;
    } finds[] = {
        {"https://x.example/a?b=1", "https://x.example/a?b=1"},
        {"see https://x.example/a, or", "https://x.example/a"},
        {"(https://x.example/a).", "https://x.example/a"},
        {"\"app+x.y://p?q\" z", "app+x.y://p?q"},
        {"a ://b http://c", "http://c"},
        {"http://", "http://"},
        {"x http://?!", "http://"},
    };
    struct str link = S("none");
    for (size_t i = 0; i < countof(finds); i++) {
        assert_true(url_find(str_z(finds[i].text), &link));
        check_str(link, finds[i].link);
    }
    link = S("none");
    assert_false(url_find(S(""), &link));
    assert_false(url_find(S("://x ://"), &link));
    assert_false(url_find(S("mailto:a / b"), &link));
    check_str(link, "none");
}

static void untouched_text_is_the_same_view(void **state)
{
    (void)state;
    static struct mapping_world w;
    struct arena arena = {0};
    struct str text = S("https://x.example/?a=1"), bare = S("https://x.example/a");
    struct url_found found;
    mapping_open(&w, S(""));
    assert_ptr_equal(url_clean(w.plan, bare, signs_of(bare), &arena, &found).p, bare.p);
    assert_int_equal(arena.total, 0);
    assert_ptr_equal(url_clean(w.plan, text, signs_of(text), &arena, &found).p, text.p);
    arena_fini(&arena);
    mapping_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(personal_parts_go),
        cmocka_unit_test(values_may_be_kept),
        cmocka_unit_test(what_is_an_address),
        cmocka_unit_test(addresses_in_texts),
        cmocka_unit_test(untouched_text_is_the_same_view),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
