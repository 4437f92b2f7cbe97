/* SPDX-License-Identifier: Apache-2.0 */
/* See time.h. Calendar arithmetic in 400-year eras counted from 1 March, so that the leap day is the
 * last of its year; no table, no time zone database. */
#include "base/time.h"

#include <math.h>

int64_t time_days(int year, unsigned month, unsigned day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void time_civil(int64_t days, int *year, unsigned *month, unsigned *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    *month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

bool time_is_date(int year, unsigned month, unsigned day)
{
    static const unsigned char days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1 || day > days[month - 1]) return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month != 2 || day < 29 || leap;
}

/* Reads exactly count digits at *at. */
static bool digits(struct str s, size_t *at, size_t count, unsigned *out)
{
    unsigned value = 0;
    if (s.n < count || *at > s.n - count) return false;
    for (size_t i = 0; i < count; i++) {
        unsigned digit = (unsigned char)s.p[*at + i] - '0';
        if (digit > 9) return false;
        value = value * 10 + digit;
    }
    *at += count;
    *out = value;
    return true;
}

static bool skip(struct str s, size_t *at, char c)
{
    if (*at >= s.n || s.p[*at] != c) return false;
    ++*at;
    return true;
}

/* Two digits; 100 when they are none. Without a loop: all of an ISO time but the fraction is pairs. */
static inline unsigned pair(const char *p)
{
    unsigned tens = (unsigned char)p[0] - '0', ones = (unsigned char)p[1] - '0';
    return tens <= 9 && ones <= 9 ? tens * 10 + ones : 100;
}

static bool parse_date(struct str s, size_t *at, int64_t *out_days)
{
    if (s.n < 10 || s.p[4] != '-' || s.p[7] != '-') return false;
    unsigned century = pair(s.p), year = pair(s.p + 2), month = pair(s.p + 5), day = pair(s.p + 8);
    if (century > 99 || year > 99) return false;
    year += century * 100;
    if (!year || !time_is_date((int)year, month, day)) return false;
    *at = 10;
    *out_days = time_days((int)year, month, day);
    return true;
}

/* Digits of a second, of which the first three count. */
static bool parse_fraction(struct str s, size_t *at, unsigned *ms)
{
    unsigned scale = 100, digit;
    size_t i = *at;
    for (; i < s.n && (digit = (unsigned char)s.p[i] - '0') <= 9; i++) {
        *ms += digit * scale;
        scale /= 10;
    }
    bool any = i > *at;
    *at = i;
    return any;
}

static bool parse_clock(struct str s, size_t *at, int64_t *out_ms)
{
    unsigned second = 0, ms = 0;
    if (s.n - *at < 5 || s.p[*at + 2] != ':') return false;
    unsigned hour = pair(s.p + *at), minute = pair(s.p + *at + 3);
    *at += 5;
    if (skip(s, at, ':')) {
        if (s.n - *at < 2) return false;
        second = pair(s.p + *at);
        *at += 2;
        if ((skip(s, at, '.') || skip(s, at, ',')) && !parse_fraction(s, at, &ms)) return false;
    }
    if (hour > 23 || minute > 59 || second > 60) return false;
    *out_ms = (((int64_t)hour * 60 + minute) * 60 + second) * MS_PER_SECOND + ms;
    return true;
}

static bool is_blank(struct str s, size_t at)
{
    return at < s.n && s.p[at] == ' ';
}

static void skip_blanks(struct str s, size_t *at)
{
    while (is_blank(s, *at)) ++*at;
}

/* Reads one of the three-letter words behind each other in words; *which counts from 1. */
static bool word(struct str s, size_t *at, struct str words, unsigned *which)
{
    for (size_t i = 0; i + 3 <= words.n && s.n - *at >= 3; i += 3) {
        if (!str_eq_nocase(str_of(s.p + *at, 3), str_of(words.p + i, 3))) continue;
        *at += 3;
        *which = (unsigned)(i / 3) + 1;
        return true;
    }
    return false;
}

/* The zone's offset east of UTC; nothing at all means UTC. */
static bool parse_offset(struct str s, size_t *at, int64_t *out_ms)
{
    unsigned hour, minute = 0;
    *out_ms = 0;
    if (*at == s.n || skip(s, at, 'Z') || skip(s, at, 'z')) return true;
    bool west = s.p[*at] == '-';
    if (!skip(s, at, '+') && !skip(s, at, '-')) return false;
    if (!digits(s, at, 2, &hour)) return false;
    if (*at < s.n) {
        (void)skip(s, at, ':'); /* the colon is optional */
        if (!digits(s, at, 2, &minute)) return false;
    }
    if (hour > 23 || minute > 59) return false;
    *out_ms = ((int64_t)hour * 60 + minute) * MS_PER_MINUTE * (west ? -1 : 1);
    return true;
}

/* The same with blanks, and with UTC or GMT on either side or alone: Ruby prints " +0100", BigQuery " UTC", Go
 * " +0000 UTC", JavaScript " GMT+0100". */
static bool parse_zone(struct str s, size_t *at, int64_t *out_ms)
{
    unsigned ignored;
    skip_blanks(s, at);
    (void)word(s, at, S("gmtutc"), &ignored);
    skip_blanks(s, at);
    if (!parse_offset(s, at, out_ms)) return false;
    skip_blanks(s, at);
    if (*at < s.n) (void)word(s, at, S("gmtutc"), &ignored);
    return true;
}

/* 2026-11-21T18:04:05.123Z, as nearly all libraries send it: one look at each place, no choices between. */
static bool parse_usual(struct str s, int64_t *out_ms)
{
    enum { USUAL_BYTES = 24 };
    size_t at;
    int64_t days;
    if (s.n != USUAL_BYTES || s.p[23] != 'Z' || s.p[19] != '.' || !parse_date(s, &at, &days)) {
        return false;
    }
    unsigned hour = pair(s.p + 11), minute = pair(s.p + 14), second = pair(s.p + 17);
    unsigned tens = pair(s.p + 20), ones = (unsigned char)s.p[22] - '0';
    bool clock = hour <= 23 && minute <= 59 && second <= 60 && tens <= 99 && ones <= 9;
    if (!clock || s.p[10] != 'T' || s.p[13] != ':' || s.p[16] != ':') return false;
    int64_t of_day = ((int64_t)hour * 60 + minute) * 60 + second;
    *out_ms = days * MS_PER_DAY + of_day * MS_PER_SECOND + tens * 10 + ones;
    return true;
}

/* --- with the month as a word ------------------------------------------------------------------- */

/* "23 Mar 2023" or "Mar 23 2023", with the weekday before it or not. The weekday may be wrong: it is
 * not what people mean. */
static bool parse_word_date(struct str s, size_t *at, int64_t *out_days)
{
    unsigned year, month, day, ignored;
    if (word(s, at, S("sunmontuewedthufrisat"), &ignored)) (void)skip(s, at, ',');
    skip_blanks(s, at);
    bool month_first = word(s, at, S("janfebmaraprmayjunjulaugsepoctnovdec"), &month);
    if (month_first) skip_blanks(s, at);
    if (!digits(s, at, 2, &day) && !digits(s, at, 1, &day)) return false;
    skip_blanks(s, at);
    if (!month_first) {
        if (!word(s, at, S("janfebmaraprmayjunjulaugsepoctnovdec"), &month)) return false;
        skip_blanks(s, at);
    }
    if (!digits(s, at, 4, &year) || !year || !time_is_date((int)year, month, day)) return false;
    *out_days = time_days((int)year, month, day);
    return true;
}

/* RFC 2822 (Thu, 23 Mar 2023 17:46:45 +0100) and what JavaScript's Date prints (Thu Mar 23 2023
 * 17:46:45 GMT+0100 (Central European Standard Time)). */
static bool parse_words(struct str s, int64_t *out_ms)
{
    size_t at = 0, comment = str_find(s, S(" ("), 0);
    int64_t days, clock = 0, zone = 0;
    if (comment != SIZE_MAX && str_ends(s, S(")"))) s = str_trim(str_head(s, comment));
    if (!parse_word_date(s, &at, &days)) return false;
    if (at < s.n) {
        if (!is_blank(s, at)) return false;
        skip_blanks(s, &at);
        if (!parse_clock(s, &at, &clock)) return false;
        if (!parse_zone(s, &at, &zone)) return false;
    }
    if (at != s.n) return false;
    *out_ms = days * MS_PER_DAY + clock - zone;
    return true;
}

/* --- the door ----------------------------------------------------------------------------------- */

bool time_parse(struct str text, int64_t *out_ms)
{
    struct str s = str_trim(text);
    size_t at = 0;
    int64_t days, clock = 0, zone = 0;
    if (parse_usual(s, out_ms)) return true;
    if (!parse_date(s, &at, &days)) return parse_words(s, out_ms);
    if (at < s.n) {
        if (!skip(s, &at, 'T') && !skip(s, &at, 't') && !skip(s, &at, ' ')) return false;
        if (!parse_clock(s, &at, &clock) || !parse_zone(s, &at, &zone)) return false;
    }
    if (at != s.n) return false;
    *out_ms = days * MS_PER_DAY + clock - zone;
    return true;
}

bool time_parse_number(double number, int64_t *out_ms)
{
    if (!isfinite(number) || number < 0 || number >= 1e14) return false;
    /* 10^11 seconds is the year 5138 and 10^11 ms is March 1973: nobody means either by the other. */
    *out_ms = (int64_t)(number >= 1e11 ? number : number * MS_PER_SECOND);
    return true;
}

void time_print(struct buf *out, int64_t ms)
{
    int year;
    unsigned month, day;
    int64_t days = (ms >= 0 ? ms : ms - (MS_PER_DAY - 1)) / MS_PER_DAY;
    int64_t rest = ms - days * MS_PER_DAY;
    time_civil(days, &year, &month, &day);
    buf_printf(out, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", year, month, day,
               (int)(rest / MS_PER_HOUR), (int)(rest / MS_PER_MINUTE % 60),
               (int)(rest / MS_PER_SECOND % 60), (int)(rest % MS_PER_SECOND));
}
