/* SPDX-License-Identifier: Apache-2.0 */
/* See db.h. */
#include "store/db.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>

bool db_fail(const struct store *s, int code, struct err *err)
{
    switch (code) {
    case MDB_MAP_FULL:
        return err_set(err, ERR_LIMIT,
                       "the state store has reached its size limit of %" PRIu64
                       " MiB: raise it, then retry or discard dead letters",
                       s->map_bytes >> 20);
    case MDB_READERS_FULL:
        return err_set(err, ERR_LIMIT, "too many programs read the state store at the same time");
    case MDB_PANIC:
        return err_set(err, ERR_IO,
                       "the state store stopped after the disk failed: restart pixeld");
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
        return err_set(err, ERR_IO, "the state store is damaged (%s)", mdb_strerror(code));
    default: return err_set(err, ERR_IO, "the state store: %s", mdb_strerror(code));
    }
}

bool db_read(struct store *s, MDB_txn **txn, struct err *err)
{
    int code = mdb_txn_begin(s->env, NULL, MDB_RDONLY, txn);
    return code == 0 || db_fail(s, code, err);
}

bool db_write(struct store *s, MDB_txn **txn, struct err *err)
{
    int code = mdb_txn_begin(s->env, NULL, 0, txn);
    return code == 0 || db_fail(s, code, err);
}

bool db_end(struct store *s, MDB_txn *txn, bool ok, struct err *err)
{
    if (!ok) {
        mdb_txn_abort(txn);
        return false;
    }
    int code = mdb_txn_commit(txn); /* frees txn also when it fails */
    return code == 0 || db_fail(s, code, err);
}

static MDB_val val_of(struct str s)
{
    return (MDB_val){s.n, (void *)s.p};
}

bool db_put(struct store *s, MDB_txn *txn, MDB_dbi table, struct str key, struct str value,
            struct err *err)
{
    MDB_val k = val_of(key), v = val_of(value);
    int code = mdb_put(txn, table, &k, &v, 0);
    return code == 0 || db_fail(s, code, err);
}

bool db_get(struct store *s, MDB_txn *txn, MDB_dbi table, struct str key, struct str *value,
            struct err *err)
{
    MDB_val k = val_of(key), v;
    int code = mdb_get(txn, table, &k, &v);
    err->kind = ERR_NONE;
    if (code == MDB_NOTFOUND) return false;
    if (code) return db_fail(s, code, err);
    *value = str_of(v.mv_data, v.mv_size);
    return true;
}

bool db_delete(struct store *s, MDB_txn *txn, MDB_dbi table, struct str key, struct err *err)
{
    MDB_val k = val_of(key);
    int code = mdb_del(txn, table, &k, NULL);
    return code == 0 || code == MDB_NOTFOUND || db_fail(s, code, err);
}

size_t db_count(MDB_txn *txn, MDB_dbi table)
{
    MDB_stat stat = {0};
    (void)mdb_stat(txn, table, &stat); /* fails only for what is no table */
    return stat.ms_entries;
}

bool db_rows(struct store *s, MDB_txn *txn, MDB_dbi table, db_row_fn *fn, void *ctx,
             struct err *err)
{
    MDB_cursor *cursor;
    MDB_val key, value;
    int code = mdb_cursor_open(txn, table, &cursor);
    if (code) return db_fail(s, code, err);
    while (!(code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT))) {
        fn(ctx, str_of(key.mv_data, key.mv_size), str_of(value.mv_data, value.mv_size));
    }
    mdb_cursor_close(cursor);
    return code == MDB_NOTFOUND || db_fail(s, code, err);
}

struct names {
    struct arena *arena;
    struct str *items;
    size_t count;
};

static void add_name(void *ctx, struct str key, struct str value)
{
    struct names *names = ctx;
    (void)value;
    names->items[names->count++] = arena_str(names->arena, key);
}

bool db_keys(struct store *s, MDB_txn *txn, MDB_dbi table, struct arena *arena, struct str **names,
             size_t *count, struct err *err)
{
    struct names found = {arena, arena_array(arena, struct str, db_count(txn, table)), 0};
    bool ok = db_rows(s, txn, table, add_name, &found, err);
    *names = found.items;
    *count = found.count;
    return ok;
}

struct letter_key db_letter_key(struct str destination, uint64_t seq)
{
    struct letter_key key;
    assert(destination.n && destination.n <= LIMIT_NAME_BYTES);
    key.bytes[0] = (unsigned char)destination.n;
    memcpy(key.bytes + 1, destination.p, destination.n);
    key.n = 1 + destination.n;
    for (int shift = 56; shift >= 0; shift -= 8) key.bytes[key.n++] = (unsigned char)(seq >> shift);
    return key;
}

void db_walk_begin(MDB_txn *txn, MDB_dbi table, struct str destination, uint64_t from_seq,
                   struct letter_walk *w)
{
    *w = (struct letter_walk){.start = db_letter_key(destination, from_seq)};
    w->code = mdb_cursor_open(txn, table, &w->cursor);
}

bool db_walk_next(struct letter_walk *w)
{
    MDB_val k = val_of(db_letter_str(&w->start)), v;
    if (w->code) return false;
    w->code = mdb_cursor_get(w->cursor, &k, &v, w->started ? MDB_NEXT : MDB_SET_RANGE);
    w->started = true;
    if (w->code) return false;
    size_t prefix = w->start.n - 8;
    const unsigned char *found = k.mv_data;
    if (k.mv_size != w->start.n || memcmp(found, w->start.bytes, prefix) != 0) {
        w->code = MDB_NOTFOUND; /* the next destination's */
        return false;
    }
    w->seq = 0;
    for (size_t i = prefix; i < w->start.n; i++) w->seq = w->seq << 8 | found[i];
    w->value = str_of(v.mv_data, v.mv_size);
    return true;
}

bool db_delete_some(struct store *s, MDB_txn *txn, MDB_dbi table, struct str destination,
                    uint64_t end, size_t *deleted, struct err *err)
{
    struct letter_walk w;
    size_t most = *deleted;
    int code = 0;
    db_walk_begin(txn, table, destination, 0, &w);
    for (*deleted = 0; *deleted < most && !code && db_walk_next(&w) && w.seq < end; ++*deleted)
        code = mdb_cursor_del(w.cursor, 0); /* MDB_NEXT then gives the one behind it */
    return db_walk_end(s, &w, err) && (!code || db_fail(s, code, err));
}

bool db_try_less(size_t *step, const struct err *err)
{
    if (err->kind != ERR_LIMIT || *step <= 1) return false;
    *step /= 4;
    return true;
}

uint64_t db_walk_rest(const struct letter_walk *w)
{
    return w->code || !w->started ? 0 : w->seq + 1; /* behind the largest number nothing follows */
}

bool db_walk_end(struct store *s, struct letter_walk *w, struct err *err)
{
    if (w->cursor) mdb_cursor_close(w->cursor);
    return w->code == 0 || w->code == MDB_NOTFOUND || db_fail(s, w->code, err);
}
