/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/pace.c: who waits for whom, and for how long. */
#include "deliver/lane.h"

#include "support/check.h"

enum { LANES = 4, START = 100000, BEGAN_US = 1000000 };

struct road {
    struct deliver d;
    struct config config;
    struct destination_conf conf[LANES];
    struct lane lanes[LANES], *list[LANES];
};

/* Four lanes at the same place: the first three have the same rules. */
static void road_open(struct road *r)
{
    *r = (struct road){.d = {.now_us = BEGAN_US}};
    r->config.destination_count = LANES;
    for (size_t i = 0; i < LANES; i++) {
        r->conf[i].enabled = true;
        r->lanes[i] = (struct lane){.conf = &r->conf[i], .loaded = true, .read_seq = START};
        r->lanes[i].rules = i < 3 ? 0 : 3;
        r->lanes[i].shares_rules = i < 3;
        r->list[i] = &r->lanes[i];
    }
    r->d.config = &r->config;
    r->d.lanes = r->list;
    r->d.lane_count = LANES;
}

static void road_close(struct road *r)
{
    arena_fini(&r->d.scratch);
}

/* A round later; says for each lane whether it may read. */
static unsigned round_of(struct road *r, int64_t ms)
{
    unsigned may = 0;
    r->d.now_us += ms * 1000;
    arena_reset(&r->d.scratch);
    pace_lanes(&r->d);
    for (size_t i = 0; i < LANES; i++) {
        const struct lane *l = &r->lanes[i];
        may |= (unsigned)(l->read_seq < l->read_end) << i;
        assert_true((l->read_seq < l->read_end) == (pace_due_us(l) == INT64_MAX));
    }
    return may;
}

static void the_first_waits_for_the_last(void **state)
{
    static struct road r;
    (void)state;
    road_open(&r);
    size_t reach = echo_reach(&r.d.echo);
    assert_int_equal(round_of(&r, 0), 0xF);
    for (size_t i = 0; i < 3; i++) assert_int_equal(r.lanes[i].read_end, START + reach);
    assert_true(r.lanes[3].read_end == UINT64_MAX);
    r.lanes[3].read_seq += 10 * reach;
    r.lanes[0].read_seq += reach - 1;
    assert_int_equal(round_of(&r, 1), 0xF);
    r.lanes[0].read_seq++;
    assert_int_equal(round_of(&r, 1), 0xE);
    r.lanes[1].read_seq += 10;
    assert_int_equal(round_of(&r, 1), 0xE);
    r.lanes[2].read_seq += 10;
    assert_int_equal(round_of(&r, 1), 0xF);
    road_close(&r);
}

static void patience_ends_and_begins_anew(void **state)
{
    static struct road r;
    (void)state;
    road_open(&r);
    size_t reach = echo_reach(&r.d.echo);
    r.lanes[0].read_seq += 2 * reach;
    assert_int_equal(round_of(&r, 0), 0xE);
    assert_true(pace_due_us(&r.lanes[0]) == BEGAN_US + LIMIT_COMPANY_MS * 1000);
    assert_int_equal(round_of(&r, LIMIT_COMPANY_MS - 1), 0xE);
    assert_int_equal(round_of(&r, 1), 0xF);
    r.lanes[0].read_seq += 2 * reach;
    assert_int_equal(round_of(&r, 1), 0xF); /* it waited once, which is enough */
    r.lanes[1].read_seq = r.lanes[2].read_seq = r.lanes[0].read_seq;
    assert_int_equal(round_of(&r, 1), 0xF);
    r.lanes[1].read_seq += reach;
    assert_int_equal(round_of(&r, 1), 0xD);
    road_close(&r);
}

static void nobody_waits_for_who_does_not_come(void **state)
{
    static struct road r;
    (void)state;
    road_open(&r);
    r.lanes[0].read_seq += echo_reach(&r.d.echo);
    r.lanes[1].read_seq = r.lanes[0].read_seq;
    assert_int_equal(round_of(&r, 0), 0xC);
    r.lanes[2].trouble = TROUBLE_BACKOFF;
    assert_int_equal(round_of(&r, 0), 0xF);
    r.lanes[2].trouble = TROUBLE_NONE;
    r.lanes[2].reset = true;
    assert_int_equal(round_of(&r, 0), 0xF);
    r.lanes[2].reset = false;
    r.lanes[2].loaded = false;
    assert_int_equal(round_of(&r, 0), 0xF);
    r.lanes[2].loaded = true;
    r.conf[2].enabled = false;
    assert_int_equal(round_of(&r, 0), 0xF);
    r.conf[2].enabled = true;
    r.lanes[2].conf = NULL;
    assert_int_equal(round_of(&r, 0), 0xF);
    r.lanes[2].conf = &r.conf[2];
    assert_int_equal(round_of(&r, 0), 0xC);
    r.lanes[2].read_seq = START - LIMIT_COMPANY_EVENTS; /* a long way to go, and alone */
    assert_int_equal(round_of(&r, 0), 0xF);
    assert_true(r.lanes[2].read_end > r.lanes[0].read_seq);
    road_close(&r);
}

/* Large events: echo remembers fewer. */
static void the_reach_is_what_is_remembered(void **state)
{
    struct echo e = {.kept = 100, .written = UINT64_C(100) * 1200};
    (void)state;
    size_t some = echo_reach(&e);
    assert_true(some * 1200 <= LIMIT_ECHO_BYTES / 4 && some * 1300 > LIMIT_ECHO_BYTES / 4);
    e.written *= 10;
    assert_true(echo_reach(&e) < some / 9);
    e.written *= 1000;
    assert_true(echo_reach(&e) >= 1);
    e = (struct echo){0};
    assert_true(echo_reach(&e) >= some);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_waits_for_the_last),
        cmocka_unit_test(patience_ends_and_begins_anew),
        cmocka_unit_test(nobody_waits_for_who_does_not_come),
        cmocka_unit_test(the_reach_is_what_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
