/* SPDX-License-Identifier: Apache-2.0 */
/* ingest/rate.c: buckets fill and empty as they should, addresses count apart, memory is bounded. */
#include "ingest/rate.h"

#include "base/time.h"
#include "core/limits.h"

#include "support/check.h"

enum { T0 = 1000000 };

static struct source_conf source(const char *name, struct rate_conf rate)
{
    if (!rate.burst_ms) rate.burst_ms = MS_PER_SECOND;
    return (struct source_conf){.name = {str_z(name), {0}}, .rate = rate};
}

/* How many requests of one event pass at one moment, of at most most. */
static unsigned passing(struct rates *r, const struct source_conf *s, const char *address,
                        int64_t now_ms, unsigned most)
{
    unsigned n = 0;
    while (n < most && !rates_take(r, s, str_z(address), 1, now_ms)) n++;
    return n;
}

static void without_a_rate_everything_passes(void **state)
{
    struct rates *r = rates_new();
    struct source_conf s = source("a", (struct rate_conf){0});
    (void)state;
    for (unsigned i = 0; i < 10000; i++)
        assert_int_equal(rates_take(r, &s, S("1.2.3.4"), 9, T0), 0);
    rates_free(r);
    rates_free(NULL);
}

static void a_bucket_empties_and_fills(void **state)
{
    struct rates *r = rates_new();
    struct source_conf s = source("a", (struct rate_conf){.requests = 10, .burst_ms = 2000});
    struct source_conf other = source("b", s.rate);
    (void)state;
    assert_int_equal(passing(r, &s, "1.1.1.1", T0, 100), 20);
    assert_int_equal(rates_take(r, &s, S("1.1.1.1"), 1, T0), 101);
    assert_int_equal(passing(r, &s, "1.1.1.1", T0 + 99, 100), 0);
    assert_int_equal(passing(r, &s, "1.1.1.1", T0 + 100, 100), 1);
    assert_int_equal(passing(r, &s, "1.1.1.1", T0 + 600, 100), 5);
    assert_int_equal(passing(r, &s, "1.1.1.1", T0 + MS_PER_DAY, 100), 20); /* never fuller */
    assert_int_equal(passing(r, &other, "1.1.1.1", T0, 100), 20);
    /* A clock that goes back gives nothing and takes nothing. */
    assert_int_equal(passing(r, &s, "1.1.1.1", T0, 100), 0);
    assert_int_equal(passing(r, &s, "1.1.1.1", T0 + MS_PER_DAY + 100, 100), 1);
    rates_free(r);
}

static void slow_rates_lose_no_part_of_a_token(void **state)
{
    struct rates *r = rates_new();
    struct source_conf s = source("a", (struct rate_conf){.requests = 3});
    unsigned passed = 0;
    (void)state;
    for (int64_t ms = 0; ms <= 100 * MS_PER_SECOND; ms += 7) {
        passed += !rates_take(r, &s, S("1.1.1.1"), 1, T0 + ms);
    }
    assert_true(passed >= 300 && passed <= 303);
    rates_free(r);
}

static void large_requests_pass_and_are_paid_for(void **state)
{
    struct rates *r = rates_new();
    struct source_conf s = source("a", (struct rate_conf){.events = 100});
    (void)state;
    assert_int_equal(rates_take(r, &s, S("1.1.1.1"), 1000, T0), 0);
    int64_t wait = rates_take(r, &s, S("1.1.1.1"), 1, T0);
    assert_in_range(wait, 9000, 9020);
    assert_int_equal(rates_take(r, &s, S("1.1.1.1"), 1, T0 + wait), 0);
    assert_true(rates_take(r, &s, S("1.1.1.1"), 1000, T0 + wait + 900) > 0); /* not full */
    assert_int_equal(rates_take(r, &s, S("1.1.1.1"), 0, T0 + wait), 0);
    rates_free(r);
}

