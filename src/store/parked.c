/* SPDX-License-Identifier: Apache-2.0 */
/* Events that wait for one pixel of their destination, or for a hold, while the others go on. They come and
 * go with settlements only. What is held can be found by its key too: the table of these keys says nothing
 * that the entries do not, and changes with them. */
#include "store/store.h"

#include "store/db.h"
#include "store/encode.h"

/* --- settlements -------------------------------------------------------------------------------- */

/* The entry leaves, and its key with it; what is not there is fine. */
static bool leave(struct store *s, MDB_txn *txn, struct str destination, uint64_t seq,
                  struct err *err)
{
    struct letter_key key = db_letter_key(destination, seq);
    struct parked entry = {.seq = seq};
    struct str value;
    if (!db_get(s, txn, s->parked, db_letter_str(&key), &value, err)) return err->kind == ERR_NONE;
    if (!decode_parked(value, &entry, err)) return false;
    if (entry.held) {
        struct held_key held = db_held_seq_key(destination, &entry.key, seq);
        if (!db_delete(s, txn, s->held, db_held_str(&held), err)) return false;
    }
    return db_delete(s, txn, s->parked, db_letter_str(&key), err);
}

static bool enter(struct store *s, MDB_txn *txn, struct str destination, const struct parked *entry,
                  struct buf *bytes, struct err *err)
{
    struct letter_key key = db_letter_key(destination, entry->seq);
    buf_clear(bytes);
    encode_parked(bytes, entry);
    if (!db_put(s, txn, s->parked, db_letter_str(&key), buf_str(bytes), err)) return false;
    if (!entry->held) return true;
    struct held_key held = db_held_seq_key(destination, &entry->key, entry->seq);
    return db_put(s, txn, s->held, db_held_str(&held), S(""), err);
}

bool parked_put(struct store *s, MDB_txn *txn, const struct settlement *one, struct buf *bytes,
                struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < one->unparked_count; i++)
        ok = leave(s, txn, one->destination, one->unparked[i], err);
    for (size_t i = 0; ok && i < one->parked_count; i++)
        ok = enter(s, txn, one->destination, &one->parked[i], bytes, err);
    return ok;
}

/* --- listing ------------------------------------------------------------------------------------ */

bool store_parked_list(struct store *s, const struct letter_selection *which, struct arena *arena,
                       struct parked **out, size_t *count, struct err *err)
{
    MDB_txn *txn;
    struct letter_walk w;
    struct parked *list = arena_array(arena, struct parked, which->limit);
    size_t n = 0;
    bool ok = true;
    if (!db_read(s, &txn, err)) return false;
    db_walk_begin(txn, s->parked, which->destination, which->from_seq, &w);
    while (ok && n < which->limit && db_walk_next(&w)) {
        list[n].seq = w.seq;
        ok = decode_parked(arena_str(arena, w.value), &list[n++], err);
    }
    ok = db_walk_end(s, &w, err) && ok;
    mdb_txn_abort(txn);
    if (!ok) return false;
    *out = list;
    *count = n;
    return true;
}

/* find_seqs gives the numbers behind a hold's key. */
static bool find_seqs(struct store *s, MDB_txn *txn, const struct held_key *first, uint64_t *seqs,
                      size_t limit, size_t *count, struct err *err)
{
    MDB_cursor *cursor;
    MDB_val k = {first->n, (void *)first->bytes}, v;
    size_t prefix = first->n - 8, n = 0;
    int code = mdb_cursor_open(txn, s->held, &cursor);
    if (code) return db_fail(s, code, err);
    code = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
    while (!code && n < limit && k.mv_size == first->n &&
           memcmp(k.mv_data, first->bytes, prefix) == 0) {
        const unsigned char *found = k.mv_data;
        seqs[n] = 0;
        for (size_t i = prefix; i < first->n; i++) seqs[n] = seqs[n] << 8 | found[i];
        n++;
        code = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    *count = n;
    return code == 0 || code == MDB_NOTFOUND || db_fail(s, code, err);
}

bool store_held_list(struct store *s, const struct letter_selection *which,
                     const struct hold_key *key, struct arena *arena, struct parked **out,
                     size_t *count, struct err *err)
{
    MDB_txn *txn;
    struct held_key first = db_held_seq_key(which->destination, key, which->from_seq);
    uint64_t *seqs = arena_array(arena, uint64_t, which->limit);
    struct parked *list = arena_array(arena, struct parked, which->limit);
    size_t found = 0, n = 0;
    if (!db_read(s, &txn, err)) return false;
    bool ok = find_seqs(s, txn, &first, seqs, which->limit, &found, err);
    for (size_t i = 0; ok && i < found; i++) {
        struct letter_key entry = db_letter_key(which->destination, seqs[i]);
        struct str value;
        list[n].seq = seqs[i];
        ok = db_get(s, txn, s->parked, db_letter_str(&entry), &value, err) &&
             decode_parked(arena_str(arena, value), &list[n++], err);
        if (!ok && err->kind == ERR_NONE) ok = err_set(err, ERR_IO, "a held event has no entry");
    }
    mdb_txn_abort(txn);
    if (!ok) return false;
    *out = list;
    *count = n;
    return true;
}
