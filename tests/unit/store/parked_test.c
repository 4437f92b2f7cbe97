/* SPDX-License-Identifier: Apache-2.0 */
/* store/parked.c: what waits for a pixel or a hold comes and goes with settlements. */
#include "core/limits.h"
#include "store/store.h"
#include "support/check.h"
#include "support/dir.h"

static struct arena arena;

static size_t list_entries(struct store *s, struct str destination, uint64_t from, size_t limit,
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
    const struct parked parked[] = {{.seq = 5, .deadline_ms = 1000, .pixels = S("601")},
                                    {.seq = 7, .deadline_ms = -1, .pixels = S("601 602")}};
    const struct parked again = {.seq = 5, .deadline_ms = 900, .pixels = S("602")};
    struct settlement one = {
        .destination = S("a"), .cursor = &cursor, .parked = parked, .parked_count = 2};
    struct test_dir dir;
    struct parked *found;
    struct err err = {0};
    (void)state;
    test_dir_make(&dir);
    struct store *s = store_open(dir.path, 16 << 20, &err);
    assert_non_null(s);
    assert_int_equal(list_entries(s, S("a"), 0, 10, &found), 0);
    assert_true(store_settle(s, &one, 1, &err));
    assert_int_equal(list_entries(s, S("b"), 0, 10, &found), 0);
    assert_int_equal(list_entries(s, S("a"), 0, 1, &found), 1);
    assert_int_equal(found[0].seq, 5);
    assert_int_equal(found[0].deadline_ms, 1000);
    assert_int_equal(list_entries(s, S("a"), 6, 10, &found), 1);
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
    assert_int_equal(list_entries(s, S("a"), 0, 10, &found), 1);
    check_str(found[0].pixels, "602");
    store_close(s);
    arena_fini(&arena);
    test_dir_remove(&dir);
}

static size_t held(struct store *s, const struct hold_key *key, uint64_t from, size_t limit,
                   struct parked **out)
{
    struct err err = {0};
    size_t count = 0;
    struct letter_selection which = {.destination = S("a"), .from_seq = from, .limit = limit};
    if (!store_held_list(s, &which, key, &arena, out, &count, &err)) fail_msg("%s", err.text);
    return count;
}

/* What is held is found by its key too, as long as it is. */
static void found_by_key(void **state)
{
    const struct cursor cursor = {.low = 10};
    const struct hold_key one = hold_key_make(S("h"), S("1")), two = hold_key_make(S("h"), S("2"));
    const uint64_t gone[] = {4, 6};
    struct parked list[3] = {{.seq = 4, .held = true, .name = S("until paid"), .key = one},
                             {.seq = 5, .held = true, .name = S("h"), .key = two},
                             {.seq = 6, .held = true, .name = S("h"), .key = one}};
    const struct parked pixel = {.seq = 6, .deadline_ms = 7, .pixels = S("601")};
    struct settlement step = {
        .destination = S("a"), .cursor = &cursor, .parked = list, .parked_count = 3};
    struct test_dir dir;
    struct parked *found;
    struct err err = {0};
    (void)state;
    list[0].deadline_ms = 10000;
    list[0].since_ms = 100;
    list[0].until_ms = 2000;
    list[0].within_ms = 1900;
    list[0].then = HOLD_SEND;
    list[0].rules = UINT64_MAX;
    test_dir_make(&dir);
    struct store *s = store_open(dir.path, 16 << 20, &err);
    assert_non_null(s);
    assert_true(store_settle(s, &step, 1, &err));
    assert_int_equal(held(s, &one, 0, 10, &found), 2);
    assert_int_equal(found[0].seq, 4);
    check_str(found[0].name, "until paid");
    assert_true(found[0].held);
    assert_int_equal(found[0].deadline_ms, 10000);
    assert_int_equal(found[0].since_ms, 100);
    assert_int_equal(found[0].until_ms, 2000);
    assert_int_equal(found[0].within_ms, 1900);
    assert_int_equal(found[0].then, HOLD_SEND);
    assert_true(found[0].rules == UINT64_MAX);
    assert_int_equal(found[1].seq, 6);
    assert_int_equal(held(s, &one, 5, 10, &found), 1);
    assert_int_equal(held(s, &one, 0, 1, &found), 1);
    /* One leaves for good, one waits for a pixel now. */
    step = (struct settlement){.destination = S("a"),
                               .cursor = &cursor,
                               .parked = &pixel,
                               .parked_count = 1,
                               .unparked = gone,
                               .unparked_count = 2};
    assert_true(store_settle(s, &step, 1, &err));
    assert_int_equal(held(s, &one, 0, 10, &found), 0);
    assert_int_equal(held(s, &two, 0, 10, &found), 1);
    assert_int_equal(list_entries(s, S("a"), 0, 10, &found), 2);
    assert_false(found[1].held);
    store_close(s);
    arena_fini(&arena);
    test_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_and_goes),
        cmocka_unit_test(found_by_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
