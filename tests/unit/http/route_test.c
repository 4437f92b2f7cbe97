/* SPDX-License-Identifier: Apache-2.0 */
/* Which handler gets a path (http/route.c), and the words for statuses (http/status.c). */
#include "http/route.h"
#include "http/status.h"

#include "support/check.h"

static void nothing(void *ctx, struct http_request *req)
{
    (void)ctx;
    (void)req;
}

/* What a configuration may have chosen. */
static bool is_known(void *ctx, struct str path)
{
    const char *chosen = ctx;
    return str_starts(path, str_z(chosen));
}

static const struct http_route routes[] = {
    {HTTP_GET_, "/a", nothing, .cors = false},
    {HTTP_POST_, "/a", nothing, .cors = true},
    {HTTP_GET_, "/files/*", nothing, .cors = false},
    {HTTP_GET_, "/files/special/*", nothing, .cors = false},
    {HTTP_GET_, "/files/one", nothing, .cors = false},
    {HTTP_GET_, "/v1/*/settings", nothing, .cors = true},
    {HTTP_DELETE_, "/files/*", nothing, .cors = false},
    {HTTP_PUT_, "/put", nothing, .cors = false},
    {HTTP_POST_, "/far", nothing, .cors = true, .anywhere = true},
    {HTTP_GET_, "/far/*/settings", nothing, .cors = true, .anywhere = true},
    {HTTP_GET_, "/far/away/*/settings", nothing, .cors = true},
    {HTTP_POST_, "*", nothing, .knows = is_known, .cors = true},
    {HTTP_GET_, "*", nothing, .knows = is_known, .cors = true},
};

/* The path of the chosen route, "405" or "404". */
static const char *find(enum http_method method, const char *path, struct route_match *match)
{
    static char chosen[] = "/chosen";
    const struct route_table table = {routes, countof(routes), chosen};
    route_find(&table, method, str_z(path), match);
    if (match->route) return match->route->path;
    return match->allow ? "405" : "404";
}

static void chooses(void **state)
{
    (void)state;
    static const struct {
        enum http_method method;
        const char *path, *route, *wildcard;
    } cases[] = {
        {HTTP_GET_, "/a", "/a", ""},
        {HTTP_GET_, "/a/", "404", ""},
        {HTTP_GET_, "/A", "404", ""},
        {HTTP_GET_, "", "404", ""},
        {HTTP_PUT_, "/a", "405", ""},
        {HTTP_OTHER_, "/a", "405", ""},
        {HTTP_GET_, "/files/x/y", "/files/*", "x/y"},
        {HTTP_GET_, "/files/", "/files/*", ""},
        {HTTP_GET_, "/files", "404", ""},
        {HTTP_GET_, "/files/one", "/files/one", ""},
        {HTTP_GET_, "/files/one2", "/files/*", "one2"},
        {HTTP_GET_, "/files/special/x", "/files/special/*", "x"},
        {HTTP_DELETE_, "/files/special/x", "/files/*", "special/x"},
        {HTTP_GET_, "/v1/key/settings", "/v1/*/settings", "key"},
        {HTTP_GET_, "/v1//settings", "404", ""},
        {HTTP_GET_, "/v1/settings", "404", ""},
        {HTTP_GET_, "/v1/a/b/settings", "404", ""},
        {HTTP_POST_, "/chosen", "*", "/chosen"},
        {HTTP_GET_, "/chosen.js", "*", "/chosen.js"},
        {HTTP_PUT_, "/chosen", "405", ""},
        {HTTP_POST_, "/unknown", "404", ""},
        /* What other routes have is not asked about. */
        {HTTP_POST_, "/put", "405", ""},
    };
    struct route_match match;
    for (size_t i = 0; i < countof(cases); i++) {
        const char *got = find(cases[i].method, cases[i].path, &match);
        if (strcmp(got, cases[i].route) != 0) fail_msg("%s went to %s", cases[i].path, got);
        check_str(match.wildcard, cases[i].wildcard);
    }
}

static void finds_behind_a_prefix(void **state)
{
    (void)state;
    static const struct {
        enum http_method method;
        const char *path, *route, *prefix, *wildcard;
    } cases[] = {
        {HTTP_POST_, "/far", "/far", "", ""},
        {HTTP_POST_, "/x/far", "/far", "/x", ""},
        {HTTP_POST_, "/1/2/3/4/far", "/far", "/1/2/3/4", ""},
        {HTTP_POST_, "/1/2/3/4/5/far", "404", "", ""},
        {HTTP_POST_, "/far/far", "/far", "/far", ""},
        {HTTP_POST_, "//far", "/far", "/", ""},
        {HTTP_POST_, "/xfar", "404", "", ""},
        {HTTP_POST_, "/x/far/", "404", "", ""},
        {HTTP_GET_, "/x/far", "405", "/x", ""},
        {HTTP_GET_, "/x/a", "404", "", ""}, /* not everything is anywhere */
        {HTTP_GET_, "/x/far/key/settings", "/far/*/settings", "/x", "key"},
        {HTTP_GET_, "/far/away/key/settings", "/far/away/*/settings", "", "key"},
        {HTTP_GET_, "/files/far", "/files/*", "", "far"}, /* as it is comes first */
        {HTTP_POST_, "/chosen/far", "*", "", "/chosen/far"},
        {HTTP_POST_, "/x/chosen", "404", "", ""},
    };
    struct route_match match;
    for (size_t i = 0; i < countof(cases); i++) {
        const char *got = find(cases[i].method, cases[i].path, &match);
        if (strcmp(got, cases[i].route) != 0) fail_msg("%s went to %s", cases[i].path, got);
        check_str(match.prefix, cases[i].prefix);
        check_str(match.wildcard, cases[i].wildcard);
    }
}

static void knows_what_a_path_takes(void **state)
{
    (void)state;
    struct route_match match;
    struct buf out = {0};
    (void)find(HTTP_PUT_, "/a", &match);
    assert_true(match.cors); /* one of its routes is for browsers: they must see the 405 */
    route_put_allow(&out, match.allow, match.cors);
    check_str(buf_str(&out), "GET, HEAD, POST, OPTIONS");
    buf_clear(&out);
    (void)find(HTTP_GET_, "/a", &match);
    assert_false(match.cors);
    (void)find(HTTP_POST_, "/files/one", &match);
    route_put_allow(&out, match.allow, match.cors);
    check_str(buf_str(&out), "GET, HEAD, DELETE");
    buf_clear(&out);
    (void)find(HTTP_GET_, "/put", &match);
    route_put_allow(&out, match.allow, false);
    check_str(buf_str(&out), "PUT");
    buf_fini(&out);
}

static void statuses_have_words(void **state)
{
    (void)state;
    check_str(status_find(200)->phrase, "OK");
    check_str(status_find(413)->code, "body_too_large");
    check_str(status_find(299)->phrase, "Unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses),
        cmocka_unit_test(finds_behind_a_prefix),
        cmocka_unit_test(knows_what_a_path_takes),
        cmocka_unit_test(statuses_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
