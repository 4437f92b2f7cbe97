/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"

#include "map/integrations.h"

static void the_sender_decides(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        bool excludes;
    } rows[] = {
        {"{}", false},
        {"[]", false},
        {"\"no\"", false},
        {"{\"All\":true}", false},
        {"{\"All\":false}", true},
        {"{\"all\":false}", true},
        {"{\"All\":false,\"All\":true}", false},
        {"{\"All\":\"false\"}", false},
        {"{\"All\":false,\"Mixpanel\":true}", true},
        {"{\"All\":false,\"Facebook Pixel\":true}", false},
        {"{\"Facebook Pixel\":true,\"All\":false}", false},
        {"{\"All\":false,\"facebook pixel\":{}}", false},
        {"{\"All\":false,\"Facebook Pixel\":1}", true},
        {"{\"Facebook Conversions API (Actions)\":false}", true},
        {"{\"Meta\":true,\"fb_conversions\":false}", true},
        {"{\"Mixpanel\":false}", false},
        {"{\"shop\":false}", true},
        {"{\"Shop\":false}", false},
        {"{\"All\":false,\"shop\":true}", false},
        {"{\"Facebook Pixel\":false,\"Facebook Pixel\":true}", false}, /* the last counts */
        {"{\"shop\":true,\"shop\":false}", true},
        {"{\"All\":false,\"shop\":true,\"shop\":null}", true},
        {"{\"Meta\":false,\"meta\":true}", true}, /* two names */
    };
    struct arena arena = {0};
    struct err err;
    for (size_t i = 0; i < countof(rows); i++) {
        yyjson_val *v = json_read(&arena, str_z(rows[i].json), &err);
        if (integrations_excludes(v, S("shop")) != rows[i].excludes) fail_msg("%s", rows[i].json);
    }
    assert_false(integrations_excludes(NULL, S("shop")));
    arena_fini(&arena);
}

static void names_of_others_say_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        bool names;
    } rows[] = {
        {"{}", false},
        {"[\"shop\"]", false},
        {"{\"All\":false}", false},
        {"{\"All\":true,\"Segment.io\":true,\"Facebook Pixel\":false}", false},
        {"{\"All\":true,\"shop\":true}", true},
        {"{\"Shop\":false}", false}, /* a destination's name is exact */
        {"{\"Segment.io\":true,\"outlet\":{}}", true},
    };
    struct arena arena = {0};
    struct err err;
    struct table destinations = {0};
    table_put(&destinations, &arena, S("shop"), &arena);
    table_put(&destinations, &arena, S("outlet"), &arena);
    for (size_t i = 0; i < countof(rows); i++) {
        yyjson_val *v = json_read(&arena, str_z(rows[i].json), &err);
        if (integrations_name_one(v, &destinations) != rows[i].names) fail_msg("%s", rows[i].json);
    }
    assert_false(integrations_name_one(NULL, &destinations));
    arena_fini(&arena);
}

static void an_option_is_found_under_any_name(void **state)
{
    (void)state;
    static const struct {
        const char *json, *found;
    } rows[] = {
        {"{\"Facebook Pixel\":{\"k\":\"v\"}}", "v"},
        {"{\"fb pixel\":{\"k\":\"v\"}}", "v"},
        {"{\"FACEBOOK_CONVERSIONS\":{\"k\":\"v\"}}", "v"},
        {"{\"FB Pixel\":{\"x\":1},\"fb_pixel\":{\"k\":\"v\"}}", "v"},
        {"{\"FB Pixel\":{\"k\":\"v\"},\"fb_pixel\":{\"k\":\"w\"}}", "v"},
        {"{\"FB Pixel\":{\"k\":\"v\"},\"FB Pixel\":{\"k\":\"w\"}}", "w"},
        {"{\"FB Pixel\":{\"k\":\"v\"},\"FB Pixel\":true}", NULL},
        {"{\"Mixpanel\":{\"k\":\"v\"}}", NULL},
        {"{\"Facebook Pixel\":true,\"All\":{\"k\":\"v\"}}", NULL},
        {"{\"k\":\"v\"}", NULL},
        {"[{\"k\":\"v\"}]", NULL},
        {"\"k\"", NULL},
    };
    struct arena arena = {0};
    struct err err;
    for (size_t i = 0; i < countof(rows); i++) {
        yyjson_val *option =
            integrations_option(json_read(&arena, str_z(rows[i].json), &err), S("k"));
        struct str found = json_str(option);
        if (!rows[i].found != !option) fail_msg("%s", rows[i].json);
        if (option) check_str(found, rows[i].found);
    }
    assert_null(integrations_option(NULL, S("k")));
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_sender_decides),
                                       cmocka_unit_test(names_of_others_say_nothing),
                                       cmocka_unit_test(an_option_is_found_under_any_name)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
