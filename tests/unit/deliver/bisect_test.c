/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/bisect.c against a judge that refuses every request with a bad event in it: exactly the bad
 * ones are found, each refused alone; the good ones all pass; and it costs few requests. */
#include "deliver/bisect.h"

#include "support/check.h"

enum { EVENTS_MAX = 1000 };

struct trial {
    size_t count;
    bool bad[EVENTS_MAX];
    bool named; /* the judge says which one */
    bool lies;  /* but names a wrong one */
    unsigned requests;
};

/* The first bad event of the window, counted from its beginning; -1 without. */
static int64_t judge(const struct trial *t, const struct batch *b)
{
    for (size_t i = b->search.from; i < b->search.to; i++)
        if (t->bad[i]) return (int64_t)(i - b->search.from);
    return -1;
}

static void run(struct trial *t)
{
    struct batch b = {.count = t->count, .search.to = t->count};
    bool settled[EVENTS_MAX] = {0};
    t->requests = 0;
    while (!bisect_is_done(&b)) {
        size_t from = b.search.from, to = b.search.to;
        assert_true(from < to && to <= t->count);
        assert_true(++t->requests <= 3 * EVENTS_MAX);
        int64_t culprit = judge(t, &b);
        if (culprit < 0) {
            for (size_t i = from; i < to; i++) {
                assert_false(settled[i]);
                settled[i] = true;
            }
            bisect_passed(&b);
            continue;
        }
        if (t->lies) culprit = (int64_t)(to - from) - 1 - culprit;
        if (!bisect_refused(&b, t->named ? culprit : -1)) continue;
        assert_int_equal(b.search.from, from + 1);
        assert_true(to == from + 1 && t->bad[from] && !settled[from]);
        settled[from] = true;
    }
    for (size_t i = 0; i < t->count; i++) assert_true(settled[i]);
}

static void one_bad_anywhere(void **state)
{
    struct trial t = {.count = 1000};
    (void)state;
    for (size_t i = 0; i < t.count; i++) {
        t.bad[i] = true;
        run(&t);
        assert_true(t.requests <= 13); /* 1 + log2(1000) + itself + the rest */
        t.bad[i] = false;
    }
}

static void one_bad_named(void **state)
{
    struct trial t = {.count = 1000, .named = true};
    (void)state;
    for (size_t i = 0; i < t.count; i++) {
        t.bad[i] = true;
        run(&t);
        assert_true(t.requests <= 4); /* all, before it, it, after it */
        t.bad[i] = false;
    }
}

static void a_wrong_name_does_no_harm(void **state)
{
    struct trial t = {.count = 1000, .named = true, .lies = true};
    (void)state;
    for (size_t i = 0; i < t.count; i += 7) {
        t.bad[i] = true;
        run(&t);
        t.bad[i] = false;
    }
    assert_false(bisect_refused(&(struct batch){.count = 2, .search.to = 2}, 5000));
    assert_false(bisect_refused(&(struct batch){.count = 2, .search.to = 2}, INT64_MIN));
}

static void all_bad_costs_one_each(void **state)
{
    struct trial t = {.count = 1000};
    (void)state;
    for (size_t i = 0; i < t.count; i++) t.bad[i] = true;
    run(&t);
    assert_true(t.requests <= 1000 + 25);
}

/* What one batch taught makes the next one cheaper, and is unlearned when it does not hold. */
static void the_next_batch_knows(void **state)
{
    struct batch b = {.count = 1000, .search.to = 1000};
    (void)state;
    assert_true(bisect_gap(&b) == SIZE_MAX);
    while (!bisect_is_done(&b)) (void)bisect_refused(&b, -1);
    assert_int_equal(bisect_gap(&b), 0);
    unsigned all_bad = 0, all_good = 0;
    b = (struct batch){.count = 1000, .search.to = 1000};
    bisect_expect(&b, 0);
    for (; !bisect_is_done(&b); all_bad++) (void)bisect_refused(&b, -1);
    assert_int_equal(all_bad, 1000);
    b = (struct batch){.count = 1000, .search.to = 1000};
    bisect_expect(&b, 0);
    for (; !bisect_is_done(&b); all_good++) bisect_passed(&b);
    assert_true(all_good <= 8);
    assert_true(bisect_gap(&b) >= 500);
}

static void ten_bad_of_1000(void **state)
{
    uint64_t random = 0x9E3779B97F4A7C15u;
    (void)state;
    for (int round = 0; round < 2000; round++) {
        struct trial t = {.count = 1000};
        for (int left = 10; left;) {
            size_t at = check_random(&random) % 1000;
            if (round % 2) at = (size_t)(10 - left) * 100 + at % 100; /* one in each hundred */
            left -= !t.bad[at];
            t.bad[at] = true;
        }
        run(&t);
        assert_true(t.requests <= 120);
    }
}

static void none_bad_costs_one(void **state)
{
    struct trial t = {.count = 1000};
    (void)state;
    run(&t);
    assert_int_equal(t.requests, 1);
}

static void tiny_batches(void **state)
{
    (void)state;
    for (size_t count = 1; count <= 6; count++)
        for (unsigned bits = 0; bits < 1u << count; bits++)
            for (int named = 0; named < 3; named++) {
                struct trial t = {.count = count, .named = named > 0, .lies = named > 1};
                for (size_t i = 0; i < count; i++) t.bad[i] = bits >> i & 1;
                run(&t);
            }
}

static void random_batches(void **state)
{
    uint64_t random = 0x9E3779B97F4A7C15u;
    (void)state;
    for (int round = 0; round < 400; round++) {
        struct trial t = {.count = 1 + check_random(&random) % EVENTS_MAX,
                          .named = check_random(&random) % 2};
        uint64_t percent = check_random(&random) % 101, bad = 0;
        for (size_t i = 0; i < t.count; i++)
            bad += t.bad[i] = check_random(&random) % 100 < percent;
        run(&t);
        assert_true(t.requests <= 2 * t.count + 25);
        assert_true(t.requests <= 1 + 14 * (bad + 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_bad_anywhere),
        cmocka_unit_test(one_bad_named),
        cmocka_unit_test(a_wrong_name_does_no_harm),
        cmocka_unit_test(all_bad_costs_one_each),
        cmocka_unit_test(the_next_batch_knows),
        cmocka_unit_test(ten_bad_of_1000),
        cmocka_unit_test(none_bad_costs_one),
        cmocka_unit_test(tiny_batches),
        cmocka_unit_test(random_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
