/* SPDX-License-Identifier: Apache-2.0 */
/* Dates of birth, in the forms people and databases write them, to Meta's YYYYMMDD. Months are not
 * spelled out here, and two digits are no year: what is unclear is refused, because a wrong date
 * matches the wrong person. */
#include "meta/normalise.h"

#include "base/text.h"
#include "base/time.h"

enum { YEAR_MIN = 1900 }; /* Meta's documents */

/* A run of digits and how many there were. */
struct group {
    int value;
    unsigned digits;
};

/* Reads up to max groups of digits with anything but digits between; *separator is the byte behind the
 * first. A group of more than 8 digits is none of a date. */
static size_t read_groups(struct str in, struct group *groups, size_t max, char *separator)
{
    size_t count = 0;
    for (size_t at = 0; at < in.n && count < max;) {
        if (in.p[at] < '0' || in.p[at] > '9') {
            at++;
            continue;
        }
        struct group g = {0, 0};
        for (; at < in.n && in.p[at] >= '0' && in.p[at] <= '9'; at++) {
            if (++g.digits > 8) return 0;
            g.value = g.value * 10 + (in.p[at] - '0');
        }
        if (count == 0) *separator = at < in.n ? in.p[at] : '\0';
        groups[count++] = g;
    }
    return count;
}

static void swap(int *a, int *b)
{
    int t = *a;
    *a = *b;
    *b = t;
}

/* Day and month each have one or two digits; the year has four and comes first or last. */
static bool read_parts(const struct group g[3], char separator, int *year, int *month, int *day)
{
    bool year_first = g[0].digits == 4;
    const struct group *y = year_first ? &g[0] : &g[2], *a = year_first ? &g[1] : &g[0],
                       *b = year_first ? &g[2] : &g[1];
    if (y->digits != 4 || a->digits > 2 || b->digits > 2) return false;
    *year = y->value;
    *month = a->value;
    *day = b->value;
    /* With dots the day comes first (16.2.1997), with anything else the month (2/16/1997), as in
     * Meta's example; a month above 12 tells that it was the other way round. */
    if (!year_first && separator == '.') swap(month, day);
    if (*month > 12) swap(month, day);
    return true;
}

static bool is_birth_date(int year, int month, int day, int64_t now_ms)
{
    if (year < YEAR_MIN || month < 1 || day < 1) return false;
    if (!time_is_date(year, (unsigned)month, (unsigned)day)) return false;
    /* A day of grace: it may be tomorrow already where the person lives. */
    return time_days(year, (unsigned)month, (unsigned)day) <= now_ms / MS_PER_DAY + 1;
}

/* The last digits of value, which has no more of them and is not negative. */
static void put_digits(struct buf *out, int value, size_t digits)
{
    char *at = buf_reserve(out, digits);
    for (size_t i = digits; i > 0; i--, value /= 10) at[i - 1] = (char)('0' + value % 10);
    out->n += digits;
}

bool normalise_birth(const struct meta_context *ctx, struct str in, struct buf *out)
{
    struct group groups[3];
    char separator = '\0';
    in = text_trim(in);
    /* Nothing but a date begins with one: "born 1.2.2003" and "-1" do not. */
    if (in.n == 0 || in.p[0] < '0' || in.p[0] > '9' || !text_is_valid(in)) return false;
    size_t count = read_groups(in, groups, countof(groups), &separator);
    int year, month, day;
    if (count >= 1 && groups[0].digits == 8) {
        bool ends = separator == '\0' || separator == 'T' || separator == ' ';
        if (!ends) return false;
        year = groups[0].value / 10000;
        month = groups[0].value / 100 % 100;
        day = groups[0].value % 100;
    } else if (count < 3 || !read_parts(groups, separator, &year, &month, &day)) {
        return false;
    }
    if (!is_birth_date(year, month, day, ctx->now_ms)) return false;
    put_digits(out, year, 4);
    put_digits(out, month, 2);
    put_digits(out, day, 2);
    return true;
}

/* One number between low and high, written with the given number of digits. */
static bool put_number(struct buf *out, struct str in, int64_t low, int64_t high, size_t digits)
{
    int64_t value;
    if (!str_to_i64(text_trim(in), &value) || value < low || value > high) return false;
    put_digits(out, (int)value, digits);
    return true;
}

bool normalise_birth_day(const struct meta_context *ctx, struct str in, struct buf *out)
{
    (void)ctx;
    return put_number(out, in, 1, 31, 2);
}

bool normalise_birth_month(const struct meta_context *ctx, struct str in, struct buf *out)
{
    (void)ctx;
    return put_number(out, in, 1, 12, 2);
}

bool normalise_birth_year(const struct meta_context *ctx, struct str in, struct buf *out)
{
    int year;
    unsigned month, day;
    time_civil(ctx->now_ms / MS_PER_DAY, &year, &month, &day);
    return put_number(out, in, YEAR_MIN, year, 4);
}
