/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/breakdown.c: rows by source and name, bounded whatever comes. */
#include "deliver/breakdown.h"

#include "support/check.h"

static void pairs_have_rows(void **state)
{
    struct breakdown t = {0};
    (void)state;
    size_t a = breakdown_row(&t, S("shop"), S("Order Completed"));
    size_t b = breakdown_row(&t, S("shop"), S("order completed"));
    size_t c = breakdown_row(&t, S("app"), S("Order Completed"));
    size_t none = breakdown_row(&t, S(""), S(""));
    assert_true(a && b && c && none && a != b && a != c && b != c && none != a);
    assert_int_equal(breakdown_row(&t, S("shop"), S("Order Completed")), a);
    breakdown_count(&t, a, REASON_NONE);
    breakdown_count(&t, a, REASON_NONE);
    breakdown_count(&t, a, REASON_REFUSED);
    assert_int_equal(t.rows[a].counts[REASON_NONE], 2);
    assert_int_equal(t.rows[a].counts[REASON_REFUSED], 1);
    assert_int_equal(t.rows[b].counts[REASON_NONE], 0);
    assert_true(t.changed);
    breakdown_fini(&t);
}

static void strangers_cannot_grow_it(void **state)
{
    struct breakdown t = {0};
    (void)state;
    size_t first = breakdown_row(&t, S("shop"), S("first"));
    for (int i = 0; i < 100000; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "event %d", i);
        (void)breakdown_row(&t, S("shop"), str_z(name));
    }
    assert_int_equal(t.count, LIMIT_BREAKDOWN_ROWS);
    assert_int_equal(breakdown_row(&t, S("shop"), S("another")), 0);
    assert_int_equal(breakdown_row(&t, S("shop"), S("first")), first);
    check_str(str_of(t.rows[0].event, t.rows[0].event_n), "other");
    breakdown_fini(&t);
}

/* A name is cut at a character's end. */
static void long_names_are_cut(void **state)
{
    struct breakdown t = {0};
    char name[LIMIT_NAME_BYTES + 20];
    (void)state;
    memset(name, 'x', sizeof name);
    memcpy(name + LIMIT_NAME_BYTES - 1, "\xC3\xA9", 2);
    size_t row = breakdown_row(&t, S("s"), str_of(name, sizeof name));
    assert_int_equal(t.rows[row].event_n, LIMIT_NAME_BYTES - 1);
    assert_int_equal(breakdown_row(&t, S("s"), str_of(name, LIMIT_NAME_BYTES + 5)), row);
    breakdown_fini(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_have_rows),
        cmocka_unit_test(strangers_cannot_grow_it),
        cmocka_unit_test(long_names_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
