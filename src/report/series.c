/* SPDX-License-Identifier: Apache-2.0 */
/* See series.h. */
#include "report/series.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"

#include <assert.h>

enum { HOUR_MINUTES = 60, NAME_BYTES = 4 * LIMIT_NAME_BYTES + 64, FIELDS = 5 };

void series_fini(struct series_table *t)
{
    for (size_t i = 0; i < t->count; i++) {
        mem_free((char *)t->rows[i].name.p);
        mem_free(t->rows[i].minutes);
        mem_free(t->rows[i].hours);
    }
    mem_free(t->rows);
    mem_free(t->slots);
    *t = (struct series_table){0};
}

/* --- names --------------------------------------------------------------------------------------- */

/* Names come from strangers: a tab in one would be taken for the end of it, and half a character would come back
 * as another one from where it is kept. */
static void put_field(struct buf *out, struct str text, size_t limit)
{
    text = text_head(text, limit);
    for (size_t i = 0; i < text.n; i++)
        buf_putc(out, (unsigned char)text.p[i] < ' ' ? ' ' : text.p[i]);
}

static struct str name_of(const struct series_key *key, char text[NAME_BYTES])
{
    struct buf out = {.p = text, .capacity = NAME_BYTES}; /* never grows: five bounded fields */
    const struct str fields[FIELDS] = {key->metric, key->destination, key->event, key->path,
                                       key->currency};
    for (size_t i = 0; i < FIELDS; i++) {
        if (i) buf_putc(&out, '\t');
        put_field(&out, fields[i], i < 3 ? LIMIT_NAME_BYTES : 16); /* path and currency are short */
    }
    return buf_str(&out);
}

struct series_key series_key_of(const struct series *row)
{
    struct series_key key;
    struct str rest = row->name, *const fields[FIELDS] = {&key.metric, &key.destination, &key.event,
                                                          &key.path, &key.currency};
    for (size_t i = 0; i < FIELDS; i++) (void)str_cut(rest, '\t', fields[i], &rest); /* all there */
    return key;
}

static struct series *add_row(struct series_table *t, struct str name, size_t slot)
{
    if (!t->rows) t->rows = mem_new(LIMIT_SERIES * sizeof *t->rows);
    struct series *row = &t->rows[t->count++];
    char *copy = mem_new(name.n);
    memcpy(copy, name.p, name.n);
    *row = (struct series){str_of(copy, name.n), mem_new(SERIES_MINUTES * sizeof(double)),
                           mem_new(SERIES_HOURS * sizeof(double))};
    t->slots[slot] = (uint16_t)t->count;
    return row;
}

static struct series *find_row(struct series_table *t, struct str name)
{
    if (!t->slots) t->slots = mem_new(SERIES_SLOTS * sizeof *t->slots);
    size_t at = (size_t)(str_hash(name) % SERIES_SLOTS);
    for (; t->slots[at]; at = (at + 1) % SERIES_SLOTS)
        if (str_eq(t->rows[t->slots[at] - 1].name, name)) return &t->rows[t->slots[at] - 1];
    return t->count < LIMIT_SERIES ? add_row(t, name, at) : NULL;
}

/* --- time ---------------------------------------------------------------------------------------- */

/* Empties the places of the minutes and hours between the newest so far and this one. */
static void advance(struct series_table *t, int64_t minute)
{
    int64_t first = t->minute + 1, first_hour = t->minute / HOUR_MINUTES + 1;
    if (minute <= t->minute) return;
    if (first <= minute - SERIES_MINUTES) first = minute - SERIES_MINUTES + 1;
    int64_t hour = minute / HOUR_MINUTES;
    if (first_hour <= hour - SERIES_HOURS) first_hour = hour - SERIES_HOURS + 1;
    for (size_t i = 0; i < t->count; i++) {
        for (int64_t m = first; m <= minute; m++) t->rows[i].minutes[m % SERIES_MINUTES] = 0;
        for (int64_t h = first_hour; h <= hour; h++) t->rows[i].hours[h % SERIES_HOURS] = 0;
    }
    t->minute = minute;
}

/* So far may the time of one who adds be behind that of another: they ask the clock before they wait for the
 * lock. */
enum { CLOCK_SLACK_MINUTES = 5 };

static void retreat(struct series_table *t, int64_t minute)
{
    int64_t hour = minute / HOUR_MINUTES;
    int64_t last = t->minute < minute + SERIES_MINUTES ? t->minute : minute + SERIES_MINUTES;
    int64_t last_hour = t->minute / HOUR_MINUTES;
    if (last_hour > hour + SERIES_HOURS) last_hour = hour + SERIES_HOURS;
    for (size_t i = 0; i < t->count; i++) {
        for (int64_t m = minute + 1; m <= last; m++) t->rows[i].minutes[m % SERIES_MINUTES] = 0;
        for (int64_t h = hour + 1; h <= last_hour; h++) t->rows[i].hours[h % SERIES_HOURS] = 0;
    }
    t->minute = minute;
    if (t->dirty > minute) t->dirty = minute;
}

bool series_turn(struct series_table *t, int64_t now_ms)
{
    int64_t minute = now_ms / MS_PER_MINUTE;
    bool back = minute > 0 && t->minute - minute > CLOCK_SLACK_MINUTES;
    if (back)
        retreat(t, minute);
    else
        advance(t, minute);
    return back;
}

static bool has_minute(const struct series_table *t, int64_t minute)
{
    return minute > 0 && minute <= t->minute && minute > t->minute - SERIES_MINUTES;
}

