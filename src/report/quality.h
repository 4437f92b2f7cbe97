/* SPDX-License-Identifier: Apache-2.0 */
/* How well Meta can match what it gets: for each destination and event name, how many of the confirmed
 * events had which key of user_data, over the present day and the one before. The estimate is ours: Meta
 * shows its own in the Events Manager and does not publish how it is made. Not for several threads at a
 * time. */
#ifndef REPORT_QUALITY_H
#define REPORT_QUALITY_H

#include "base/err.h"
#include "base/json.h"
#include "core/limits.h"

#include <stdint.h>

enum { QUALITY_KEYS = 64, QUALITY_SLOTS = 4 * LIMIT_QUALITY_ROWS };

struct quality_day {
    uint32_t count;
    uint32_t keys[QUALITY_KEYS]; /* by the place among meta_section_fields(META_USER) */
};

struct quality_row {
    char destination[LIMIT_NAME_BYTES], event[LIMIT_NAME_BYTES]; /* cut */
    unsigned char destination_n, event_n;
    struct quality_day days[2]; /* the present one first */
};

struct quality {
    struct quality_row *rows;
    size_t count;
    uint16_t *slots; /* open addressing; a row's index + 1 */
    int64_t day;     /* the present one, since 1970 */
    uint64_t left_out;
    bool changed; /* since the latest quality_put */
};

/* A zeroed struct quality is a valid empty one. */
void quality_fini(struct quality *q);
/* quality_turn makes now_ms's day the present one. */
void quality_turn(struct quality *q, int64_t now_ms);
/* quality_row finds or makes the row of a pair: its index, or SIZE_MAX when the table is full. */
size_t quality_row(struct quality *q, struct str destination, struct str event);
/* quality_note counts one event that had the keys whose bits are set and stands for so many. */
void quality_note(struct quality *q, size_t row, uint64_t keys, uint32_t times);
/* quality_keys has a bit for each known key of an event's user_data (NULL: none), in any order. */
uint64_t quality_keys(yyjson_val *user_data);

static inline struct str quality_destination(const struct quality_row *row)
{
    return str_of(row->destination, row->destination_n);
}
static inline struct str quality_event(const struct quality_row *row)
{
    return str_of(row->event, row->event_n);
}
/* quality_count is the events of both days; quality_share how many of them had a key, 0 to 1. */
uint64_t quality_count(const struct quality_row *row);
double quality_share(const struct quality_row *row, size_t key);

/* What a key is worth in the estimate, and what to do to have it. */
struct quality_weight {
    struct str key;
    double worth; /* all together: 10 */
    struct str advice;
};
extern const struct quality_weight quality_weights[];
extern const size_t quality_weight_count;
/* quality_estimate is the sum of worth x share, 0 to 10. */
double quality_estimate(const struct quality_row *row);
/* quality_gain is what the estimate would gain with a key in all events. */
double quality_gain(const struct quality_row *row, const struct quality_weight *weight);
/* quality_formula is the estimate in a sentence. */
struct str quality_formula(void);

/* quality_put appends the table as JSON, quality_take reads it back; false and err when it is none. */
void quality_put(const struct quality *q, struct buf *out);
bool quality_take(struct quality *q, struct str text, struct err *err);

#endif
