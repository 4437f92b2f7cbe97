/* SPDX-License-Identifier: Apache-2.0 */
/* Dead letters as a whole: how they divide into groups, and that they do not grow without end. Single ones
 * and selections are in dead.c. */
#include "store/store.h"

#include "store/db.h"
#include "store/encode.h"
#include "sys/clock.h"

/* --- groups ------------------------------------------------------------------------------------- */

static struct letter_group *find_group(struct letter_group *groups, size_t *count,
                                       const struct dead_letter *d)
{
    size_t i = 0;
    while (i < *count && (groups[i].reason != d->outcome.reason || groups[i].code != d->code ||
                          groups[i].subcode != d->subcode))
        i++;
    if (i == LIMIT_LETTER_GROUPS) return &groups[i - 1];
    if (i == *count) {
        groups[i] = (struct letter_group){.reason = d->outcome.reason,
                                          .code = d->code,
                                          .subcode = d->subcode,
                                          .first_ms = d->died_ms};
        ++*count;
    }
    return &groups[i];
}

static void add(struct letter_group *groups, size_t *count, const struct dead_letter *d,
                size_t bytes)
{
    struct letter_group *g = find_group(groups, count, d);
    g->count++;
    g->bytes += bytes;
    g->sample = d->seq;
    if (d->died_ms < g->first_ms) g->first_ms = d->died_ms;
    if (d->died_ms > g->last_ms) g->last_ms = d->died_ms;
}

bool store_letters_groups(struct store *s, const struct letter_selection *which,
                          struct arena *arena, struct letter_group **out, size_t *count,
                          uint64_t *next, struct err *err)
{
    MDB_txn *txn;
    struct letter_walk w;
    bool ok = true;
    int64_t end_us = dead_patience_end(which);
    *out = arena_array(arena, struct letter_group, LIMIT_LETTER_GROUPS);
    uint64_t from = which->from_seq; /* next may be the same variable */
    *count = 0;
    *next = 0;
    if (!which->destination.n || which->destination.n > LIMIT_NAME_BYTES) return true;
    if (!db_read(s, &txn, err)) return false;
    db_walk_begin(txn, s->dead, which->destination, from, &w);
    for (bool enough = false; ok && !enough && db_walk_next(&w);) {
        struct dead_letter letter = {.seq = w.seq};
        ok = decode_dead(w.value, &letter, err);
        if (ok) add(*out, count, &letter, w.value.n);
        enough = clock_mono_us() >= end_us;
    }
    *next = db_walk_rest(&w);
    ok = db_walk_end(s, &w, err) && ok;
    mdb_txn_abort(txn);
    return ok;
}

/* --- not without end ---------------------------------------------------------------------------- */

/* table_bytes is what the dead letters take on disk, in whole pages. */
static bool table_bytes(struct store *s, uint64_t *bytes, struct err *err)
{
    MDB_txn *txn;
    MDB_stat stat;
    if (!db_read(s, &txn, err)) return false;
    int code = mdb_stat(txn, s->dead, &stat);
    mdb_txn_abort(txn);
    if (code) return db_fail(s, code, err);
    *bytes = (uint64_t)stat.ms_psize * (stat.ms_leaf_pages + stat.ms_overflow_pages);
    return true;
}

/* drop_oldest drops at most *deleted of one destination's letters, those that came first. */
static bool drop_oldest(struct store *s, struct str destination, size_t *deleted, struct err *err)
{
    MDB_txn *txn;
    if (!db_write(s, &txn, err)) return false;
    bool ok = db_delete_some(s, txn, s->dead, destination, UINT64_MAX, deleted, err);
    return db_end(s, txn, ok, err);
}

static bool shrink(struct store *s, const struct str *names, size_t count, uint64_t max_bytes,
                   uint64_t *dropped, struct err *err)
{
    size_t step = LIMIT_STORE_STEP;
    for (bool more = true; more;) {
        uint64_t bytes = 0;
        if (!table_bytes(s, &bytes, err)) return false;
        more = false;
        for (size_t i = 0; bytes > max_bytes && i < count; i++) {
            size_t deleted = step;
            bool ok = drop_oldest(s, names[i], &deleted, err);
            if (!ok && !db_try_less(&step, err)) return false;
            if (ok) *dropped += deleted;
            more |= !ok || deleted > 0;
        }
    }
    return true;
}

bool store_letters_trim(struct store *s, int64_t cutoff_ms, uint64_t max_bytes, uint64_t *dropped,
                        struct err *err)
{
    struct arena arena = {0};
    struct str *names;
    size_t count;
    *dropped = 0;
    bool ok = store_destinations(s, &arena, &names, &count, err);
    for (size_t i = 0; ok && cutoff_ms > 0 && i < count; i++) {
        struct letter_selection old = {
            .destination = names[i], .reason = REASON_COUNT, .until_ms = cutoff_ms};
        uint64_t removed = 0;
        ok = store_letters_discard(s, &old, &removed, err);
        *dropped += removed;
    }
    ok = ok && shrink(s, names, count, max_bytes, dropped, err);
    arena_fini(&arena);
    return ok;
}
