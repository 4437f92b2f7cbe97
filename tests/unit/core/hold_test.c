/* SPDX-License-Identifier: Apache-2.0 */
/* core/hold.c */
#include "core/hold.h"
#include "support/check.h"

static void keys(void **state)
{
    struct hold_key a = hold_key_make(S("until paid"), S("17"));
    struct hold_key same = hold_key_make(S("until paid"), S("17"));
    struct hold_key other = hold_key_make(S("until paid"), S("18"));
    struct hold_key joined = hold_key_make(S("until paid1"), S("7"));
    (void)state;
    assert_true(hold_key_eq(&a, &same));
    assert_false(hold_key_eq(&a, &other));
    assert_false(hold_key_eq(&a, &joined)); /* where the name ends counts */
}

static void words(void **state)
{
    (void)state;
    check_str(hold_then_name(HOLD_DEAD), "dead");
    check_str(hold_then_name(HOLD_SEND), "send");
    for (enum hold_then then = 0; then < HOLD_THEN_COUNT; then++)
        assert_true(hold_then_meaning(then).n > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
