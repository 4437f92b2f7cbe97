/* SPDX-License-Identifier: Apache-2.0 */
/* See lane.h. Where destinations begin: with what the store knows, else where the configuration says. Also
 * what happens when journal and store do not belong together, because one of them was removed: nothing
 * then begins in silence. */
#include "deliver/lane.h"

#include "base/time.h"
#include "core/log.h"

#include <assert.h>

#define BORN_KEY S("delivery_began") /* where the journal was when the store was new */

/* --- where to begin ----------------------------------------------------------------------------- */

/* What the configuration says; "now" is where the journal ends. */
static uint64_t wanted_seq(struct deliver *d, struct lane *l)
{
    struct str start = l->conf ? l->conf->start.text : S("");
    int64_t ms;
    if (str_eq(start, S("oldest"))) return journal_oldest_seq(d->journal);
    if (time_parse(start, &ms)) return journal_find_time(d->journal, ms);
    return journal_next_seq(d->journal);
}

void begin_new(struct deliver *d, struct lane *l)
{
    l->begin_seq = wanted_seq(d, l);
}

/* Earlier events were never this destination's before, so none is sent twice for that. They wait until what came
 * to be dropped is, or they would be dropped with it. */
void begin_extend(struct deliver *d, struct lane *l)
{
    uint64_t start = l->progress.cursor.start;
    if (l->progress.cursor.drop_end && !lane_drops(l)) return;
    if (start <= journal_oldest_seq(d->journal)) return;
    uint64_t wanted = wanted_seq(d, l);
    if (wanted >= start) return;
    assert(!l->journal_items);
    progress_extend(&l->progress, wanted);
    l->read_seq = l->progress.cursor.low;
    settle_mark(d, l, 1);
    log_line(LOG_INFO, "deliver", "a destination is given earlier events too",
             LOG_STR("destination", l->name), LOG_NUM("events", start - wanted));
}

/* --- what the store knows ----------------------------------------------------------------------- */

/* A cursor ahead of the journal means that the journal was removed and the state was not: the events
 * that it counted are gone, and new ones have their numbers. */
static void check_position(struct deliver *d, struct lane *l)
{
    struct cursor *c = &l->progress.cursor;
    uint64_t next = journal_next_seq(d->journal);
    uint64_t known = c->range_count ? c->ranges[c->range_count - 1].end : c->low;
    if (c->drop_end > known) known = c->drop_end;
    if (known <= next) return;
    log_line(LOG_ERROR, "deliver",
             "the journal is younger than the destination's position: starting anew",
             LOG_STR("destination", l->name), LOG_NUM("position", known), LOG_NUM("journal", next));
    struct cursor fresh = {.start = journal_oldest_seq(d->journal),
                           .low = journal_oldest_seq(d->journal)};
    progress_load(&l->progress, &fresh);
    settle_mark(d, l, 1);
    struct err err; /* what waited for a pixel is gone with the journal */
    if (!store_history_reset(d->store, l->name, &err))
        log_err("deliver", "what became of earlier events cannot be forgotten", &err);
}

bool begin_load(struct deliver *d, struct lane *l)
{
    struct cursor fresh = {.start = l->begin_seq, .low = l->begin_seq};
    struct cursor stored;
    struct err err = {0};
    uint64_t drop_end = l->progress.cursor.drop_end; /* noted while it could not be read */
    bool known = store_load_cursor(d->store, l->name, &d->scratch, &stored, &err);
    bool read = known || err.kind == ERR_NONE;
    if (read) {
        progress_load(&l->progress, known ? &stored : &fresh);
        if (drop_end > l->progress.cursor.drop_end) l->progress.cursor.drop_end = drop_end;
        l->saved_low = l->progress.cursor.low;
    }
    if (known) check_position(d, l);
    if (!read || !park_load(d, l, &err)) {
        lane_fail(d, l, "a destination's position cannot be read", &err);
        return false;
    }
    l->loaded = true;
    if (!known) settle_mark(d, l, 1);
    l->read_seq = l->progress.cursor.low;
    begin_extend(d, l);
    return true;
}

/* --- a lost store ------------------------------------------------------------------------------- */

static bool is_new_store(struct deliver *d, struct err *err)
{
    struct str *names;
    size_t count;
    return store_destinations(d->store, &d->scratch, &names, &count, err) && !count;
}

void begin_check_store(struct deliver *d)
{
    struct str text;
    struct err err = {0};
    uint64_t next = journal_next_seq(d->journal);
    if (store_get_value(d->store, BORN_KEY, &d->scratch, &text, &err)) {
        (void)str_to_u64(text, &d->born_seq); /* anything else is 0: never lost */
        return;
    }
    if (err.kind == ERR_NONE) d->born_seq = is_new_store(d, &err) ? next : 0;
    if (err.kind == ERR_NONE)
        (void)store_set_value(d->store, BORN_KEY,
                              arena_printf(&d->scratch, "%llu", (unsigned long long)d->born_seq),
                              &err);
    if (err.kind != ERR_NONE) log_err("deliver", "the state store's age cannot be kept", &err);
    if (!d->born_seq) return;
    log_line(
        LOG_ERROR, "deliver",
        "the state store is new but the journal is not: was it removed? What was not delivered "
        "before is skipped, unless a destination's `start` says since when it is to be sent",
        LOG_NUM("events", next - journal_oldest_seq(d->journal)));
}

bool deliver_state_lost(struct deliver *d)
{
    return d->born_seq > journal_oldest_seq(d->journal);
}
