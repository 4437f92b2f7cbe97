/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include "support/check.h"

static void reads_what_sdks_send(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        {"1970-01-01", 0},
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-21T18:04:05.123Z", 1795284245123},
        {"2026-11-21 18:04:05", 1795284245000},
        {"2026-11-21T18:04Z", 1795284240000},
        {"2026-11-21T19:04:05+01:00", 1795284245000},
        {"2026-11-21T12:34:05-0530", 1795284245000},
        {"2026-11-21T19:04:05+01", 1795284245000},
        {"2026-11-21T18:04:05.123456789Z", 1795284245123},
        {" 2026-11-21T18:04:05,5Z ", 1795284245500},
        {"2026-11-21 18:04:05 UTC", 1795284245000},
        {"2026-11-21 18:04:05.123 UTC", 1795284245123},
        {"2026-11-21 19:04:05 +0100", 1795284245000},
        {"2026-11-21 18:04:05 +0000 UTC", 1795284245000},
        {"2026-11-21T18:04:05 gmt", 1795284245000},
        {"2026-11-21 20:04:05 GMT+02:00", 1795284245000},
        {"2026-11-21 18:04:05  Z", 1795284245000},
        {"2024-02-29", 1709164800000},
        {"2000-02-29T23:59:60Z", 951868800000},
        {"0001-01-01", -62135596800000},
        {"Thu Mar 23 2023 17:46:45 GMT+0000 (UTC)", 1679593605000},
        {"Thu Mar 23 2023 18:46:45 GMT+0100 (Central European Standard Time)", 1679593605000},
        {"Thu, 23 Mar 2023 17:46:45 GMT", 1679593605000},
        {"Thu, 23 Mar 2023 10:46:45 -0700", 1679593605000},
        {"23 mar 2023 17:46:45 utc", 1679593605000},
        {"Mon Mar 23 2023 17:46:45", 1679593605000}, /* it was a Thursday */
        {"Thu Mar 23 2023", 1679529600000},
        {"Mar 3 2023", 1677801600000},
        {"Sun, 06 Nov 1994 08:49:37 Z", 784111777000},
    };
    (void)state;
    for (size_t i = 0; i < countof(good); i++) {
        int64_t ms = 1;
        if (!time_parse(str_z(good[i].text), &ms) || ms != good[i].ms) {
            fail_msg("%s gave %lld", good[i].text, (long long)ms);
        }
    }
}

/* No place of an ISO time takes another kind of character but a blank before the zone, nor may one be missing at
 * the end. */
static void refuses_what_is_out_of_place(void **state)
{
    static const char time[] = "2026-11-21T18:04:05.123Z", others[] = "/:;x-. ";
    int64_t ms;
    (void)state;
    assert_true(time_parse(str_z(time), &ms));
    for (size_t i = 0; i + 1 < sizeof time; i++) {
        for (size_t k = 0; k + 1 < sizeof others; k++) {
            char text[sizeof time];
            bool same_kind = others[k] == time[i] || (time[i] == 'T' && others[k] == ' ') ||
                             i + 2 == sizeof time || (i == 22 && others[k] == ' ');
            memcpy(text, time, sizeof time);
            text[i] = others[k];
            if (!same_kind && time_parse(str_z(text), &ms)) fail_msg("took \"%s\"", text);
        }
        bool whole = i == 10 || i == 16 || i == 19 || i >= 21;
        if (time_parse(str_of(time, i), &ms) != whole) fail_msg("%zu characters", i);
    }
}

/* The usual form has a reader of its own, which a fourth digit behind the second avoids. */
static void both_readers_agree(void **state)
{
    static const char time[] = "2026-11-21T18:04:05.123Z", others[] = "0123456789/:;x-. Tz";
    (void)state;
    for (size_t i = 0; i + 1 < sizeof time; i++) {
        for (size_t k = 0; k + 1 < sizeof others; k++) {
            char text[sizeof time], longer[sizeof time + 1];
            int64_t ms = 1, longer_ms = 1;
            memcpy(text, time, sizeof time);
            text[i] = others[k];
            if (i == 19 || i == 23) continue; /* no fraction, no zone: another form */
            if (i == 22 && others[k] == ' ')
                continue; /* a blank before the zone: the longer has none */
            memcpy(longer, text, 23);
            memcpy(longer + 23, "9Z", 3);
            bool ok = time_parse(str_z(text), &ms);
            assert_int_equal(ok, time_parse(str_z(longer), &longer_ms));
            assert_int_equal(ms, longer_ms);
        }
    }
}

