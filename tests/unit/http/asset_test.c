/* SPDX-License-Identifier: Apache-2.0 */
/* Embedded files by their names (http/asset.c); how they are sent is tested with the pixel's own. */
#include "http/asset.h"

#include "support/check.h"

static void finds_by_name(void **state)
{
    static const struct asset assets[] = {
        {.name = S_INIT("/index.html"), .tag = S_INIT("1")},
        {.name = S_INIT("/a.js"), .tag = S_INIT("2")},
    };
    (void)state;
    check_str(asset_find(assets, countof(assets), S("/a.js"))->tag, "2");
    assert_null(asset_find(assets, countof(assets), S("/a.j")));
    assert_null(asset_find(assets, countof(assets), S("")));
    assert_null(asset_find(assets, 0, S("/a.js")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
