/* SPDX-License-Identifier: Apache-2.0 */
/* report/names.c, report/quality.c, report/latency.c, report/repeats.c and report/suggest.c: bounded tables
 * that come back as they were kept. */
#include "report/latency.h"
#include "report/names.h"
#include "report/quality.h"
#include "report/repeats.h"
#include "report/suggest.h"

#include "base/time.h"
#include "support/check.h"

static void names_are_counted_by_source(void **state)
{
    struct names t = {0}, back = {0};
    struct buf text = {0};
    struct err err;
    (void)state;
    struct name_seen seen = {S("shop"), S("A \"b\"\n"), 2000, 7, 1, true};
    (void)names_note(&t, &seen);
    seen.received_ms = 1000;
    seen.times = 10;
    seen.from_browser = false;
    (void)names_note(&t, &seen);
    seen.source = S("app");
    (void)names_note(&t, &seen);
    names_put(&t, &text);
    assert_true(names_take(&back, buf_str(&text), &err));
    assert_int_equal(back.count, 2);
    const struct name_row *row = &back.rows[0];
    check_str(name_event(row), "A \"b\"\n");
    assert_true(row->count == 11 && row->from_browser == 1 && row->first_ms == 1000 &&
                row->last_ms == 2000 && row->last_seq == 7);
    static const char *const bad[] = {"", "{}", "[{}]",
                                      "[{\"source\":\"a\",\"event\":\"b\",\"count\":-1}]"};
    for (size_t i = 0; i < countof(bad); i++) assert_false(names_take(&back, str_z(bad[i]), &err));
    buf_fini(&text);
    names_fini(&back);
    names_fini(&t);
}

static void strangers_cannot_grow_names(void **state)
{
    struct names t = {0};
    (void)state;
    for (int i = 0; i < LIMIT_EVENT_NAMES + 5; i++) {
        char name[20];
        (void)snprintf(name, sizeof name, "e%d", i);
        (void)names_note(&t, &(struct name_seen){S("s"), str_z(name), 1, 1, 2, false});
    }
    assert_int_equal(t.count, LIMIT_EVENT_NAMES);
    assert_int_equal(t.left_out, 10);
    names_fini(&t);
}

/* The bits of what {"a": 1, "b": 1} has, for "a b". */
static uint64_t keys_of(struct str names)
{
    struct arena arena = {0};
    struct buf json = {0};
    struct err err;
    buf_putc(&json, '{');
    for (struct str name; names.n;) {
        (void)str_cut(names, ' ', &name, &names);
        json_kv_u64(&json, name, 1);
    }
    buf_putc(&json, '}');
    uint64_t keys = quality_keys(json_read(&arena, buf_str(&json), &err));
    buf_fini(&json);
    arena_fini(&arena);
    return keys;
}

/* One after the other, each from the beginning of the table, is the simpler form. */
static void keys_are_found_in_any_order(void **state)
{
    static const char *const lists[] = {
        "",
        "em ph fn ln db ge ct st zp country external_id client_ip_address fbc fbp",
        "fbp fbc country em",
        "nonsense em em x fbp client_user_agent ph",
        "madid em anon_id em madid",
    };
    (void)state;
    for (size_t i = 0; i < countof(lists); i++) {
        uint64_t one_by_one = 0;
        struct str name, rest = str_z(lists[i]);
        while (rest.n) {
            (void)str_cut(rest, ' ', &name, &rest);
            one_by_one |= keys_of(name);
        }
        assert_true(keys_of(str_z(lists[i])) == one_by_one);
    }
    assert_true(quality_keys(NULL) == 0);
}

