/* SPDX-License-Identifier: Apache-2.0 */
/* LMDB behind our errors and keys; internal to this room. A transaction is one consistent picture:
 * any number of readers beside one writer, none waits for the other. What a read gives are views into
 * the map, valid until the transaction ends or, inside a writing one, until the next change. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "core/limits.h"
#include "store/store.h"

#include <lmdb.h>

/* X(field, "name on disk") — the tables of the environment. */
#define DB_TABLES(X)                                                                               \
    X(cursors, "cursors")       /* destination -> cursor */                                        \
    X(dead, "dead")             /* destination, seq -> dead letter */                              \
    X(retry, "retry")           /* destination, seq -> dead letter that waits to be tried again */ \
    X(outcomes, "outcomes")     /* destination, block -> a byte for each event */                  \
    X(attempts, "attempts")     /* destination, number -> request and answer */                    \
    X(parked, "parked")         /* destination, seq -> what waits for a pixel or a hold */         \
    X(held, "held")             /* destination, hold's key, seq -> nothing */                      \
    X(confirmed, "confirmed")   /* destination, hold's key -> confirmation */                      \
    X(confirmers, "confirmers") /* destination, seq -> the keys that it confirmed */               \
    X(known, "known")           /* destination -> its pixel, and since when it is missing */       \
    X(jobs, "jobs")             /* number -> text of its owner's */                                \
    X(values, "values")         /* name -> bytes */

struct store {
    MDB_env *env;
    uint64_t map_bytes;
    size_t confirmations_max; /* LIMIT_CONFIRMATIONS; tests make it small */
#define X(field, name) MDB_dbi field;
    DB_TABLES(X)
#undef X
    /* Reasons are bytes on disk by a list of names that only grows (outcomes.c), 0 = not settled. */
    unsigned char byte_of[REASON_COUNT];
    enum reason reason_of[256];
};

/* db_fail sets err from LMDB's code in plain words; returns false. */
bool db_fail(const struct store *s, int code, struct err *err);

/* db_read and db_write begin a transaction. db_write waits for the other writer. */
bool db_read(struct store *s, MDB_txn **txn, struct err *err);
bool db_write(struct store *s, MDB_txn **txn, struct err *err);
/* db_end commits (durable when it returns) if ok, else undoes everything; returns whether all is well. */
bool db_end(struct store *s, MDB_txn *txn, bool ok, struct err *err);

bool db_put(struct store *s, MDB_txn *txn, MDB_dbi table, struct str key, struct str value,
            struct err *err);
/* db_get: false with ERR_NONE when there is none. */
bool db_get(struct store *s, MDB_txn *txn, MDB_dbi table, struct str key, struct str *value,
            struct err *err);
/* db_delete: what is not there is fine. */
bool db_delete(struct store *s, MDB_txn *txn, MDB_dbi table, struct str key, struct err *err);
/* db_count: how many rows has a table? */
size_t db_count(MDB_txn *txn, MDB_dbi table);
/* db_rows calls fn for each row of a table, by its key; the texts are views. */
typedef void db_row_fn(void *ctx, struct str key, struct str value);
bool db_rows(struct store *s, MDB_txn *txn, MDB_dbi table, db_row_fn *fn, void *ctx,
             struct err *err);
/* db_keys gives a table's keys in their order, in the arena. */
bool db_keys(struct store *s, MDB_txn *txn, MDB_dbi table, struct arena *arena, struct str **names,
             size_t *count, struct err *err);

/* dead_patience_end is when a look at letters ends, on the clock of clock_mono_us. */
int64_t dead_patience_end(const struct letter_selection *which);

/* outcomes_open reads the list of names, and adds those that are new. */
bool outcomes_open(struct store *s, struct err *err);
/* outcomes_put and attempts_put are a settlement's share of its transaction. */
bool outcomes_put(struct store *s, MDB_txn *txn, const struct settlement *one, struct err *err);
/* outcomes_get is store_outcomes_read for one event, within a transaction. */
bool outcomes_get(struct store *s, MDB_txn *txn, struct str destination, uint64_t seq,
                  enum reason *out, struct err *err);
bool attempts_put(struct store *s, MDB_txn *txn, const struct settlement *one, struct buf *bytes,
                  struct err *err);
/* parked_put and holds_put are a settlement's share of its transaction. */
bool parked_put(struct store *s, MDB_txn *txn, const struct settlement *one, struct buf *bytes,
                struct err *err);
bool holds_put(struct store *s, MDB_txn *txn, const struct settlement *one, struct buf *bytes,
               struct err *err);
/* holds_forget deletes a step's worth of what is kept of a destination's holds, but for the events in parked;
 * *more is set when there may be more, and else left alone. */
bool holds_forget(struct store *s, MDB_txn *txn, struct str destination, bool *more,
                  struct err *err);
bool attempts_forget(struct store *s, struct str destination, struct err *err);
/* db_delete_some deletes a destination's entries with numbers below end from a table, at most *deleted, which
 * then says how many. */
bool db_delete_some(struct store *s, MDB_txn *txn, MDB_dbi table, struct str destination,
                    uint64_t end, size_t *deleted, struct err *err);

/* db_try_less: may a step of deleting that failed work with fewer entries, *step of them? In a full store even
 * deleting needs pages, and those of a few entries are nearly always there. */
bool db_try_less(size_t *step, const struct err *err);

/* A key of the tables by number: length of the name, name, seq big-endian, so that one destination's letters
 * lie together in their order. */
struct letter_key {
    unsigned char bytes[1 + LIMIT_NAME_BYTES + 8];
    size_t n;
};
struct letter_key db_letter_key(struct str destination, uint64_t seq);
static inline struct str db_letter_str(const struct letter_key *key)
{
    return str_of((const char *)key->bytes, key->n);
}

/* A key of the tables by hold: length of the name, name, the hold's key, and in one of them a seq. */
struct held_key {
    unsigned char bytes[1 + LIMIT_NAME_BYTES + HOLD_KEY_BYTES + 8];
    size_t n;
};
struct held_key db_held_key(struct str destination, const struct hold_key *key);
struct held_key db_held_seq_key(struct str destination, const struct hold_key *key, uint64_t seq);
static inline struct str db_held_str(const struct held_key *key)
{
    return str_of((const char *)key->bytes, key->n);
}

/* Walking one destination's letters in order:
 *
 *     struct letter_walk w;
 *     db_walk_begin(s, txn, table, destination, from_seq, &w);
 *     while (db_walk_next(&w)) ... w.seq, w.value ...
 *     ok = db_walk_end(s, &w, err);
 */
struct letter_walk {
    MDB_cursor *cursor;
    struct letter_key start;
    bool started;
    int code;
    uint64_t seq;
    struct str value;
};
void db_walk_begin(MDB_txn *txn, MDB_dbi table, struct str destination, uint64_t from_seq,
                   struct letter_walk *w);
bool db_walk_next(struct letter_walk *w);
/* db_walk_rest is where a walk that was left goes on; 0 when it came to its end. Before db_walk_end. */
uint64_t db_walk_rest(const struct letter_walk *w);
/* db_walk_end: false and err when the walk ended on an error and not at the end. */
bool db_walk_end(struct store *s, struct letter_walk *w, struct err *err);

#endif
