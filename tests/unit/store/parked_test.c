/* SPDX-License-Identifier: Apache-2.0 */
/* store/parked.c: what waits for a pixel comes and goes with settlements. */
#include "core/limits.h"
#include "store/store.h"
#include "support/check.h"
#include "support/dir.h"

static struct arena arena;

static size_t list(struct store *s, struct str destination, uint64_t from, size_t limit,
                   struct parked **out)
{
    struct letter_selection which = {
        .destination = destination, .from_seq = from, .limit = limit, .reason = REASON_COUNT};
    struct err err = {0};
    size_t count = 0;
    if (!store_parked_list(s, &which, &arena, out, &count, &err)) fail_msg("%s", err.text);
    return count;
}

static void comes_and_goes(void **state)
{
    const struct cursor cursor = {.low = 10};
    const uint64_t gone[] = {5, 7, 8};
    const struct parked parked[] = {{5, 1000, S("601")}, {7, -1, S("601 602")}};
    const struct parked again = {5, 900, S("602")};
    struct settlement one = {
        .destination = S("a"), .cursor = &cursor, .parked = parked, .parked_count = 2};
    struct test_dir dir;
    struct parked *found;
    struct err err = {0};
    (void)state;
    test_dir_make(&dir);
    struct store *s = store_open(dir.path, 16 << 20, &err);
    assert_non_null(s);
    assert_int_equal(list(s, S("a"), 0, 10, &found), 0);
    assert_true(store_settle(s, &one, 1, &err));
    assert_int_equal(list(s, S("b"), 0, 10, &found), 0);
    assert_int_equal(list(s, S("a"), 0, 1, &found), 1);
    assert_int_equal(found[0].seq, 5);
    assert_int_equal(found[0].deadline_ms, 1000);
    assert_int_equal(list(s, S("a"), 6, 10, &found), 1);
    check_str(found[0].pixels, "601 602");
    assert_true(found[0].deadline_ms == -1);
    /* One that leaves and comes back in the same step stays; what is not there may leave. */
    one = (struct settlement){.destination = S("a"),
                              .cursor = &cursor,
                              .parked = &again,
                              .parked_count = 1,
                              .unparked = gone,
                              .unparked_count = 3};
    assert_true(store_settle(s, &one, 1, &err));
    assert_int_equal(list(s, S("a"), 0, 10, &found), 1);
    check_str(found[0].pixels, "602");
    store_close(s);
    arena_fini(&arena);
    test_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_and_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