/* When one bucket has too little, the others keep what they have. */
static void all_or_nothing(void **state)
{
    struct rates *r = rates_new();
    struct source_conf s = source("a", (struct rate_conf){.requests = 5, .address_requests = 1});
    (void)state;
    assert_int_equal(passing(r, &s, "1.1.1.1", T0, 100), 1);
    assert_int_equal(passing(r, &s, "1.1.1.2", T0, 100), 1);
    assert_int_equal(passing(r, &s, "1.1.1.1", T0, 100), 0);
    assert_int_equal(passing(r, &s, "2001:db8::1", T0, 100), 1);
    assert_int_equal(passing(r, &s, "2001:db8::ffff:2", T0, 100), 0); /* the same /64 */
    assert_int_equal(passing(r, &s, "2001:db8:0:1::1", T0, 100), 1);
    assert_int_equal(passing(r, &s, "::ffff:1.1.1.2", T0, 100), 0); /* the same as 1.1.1.2 */
    assert_int_equal(passing(r, &s, "no address", T0, 100), 1);
    assert_int_equal(passing(r, &s, "1.1.1.9", T0, 100), 0); /* now the source's is empty */
    rates_free(r);
}

static void a_flood_of_addresses_is_bounded_and_forgets_the_quiet(void **state)
{
    struct rates *r = rates_new();
    struct source_conf s = source("a", (struct rate_conf){.address_requests = 1});
    (void)state;
    assert_int_equal(passing(r, &s, "9.9.9.9", T0, 100), 1);
    assert_int_equal(passing(r, &s, "9.9.9.9", T0, 100), 0);
    for (unsigned i = 0; i < 4 * LIMIT_RATE_ADDRESSES; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
        (void)rates_take(r, &s, str_z(text), 1, T0 + 1);
    }
    assert_int_equal(passing(r, &s, "9.9.9.9", T0 + 1, 100), 1); /* forgotten, so full again */
    rates_free(r);
}

struct counted {
    unsigned rows;
    uint64_t sum;
};

static void count(void *ctx, struct str name, enum refusal refusal, uint64_t n)
{
    struct counted *c = ctx;
    c->rows++;
    c->sum += n;
    if (str_eq(name, S("a"))) assert_int_equal(refusal, REFUSAL_STALE);
}

static void refusals_are_counted_by_source_and_reason(void **state)
{
    struct rates *r = rates_new();
    struct counted c = {0};
    (void)state;
    rates_refused(r, S("a"), REFUSAL_STALE);
    rates_refused(r, S("a"), REFUSAL_STALE);
    rates_refused(r, S(""), REFUSAL_BAD_KEY);
    rates_refused(r, S(""), REFUSAL_NO_KEY);
    rates_each_refusal(r, count, &c);
    assert_int_equal(c.rows, 3);
    assert_int_equal(c.sum, 4);
    rates_free(r);
}

/* Names come from configurations, which may change for years. */
static void ever_other_names_do_not_fill_the_memory(void **state)
{
    struct rates *r = rates_new();
    (void)state;
    for (unsigned i = 0; i < 5 * LIMIT_SOURCES; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "source-%u", i);
        rates_refused(r, str_z(name), REFUSAL_BUSY);
    }
    struct counted c = {0};
    rates_each_refusal(r, count, &c);
    assert_in_range(c.rows, 1, LIMIT_SOURCES);
    rates_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_rate_everything_passes),
        cmocka_unit_test(a_bucket_empties_and_fills),
        cmocka_unit_test(slow_rates_lose_no_part_of_a_token),
        cmocka_unit_test(large_requests_pass_and_are_paid_for),
        cmocka_unit_test(all_or_nothing),
        cmocka_unit_test(a_flood_of_addresses_is_bounded_and_forgets_the_quiet),
        cmocka_unit_test(refusals_are_counted_by_source_and_reason),
        cmocka_unit_test(ever_other_names_do_not_fill_the_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
