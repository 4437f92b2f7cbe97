/* SPDX-License-Identifier: Apache-2.0 */
/* Dead letters and the retry queue: two tables with the same keys and values, so that retrying is
 * moving. A selection of any size is worked off in steps, one transaction each: every letter is at
 * any time in exactly one of the two tables, and a crash leaves a selection partly done, never
 * a letter lost. */
#include "store/store.h"

#include "core/event.h"
#include "store/db.h"
#include "store/encode.h"
#include "sys/clock.h"

/* Letters looked at in one step; those that the reason leaves out cost only this look. */
enum { SCAN_MAX = 16 * LIMIT_STORE_STEP };

struct letter_list {
    struct dead_letter *items;
    size_t count, capacity;
};

static struct dead_letter *list_add(struct letter_list *list, struct arena *arena)
{
    if (list->count == list->capacity) {
        size_t bigger = list->capacity ? list->capacity * 2 : 16;
        list->items = arena_grow(arena, list->items, list->capacity * sizeof *list->items,
                                 bigger * sizeof *list->items);
        list->capacity = bigger;
    }
    return &list->items[list->count++];
}

/* read_letter decodes a copy of the value, so that its views outlive the transaction. */
static bool read_letter(uint64_t seq, struct str value, struct arena *arena,
                        struct dead_letter *out, struct err *err)
{
    out->seq = seq;
    return decode_dead(arena_str(arena, value), out, err) ||
           err_wrap(err, "dead letter %llu", (unsigned long long)seq);
}

/* is_wanted looks at the reason alone first: that is cheapest, and all that most selections ask. */
static bool is_wanted(const struct letter_selection *which, struct str value)
{
    struct dead_letter letter = {0};
    struct event e;
    struct err damaged; /* then it is not wanted: listing it tells */
    if (which->reason != REASON_COUNT && decode_dead_reason(value) != which->reason) return false;
    if (!which->code && !which->source.n && !which->since_ms && !which->until_ms) return true;
    if (!decode_dead(value, &letter, &damaged)) return false;
    if (which->code && letter.code != which->code) return false;
    if (which->since_ms && letter.died_ms < which->since_ms) return false;
    if (which->until_ms && letter.died_ms >= which->until_ms) return false;
    return !which->source.n || (event_decode(letter.record, &e) && str_eq(e.source, which->source));
}

int64_t dead_patience_end(const struct letter_selection *which)
{
    return which->patience_us ? clock_mono_us() + which->patience_us : INT64_MAX;
}

/* A name that no destination can have has no letters: it comes from whoever asks the admin API. */
static bool is_name(struct str destination)
{
    return destination.n && destination.n <= LIMIT_NAME_BYTES;
}

bool store_letters_list(struct store *s, const struct letter_selection *which, struct arena *arena,
                        struct dead_letter **out, size_t *count, uint64_t *next, struct err *err)
{
    MDB_txn *txn;
    struct letter_walk w;
    struct letter_list list = {0};
    int64_t end_us = dead_patience_end(which);
    size_t bytes = 0;
    bool ok = true, full = !is_name(which->destination);
    uint64_t from = which->from_seq; /* next may be the same variable */
    *out = NULL;
    *count = 0;
    *next = 0;
    if (full) return true;
    if (!db_read(s, &txn, err)) return false;
    db_walk_begin(txn, s->dead, which->destination, from, &w);
    while (ok && !full && db_walk_next(&w)) {
        if (is_wanted(which, w.value)) {
            struct dead_letter *letter = list_add(&list, arena);
            ok = read_letter(w.seq, w.value, arena, letter, err);
            if (ok) bytes += letter->record.n;
        }
        full = list.count >= which->limit || bytes >= LIMIT_STORE_PAGE_BYTES ||
               clock_mono_us() >= end_us;
    }
    *next = db_walk_rest(&w);
    ok = db_walk_end(s, &w, err) && ok;
    mdb_txn_abort(txn);
    *out = list.items;
    *count = list.count;
    return ok;
}

bool store_dead_get(struct store *s, struct str destination, uint64_t seq, struct arena *arena,
                    struct dead_letter *out, struct err *err)
{
    MDB_txn *txn;
    struct str value;
    err->kind = ERR_NONE;
    if (!is_name(destination)) return false;
    struct letter_key key = db_letter_key(destination, seq);
    if (!db_read(s, &txn, err)) return false;
    bool ok = db_get(s, txn, s->dead, db_letter_str(&key), &value, err) &&
              read_letter(seq, value, arena, out, err);
    mdb_txn_abort(txn);
    return ok;
}

bool store_retries_list(struct store *s, const struct letter_selection *which, struct arena *arena,
                        struct retry_entry **out, size_t *count, struct err *err)
{
    MDB_txn *txn;
    struct letter_walk w;
    struct letter_list list = {0};
    bool ok = true;
    if (!db_read(s, &txn, err)) return false;
    db_walk_begin(txn, s->retry, which->destination, which->from_seq, &w);
    while (ok && list.count < which->limit && db_walk_next(&w))
        ok = read_letter(w.seq, w.value, arena, list_add(&list, arena), err);
    ok = db_walk_end(s, &w, err) && ok;
    mdb_txn_abort(txn);
    if (!ok) return false;
    struct retry_entry *entries = arena_array(arena, struct retry_entry, list.count);
    for (size_t i = 0; i < list.count; i++) {
        const struct dead_letter *d = &list.items[i];
        entries[i] = (struct retry_entry){d->seq, d->outcome.reason, d->record};
    }
    *out = entries;
    *count = list.count;
    return true;
}

