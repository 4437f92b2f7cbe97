/* SPDX-License-Identifier: Apache-2.0 */
/* See known.h. What is noted of one is a line of text: when it was removed, whether it is to be forgotten, its
 * pixel. */
#include "store/known.h"

#include "store/db.h"

#include <inttypes.h>

/* --- noting ------------------------------------------------------------------------------------- */

static void decode(struct str text, struct known *out)
{
    struct str removed = S(""), forget = S("");
    uint64_t ms = 0;
    (void)str_cut(text, ' ', &removed, &text);
    (void)str_cut(text, ' ', &forget, &text);
    (void)str_to_u64(removed, &ms); /* anything else: as if it had never been missing */
    out->removed_ms = (int64_t)ms;
    out->forget = str_eq(forget, S("1"));
    out->pixel_id = text;
}

bool store_known_put(struct store *s, const struct known *one, struct err *err)
{
    MDB_txn *txn;
    struct buf text = {0};
    if (!db_write(s, &txn, err)) return false;
    buf_printf(&text, "%" PRId64 " %d %.*s", one->removed_ms, one->forget, STR_ARG(one->pixel_id));
    bool ok = db_put(s, txn, s->known, one->name, buf_str(&text), err);
    buf_fini(&text);
    return db_end(s, txn, ok, err);
}

/* First the notes, then who has a cursor and no note: of a former version's. */
static bool list_all(struct store *s, MDB_txn *txn, struct arena *arena, struct known **out,
                     size_t *count, struct err *err)
{
    struct str *noted, *begun, text;
    size_t notes, cursors;
    if (!db_keys(s, txn, s->known, arena, &noted, &notes, err) ||
        !db_keys(s, txn, s->cursors, arena, &begun, &cursors, err))
        return false;
    *out = arena_array(arena, struct known, notes + cursors);
    for (*count = 0; *count < notes; ++*count) {
        struct known *one = &(*out)[*count];
        one->name = noted[*count];
        if (!db_get(s, txn, s->known, one->name, &text, err)) return false;
        decode(arena_str(arena, text), one);
    }
    for (size_t i = 0; i < cursors; i++) {
        if (db_get(s, txn, s->known, begun[i], &text, err)) continue;
        if (err->kind != ERR_NONE) return false;
        (*out)[(*count)++].name = begun[i];
    }
    return true;
}

bool store_known_list(struct store *s, struct arena *arena, struct known **out, size_t *count,
                      struct err *err)
{
    MDB_txn *txn;
    if (!db_read(s, &txn, err)) return false;
    bool ok = list_all(s, txn, arena, out, count, err);
    mdb_txn_abort(txn);
    return ok;
}

bool store_known_end(struct store *s, uint64_t *end, struct err *err)
{
    struct arena arena = {0};
    struct str *names;
    size_t count;
    *end = 0;
    bool ok = store_destinations(s, &arena, &names, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        struct cursor c;
        if (!store_load_cursor(s, names[i], &arena, &c, err)) {
            ok = err->kind == ERR_NONE;
            continue;
        }
        uint64_t its = c.range_count ? c.ranges[c.range_count - 1].end : c.low;
        if (c.drop_end > its) its = c.drop_end;
        if (its > *end) *end = its;
    }
    arena_fini(&arena);
    return ok;
}

/* --- forgetting --------------------------------------------------------------------------------- */

static bool forget_step(struct store *s, MDB_txn *txn, struct str destination, bool *more,
                        struct err *err)
{
    const MDB_dbi tables[] = {s->dead, s->retry, s->outcomes, s->attempts, s->parked};
    for (size_t i = 0; i < countof(tables); i++) {
        size_t deleted = LIMIT_STORE_STEP;
        if (!db_delete_some(s, txn, tables[i], destination, UINT64_MAX, &deleted, err))
            return false;
        *more |= deleted == LIMIT_STORE_STEP;
    }
    if (!holds_forget(s, txn, destination, more, err)) return false;
    return *more || (db_delete(s, txn, s->cursors, destination, err) &&
                     db_delete(s, txn, s->known, destination, err));
}

bool store_forget(struct store *s, struct str destination, bool *more, struct err *err)
{
    MDB_txn *txn;
    *more = false;
    if (!destination.n || destination.n > LIMIT_NAME_BYTES) return true;
    if (!db_write(s, &txn, err)) return false;
    return db_end(s, txn, forget_step(s, txn, destination, more, err), err);
}
