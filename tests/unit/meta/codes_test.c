/* SPDX-License-Identifier: Apache-2.0 */
/* meta/codes.c: the table has each code once, "any subcode" last, and words for people. */
#include "meta/reply.h"

#include "support/check.h"

static void test_rows_are_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < reply_code_count; i++) {
        const struct reply_code *row = &reply_codes[i];
        /* Not hidden by a row above: neither the same one nor one for any subcode. */
        assert_ptr_equal(reply_code_find(row->code, row->subcode), row);
        assert_true(row->cause.n > 0 && row->cause.p[row->cause.n - 1] == '.');
        assert_true(row->cure.n > 0 && row->cure.p[row->cure.n - 1] == '.');
        assert_true(row->status >= 400 && row->status < 600 && row->type.n > 0);
        assert_int_not_equal(row->class, REPLY_OK);
        assert_int_equal(str_find_char(row->cause, '|', 0), SIZE_MAX);
        assert_int_equal(row->class == REPLY_THROTTLE, row->wait_ms > 0);
    }
}

static enum reply_class class_of(int code, int subcode)
{
    const struct reply_code *row = reply_code_find(code, subcode);
    if (!row) fail_msg("%d/%d is unknown", code, subcode);
    return row->class;
}

static void test_subcodes_before_any(void **state)
{
    (void)state;
    assert_int_equal(class_of(100, 33), REPLY_PIXEL);
    assert_int_equal(class_of(100, 34), REPLY_PIXEL);
    assert_int_equal(class_of(190, 463), REPLY_TOKEN);
    assert_int_equal(class_of(102, 0), REPLY_TOKEN);
    assert_int_equal(class_of(104, 0), REPLY_PAUSE);
    assert_int_equal(class_of(200, 1870090), REPLY_PAUSE);
    assert_int_equal(class_of(100, 2804003), REPLY_REFUSED);
    assert_int_equal(class_of(100, 2804005), REPLY_REFUSED);
    assert_int_equal(class_of(100, 0), REPLY_REFUSED);
    assert_int_equal(reply_code_find(190, 463)->subcode, 463);
    assert_int_equal(reply_code_find(190, 1)->subcode, -1);
}

static void test_ranges(void **state)
{
    (void)state;
    assert_int_equal(class_of(-3, 0), REPLY_RETRY);
    assert_int_equal(class_of(INT32_MIN, 0), REPLY_RETRY);
    assert_int_equal(class_of(200, 0), REPLY_PIXEL);
    assert_int_equal(class_of(250, 0), REPLY_PIXEL);
    assert_int_equal(class_of(299, 0), REPLY_PIXEL);
    assert_int_equal(class_of(80000, 0), REPLY_THROTTLE);
    assert_int_equal(class_of(80012, 0), REPLY_THROTTLE);
    assert_int_equal(class_of(80099, 0), REPLY_THROTTLE);
    assert_null(reply_code_find(0, 0));
    assert_null(reply_code_find(199, 0));
    assert_null(reply_code_find(300, 0));
    assert_null(reply_code_find(79999, 0));
    assert_null(reply_code_find(80100, 0));
}

static void test_class_names(void **state)
{
    (void)state;
    check_str(reply_class_name(REPLY_OK), "ok");
    check_str(reply_class_name(REPLY_REFUSED), "refused");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_whole),
        cmocka_unit_test(test_subcodes_before_any),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_class_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
