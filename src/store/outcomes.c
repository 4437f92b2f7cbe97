/* SPDX-License-Identifier: Apache-2.0 */
/* See history.h. One byte for each event, in blocks of LIMIT_OUTCOME_BLOCK under the block's number. A byte
 * is a reason's place in a list of names that the store keeps and only ever appends to, so that the list in
 * core/outcome.h may be reordered; 0 is an event that is not settled. A block all of whose events ended alike,
 * as most do when a destination drops what comes or a backlog goes through, is that one byte. */
#include "store/history.h"

#include "store/db.h"

#include <assert.h>

static const struct str names_key = S_INIT("outcome_names");

/* read_names goes through the names that the store has, a line each; the count of lines comes back. Names
 * that this version does not know keep their byte. */
static size_t read_names(struct store *s, struct str names)
{
    size_t byte = 0;
    struct str name;
    while (names.n && str_cut(names, '\n', &name, &names)) {
        enum reason reason = reason_find(name);
        if (++byte > UINT8_MAX) break;
        s->reason_of[byte] = reason;
        if (reason < REASON_COUNT) s->byte_of[reason] = (unsigned char)byte;
    }
    return byte;
}

static bool write_names(struct store *s, MDB_txn *txn, struct err *err)
{
    struct str known = S("");
    struct buf names = {0};
    bool ok = db_get(s, txn, s->values, names_key, &known, err) || err->kind == ERR_NONE;
    size_t byte = ok ? read_names(s, known) : 0, before = byte;
    buf_put(&names, known);
    for (enum reason reason = 0; ok && reason < REASON_COUNT; reason++) {
        if (s->byte_of[reason]) continue;
        if (++byte > UINT8_MAX) ok = err_set(err, ERR_LIMIT, "too many reasons were known once");
        buf_put(&names, reason_name(reason));
        buf_putc(&names, '\n');
        s->byte_of[reason] = (unsigned char)byte;
        s->reason_of[byte & UINT8_MAX] = reason;
    }
    if (ok && byte > before) ok = db_put(s, txn, s->values, names_key, buf_str(&names), err);
    buf_fini(&names);
    return ok;
}

bool outcomes_open(struct store *s, struct err *err)
{
    MDB_txn *txn;
    for (size_t i = 0; i < countof(s->reason_of); i++) s->reason_of[i] = REASON_COUNT;
    if (!db_write(s, &txn, err)) return false;
    return db_end(s, txn, write_names(s, txn, err), err);
}

/* --- writing ------------------------------------------------------------------------------------ */

/* The block at hand: runs of one settlement mostly lie in one or two of them. */
struct block {
    uint64_t number; /* UINT64_MAX: none */
    unsigned char bytes[LIMIT_OUTCOME_BLOCK];
};

static bool save(struct store *s, MDB_txn *txn, struct str destination, const struct block *b,
                 struct err *err)
{
    if (b->number == UINT64_MAX) return true;
    struct letter_key key = db_letter_key(destination, b->number);
    bool alike = !memcmp(b->bytes, b->bytes + 1, sizeof b->bytes - 1);
    struct str bytes = str_of((const char *)b->bytes, alike ? 1 : sizeof b->bytes);
    return db_put(s, txn, s->outcomes, db_letter_str(&key), bytes, err);
}

static bool load(struct store *s, MDB_txn *txn, struct str destination, uint64_t number,
                 struct block *b, struct err *err)
{
    struct str bytes;
    struct letter_key key = db_letter_key(destination, number);
    memset(b->bytes, 0, sizeof b->bytes);
    b->number = number;
    if (!db_get(s, txn, s->outcomes, db_letter_str(&key), &bytes, err))
        return err->kind == ERR_NONE;
    if (bytes.n == 1)
        memset(b->bytes, bytes.p[0], sizeof b->bytes);
    else
        memcpy(b->bytes, bytes.p, bytes.n < sizeof b->bytes ? bytes.n : sizeof b->bytes);
    return true;
}

