/* SPDX-License-Identifier: Apache-2.0 */
/* What confirmed or cancelled which key of a hold: kept as long as it is of use, so that it may come before
 * the event that waits for it. A second table has the keys by the event that confirmed them, which is
 * their age: the oldest are forgotten when they are stale, or when there are too many. */
#include "store/store.h"

#include "store/db.h"
#include "store/encode.h"

#include <assert.h>

struct held_key db_held_key(struct str destination, const struct hold_key *key)
{
    struct held_key k;
    assert(destination.n && destination.n <= LIMIT_NAME_BYTES);
    k.bytes[0] = (unsigned char)destination.n;
    memcpy(k.bytes + 1, destination.p, destination.n);
    memcpy(k.bytes + 1 + destination.n, key->bytes, sizeof key->bytes);
    k.n = 1 + destination.n + sizeof key->bytes;
    return k;
}

struct held_key db_held_seq_key(struct str destination, const struct hold_key *key, uint64_t seq)
{
    struct held_key k = db_held_key(destination, key);
    for (int shift = 56; shift >= 0; shift -= 8) k.bytes[k.n++] = (unsigned char)(seq >> shift);
    return k;
}

/* --- forgetting --------------------------------------------------------------------------------- */

struct forgetting {
    struct str destination;
    int64_t stale_ms; /* what is of use then or later is kept, */
    bool kept;        /* and it ends there */
};

/* forget_one deletes a key's confirmation, if it is still the one of this event. */
static bool forget_one(struct store *s, MDB_txn *txn, struct forgetting *f,
                       const struct confirmation *of, struct err *err)
{
    struct held_key key = db_held_key(f->destination, &of->key);
    struct confirmation c = {.key = of->key};
    struct str value;
    if (!db_get(s, txn, s->confirmed, db_held_str(&key), &value, err)) return err->kind == ERR_NONE;
    if (!decode_confirmation(value, &c, err)) return false;
    if (c.seq != of->seq) return true; /* a later one took its place */
    f->kept = c.time_ms + c.within_ms >= f->stale_ms;
    return f->kept || db_delete(s, txn, s->confirmed, db_held_str(&key), err);
}

/* forget_event deletes all that one event confirmed; keys is a copy. */
static bool forget_event(struct store *s, MDB_txn *txn, struct forgetting *f, uint64_t seq,
                         struct str keys, struct err *err)
{
    struct confirmation of = {.seq = seq};
    for (; !f->kept && keys.n >= sizeof of.key.bytes; keys = str_from(keys, sizeof of.key.bytes)) {
        memcpy(of.key.bytes, keys.p, sizeof of.key.bytes);
        if (!forget_one(s, txn, f, &of, err)) return false;
    }
    struct letter_key key = db_letter_key(f->destination, seq);
    return f->kept || db_delete(s, txn, s->confirmers, db_letter_str(&key), err);
}

/* forget_oldest forgets up to most of the destination's oldest confirming events, until one is of use. */
static bool forget_oldest(struct store *s, MDB_txn *txn, struct forgetting *f, size_t most,
                          struct buf *bytes, struct err *err)
{
    for (size_t i = 0; i < most && !f->kept; i++) {
        struct letter_walk w;
        db_walk_begin(txn, s->confirmers, f->destination, 0, &w);
        bool found = db_walk_next(&w);
        buf_clear(bytes);
        if (found) buf_put(bytes, w.value);
        if (!db_walk_end(s, &w, err)) return false;
        if (!found) return true;
        if (!forget_event(s, txn, f, w.seq, buf_str(bytes), err)) return false;
    }
    return true;
}

/* Whose confirming event is the oldest of all. */
static bool find_oldest(struct store *s, MDB_txn *txn, struct arena *arena, struct str *oldest,
                        struct err *err)
{
    struct str *names;
    size_t count;
    uint64_t least = UINT64_MAX;
    *oldest = S("");
    if (!db_keys(s, txn, s->cursors, arena, &names, &count, err)) return false;
    for (size_t i = 0; i < count; i++) {
        struct letter_walk w;
        db_walk_begin(txn, s->confirmers, names[i], 0, &w);
        if (db_walk_next(&w) && w.seq < least) {
            least = w.seq;
            *oldest = names[i];
        }
        if (!db_walk_end(s, &w, err)) return false;
    }
    return true;
}

