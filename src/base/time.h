/* SPDX-License-Identifier: Apache-2.0 */
/* Points in time are int64_t milliseconds since 1970 (UTC). Text is RFC 3339 and its everyday
 * relatives. Reading the clock is sys/clock.h's business. */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/buf.h"

enum { MS_PER_SECOND = 1000 };
#define MS_PER_MINUTE ((int64_t)60 * MS_PER_SECOND)
#define MS_PER_HOUR (60 * MS_PER_MINUTE)
#define MS_PER_DAY (24 * MS_PER_HOUR)

/* time_parse reads ISO 8601 / RFC 3339: date, or date and time with 'T' or blank, optional fraction
 * (cut to ms) and zone (Z, +hh:mm, +hhmm, +hh; none = UTC). Years 1..9999. Also RFC 2822 (Thu, 23 Mar
 * 2023 17:46:45 +0100) and what JavaScript's Date prints (Thu Mar 23 2023 17:46:45 GMT+0100 (name)),
 * whatever weekday they claim. False: out is untouched. */
bool time_parse(struct str text, int64_t *out_ms);
/* time_parse_number takes epoch seconds or milliseconds (10^11 and above is ms), fraction allowed. */
bool time_parse_number(double number, int64_t *out_ms);
/* time_print appends 2026-11-21T18:04:05.123Z. */
void time_print(struct buf *out, int64_t ms);
/* time_days is the number of days from 1970-01-01 to the given civil date (proleptic Gregorian). */
int64_t time_days(int year, unsigned month, unsigned day);
/* time_civil is the inverse of time_days. */
void time_civil(int64_t days, int *year, unsigned *month, unsigned *day);
/* time_is_date: does the calendar have this day? */
bool time_is_date(int year, unsigned month, unsigned day);

#endif
