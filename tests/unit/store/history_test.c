/* SPDX-License-Identifier: Apache-2.0 */
/* store/outcomes.c and store/attempts.c: what became of each event, and each request. */
#include "support/store.h"

#include "core/limits.h"
#include "store/db.h"
#include "store/known.h"

static void settle(struct str destination, const struct outcome_run *runs, size_t count)
{
    struct settlement one = {.destination = destination,
                             .cursor = &(struct cursor){0},
                             .outcomes = runs,
                             .outcome_count = count};
    assert_true(store_settle(s, &one, 1, &err));
}

static enum reason outcome(struct str destination, uint64_t seq)
{
    enum reason reason;
    assert_true(store_outcomes_read(s, destination, seq, 1, &reason, &err));
    return reason;
}

static void outcomes_are_kept(void **state)
{
    (void)state;
    const struct outcome_run runs[] = {
        {{5, 10}, REASON_NONE},        {{10, 11}, REASON_REFUSED},   {{1900, 6000}, REASON_NONE},
        {{3000, 3001}, REASON_FILTER}, {{12, 13}, REASON_DUPLICATE},
    };
    enum reason all[8000];
    settle(S("a"), runs, countof(runs));
    settle(S("b"), runs + 1, 1);
    for (int round = 0; round < 2; round++) {
        assert_true(store_outcomes_read(s, S("a"), 0, countof(all), all, &err));
        for (size_t i = 0; i < countof(all); i++) {
            enum reason want = i == 10                                         ? REASON_REFUSED
                               : i == 12                                       ? REASON_DUPLICATE
                               : i == 3000                                     ? REASON_FILTER
                               : (i >= 5 && i < 10) || (i >= 1900 && i < 6000) ? REASON_NONE
                                                                               : REASON_COUNT;
            assert_int_equal(all[i], want);
        }
        assert_int_equal(outcome(S("b"), 10), REASON_REFUSED);
        assert_int_equal(outcome(S("b"), 5), REASON_COUNT);
        assert_int_equal(outcome(S("c"), 5), REASON_COUNT);
        store_reopen();
    }
    settle(S("a"), &(struct outcome_run){{10, 11}, REASON_NONE}, 1); /* a retry that went well */
    assert_int_equal(outcome(S("a"), 10), REASON_NONE);
    assert_int_equal(outcome(S("a"), 11), REASON_COUNT);
}

static void every_reason_comes_back(void **state)
{
    (void)state;
    for (enum reason r = 0; r < REASON_COUNT; r++)
        settle(S("a"), &(struct outcome_run){{r, r + 1u}, r}, 1);
    store_reopen();
    for (enum reason r = 0; r < REASON_COUNT; r++) assert_int_equal(outcome(S("a"), r), r);
}

/* An older or newer pixeld knew other reasons, in another order. */
static void names_decide_not_numbers(void **state)
{
    (void)state;
    struct str names;
    assert_true(
        store_set_value(s, S("outcome_names"), S("refused\nfrom_the_future\nnone\n"), &err));
    store_reopen();
    settle(S("a"), &(struct outcome_run){{7, 8}, REASON_EXPIRED}, 1);
    settle(S("a"), &(struct outcome_run){{8, 9}, REASON_REFUSED}, 1);
    store_reopen();
    assert_int_equal(outcome(S("a"), 7), REASON_EXPIRED);
    assert_int_equal(outcome(S("a"), 8), REASON_REFUSED);
    assert_true(store_get_value(s, S("outcome_names"), &arena, &names, &err));
    assert_true(str_starts(names, S("refused\nfrom_the_future\nnone\n")));
    assert_int_equal(s->reason_of[2], REASON_COUNT);
    assert_int_equal(s->byte_of[REASON_NONE], 3);
}

