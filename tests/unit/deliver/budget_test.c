/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/budget.c: who shares a budget, and how far requests keep apart. */
#include "deliver/budget.h"

#include "core/limits.h"
#include "support/check.h"

static void names_share_their_budget(void **state)
{
    struct budgets all = {0};
    (void)state;
    struct budget *a = budgets_get(&all, BUDGET_TOKEN, S("a"));
    assert_ptr_equal(budgets_get(&all, BUDGET_TOKEN, S("a")), a);
    assert_ptr_not_equal(budgets_get(&all, BUDGET_TOKEN, S("b")), a);
    assert_ptr_not_equal(budgets_get(&all, BUDGET_ACCOUNT, S("a")), a);
    for (size_t i = 0; i < LIMIT_BUDGETS + 100; i++) {
        char name[24];
        (void)snprintf(name, sizeof name, "n%zu", i);
        assert_non_null(budgets_get(&all, BUDGET_TOKEN, str_z(name)));
    }
    assert_int_equal(all.count, LIMIT_BUDGETS);
    assert_ptr_equal(budgets_get(&all, BUDGET_TOKEN, S("a")), a);
    budgets_fini(&all);
}

static void use_slows_down(void **state)
{
    struct budget b = {0};
    const int64_t now = 1000000000;
    int64_t former = 0;
    (void)state;
    for (int percent = 0; percent <= 100; percent++) {
        budget_note(&b, percent, now);
        int64_t gap = budget_gap_us(&b, now);
        assert_true(gap >= former);
        assert_int_equal(gap > 0, percent >= 75);
        former = gap;
    }
    assert_true(former >= 2000000 && former <= 10000000); /* 100 %: seconds, not minutes */
    assert_true(budget_gap_us(&b, now + LIMIT_USAGE_MS * 1000) > 0);
    assert_int_equal(budget_gap_us(&b, now + LIMIT_USAGE_MS * 1000 + 1), 0);
}

static void draws_and_holds(void **state)
{
    struct budget b = {0};
    (void)state;
    budget_draw(&b, 5000000);
    assert_true(b.free_us <= 5000000);
    budget_note(&b, 75, 5000000);
    budget_draw(&b, 5000000);
    assert_int_equal(b.free_us, 5100000);
    budget_hold(&b, 9000000);
    budget_hold(&b, 7000000); /* never shortens */
    budget_draw(&b, 6000000);
    assert_int_equal(b.free_us, 9000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_share_their_budget),
        cmocka_unit_test(use_slows_down),
        cmocka_unit_test(draws_and_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