static void quality_is_of_two_days(void **state)
{
    struct quality q = {0}, back = {0};
    struct buf text = {0};
    struct err err;
    (void)state;
    uint64_t em = keys_of(S("em")), ph = keys_of(S("ph"));
    assert_true(em && ph && em != ph && !keys_of(S("nonsense")));
    quality_turn(&q, 100 * MS_PER_DAY);
    size_t row = quality_row(&q, S("d"), S("Purchase"));
    assert_int_equal(quality_row(&q, S("d"), S("Purchase")), row);
    assert_true(quality_row(&q, S("e"), S("Purchase")) != row);
    for (int i = 0; i < 4; i++) quality_note(&q, row, i ? em : em | ph, 1);
    assert_true(quality_estimate(&q.rows[row]) > 2.8 + 0.45 - 1e-9);
    assert_true(quality_estimate(&q.rows[row]) < 2.8 + 0.45 + 1e-9);
    quality_put(&q, &text);
    assert_true(quality_take(&back, buf_str(&text), &err));
    assert_true(quality_estimate(&back.rows[row]) == quality_estimate(&q.rows[row]));
    quality_turn(&q, 101 * MS_PER_DAY);
    assert_int_equal(quality_count(&q.rows[row]), 4);
    quality_turn(&q, 103 * MS_PER_DAY);
    assert_int_equal(quality_count(&q.rows[row]), 0);
    assert_true(quality_estimate(&q.rows[row]) == 0);
    assert_false(quality_take(&back, S("[1]"), &err));
    buf_fini(&text);
    quality_fini(&back);
    quality_fini(&q);
}

static void weights_are_ten_in_all(void **state)
{
    double all = 0;
    (void)state;
    for (size_t i = 0; i < quality_weight_count; i++) {
        assert_true(keys_of(quality_weights[i].key) != 0);
        all += quality_weights[i].worth;
    }
    assert_true(all > 10 - 1e-9 && all < 10 + 1e-9);
}

static void times_have_percentiles(void **state)
{
    struct latency l = {0};
    int64_t now = 50 * MS_PER_HOUR;
    (void)state;
    assert_int_equal(latency_percentile(&l, S("d"), 0.5, now), -1);
    for (int i = 1; i <= 100; i++) latency_note(&l, S("d"), i <= 90 ? 64 : 4096, 1, now);
    latency_note(&l, S("other"), -5, 1, now); /* a clock that went back */
    assert_int_equal(latency_percentile(&l, S("d"), 0.5, now), 64);
    assert_int_equal(latency_percentile(&l, S("d"), 0.9, now), 64);
    assert_int_equal(latency_percentile(&l, S("d"), 0.95, now + MS_PER_HOUR), 4096);
    assert_int_equal(latency_percentile(&l, S("other"), 0.99, now), 1);
    latency_note(&l, S("d"), 1000, 1, now);
    int64_t p = latency_percentile(&l, S("d"), 1, now);
    assert_true(p == 4096);
    assert_int_equal(latency_percentile(&l, S("d"), 0.5, now + 3 * MS_PER_HOUR), -1);
    latency_fini(&l);
}

static void repeats_are_a_ring(void **state)
{
    static struct repeats r;
    (void)state;
    for (uint64_t i = 0; i < LIMIT_REPEATED + 3; i++)
        repeats_note(&r, &(struct repeat){.times = 1, .first_seq = i, .last_seq = i + 1000});
    repeats_note(&r,
                 &(struct repeat){.times = 1, .first_seq = 1, .last_seq = 5000}); /* forgotten */
    repeats_note(&r, &(struct repeat){.times = 1, .first_seq = 40, .last_seq = 5001});
    assert_int_equal(r.total, LIMIT_REPEATED + 4);
    assert_true(r.rows[40].times == 2 && r.rows[40].last_seq == 5001);
    assert_true(r.rows[3].first_seq == 1 && r.rows[0].first_seq == LIMIT_REPEATED);
}

static void names_mean_standard_events(void **state)
{
    static const char *const rows[][2] = {
        {"Order Completed", "Purchase"},
        {"order_completed", "Purchase"},
        {"Checkout Started", "InitiateCheckout"},
        {"Product Added To Cart", "AddToCart"},
        {"Added to Wishlist", "AddToWishlist"},
        {"Payment Info Entered", "AddPaymentInfo"},
        {"signUp", "CompleteRegistration"},
        {"Products Searched", "Search"},
        {"Viewed Product", "ViewContent"},
        {"page", "PageView"},
        {"Blub", ""},
        {"", ""},
        {"\xC3\x96\xFF\x01", ""},
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++)
        check_str(suggest_event(str_z(rows[i][0])), rows[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_counted_by_source),
        cmocka_unit_test(strangers_cannot_grow_names),
        cmocka_unit_test(keys_are_found_in_any_order),
        cmocka_unit_test(quality_is_of_two_days),
        cmocka_unit_test(weights_are_ten_in_all),
        cmocka_unit_test(times_have_percentiles),
        cmocka_unit_test(repeats_are_a_ring),
        cmocka_unit_test(names_mean_standard_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