static void outcomes_go_with_the_journal(void **state)
{
    (void)state;
    const uint64_t end = (uint64_t)LIMIT_OUTCOME_BLOCK * (LIMIT_STORE_STEP + 100);
    bool more = true;
    settle(S("a"), &(struct outcome_run){{0, end}, REASON_NONE}, 1);
    settle(S("b"), &(struct outcome_run){{0, end}, REASON_NONE}, 1);
    assert_true(store_outcomes_trim(s, end - 1, &more, &err));
    assert_true(more); /* a step is bounded */
    while (more) assert_true(store_outcomes_trim(s, end - 1, &more, &err));
    assert_int_equal(outcome(S("a"), end - LIMIT_OUTCOME_BLOCK - 1), REASON_COUNT);
    assert_int_equal(outcome(S("a"), end - LIMIT_OUTCOME_BLOCK), REASON_NONE);
    assert_int_equal(outcome(S("b"), end - 1), REASON_NONE);
    assert_true(store_history_reset(s, S("a"), &err));
    assert_int_equal(outcome(S("a"), end - 1), REASON_COUNT);
    assert_int_equal(outcome(S("b"), end - 1), REASON_NONE);
}

/* Ten million events that ended alike cost kilobytes, not a byte each: it is all written in one transaction. */
static void a_block_that_ended_alike_is_a_byte(void **state)
{
    (void)state;
    const uint64_t events = 10000000;
    MDB_envinfo before, after;
    assert_int_equal(mdb_env_info(s->env, &before), 0);
    settle(S("a"), &(struct outcome_run){{5, events}, REASON_NONE}, 1);
    assert_int_equal(mdb_env_info(s->env, &after), 0);
    assert_true(after.me_last_pgno - before.me_last_pgno < 200); /* 0.8 MB */
    settle(S("a"), &(struct outcome_run){{5000000, 5000001}, REASON_REFUSED}, 1);
    store_reopen();
    assert_int_equal(outcome(S("a"), 4), REASON_COUNT);
    assert_int_equal(outcome(S("a"), 5), REASON_NONE);
    assert_int_equal(outcome(S("a"), 4999999), REASON_NONE);
    assert_int_equal(outcome(S("a"), 5000000), REASON_REFUSED);
    assert_int_equal(outcome(S("a"), 5000001), REASON_NONE);
    assert_int_equal(outcome(S("a"), events - 1), REASON_NONE);
    assert_int_equal(outcome(S("a"), events), REASON_COUNT);
    settle(S("a"), &(struct outcome_run){{5000000, 5000001}, REASON_NONE}, 1); /* alike again */
    assert_int_equal(outcome(S("a"), 5000000), REASON_NONE);
    assert_int_equal(outcome(S("a"), 5000001), REASON_NONE);
}

static void attempt(struct str destination, uint64_t first, uint64_t end, int status)
{
    struct seq_range events[] = {{first, end}, {3, 4}};
    struct attempt a = {.sent_ms = 1000 + (int64_t)first,
                        .took_ms = 7,
                        .status = status,
                        .code = status == 400 ? 100 : 0,
                        .subcode = status == 400 ? 2804003 : 0,
                        .pixel_id = S("123"),
                        .fbtrace_id = S("Atrace"),
                        .text = status == 400 ? S("Invalid") : S(""),
                        .events = events,
                        .event_ranges = countof(events)};
    struct settlement one = {.destination = destination,
                             .cursor = &(struct cursor){0},
                             .attempts = &a,
                             .attempt_count = 1};
    assert_true(store_settle(s, &one, 1, &err));
}

static size_t list(struct str destination, uint64_t seq, uint64_t before, size_t limit,
                   struct attempt **out)
{
    struct attempt_selection which = {destination, seq, before, limit};
    size_t count;
    assert_true(store_attempts_list(s, &which, &arena, out, &count, &err));
    return count;
}