/* A selection of the letters in one table, worked off step by step. */
struct sweep {
    const struct letter_selection *which;
    MDB_dbi from;
    const MDB_dbi *to; /* NULL: the letters are removed for good */
    size_t step;       /* letters of one transaction */
    size_t listed;     /* with which->seqs: how many are worked off */
    uint64_t next;     /* without: where to look on */
    bool over;
    uint64_t moved; /* letters moved or removed in this step */
    uint64_t done;  /* and in all steps that were committed */
};

/* pick_listed takes the next of the caller's numbers that exist and have the reason. */
static bool pick_listed(struct store *s, MDB_txn *txn, struct sweep *w, uint64_t *picked,
                        size_t *count, struct err *err)
{
    size_t n = 0;
    for (; n < w->step && w->listed < w->which->seq_count; w->listed++) {
        uint64_t seq = w->which->seqs[w->listed];
        struct letter_key key = db_letter_key(w->which->destination, seq);
        struct str value;
        bool found = db_get(s, txn, w->from, db_letter_str(&key), &value, err);
        if (!found && err->kind != ERR_NONE) return false;
        if (found && is_wanted(w->which, value)) picked[n++] = seq;
    }
    w->over = w->listed == w->which->seq_count;
    *count = n;
    return true;
}

static bool pick_any(struct store *s, MDB_txn *txn, struct sweep *w, uint64_t *picked,
                     size_t *count, struct err *err)
{
    struct letter_walk walk;
    size_t n = 0, seen = 0;
    db_walk_begin(txn, w->from, w->which->destination, w->next, &walk);
    while (n < w->step && seen < SCAN_MAX && db_walk_next(&walk)) {
        seen++;
        if (is_wanted(w->which, walk.value)) picked[n++] = walk.seq;
        w->next = walk.seq + 1;
    }
    w->over = walk.code != 0 || w->next == 0; /* at the end, or behind the largest number */
    *count = n;
    return db_walk_end(s, &walk, err);
}

/* move_one copies the value first: it is a view into a page that the changes below may rewrite. */
static bool move_one(struct store *s, MDB_txn *txn, struct sweep *w, uint64_t seq, struct buf *copy,
                     struct err *err)
{
    struct letter_key key = db_letter_key(w->which->destination, seq);
    struct str value;
    if (!db_get(s, txn, w->from, db_letter_str(&key), &value, err))
        return err->kind == ERR_NONE; /* listed twice: done already */
    buf_clear(copy);
    buf_put(copy, value);
    if (w->to && !db_put(s, txn, *w->to, db_letter_str(&key), buf_str(copy), err)) return false;
    w->moved++;
    return db_delete(s, txn, w->from, db_letter_str(&key), err);
}

static bool sweep_step(struct store *s, struct sweep *w, struct buf *copy, struct err *err)
{
    MDB_txn *txn;
    uint64_t picked[LIMIT_STORE_STEP];
    size_t count = 0;
    w->moved = 0;
    if (!db_write(s, &txn, err)) return false;
    bool ok = w->which->seqs ? pick_listed(s, txn, w, picked, &count, err)
                             : pick_any(s, txn, w, picked, &count, err);
    for (size_t i = 0; ok && i < count; i++) ok = move_one(s, txn, w, picked[i], copy, err);
    if (!db_end(s, txn, ok, err)) return false;
    w->done += w->moved;
    return true;
}

static bool sweep(struct store *s, struct sweep *w, struct err *err)
{
    struct buf copy = {0};
    bool ok = true;
    if (!is_name(w->which->destination)) return true;
    w->step = LIMIT_STORE_STEP;
    while (ok && !w->over && (!w->which->going || *w->which->going)) {
        struct sweep before = *w;
        ok = sweep_step(s, w, &copy, err);
        if (!ok && db_try_less(&before.step, err)) {
            *w = before;
            ok = true;
        }
    }
    buf_fini(&copy);
    return ok;
}

bool store_letters_retry(struct store *s, const struct letter_selection *which, uint64_t *moved,
                         struct err *err)
{
    struct sweep w = {.which = which, .from = s->dead, .to = &s->retry, .next = which->from_seq};
    bool ok = sweep(s, &w, err);
    *moved = w.done;
    return ok;
}

bool store_letters_discard(struct store *s, const struct letter_selection *which, uint64_t *removed,
                           struct err *err)
{
    struct sweep w = {.which = which, .from = s->dead, .next = which->from_seq};
    bool ok = sweep(s, &w, err);
    *removed = w.done;
    return ok;
}

bool store_letter_retry_as(struct store *s, struct str destination, uint64_t seq, struct str record,
                           struct err *err)
{
    MDB_txn *txn;
    struct str value;
    struct dead_letter letter = {.seq = seq};
    struct buf bytes = {0};
    err->kind = ERR_NONE;
    if (!is_name(destination)) return false;
    struct letter_key key = db_letter_key(destination, seq);
    if (!db_write(s, &txn, err)) return false;
    bool ok = db_get(s, txn, s->dead, db_letter_str(&key), &value, err) &&
              decode_dead(value, &letter, err);
    if (ok) {
        letter.record = record;
        encode_dead(&bytes, &letter); /* a copy, before the pages change */
        ok = db_put(s, txn, s->retry, db_letter_str(&key), buf_str(&bytes), err) &&
             db_delete(s, txn, s->dead, db_letter_str(&key), err);
    }
    buf_fini(&bytes);
    return db_end(s, txn, ok, err);
}
