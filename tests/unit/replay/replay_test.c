/* SPDX-License-Identifier: Apache-2.0 */
/* replay/replay.c, replay/pick.c and replay/job.c on a real journal and store: what is queued and what is
 * not, jobs that are kept, and a store that refuses. */
#include "support/cmocka.h"

#include "load/load.h"
#include "replay/pick.h"
#include "replay/replay.h"
#include "store/jobs.h"
#include "support/dir.h"
#include "support/journal.h"
#include "sys/clock.h"

static struct test_dir dir;
static struct arena arena;
static struct journal *journal;
static struct store *store;
static struct generation_holder generations;
static _Atomic unsigned wakes;

static void count_wake(void *ctx)
{
    (void)ctx;
    wakes++;
}

static int setup(void **state)
{
    (void)state;
    struct err err = {0};
    test_dir_make(&dir);
    journal = test_journal_open(arena_printf(&arena, "%s/journal", dir.path).p, 0);
    store = store_open(arena_printf(&arena, "%s/store", dir.path).p, 64 << 20, &err);
    assert_true(journal && store);
    generation_holder_init(&generations);
    struct load wanted = {.write_key = S("key"), .sandbox_url = S("http://127.0.0.1:1/v1")};
    struct generation *g = load_all(&wanted, &(struct load_problems){0});
    assert_non_null(g);
    generation_swap(&generations, g);
    wakes = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    journal_close(journal);
    store_close(store);
    generation_holder_fini(&generations);
    arena_fini(&arena);
    test_dir_remove(&dir);
    return 0;
}

static struct replay *open_replay(void)
{
    struct err err = {0};
    struct replay_options options = {
        .journal = journal, .store = store, .generations = &generations, .wake = count_wake};
    struct replay *r = replay_open(&options, &err);
    if (!r) print_error("%s\n", err.text);
    assert_non_null(r);
    return r;
}

/* put appends one event; the number of its record. */
static uint64_t put(const char *name, int64_t age_ms, unsigned flags)
{
    struct test_append t = {0};
    struct err err = {0};
    struct buf json = {0};
    int64_t now_ms = clock_now_ms();
    lock_init(&t.lock);
    signal_init(&t.told);
    buf_printf(&json,
               "{\"type\":\"track\",\"event\":\"%s\",\"userId\":\"u\",\"timestamp\":%lld,"
               "\"properties\":{\"revenue\":1,\"currency\":\"EUR\"},"
               "\"context\":{\"traits\":{\"email\":\"a@example.com\"}}}",
               name, (long long)(now_ms - age_ms));
    event_encode(&t.records, &(struct event){.received_ms = now_ms,
                                             .flags = flags,
                                             .source = S("default"),
                                             .message_id = S("m"),
                                             .json = buf_str(&json)});
    t.append = (struct journal_append){
        .records = buf_str(&t.records), .count = 1, .done = test_append_done, .ctx = &t};
    assert_true(journal_submit(journal, &t.append, &err) && test_append_wait(&t));
    uint64_t seq = t.append.first_seq;
    test_append_fini(&t);
    buf_fini(&json);
    return seq;
}

static void settle(uint64_t seq, enum reason reason)
{
    struct err err = {0};
    struct outcome_run run = {{seq, seq + 1}, reason};
    struct settlement one = {.destination = S("sandbox"),
                             .cursor = &(struct cursor){0},
                             .outcomes = &run,
                             .outcome_count = 1};
    assert_true(store_settle(store, &one, 1, &err));
}

static size_t queued(void)
{
    struct err err = {0};
    size_t count;
    assert_true(store_retries_count(store, S("sandbox"), 1000000, &count, &err));
    return count;
}

static struct replay_job ended(struct replay *r, uint64_t id)
{
    for (int left = 10000; left > 0; left -= 5) {
        struct replay_job *jobs;
        size_t count;
        replay_list(r, &arena, &jobs, &count);
        for (size_t i = 0; i < count; i++)
            if (jobs[i].id == id && jobs[i].state != REPLAY_IS_RUNNING) return jobs[i];
        clock_sleep_ms(5);
    }
    fail_msg("replay %llu never ends", (unsigned long long)id);
    return (struct replay_job){0};
}

static struct replay_job run(struct replay *r, struct replay_job wanted)
{
    struct err err = {0};
    struct replay_job job;
    (void)snprintf(wanted.destination, sizeof wanted.destination, "sandbox");
    assert_true(replay_submit(r, &wanted, &job, &err));
    job = ended(r, job.id);
    uint64_t sum = 0;
    for (size_t i = 0; i < REPLAY_COUNT; i++) sum += job.counts[i];
    assert_int_equal(sum, 2 * job.counts[REPLAY_LOOKED_AT]); /* they add up to it */
    assert_int_equal(job.counts[REPLAY_LOOKED_AT], job.end - job.first);
    return job;
}

