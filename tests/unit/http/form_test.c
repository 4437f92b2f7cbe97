/* SPDX-License-Identifier: Apache-2.0 */
/* Forms: both encodings, what is malformed, and looking a field up. Of http/form.c. */
#include "http/form.h"

#include "support/cases.h"

#define URLENCODED S("application/x-www-form-urlencoded")
#define MULTIPART S("multipart/form-data; boundary=X-1")

static struct arena arena;

static int drop_arena(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

/* All fields as name=value; with a trailing "|"; "none" when it is not a form. */
static struct str fields(struct str type, struct str body)
{
    struct form form;
    struct str name, value, out = S("");
    if (!form_open(&form, type, body, &arena)) return S("none");
    while (form_next(&form, &arena, &name, &value)) {
        out = arena_printf(&arena, "%.*s%.*s=%.*s|", STR_ARG(out), STR_ARG(name), STR_ARG(value));
    }
    return out;
}

static void test_urlencoded(void **state)
{
    (void)state;
    check_str(fields(URLENCODED, S("a=1&b=2")), "a=1|b=2|");
    check_str(fields(URLENCODED, S("")), "");
    check_str(fields(URLENCODED, S("&&a&&=&b=")), "a=|=|b=|");
    check_str(fields(URLENCODED, S("a=%7b%22%7D+x%2B&%61%5B%5D==")), "a={\"} x+|a[]==|");
    check_str(fields(URLENCODED, S("a=%&b=%4&c=%zz&d=100%")), "a=%|b=%4|c=%zz|d=100%|");
    check_str(fields(S(" Application/X-WWW-Form-URLencoded ; charset=UTF-8"), S("a=1")), "a=1|");
    check_str(fields(S("application/json"), S("a=1")), "none");
    check_str(fields(S(""), S("a=1")), "none");
}

static void test_multipart(void **state)
{
    (void)state;
    check_str(fields(MULTIPART, S("--X-1\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n"
                                  "[1,\r\n2]\r\n--X-1\r\ncontent-disposition:form-data;name=b\r\n"
                                  "Content-Type: text/plain\r\n\r\n\r\n--X-1--\r\n")),
              "data=[1,\r\n2]|b=|");
    check_str(fields(S("multipart/form-data; boundary=\"a b\""),
                     S("--a b\r\nContent-Disposition: form-data; filename=\"name=x\"; name=\"f\""
                       "\r\n\r\nv\r\n--a b--")),
              "f=v|");
    /* no boundary, too long a boundary, an empty one */
    check_str(fields(S("multipart/form-data"), S("--\r\n\r\n\r\n--")), "none");
    check_str(fields(S("multipart/form-data; boundary="), S("--\r\n")), "none");
    check_str(
        fields(S("multipart/form-data; boundary="
                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
               S("")),
        "none");
    /* cut short: what was complete is read */
    check_str(fields(MULTIPART, S("")), "");
    check_str(fields(MULTIPART, S("--X-1")), "");
    check_str(fields(MULTIPART, S("--X-1--")), "");
    check_str(fields(MULTIPART, S("--X-1\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n"
                                  "--X-1\r\nContent-Disposition: form-data; name=b\r\n\r\n2")),
              "a=1|");
    check_str(fields(MULTIPART, S("--X-1\r\nname=a\r\n1\r\n--X-1--")), "");
    check_str(fields(MULTIPART, S("--X-1\r\nX: y\r\n\r\n1\r\n--X-1--")), "=1|");
}

static void test_get(void **state)
{
    (void)state;
    check_str(form_get(S("a=1&b=%20x&a=2"), S("a"), &arena), "1");
    check_str(form_get(S("a=1&b=%20x&a=2"), S("b"), &arena), " x");
    check_str(form_get(S("a"), S("a"), &arena), "");
    assert_null(form_get(S("ab=1&=2"), S("a"), &arena).p);
    assert_null(form_get(S(""), S("a"), &arena).p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urlencoded),
        cmocka_unit_test(test_multipart),
        cmocka_unit_test(test_get),
    };
    return cmocka_run_group_tests(tests, NULL, drop_arena);
}
