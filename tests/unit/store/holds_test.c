/* SPDX-License-Identifier: Apache-2.0 */
/* store/holds.c: what was confirmed is found as long as it is of use, and not kept for ever. */
#include "core/limits.h"
#include "store/db.h"
#include "store/known.h"
#include "support/check.h"
#include "support/dir.h"

static struct arena arena;
static struct test_dir dir;
static struct store *store;

static int open_store(void **state)
{
    struct err err = {0};
    (void)state;
    test_dir_make(&dir);
    store = store_open(dir.path, 64 << 20, &err);
    return store ? 0 : -1;
}

static int close_store(void **state)
{
    (void)state;
    store_close(store);
    arena_fini(&arena);
    test_dir_remove(&dir);
    return 0;
}

static struct hold_key key(uint64_t n)
{
    return hold_key_make(S("h"), arena_printf(&arena, "%llu", (unsigned long long)n));
}

static struct confirmation by(uint64_t seq, uint64_t n, int64_t time_ms, bool cancels)
{
    return (struct confirmation){key(n), seq, time_ms, 1000, cancels};
}

static void settle(struct str destination, const struct confirmation *list, size_t count,
                   int64_t stale_ms)
{
    const struct cursor cursor = {.low = 10};
    struct err err = {0};
    struct settlement one = {.destination = destination,
                             .cursor = &cursor,
                             .confirmed = list,
                             .confirmed_count = count,
                             .stale_ms = stale_ms};
    if (!store_settle(store, &one, 1, &err)) fail_msg("%s", err.text);
}

static bool find(struct str destination, uint64_t n, struct confirmation *out)
{
    struct err err = {0};
    struct hold_key k = key(n);
    bool found = store_confirmation_get(store, destination, &k, out, &err);
    assert_int_equal(err.kind, ERR_NONE);
    return found;
}

/* Events that are remembered because they confirmed something, of all destinations. */
static size_t confirmers(void)
{
    MDB_txn *txn;
    MDB_stat stat;
    struct err err = {0};
    assert_true(db_read(store, &txn, &err));
    assert_int_equal(mdb_stat(txn, store->confirmers, &stat), 0);
    mdb_txn_abort(txn);
    return stat.ms_entries;
}

static void the_latest_counts(void **state)
{
    struct confirmation c,
        list[] = {by(5, 1, 100, false), by(6, 1, 200, true), by(6, 2, 200, false)};
    (void)state;
    settle(S("a"), list, 3, 0);
    assert_true(find(S("a"), 1, &c));
    assert_int_equal(c.seq, 6);
    assert_int_equal(c.time_ms, 200);
    assert_int_equal(c.within_ms, 1000);
    assert_true(c.cancels);
    assert_true(find(S("a"), 2, &c));
    assert_false(c.cancels);
    assert_false(find(S("a"), 3, &c));
    assert_false(find(S("b"), 1, &c));
    assert_false(find(S("aa"), 1, &c));
}

static void stale_ones_go(void **state)
{
    struct confirmation c, list[100], again = by(50, 7, 5000, false),
                                      last = by(200, 300, 5000, false);
    (void)state;
    for (uint64_t i = 0; i < 100; i++) list[i] = by(i, i, (int64_t)(10 * i), false);
    settle(S("a"), list, 100, 0);
    settle(S("b"), list, 1, 0);
    settle(S("a"), &again, 1, 0);  /* 7 again, by the event that confirmed 50 too */
    for (int i = 0; i < 30; i++) { /* two for each that comes */
        last.seq++;
        settle(S("a"), &last, 1, 1500);
    }
    assert_false(find(S("a"), 0, &c));
    assert_false(find(S("a"), 49, &c));
    assert_true(find(S("a"), 50, &c)); /* of use until 1500 */
    assert_true(find(S("a"), 99, &c));
    assert_true(find(S("a"), 7, &c));
    assert_int_equal(c.seq, 50);
    assert_true(find(S("b"), 0, &c));
}

/* Beyond the limit the oldest of all destinations give way, and never what came just now. */
static void the_oldest_of_all_give_way(void **state)
{
    struct confirmation c, list[100];
    (void)state;
    store->confirmations_max = 100;
    for (uint64_t i = 0; i < 100; i++) list[i] = by(1000 + i, i, 100, false);
    settle(S("a"), list, 50, 0);
    settle(S("z"), list + 50, 50, 0); /* the younger ones */
    for (uint64_t i = 0; i < 30; i++) {
        struct confirmation now = by(2000 + i, 200 + i, 100, false);
        settle(S("m"), &now, 1, 0);
        assert_true(find(S("m"), 200 + i, &c));
    }
    for (uint64_t i = 0; i < 50; i++) assert_int_equal(find(S("a"), i, &c), i >= 30);
    for (uint64_t i = 50; i < 100; i++) assert_true(find(S("z"), i, &c));
    assert_true(find(S("m"), 200, &c));
    assert_int_equal(confirmers(), 100);
    /* One event for all keys goes as a whole. */
    for (uint64_t i = 0; i < 100; i++) list[i] = by(3000, 500 + i, 100, false);
    settle(S("b"), list, 100, 0);
    assert_int_equal(confirmers(), 1);
    assert_true(find(S("b"), 599, &c));
}

static void a_destination_begins_anew(void **state)
{
    struct confirmation c, list[700];
    struct err err = {0};
    struct hold_key k = key(1);
    struct parked *found;
    size_t count;
    const struct cursor cursor = {.low = 10};
    struct parked held = {.seq = 3, .held = true, .name = S("h"), .key = k};
    struct settlement one = {
        .destination = S("a"), .cursor = &cursor, .parked = &held, .parked_count = 1};
    (void)state;
    for (uint64_t i = 0; i < 700; i++) list[i] = by(i, i, 100, false);
    settle(S("a"), list, 700, 0);
    settle(S("ab"), list, 2, 0);
    assert_true(store_settle(store, &one, 1, &err));
    assert_int_equal(confirmers(), 702);
    assert_true(store_history_reset(store, S("a"), &err));
    assert_int_equal(confirmers(), 2);
    for (uint64_t i = 0; i < 700; i++) assert_false(find(S("a"), i, &c));
    assert_true(find(S("ab"), 1, &c));
    struct letter_selection which = {.destination = S("a"), .limit = 10};
    assert_true(store_held_list(store, &which, &k, &arena, &found, &count, &err));
    assert_int_equal(count, 0);
    for (bool more = true; more;) assert_true(store_forget(store, S("ab"), &more, &err));
    assert_false(find(S("ab"), 1, &c));
    assert_int_equal(confirmers(), 0);
    settle(S("a"), list, 1, INT64_MAX); /* nothing of before is in the way */
    assert_false(find(S("a"), 0, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_latest_counts, open_store, close_store),
        cmocka_unit_test_setup_teardown(stale_ones_go, open_store, close_store),
        cmocka_unit_test_setup_teardown(the_oldest_of_all_give_way, open_store, close_store),
        cmocka_unit_test_setup_teardown(a_destination_begins_anew, open_store, close_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