/* make_room forgets the oldest events of all destinations, of use or not, down to the limit or so many. */
static bool make_room(struct store *s, MDB_txn *txn, size_t most, struct buf *bytes,
                      struct err *err)
{
    struct arena arena = {0};
    bool ok = true;
    for (; ok && most && db_count(txn, s->confirmed) > s->confirmations_max; most--) {
        struct forgetting f = {.stale_ms = INT64_MAX};
        arena_reset(&arena);
        ok = find_oldest(s, txn, &arena, &f.destination, err);
        if (!f.destination.n) break;
        ok = ok && forget_oldest(s, txn, &f, 1, bytes, err);
    }
    arena_fini(&arena);
    return ok;
}

/* --- settlements -------------------------------------------------------------------------------- */

/* has_key: are these keys, one behind the other, with this one? */
static bool has_key(struct str keys, const struct hold_key *key)
{
    for (; keys.n >= sizeof key->bytes; keys = str_from(keys, sizeof key->bytes))
        if (memcmp(keys.p, key->bytes, sizeof key->bytes) == 0) return true;
    return false;
}

static bool put_confirmation(struct store *s, MDB_txn *txn, struct str destination,
                             const struct confirmation *c, struct buf *bytes, struct err *err)
{
    struct held_key key = db_held_key(destination, &c->key);
    struct letter_key by = db_letter_key(destination, c->seq);
    struct str known = S("");
    buf_clear(bytes);
    encode_confirmation(bytes, c);
    if (!db_put(s, txn, s->confirmed, db_held_str(&key), buf_str(bytes), err)) return false;
    if (!db_get(s, txn, s->confirmers, db_letter_str(&by), &known, err) && err->kind != ERR_NONE)
        return false;
    if (has_key(known, &c->key)) return true; /* it is read again */
    buf_clear(bytes);
    buf_put(bytes, known);
    buf_put(bytes, str_of((const char *)c->key.bytes, sizeof c->key.bytes));
    return db_put(s, txn, s->confirmers, db_letter_str(&by), buf_str(bytes), err);
}

bool holds_put(struct store *s, MDB_txn *txn, const struct settlement *one, struct buf *bytes,
               struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < one->confirmed_count; i++)
        ok = put_confirmation(s, txn, one->destination, &one->confirmed[i], bytes, err);
    if (!ok || !one->confirmed_count) return ok;
    /* Twice as many as came, so that those of a busier time go too. */
    struct forgetting f = {.destination = one->destination, .stale_ms = one->stale_ms};
    size_t most = 2 * one->confirmed_count;
    return forget_oldest(s, txn, &f, most, bytes, err) && make_room(s, txn, most, bytes, err);
}

/* --- looking ------------------------------------------------------------------------------------ */

bool store_confirmation_get(struct store *s, struct str destination, const struct hold_key *key,
                            struct confirmation *out, struct err *err)
{
    MDB_txn *txn;
    struct str value;
    struct held_key k = db_held_key(destination, key);
    if (!db_read(s, &txn, err)) return false;
    out->key = *key;
    bool ok = db_get(s, txn, s->confirmed, db_held_str(&k), &value, err) &&
              decode_confirmation(value, out, err);
    mdb_txn_abort(txn);
    return ok;
}

/* --- a destination that goes, or begins anew ----------------------------------------------------- */

/* forget_table deletes a step's worth of what a table by hold has of a destination. */
static bool forget_table(struct store *s, MDB_txn *txn, MDB_dbi table, struct str destination,
                         bool *more, struct err *err)
{
    MDB_cursor *cursor;
    const struct hold_key lowest = {{0}};
    struct held_key first = db_held_key(destination, &lowest);
    MDB_val k = {first.n, first.bytes}, v;
    size_t deleted = 0, prefix = 1 + destination.n;
    int code = mdb_cursor_open(txn, table, &cursor);
    if (code) return db_fail(s, code, err);
    code = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
    while (!code && deleted < LIMIT_STORE_STEP && k.mv_size > prefix &&
           memcmp(k.mv_data, first.bytes, prefix) == 0) {
        code = mdb_cursor_del(cursor, 0); /* MDB_NEXT then gives the one behind it */
        deleted++;
        if (!code) code = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    *more |= deleted == LIMIT_STORE_STEP;
    return code == 0 || code == MDB_NOTFOUND || db_fail(s, code, err);
}

bool holds_forget(struct store *s, MDB_txn *txn, struct str destination, bool *more,
                  struct err *err)
{
    size_t deleted = LIMIT_STORE_STEP;
    bool ok = forget_table(s, txn, s->held, destination, more, err) &&
              forget_table(s, txn, s->confirmed, destination, more, err) &&
              db_delete_some(s, txn, s->confirmers, destination, UINT64_MAX, &deleted, err);
    *more |= deleted == LIMIT_STORE_STEP;
    return ok;
}