static void refuses_the_rest(void **state)
{
    static const char *const bad[] = {"",
                                      "now",
                                      "2026-13-01",
                                      "2026-02-29",
                                      "2026-1-1",
                                      "0000-01-01",
                                      "2026-11-21T",
                                      "2026-11-21T25:00:00Z",
                                      "2026-11-21T18:04:05.",
                                      "1795284245",
                                      "2026-11-21T18:04:05Zx",
                                      "2026-11-21T18:04:05+1",
                                      "2026-11-21T18:04:05+99:00",
                                      "21/11/2026",
                                      "2026/11/21",
                                      "2026-11-21 18:04:05 CET",
                                      "2026-11-21 18:04:05 UTC UTC",
                                      "2026-11-21 18:04:05 UT",
                                      "2026-11-21 UTC",
                                      "2026-11-21 18:04:05 +01:00 x",
                                      "Thu",
                                      "Thu Mar",
                                      "Thu Mar 23",
                                      "Thu Mar 23 23",
                                      "Thu Mar 32 2023",
                                      "Feb 29 2023",
                                      "Thu Mar 23 0000",
                                      "Thu Mrz 23 2023",
                                      "23 23 2023",
                                      "Thu Mar 23 2023 at noon",
                                      "Thu Mar 23 202317:46:45",
                                      "Thu Mar 23 2023 17:46:45 PST",
                                      "Thu Mar 23 2023 17:46:45 GMT+0000 UTC)",
                                      "Thu Mar 23 2023 17:46:45 GMT+0000 (UTC",
                                      "Thu Mar 23 2023 17:46:45 GMT (UTC) x"};
    (void)state;
    for (size_t i = 0; i < countof(bad); i++) {
        int64_t ms = 42;
        if (time_parse(str_z(bad[i]), &ms)) fail_msg("took \"%s\"", bad[i]);
        assert_int_equal(ms, 42);
    }
}

static void prints_and_reads_back(void **state)
{
    uint64_t seed = 88172645463325252ULL;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        int64_t ms = (int64_t)(check_random(&seed) % 253402300800000ULL), back;
        struct buf text = {0};
        time_print(&text, ms);
        assert_true(time_parse(buf_str(&text), &back));
        assert_int_equal(ms, back);
        buf_fini(&text);
    }
}

static void tells_seconds_from_milliseconds(void **state)
{
    int64_t ms;
    (void)state;
    assert_true(time_parse_number(1795284245, &ms));
    assert_int_equal(ms, 1795284245000);
    assert_true(time_parse_number(1795284245123.0, &ms));
    assert_int_equal(ms, 1795284245123);
    assert_true(time_parse_number(1795284245.5, &ms));
    assert_int_equal(ms, 1795284245500);
    assert_false(time_parse_number(-1, &ms));
    assert_false(time_parse_number(1e15, &ms));
}

static void calendar_is_consistent(void **state)
{
    (void)state;
    for (int64_t day = -800000; day < 800000; day += 13) {
        int year;
        unsigned month, d;
        time_civil(day, &year, &month, &d);
        assert_true(time_is_date(year, month, d));
        assert_int_equal(time_days(year, month, d), day);
    }
    assert_false(time_is_date(1900, 2, 29));
    assert_true(time_is_date(2000, 2, 29));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_sdks_send),   cmocka_unit_test(both_readers_agree),
        cmocka_unit_test(refuses_the_rest),       cmocka_unit_test(refuses_what_is_out_of_place),
        cmocka_unit_test(prints_and_reads_back),  cmocka_unit_test(tells_seconds_from_milliseconds),
        cmocka_unit_test(calendar_is_consistent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
