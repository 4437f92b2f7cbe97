/* SPDX-License-Identifier: Apache-2.0 */
/* See store.h. Here: opening, cursors, settlements, small values. Dead letters are in dead.c. */
#include "store/store.h"

#include "base/mem.h"
#include "store/db.h"
#include "store/encode.h"
#include "store/whole.h"
#include "sys/file.h"

#include <assert.h>

enum { TABLES_MAX = 16, FILE_MODE = 0640 };

static bool open_tables(struct store *s, struct err *err)
{
    MDB_txn *txn;
    int code = 0;
    if (!db_write(s, &txn, err)) return false;
#define X(field, name)                                                                             \
    if (!code) code = mdb_dbi_open(txn, name, MDB_CREATE, &s->field);
    DB_TABLES(X)
#undef X
    return db_end(s, txn, code == 0 || db_fail(s, code, err), err);
}

static bool open_env(struct store *s, const char *dir, struct err *err)
{
    int stale; /* readers that a killed process left behind; freed by the check */
    int code = mdb_env_create(&s->env);
    if (code) return db_fail(s, code, err);
    code = mdb_env_set_mapsize(s->env, (size_t)s->map_bytes);
    if (!code) code = mdb_env_set_maxdbs(s->env, TABLES_MAX);
    /* Durable by default; reading transactions belong to whoever holds them, not to a thread. */
    if (!code) code = mdb_env_open(s->env, dir, MDB_NOTLS, FILE_MODE);
    if (!code) code = mdb_reader_check(s->env, &stale);
    if (code) return db_fail(s, code, err);
    return open_tables(s, err) && outcomes_open(s, err);
}

struct store *store_open(const char *dir, uint64_t map_bytes, struct err *err)
{
    struct store *s = mem_new(sizeof *s);
    s->map_bytes = map_bytes;
    s->confirmations_max = LIMIT_CONFIRMATIONS;
    if (!file_make_dirs(dir, err) || !whole_check(dir, map_bytes, err) || !open_env(s, dir, err)) {
        (void)err_wrap(err, "%s", dir);
        store_close(s);
        return NULL;
    }
    return s;
}

void store_close(struct store *s)
{
    if (!s) return;
    if (s->env) mdb_env_close(s->env);
    mem_free(s);
}

bool store_load_cursor(struct store *s, struct str destination, struct arena *arena,
                       struct cursor *out, struct err *err)
{
    MDB_txn *txn;
    struct str bytes;
    if (!db_read(s, &txn, err)) return false;
    bool ok = db_get(s, txn, s->cursors, destination, &bytes, err);
    if (ok && !decode_cursor(bytes, arena, out, err))
        ok = err_wrap(err, "the state of destination %.*s", STR_ARG(destination));
    mdb_txn_abort(txn);
    return ok;
}

bool store_destinations(struct store *s, struct arena *arena, struct str **names, size_t *count,
                        struct err *err)
{
    MDB_txn *txn;
    if (!db_read(s, &txn, err)) return false;
    bool ok = db_keys(s, txn, s->cursors, arena, names, count, err);
    mdb_txn_abort(txn);
    return ok;
}

static bool settle_one(struct store *s, MDB_txn *txn, const struct settlement *one,
                       struct buf *bytes, struct err *err)
{
    buf_clear(bytes);
    encode_cursor(bytes, one->cursor);
    bool ok = db_put(s, txn, s->cursors, one->destination, buf_str(bytes), err);
    /* First what was retried, then what died: a letter may do both at the same time. */
    for (size_t i = 0; ok && i < one->retried_done_count; i++) {
        struct letter_key key = db_letter_key(one->destination, one->retried_done[i]);
        ok = db_delete(s, txn, s->retry, db_letter_str(&key), err);
    }
    for (size_t i = 0; ok && i < one->dead_count; i++) {
        struct letter_key key = db_letter_key(one->destination, one->dead[i].seq);
        buf_clear(bytes);
        encode_dead(bytes, &one->dead[i]);
        ok = db_put(s, txn, s->dead, db_letter_str(&key), buf_str(bytes), err);
    }
    ok = ok && parked_put(s, txn, one, bytes, err) && holds_put(s, txn, one, bytes, err);
    return ok && outcomes_put(s, txn, one, err) && attempts_put(s, txn, one, bytes, err);
}

bool store_settle(struct store *s, const struct settlement *settlements, size_t count,
                  struct err *err)
{
    MDB_txn *txn;
    struct buf bytes = {0};
    if (!count) return true;
    if (!db_write(s, &txn, err)) return false;
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) ok = settle_one(s, txn, &settlements[i], &bytes, err);
    buf_fini(&bytes);
    return db_end(s, txn, ok, err);
}

bool store_get_value(struct store *s, struct str key, struct arena *arena, struct str *out,
                     struct err *err)
{
    MDB_txn *txn;
    struct str value;
    if (!db_read(s, &txn, err)) return false;
    bool ok = db_get(s, txn, s->values, key, &value, err);
    if (ok) *out = arena_str(arena, value);
    mdb_txn_abort(txn);
    return ok;
}

bool store_set_value(struct store *s, struct str key, struct str value, struct err *err)
{
    MDB_txn *txn;
    assert(key.n && key.n <= LIMIT_NAME_BYTES);
    if (!db_write(s, &txn, err)) return false;
    return db_end(s, txn, db_put(s, txn, s->values, key, value, err), err);
}
