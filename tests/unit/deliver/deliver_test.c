/* SPDX-License-Identifier: Apache-2.0 */
#include "support/delivery.h"

static void delivers_all_once(void **state)
{
    static struct world w;
    (void)state;
    world_open(&w, 1);
    world_start(&w);
    world_put(&w, 0, 2500, "");
    world_put(&w, 2500, 1, "");
    struct deliver_status s = world_wait(&w, 0, 2501);
    assert_int_equal(s.states[STATE_DELIVERED], 2501);
    assert_int_equal(world_check_ids(&w, 0, 2501), 1);
    assert_true(w.graph.together == 1000);
    assert_true(w.graph.requests <= 5);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delivers_all_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
