/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers over time: how much of something came in each minute of the last day and each hour of the last
 * 30 days. Series are named by what they count and of whom. The table is bounded: what does not fit is
 * counted as left out. Not for several threads at a time. */
#ifndef REPORT_SERIES_H
#define REPORT_SERIES_H

#include "base/buf.h"
#include "base/err.h"
#include "core/limits.h"

#include <stdint.h>

enum { SERIES_MINUTES = 1440, SERIES_HOURS = 720, SERIES_SLOTS = 4 * LIMIT_SERIES };

/* What a series counts; empty where it makes no difference. */
struct series_key {
    struct str metric, destination, event, path, currency;
};

struct series {
    struct str name; /* the key's texts, tabs between; owned */
    double *minutes, *hours;
};

struct series_table {
    struct series *rows;
    size_t count;
    uint16_t *slots; /* open addressing; a row's index + 1 */
    int64_t minute;  /* the newest that the rings hold, since 1970; 0 = nothing yet */
    int64_t dirty;   /* the oldest minute that changed since the latest series_saved; 0 = none */
    uint64_t left_out;
};

/* A zeroed struct series_table is a valid empty one. */
void series_fini(struct series_table *t);
/* series_add adds to the minute and hour of ms; what is older than the rings is passed over. */
void series_add(struct series_table *t, const struct series_key *key, int64_t ms, double value);

enum series_range { SERIES_1H, SERIES_24H, SERIES_7D, SERIES_30D, SERIES_RANGE_COUNT };
/* series_range_find reads "1h", "24h", "7d", "30d"; SERIES_RANGE_COUNT for others. */
enum series_range series_range_find(struct str name);
struct series_shape {
    int64_t step_s;
    size_t points;
};
struct series_shape series_shape(enum series_range range);
/* series_turn makes now_ms the present; a clock that was ahead and is right again takes the rings back, and what
 * was counted after now_ms is gone. True: it did, and what is kept (series_take) says what was before. */
bool series_turn(struct series_table *t, int64_t now_ms);
/* series_read sums all series that have what key says (empty: any) into points, oldest first; the last one
 * is of the present minute or hour of now_ms. Moves the rings on. */
void series_read(struct series_table *t, const struct series_key *key, enum series_range range,
                 int64_t now_ms, double *points);
/* series_key_of takes a row's name apart; views. */
struct series_key series_key_of(const struct series *row);

/* How it is kept: one text for each minute and hour, in places that are used again. series_put appends that
 * of one; false when nothing is in it. series_take reads one back and passes over what is too old for
 * now_ms; false and err for what is none. */
bool series_put(const struct series_table *t, bool hours, int64_t index, struct buf *out);
bool series_take(struct series_table *t, bool hours, struct str text, int64_t now_ms,
                 struct err *err);
void series_saved(struct series_table *t);

#endif