static void requests_are_remembered(void **state)
{
    (void)state;
    struct attempt *all;
    attempt(S("a"), 10, 20, 400);
    attempt(S("a"), 15, 30, 200);
    attempt(S("aa"), 10, 20, 0);
    store_reopen();
    attempt(S("a"), 40, 41, 200);
    assert_int_equal(list(S("a"), UINT64_MAX, UINT64_MAX, 10, &all), 3);
    assert_int_equal(all[0].number, 3);
    assert_int_equal(all[2].number, 1);
    assert_int_equal(all[2].sent_ms, 1010);
    assert_int_equal(all[2].took_ms, 7);
    assert_int_equal(all[2].status, 400);
    assert_int_equal(all[2].code, 100);
    assert_int_equal(all[2].subcode, 2804003);
    assert_true(str_eq(all[2].pixel_id, S("123")) && str_eq(all[2].fbtrace_id, S("Atrace")));
    assert_true(str_eq(all[2].text, S("Invalid")));
    assert_int_equal(all[2].event_ranges, 2);
    assert_int_equal(all[2].events[0].first, 10);
    assert_int_equal(all[2].events[0].end, 20);
    assert_int_equal(all[2].events[1].first, 3); /* numbers may go back */
    assert_int_equal(list(S("a"), 15, UINT64_MAX, 10, &all), 2);
    assert_int_equal(list(S("a"), 20, UINT64_MAX, 10, &all), 1);
    assert_int_equal(all[0].number, 2);
    assert_int_equal(list(S("a"), 3, UINT64_MAX, 10, &all), 3);
    assert_int_equal(list(S("a"), 3, UINT64_MAX, 2, &all), 2);
    assert_int_equal(list(S("a"), 3, 2, 2, &all), 1);
    assert_int_equal(list(S("a"), 99, UINT64_MAX, 10, &all), 0);
    assert_int_equal(list(S("aa"), UINT64_MAX, UINT64_MAX, 10, &all), 1);
    assert_int_equal(list(S("b"), UINT64_MAX, UINT64_MAX, 10, &all), 0);
    bool more;
    assert_true(store_forget(s, S("a"), &more, &err));
    assert_false(more);
    assert_int_equal(list(S("a"), UINT64_MAX, UINT64_MAX, 10, &all), 0);
    assert_int_equal(list(S("aa"), UINT64_MAX, UINT64_MAX, 10, &all), 1);
}

/* The ring: as many as there is room for stay. */
static void the_oldest_requests_go(void **state)
{
    (void)state;
    enum { EACH = 100 };
    struct attempt a[EACH], *all;
    struct seq_range events = {0, 1};
    MDB_txn *txn;
    MDB_stat stat;
    for (size_t i = 0; i < EACH; i++) a[i] = (struct attempt){.events = &events, .event_ranges = 1};
    struct settlement one = {
        .destination = S("a"), .cursor = &(struct cursor){0}, .attempts = a, .attempt_count = EACH};
    (void)mdb_env_set_flags(s->env, MDB_NOSYNC, 1);
    for (size_t i = 0; i < LIMIT_ATTEMPTS / EACH + 5; i++)
        assert_true(store_settle(s, &one, 1, &err));
    assert_true(db_read(s, &txn, &err));
    assert_int_equal(mdb_stat(txn, s->attempts, &stat), 0);
    mdb_txn_abort(txn);
    assert_int_equal(stat.ms_entries, LIMIT_ATTEMPTS);
    assert_int_equal(list(S("a"), 0, UINT64_MAX, 1, &all), 1);
    assert_int_equal(all[0].number, LIMIT_ATTEMPTS + 5 * EACH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(outcomes_are_kept),
        STORE_TEST(every_reason_comes_back),
        STORE_TEST(names_decide_not_numbers),
        STORE_TEST(outcomes_go_with_the_journal),
        STORE_TEST(requests_are_remembered),
        STORE_TEST(the_oldest_requests_go),
        STORE_TEST(a_block_that_ended_alike_is_a_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
