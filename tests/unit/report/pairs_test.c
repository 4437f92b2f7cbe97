/* SPDX-License-Identifier: Apache-2.0 */
/* report/pairs.c: copies that meet, copies that do not and why, and more ids than are remembered. */
#include "report/pairs.h"

#include "support/check.h"

static const int64_t T = INT64_C(1795000000000);
enum { ROWS = 3 };

static void note(struct pairs *p, const char *id, size_t row, bool browser, int64_t now_ms)
{
    static const char *const events[ROWS] = {"Purchase", "Lead", "Contact"};
    pairs_note(p, &(struct pair_seen){.destination = S("d"),
                                      .event = str_z(events[row]),
                                      .event_id = str_z(id),
                                      .row = row,
                                      .browser = browser,
                                      .now_ms = now_ms});
}

static void copies_meet_or_not(void **state)
{
    struct pairs p = {0};
    struct pair_counts n[ROWS];
    (void)state;
    pairs_count(&p, n, ROWS);
    assert_int_equal(n[0].both, 0);
    note(&p, "a", 0, true, T);
    note(&p, "a", 0, false, T + PAIRS_WINDOW_MS);
    note(&p, "a", 0, false, T + PAIRS_WINDOW_MS); /* sent again */
    note(&p, "b", 0, true, T);
    note(&p, "c", 0, false, T);
    note(&p, "d", 0, true, T);
    note(&p, "d", 1, false, T);
    note(&p, "e", 2, true, T);
    note(&p, "e", 2, false, T + PAIRS_WINDOW_MS + MS_PER_MINUTE);
    pairs_count(&p, n, ROWS);
    assert_true(n[0].both == 1 && n[0].browser_only == 2 && n[0].server_only == 1);
    assert_true(n[0].other_name == 1 && n[1].other_name == 1 && n[1].server_only == 1);
    assert_true(n[2].too_late == 1 && n[2].both == 0 && n[2].browser_only == 1 &&
                n[2].server_only == 1);
    pairs_fini(&p);
}

static void one_order_should_have_one_id(void **state)
{
    struct pairs p = {0};
    struct pair_counts n[ROWS];
    struct pair_seen seen = {.destination = S("d"),
                             .event = S("Purchase"),
                             .event_id = S("1"),
                             .order_id = S("o"),
                             .browser = true,
                             .now_ms = T};
    (void)state;
    pairs_note(&p, &seen);
    seen.browser = false;
    pairs_note(&p, &seen); /* the same id: they meet */
    seen.order_id = S("o2");
    pairs_note(&p, &seen);
    seen.browser = true;
    seen.event_id = S("2");
    pairs_note(&p, &seen);
    seen.destination = S("e"); /* another destination is another Meta */
    seen.event_id = S("1");
    pairs_note(&p, &seen);
    pairs_count(&p, n, ROWS);
    assert_true(n[0].both == 1 && n[0].other_id == 1 && n[0].browser_only == 2);
    pairs_fini(&p);
}

/* Counts of a share of the ids, times the share, stay near the truth; memory stays what it is. */
static void more_ids_than_fit(void **state)
{
    struct pairs p = {0};
    struct pair_counts n[ROWS];
    enum { IDS = 4 * LIMIT_PAIR_IDS };
    (void)state;
    for (int i = 0; i < IDS; i++) {
        char id[20];
        (void)snprintf(id, sizeof id, "id-%d", i);
        note(&p, id, 0, false, T);
        if (i % 4) note(&p, id, 0, true, T);
    }
    pairs_count(&p, n, ROWS);
    assert_true(p.ids.share >= 2 && p.ids.count < LIMIT_PAIR_IDS);
    assert_true(n[0].both > IDS * 0.70 && n[0].both < IDS * 0.80);
    assert_true(n[0].server_only > IDS * 0.22 && n[0].server_only < IDS * 0.28);
    assert_int_equal(n[0].browser_only, 0);
    pairs_fini(&p);
}

static void what_is_old_makes_room(void **state)
{
    struct pairs p = {0};
    (void)state;
    for (int i = 0; i < 2 * LIMIT_PAIR_IDS; i++) {
        char id[20];
        (void)snprintf(id, sizeof id, "id-%d", i);
        note(&p, id, 0, false, i < LIMIT_PAIR_IDS - 10 ? T : T + PAIRS_KEPT_MS + MS_PER_MINUTE);
    }
    assert_true(p.ids.share <= 1);
    pairs_fini(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_meet_or_not),
        cmocka_unit_test(one_order_should_have_one_id),
        cmocka_unit_test(more_ids_than_fit),
        cmocka_unit_test(what_is_old_makes_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
