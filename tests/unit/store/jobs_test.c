/* SPDX-License-Identifier: Apache-2.0 */
/* store/jobs.c: jobs are kept, and what they queue is queued once. */
#include "support/store.h"

#include "store/jobs.h"

static void jobs_are_listed_in_order(void **state)
{
    (void)state;
    struct job_text *jobs;
    size_t count;
    assert_true(store_jobs_list(s, &arena, &jobs, &count, &err));
    assert_int_equal(count, 0);
    for (uint64_t id = 300; id; id--)
        assert_true(store_job_put(s, &(struct job_text){id, S("text")}, &err));
    assert_true(store_job_put(s, &(struct job_text){7, S("other")}, &err));
    assert_true(store_job_put(s, &(struct job_text){.id = 1}, &err));
    assert_true(store_job_put(s, &(struct job_text){.id = 999}, &err)); /* not there: fine */
    assert_true(store_jobs_list(s, &arena, &jobs, &count, &err));
    assert_int_equal(count, 299);
    for (size_t i = 0; i < count; i++) assert_int_equal(jobs[i].id, i + 2);
    assert_true(str_eq(jobs[5].text, S("other")));
}

static void settle(uint64_t seq, enum reason reason, bool letter)
{
    struct dead_letter dead = {.seq = seq, .record = S("the letter's own")};
    struct outcome_run run = {{seq, seq + 1}, reason};
    struct settlement one = {.destination = S("a"),
                             .cursor = &(struct cursor){0},
                             .dead = &dead,
                             .dead_count = letter,
                             .outcomes = &run,
                             .outcome_count = 1};
    outcome_set(&dead.outcome, reason, "path", "message");
    assert_true(store_settle(s, &one, 1, &err));
}

static void queues_once_and_only_what_is_as_it_was(void **state)
{
    (void)state;
    struct retry_entry *entries;
    struct dead_letter letter;
    size_t count;
    uint64_t queued;
    struct letter_selection all = {.destination = S("a"), .limit = 100};
    const struct again events[] = {{1, REASON_FILTER, S_INIT("one")},
                                   {2, REASON_REFUSED, S_INIT("two")},
                                   {3, REASON_NONE, S_INIT("three")},
                                   {4, REASON_FILTER, S_INIT("four")}};
    settle(1, REASON_FILTER, false);
    settle(2, REASON_REFUSED, true);
    settle(3, REASON_NONE, false);
    settle(4, REASON_NONE, false); /* was delivered since it was decided on */
    struct job_text job = {5, S("state")};
    assert_true(store_job_queue(s, S("a"), events, 4, &job, &queued, &err));
    assert_int_equal(queued, 3);
    assert_true(store_job_queue(s, S("a"), events, 4, &job, &queued, &err));
    assert_int_equal(queued, 0);
    assert_true(store_retries_list(s, &all, &arena, &entries, &count, &err));
    assert_int_equal(count, 3);
    assert_int_equal(entries[0].former, REASON_FILTER);
    assert_true(str_eq(entries[0].record, S("one")));
    assert_true(str_eq(entries[1].record, S("the letter's own"))); /* perhaps it was mended */
    assert_int_equal(entries[2].former, REASON_NONE);
    assert_false(store_dead_get(s, S("a"), 2, &arena, &letter, &err)); /* moved, not copied */
    assert_int_equal(err.kind, ERR_NONE);
    assert_true(store_retries_count(s, S("a"), 2, &count, &err));
    assert_int_equal(count, 2);
    assert_true(store_retries_count(s, S("b"), 2, &count, &err));
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(jobs_are_listed_in_order),
        STORE_TEST(queues_once_and_only_what_is_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