static void each_event_is_counted_once(void **state)
{
    (void)state;
    settle(put("Order Completed", 0, 0), REASON_NONE);
    settle(put("Order Completed", 0, 0), REASON_FILTER);
    settle(put("Order Completed", 0, 0), REASON_REFUSED);
    settle(put("Order Completed", 0, EVENT_DUPLICATE), REASON_DUPLICATE);
    settle(put("Order Completed", 10 * MS_PER_DAY, 0), REASON_EVENT_TOO_OLD);
    (void)put("Order Completed", 0, 0); /* not settled */
    settle(put("Other", 0, 0), REASON_FILTER);
    struct replay *r = open_replay();
    struct replay_job dry = run(r, (struct replay_job){.dry_run = true});
    assert_int_equal(dry.counts[REPLAY_QUEUED], 3);
    assert_int_equal(queued(), 0);
    struct replay_job named = run(r, (struct replay_job){.event = "Order Completed"});
    assert_int_equal(named.counts[REPLAY_QUEUED], 2);
    assert_int_equal(named.counts[REPLAY_DELIVERED], 1);
    assert_int_equal(named.counts[REPLAY_DUPLICATE], 1);
    assert_int_equal(named.counts[REPLAY_TOO_OLD], 1);
    assert_int_equal(named.counts[REPLAY_WAITING], 1);
    assert_int_equal(named.counts[REPLAY_OTHER], 1);
    assert_int_equal(queued(), 2);
    assert_true(wakes > 0);
    /* What is in the queue already is not put there again. */
    struct replay_job again = run(r, (struct replay_job){0});
    assert_int_equal(again.counts[REPLAY_QUEUED], 1);
    assert_int_equal(again.counts[REPLAY_WAITING], 3);
    assert_int_equal(queued(), 3);
    struct replay_job all = run(r, (struct replay_job){.include_delivered = true});
    assert_int_equal(all.counts[REPLAY_QUEUED], 1);
    struct replay_job nobody = run(r, (struct replay_job){.source = "nobody"});
    assert_int_equal(nobody.counts[REPLAY_OTHER], 7);
    replay_close(r);
}

static void jobs_are_kept_and_bounded(void **state)
{
    (void)state;
    struct err err = {0};
    struct replay_job *jobs, job, wanted = {.destination = "nobody"};
    size_t count;
    settle(put("A", 0, 0), REASON_FILTER);
    struct replay *r = open_replay();
    assert_false(replay_submit(r, &wanted, &job, &err));
    assert_int_equal(err.kind, ERR_INPUT);
    for (int i = 0; i < LIMIT_REPLAYS + 5; i++) (void)run(r, (struct replay_job){.dry_run = true});
    assert_false(replay_cancel(r, 3, &err)); /* ended long ago */
    replay_close(r);
    r = open_replay();
    replay_list(r, &arena, &jobs, &count);
    assert_int_equal(count, LIMIT_REPLAYS);
    assert_int_equal(jobs[count - 1].id, LIMIT_REPLAYS + 5);
    assert_int_equal(jobs[0].state, REPLAY_IS_DONE);
    replay_close(r);
}

/* A full queue holds the job; it goes on after a restart, and can be cancelled. */
static void a_full_queue_waits(void **state)
{
    (void)state;
    struct err err = {0};
    struct replay_job *jobs, job, wanted = {.destination = "sandbox"};
    size_t count;
    static struct again many[LIMIT_REPLAY_QUEUE];
    static const struct str record = S_INIT("x");
    struct outcome_run all = {{1000, 1000 + LIMIT_REPLAY_QUEUE}, REASON_FILTER};
    struct settlement one = {.destination = S("sandbox"),
                             .cursor = &(struct cursor){0},
                             .outcomes = &all,
                             .outcome_count = 1};
    uint64_t n;
    assert_true(store_settle(store, &one, 1, &err));
    for (size_t i = 0; i < countof(many); i++)
        many[i] = (struct again){1000 + i, REASON_FILTER, record};
    struct job_text other = {.id = 77};
    assert_true(store_job_queue(store, S("sandbox"), many, countof(many), &other, &n, &err));
    assert_int_equal(n, countof(many));
    settle(put("A", 0, 0), REASON_FILTER);
    struct replay *r = open_replay();
    assert_true(replay_submit(r, &wanted, &job, &err));
    clock_sleep_ms(300);
    replay_close(r);
    r = open_replay();
    replay_list(r, &arena, &jobs, &count);
    assert_int_equal(jobs[0].state, REPLAY_IS_RUNNING);
    assert_int_equal(jobs[0].counts[REPLAY_QUEUED], 0);
    assert_true(replay_cancel(r, job.id, &err));
    assert_int_equal(ended(r, job.id).state, REPLAY_IS_CANCELLED);
    replay_close(r);
    r = open_replay();
    assert_int_equal(ended(r, job.id).state, REPLAY_IS_CANCELLED);
    assert_int_equal(queued(), LIMIT_REPLAY_QUEUE);
    replay_close(r);
}

static void texts_round_trip(void **state)
{
    (void)state;
    struct buf text = {0}, again = {0};
    struct err err = {0};
    struct replay_job back, job = {.id = 7,
                                   .destination = "a",
                                   .event = "Order \"x\" \xc3\xa4",
                                   .from_ms = 1700000000000,
                                   .dry_run = true,
                                   .state = REPLAY_IS_FAILED,
                                   .next = UINT64_MAX,
                                   .error = "no"};
    job.counts[REPLAY_LOST] = 5;
    job_put(&text, &job);
    assert_true(job_read(buf_str(&text), &arena, &back, &err));
    job_put(&again, &back);
    assert_true(str_eq(buf_str(&text), buf_str(&again)));
    for (size_t n = 0; n < text.n; n++)
        assert_false(job_read(str_of(text.p, n), &arena, &back, &err));
    assert_false(job_read(S("{}"), &arena, &back, &err));
    assert_false(job_read(S("[1]"), &arena, &back, &err));
    buf_fini(&text);
    buf_fini(&again);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(each_event_is_counted_once),
        TEST(jobs_are_kept_and_bounded),
        TEST(a_full_queue_waits),
        TEST(texts_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