static bool has_hour(const struct series_table *t, int64_t hour)
{
    int64_t newest = t->minute / HOUR_MINUTES;
    return hour > 0 && hour <= newest && hour > newest - SERIES_HOURS;
}

void series_add(struct series_table *t, const struct series_key *key, int64_t ms, double value)
{
    char text[NAME_BYTES];
    int64_t minute = ms / MS_PER_MINUTE, hour = minute / HOUR_MINUTES;
    advance(t, minute);
    if (!has_hour(t, hour) || value == 0) return;
    struct series *row = find_row(t, name_of(key, text));
    if (!row) {
        t->left_out++;
        return;
    }
    if (has_minute(t, minute)) row->minutes[minute % SERIES_MINUTES] += value;
    row->hours[hour % SERIES_HOURS] += value;
    if (!t->dirty || minute < t->dirty) t->dirty = minute;
}

/* --- reading ------------------------------------------------------------------------------------- */

static const struct {
    struct str name;
    bool hours;
    int64_t step; /* in minutes or hours */
    size_t points;
} ranges[SERIES_RANGE_COUNT] = {
    [SERIES_1H] = {S_INIT("1h"), false, 1, 60},
    [SERIES_24H] = {S_INIT("24h"), false, 5, 288},
    [SERIES_7D] = {S_INIT("7d"), true, 1, 168},
    [SERIES_30D] = {S_INIT("30d"), true, 6, 120},
};

enum series_range series_range_find(struct str name)
{
    enum series_range range = 0;
    while (range < SERIES_RANGE_COUNT && !str_eq(ranges[range].name, name)) range++;
    return range;
}

struct series_shape series_shape(enum series_range range)
{
    int64_t unit_s = ranges[range].hours ? 3600 : 60;
    return (struct series_shape){unit_s * ranges[range].step, ranges[range].points};
}

static bool fits(struct str wanted, struct str has)
{
    return !wanted.n || str_eq(wanted, has);
}

static bool is_wanted(const struct series_key *key, const struct series *row)
{
    struct series_key has = series_key_of(row);
    return fits(key->metric, has.metric) && fits(key->destination, has.destination) &&
           fits(key->event, has.event) && fits(key->path, has.path) &&
           fits(key->currency, has.currency);
}

static void sum_row(const struct series *row, enum series_range range, int64_t newest,
                    double *points)
{
    int64_t step = ranges[range].step, ring = ranges[range].hours ? SERIES_HOURS : SERIES_MINUTES;
    const double *values = ranges[range].hours ? row->hours : row->minutes;
    int64_t first = (newest / step - (int64_t)ranges[range].points + 1) * step;
    for (int64_t i = first > newest - ring ? first : newest - ring + 1; i <= newest; i++)
        if (i >= 0) points[(i - first) / step] += values[i % ring];
}

void series_read(struct series_table *t, const struct series_key *key, enum series_range range,
                 int64_t now_ms, double *points)
{
    int64_t minute = now_ms / MS_PER_MINUTE;
    advance(t, minute);
    for (size_t i = 0; i < ranges[range].points; i++) points[i] = 0;
    for (size_t i = 0; i < t->count; i++)
        if (is_wanted(key, &t->rows[i]))
            sum_row(&t->rows[i], range, ranges[range].hours ? minute / HOUR_MINUTES : minute,
                    points);
}

/* --- keeping ------------------------------------------------------------------------------------- */

bool series_put(const struct series_table *t, bool hours, int64_t index, struct buf *out)
{
    bool any = false;
    if (hours ? !has_hour(t, index) : !has_minute(t, index)) return false;
    buf_putc(out, '{');
    json_kv_i64(out, S("at"), index);
    json_key(out, S("values"));
    buf_putc(out, '{');
    for (size_t i = 0; i < t->count; i++) {
        const struct series *row = &t->rows[i];
        double value =
            hours ? row->hours[index % SERIES_HOURS] : row->minutes[index % SERIES_MINUTES];
        if (value == 0) continue;
        any = true;
        json_key(out, row->name);
        json_put_double(out, value);
    }
    buf_put(out, S("}}"));
    return any;
}

static void take_value(struct series_table *t, bool hours, int64_t index, yyjson_val *key,
                       yyjson_val *value)
{
    double number;
    struct str name = json_str(key);
    if (name.n > NAME_BYTES || !json_number(value, &number)) return;
    struct series *row = find_row(t, name);
    if (!row) {
        t->left_out++;
    } else if (hours) {
        row->hours[index % SERIES_HOURS] = number;
    } else {
        row->minutes[index % SERIES_MINUTES] = number;
    }
}

bool series_take(struct series_table *t, bool hours, struct str text, int64_t now_ms,
                 struct err *err)
{
    struct arena arena = {0};
    size_t i, count;
    yyjson_val *key, *value, *root = json_read(&arena, text, err);
    int64_t index = 0;
    bool ok = root && str_to_i64(json_str(json_get(root, "at")), &index);
    if (root && !ok) (void)err_set(err, ERR_INPUT, "a point of a series without its time");
    advance(t, now_ms / MS_PER_MINUTE);
    if (ok && (hours ? has_hour(t, index) : has_minute(t, index)))
        yyjson_obj_foreach (json_get(root, "values"), i, count, key, value)
            take_value(t, hours, index, key, value);
    arena_fini(&arena);
    return ok;
}

void series_saved(struct series_table *t)
{
    t->dirty = 0;
}
