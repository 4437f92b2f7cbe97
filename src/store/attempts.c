/* SPDX-License-Identifier: Apache-2.0 */
/* See history.h. Requests are numbered for each destination; a settlement adds its own behind the last
 * one and takes as many from the other end when there are too many. */
#include "store/history.h"

#include "store/db.h"
#include "store/encode.h"

/* last_number finds the number of a destination's newest request; 0 when it has none. */
static bool last_number(struct store *s, MDB_txn *txn, struct str destination, uint64_t *number,
                        struct err *err)
{
    struct letter_key key = db_letter_key(destination, UINT64_MAX);
    MDB_val k = {key.n, key.bytes}, v;
    MDB_cursor *cursor;
    *number = 0;
    int code = mdb_cursor_open(txn, s->attempts, &cursor);
    if (code) return db_fail(s, code, err);
    code = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
    code = mdb_cursor_get(cursor, &k, &v, code == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
    const unsigned char *found = k.mv_data;
    if (!code && k.mv_size == key.n && memcmp(found, key.bytes, key.n - 8) == 0)
        for (size_t i = key.n - 8; i < key.n; i++) *number = *number << 8 | found[i];
    mdb_cursor_close(cursor);
    return code == 0 || code == MDB_NOTFOUND || db_fail(s, code, err);
}

bool attempts_put(struct store *s, MDB_txn *txn, const struct settlement *one, struct buf *bytes,
                  struct err *err)
{
    uint64_t number;
    size_t deleted = LIMIT_STORE_STEP;
    if (!one->attempt_count) return true;
    if (!last_number(s, txn, one->destination, &number, err)) return false;
    for (size_t i = 0; i < one->attempt_count; i++) {
        struct letter_key key = db_letter_key(one->destination, ++number);
        buf_clear(bytes);
        encode_attempt(bytes, &one->attempts[i]);
        if (!db_put(s, txn, s->attempts, db_letter_str(&key), buf_str(bytes), err)) return false;
    }
    return number <= LIMIT_ATTEMPTS || db_delete_some(s, txn, s->attempts, one->destination,
                                                      number - LIMIT_ATTEMPTS + 1, &deleted, err);
}

bool attempts_forget(struct store *s, struct str destination, struct err *err)
{
    size_t deleted = LIMIT_STORE_STEP;
    bool ok = true;
    while (ok && deleted == LIMIT_STORE_STEP) {
        MDB_txn *txn;
        if (!db_write(s, &txn, err)) return false;
        ok = db_end(s, txn,
                    db_delete_some(s, txn, s->attempts, destination, UINT64_MAX, &deleted, err),
                    err);
    }
    return ok;
}

/* take_one reads request out->number, if it exists and is wanted. */
static bool take_one(struct store *s, MDB_txn *txn, const struct attempt_selection *which,
                     struct arena *arena, struct attempt *out, bool *taken, struct err *err)
{
    struct letter_key key = db_letter_key(which->destination, out->number);
    struct str value;
    *taken = false;
    if (!db_get(s, txn, s->attempts, db_letter_str(&key), &value, err))
        return err->kind == ERR_NONE;
    if (!decode_attempt(value, which->seq, arena, out, taken))
        return err_set(err, ERR_IO, "request %llu is damaged", (unsigned long long)out->number);
    if (!*taken) return true;
    out->pixel_id = arena_str(arena, out->pixel_id);
    out->fbtrace_id = arena_str(arena, out->fbtrace_id);
    out->text = arena_str(arena, out->text);
    return true;
}

bool store_attempts_list(struct store *s, const struct attempt_selection *which,
                         struct arena *arena, struct attempt **out, size_t *count, struct err *err)
{
    MDB_txn *txn;
    uint64_t number;
    struct attempt *list = arena_array(arena, struct attempt, which->limit + 1);
    size_t n = 0;
    *out = list;
    *count = 0;
    if (!which->destination.n || which->destination.n > LIMIT_NAME_BYTES) return true;
    if (!db_read(s, &txn, err)) return false;
    bool ok = last_number(s, txn, which->destination, &number, err);
    uint64_t end = number > LIMIT_ATTEMPTS ? number - LIMIT_ATTEMPTS : 0;
    if (which->before && number >= which->before) number = which->before - 1;
    for (; ok && number > end && n < which->limit; number--) {
        bool taken;
        list[n].number = number;
        ok = take_one(s, txn, which, arena, &list[n], &taken, err);
        if (taken) n++;
    }
    mdb_txn_abort(txn);
    *count = n;
    return ok;
}