bool outcomes_put(struct store *s, MDB_txn *txn, const struct settlement *one, struct err *err)
{
    struct block b = {.number = UINT64_MAX};
    for (size_t i = 0; i < one->outcome_count; i++) {
        const struct outcome_run *run = &one->outcomes[i];
        for (uint64_t seq = run->events.first, end; seq < run->events.end; seq = end) {
            uint64_t number = seq / LIMIT_OUTCOME_BLOCK;
            end = (number + 1) * LIMIT_OUTCOME_BLOCK;
            if (end > run->events.end) end = run->events.end;
            if (number != b.number && (!save(s, txn, one->destination, &b, err) ||
                                       !load(s, txn, one->destination, number, &b, err)))
                return false;
            memset(b.bytes + seq % LIMIT_OUTCOME_BLOCK, s->byte_of[run->reason],
                   (size_t)(end - seq));
        }
    }
    return save(s, txn, one->destination, &b, err);
}

/* --- reading ------------------------------------------------------------------------------------ */

static bool read_all(struct store *s, MDB_txn *txn, struct str destination, uint64_t first,
                     size_t count, enum reason *out, struct err *err)
{
    struct block b = {.number = UINT64_MAX};
    for (size_t i = 0; i < count; i++) {
        uint64_t number = (first + i) / LIMIT_OUTCOME_BLOCK;
        if (number != b.number && !load(s, txn, destination, number, &b, err)) return false;
        out[i] = s->reason_of[b.bytes[(first + i) % LIMIT_OUTCOME_BLOCK]];
    }
    return true;
}

bool outcomes_get(struct store *s, MDB_txn *txn, struct str destination, uint64_t seq,
                  enum reason *out, struct err *err)
{
    return read_all(s, txn, destination, seq, 1, out, err);
}

bool store_outcomes_read(struct store *s, struct str destination, uint64_t first, size_t count,
                         enum reason *out, struct err *err)
{
    MDB_txn *txn;
    assert(destination.n && destination.n <= LIMIT_NAME_BYTES);
    if (!db_read(s, &txn, err)) return false;
    bool ok = read_all(s, txn, destination, first, count, out, err);
    mdb_txn_abort(txn);
    return ok;
}

/* --- forgetting --------------------------------------------------------------------------------- */

/* forget deletes what a table has of one destination below end, a step's worth. */
static bool forget(struct store *s, MDB_dbi table, struct str destination, uint64_t end, bool *more,
                   struct err *err)
{
    MDB_txn *txn;
    size_t deleted = LIMIT_STORE_STEP;
    if (!db_write(s, &txn, err)) return false;
    bool ok = db_delete_some(s, txn, table, destination, end, &deleted, err);
    *more = ok && deleted == LIMIT_STORE_STEP;
    return db_end(s, txn, ok, err);
}

bool store_outcomes_trim(struct store *s, uint64_t oldest, bool *more, struct err *err)
{
    struct arena arena = {0};
    struct str *names;
    size_t count;
    *more = false;
    bool ok = store_destinations(s, &arena, &names, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        bool its;
        ok = forget(s, s->outcomes, names[i], oldest / LIMIT_OUTCOME_BLOCK, &its, err);
        *more |= ok && its;
    }
    arena_fini(&arena);
    return ok;
}

static bool forget_holds(struct store *s, struct str destination, bool *more, struct err *err)
{
    MDB_txn *txn;
    *more = false;
    if (!db_write(s, &txn, err)) return false;
    return db_end(s, txn, holds_forget(s, txn, destination, more, err), err);
}

bool store_history_reset(struct store *s, struct str destination, struct err *err)
{
    bool more = true, ok = true;
    if (!destination.n || destination.n > LIMIT_NAME_BYTES) return true;
    while (ok && more) ok = forget(s, s->outcomes, destination, UINT64_MAX, &more, err);
    for (more = true; ok && more;) ok = forget(s, s->parked, destination, UINT64_MAX, &more, err);
    for (more = true; ok && more;) ok = forget_holds(s, destination, &more, err);
    return ok && attempts_forget(s, destination, err);
}
