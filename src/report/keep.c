/* SPDX-License-Identifier: Apache-2.0 */
/* See state.h. The tables as small values in the state store: a minute's and an hour's numbers each in a place
 * that is used again a day and 30 days later, the event names together with how far the journal was read, and
 * the match keys. */
#include "report/state.h"

#include "base/json.h"
#include "core/log.h"
#include "sys/clock.h"

#include <stdio.h>

enum { KEY_BYTES = 40, HOUR_MINUTES = 60 };

static struct str slot_key(char key[KEY_BYTES], bool hours, int64_t index)
{
    int n = snprintf(key, KEY_BYTES, "report/%s/%d", hours ? "hour" : "minute",
                     (int)(index % (hours ? SERIES_HOURS : SERIES_MINUTES)));
    return str_of(key, (size_t)n);
}

/* --- reading ------------------------------------------------------------------------------------- */

/* p = NULL when there is none. */
static struct str get(struct report *r, struct str key)
{
    struct str text;
    struct err err = {0};
    if (store_get_value(r->options.store, key, &r->arena, &text, &err)) return text;
    if (err.kind != ERR_NONE) log_err("report", "a number of the past cannot be read", &err);
    return str_of(NULL, 0);
}

static void read_series(struct report *r, bool hours, int64_t now_ms)
{
    char key[KEY_BYTES];
    struct err err;
    for (int64_t i = 0; i < (hours ? SERIES_HOURS : SERIES_MINUTES); i++) {
        arena_reset(&r->arena);
        struct str text = get(r, slot_key(key, hours, i));
        if (text.p && !series_take(&r->tables.series, hours, text, now_ms, &err))
            log_err("report", "numbers of the past are damaged", &err);
    }
}

/* The position belongs to the names: what came after it is counted when it is read. */
static void read_names(struct report *r)
{
    struct err err;
    uint64_t seq, next = journal_next_seq(r->options.journal);
    struct str text = get(r, S("report/names"));
    struct str position = get(r, S("report/seq"));
    if (text.p && !names_take(&r->tables.names, text, &err))
        log_err("report", "the event names are begun anew", &err);
    if (position.p && str_to_u64(position, &seq) && seq <= next) r->seq = seq;
}

void keep_read(struct report *r)
{
    struct err err;
    int64_t now_ms = clock_now_ms();
    read_series(r, true, now_ms);
    read_series(r, false, now_ms);
    arena_reset(&r->arena);
    read_names(r);
    struct str text = get(r, S("report/quality"));
    if (text.p && !quality_take(&r->tables.quality, text, &err))
        log_err("report", "the match keys are begun anew", &err);
    quality_turn(&r->tables.quality, now_ms);
    arena_reset(&r->arena);
}

/* --- writing ------------------------------------------------------------------------------------- */

static bool put(struct report *r, struct str key, const struct buf *text, struct err *err)
{
    return store_set_value(r->options.store, key, buf_str(text), err);
}

static bool write_series(struct report *r, bool hours, int64_t first, int64_t last, struct err *err)
{
    char key[KEY_BYTES];
    struct buf text = {0};
    bool ok = true;
    for (int64_t i = first; ok && i <= last; i++) {
        buf_clear(&text);
        lock_take(&r->lock);
        bool any = series_put(&r->tables.series, hours, i, &text);
        lock_give(&r->lock);
        if (any) ok = put(r, slot_key(key, hours, i), &text, err);
    }
    buf_fini(&text);
    return ok;
}

static bool write_all_series(struct report *r, struct err *err)
{
    struct series_table *t = &r->tables.series;
    int64_t first = t->dirty, last = t->minute;
    if (!first) return true;
    if (!write_series(r, true, first / HOUR_MINUTES, last / HOUR_MINUTES, err)) return false;
    if (first <= last - SERIES_MINUTES) first = last - SERIES_MINUTES + 1;
    if (!write_series(r, false, first, last, err)) return false;
    series_saved(t);
    return true;
}

static bool write_names(struct report *r, struct err *err)
{
    struct buf text = {0}, seq = {0};
    if (!r->tables.names.changed) return true;
    lock_take(&r->lock);
    names_put(&r->tables.names, &text);
    r->tables.names.changed = false;
    lock_give(&r->lock);
    buf_put_u64(&seq, r->seq);
    bool ok = put(r, S("report/names"), &text, err) && put(r, S("report/seq"), &seq, err);
    if (!ok) r->tables.names.changed = true;
    buf_fini(&text);
    buf_fini(&seq);
    return ok;
}

static bool write_quality(struct report *r, struct err *err)
{
    struct buf text = {0};
    if (!r->tables.quality.changed) return true;
    lock_take(&r->lock);
    quality_put(&r->tables.quality, &text);
    r->tables.quality.changed = false;
    lock_give(&r->lock);
    bool ok = put(r, S("report/quality"), &text, err);
    if (!ok) r->tables.quality.changed = true;
    buf_fini(&text);
    return ok;
}

void keep_write(struct report *r)
{
    struct err err;
    int64_t now_ms = clock_now_ms();
    r->kept_minute = now_ms / MS_PER_MINUTE;
    lock_take(&r->lock);
    if (series_turn(&r->tables.series, now_ms)) {
        read_series(r, true, now_ms);
        read_series(r, false, now_ms);
    }
    lock_give(&r->lock);
    bool ok = write_all_series(r, &err) && write_names(r, &err) && write_quality(r, &err);
    if (!ok && !r->failing) log_err("report", "statistics cannot be kept for now", &err);
    r->failing = !ok;
}
