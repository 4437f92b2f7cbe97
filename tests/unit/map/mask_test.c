/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"

#include "map/mask.h"

static void masked(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"jane@example.com", "j***@e***.com"},
        {"j@e.co", "***@***.co"},
        {"jane@localhost", "j***@l***"},
        {"jane@", "j***@***"},
        {"@", "***@***"},
        {"420777123456", "4***"},
        {"x", "***"},
        {"", ""},
        {"\xC5\xBEofie", "\xC5\xBE***"},
        {"62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
         "62a14e44\xE2\x80\xA6"},
    };
    struct buf out = {0};
    for (size_t i = 0; i < countof(rows); i++) {
        buf_clear(&out);
        mask_put(&out, str_z(rows[i].in));
        check_str(buf_str(&out), rows[i].out);
    }
    buf_fini(&out);
}

static void json_keeps_its_shape(void **state)
{
    (void)state;
    struct buf out = {0};
    mask_put_json(&out, S("[\"jane@example.com\",-12,true,null,{\"key\":\"va\\\"lue\"},\"\"]"));
    check_str(buf_str(&out), "[\"j***@e***.com\",-***,true,null,{\"k***\":\"v***\"},\"\"]");
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masked),
        cmocka_unit_test(json_keeps_its_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
