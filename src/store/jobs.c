/* SPDX-License-Identifier: Apache-2.0 */
/* See jobs.h. */
#include "store/jobs.h"

#include "store/db.h"
#include "store/encode.h"
#include "sys/clock.h"

#include <assert.h>

struct job_key {
    char bytes[8]; /* big-endian, so that jobs lie in their order */
};

static struct job_key job_key(uint64_t id)
{
    struct job_key key;
    for (size_t i = 0; i < sizeof key.bytes; i++) key.bytes[i] = (char)(id >> (56 - 8 * i));
    return key;
}

static bool put_job(struct store *s, MDB_txn *txn, const struct job_text *job, struct err *err)
{
    struct job_key key = job_key(job->id);
    struct str name = str_of(key.bytes, sizeof key.bytes);
    if (!job->text.p) return db_delete(s, txn, s->jobs, name, err);
    return db_put(s, txn, s->jobs, name, job->text, err);
}

bool store_job_put(struct store *s, const struct job_text *job, struct err *err)
{
    MDB_txn *txn;
    if (!db_write(s, &txn, err)) return false;
    return db_end(s, txn, put_job(s, txn, job, err), err);
}

struct job_list {
    struct arena *arena;
    struct job_text *items;
    size_t count;
};

static void add_job(void *ctx, struct str key, struct str value)
{
    struct job_list *list = ctx;
    struct job_text *job = &list->items[list->count++];
    job->text = arena_str(list->arena, value);
    for (size_t i = 0; i < key.n; i++) job->id = job->id << 8 | (unsigned char)key.p[i];
}

bool store_jobs_list(struct store *s, struct arena *arena, struct job_text **out, size_t *count,
                     struct err *err)
{
    MDB_txn *txn;
    if (!db_read(s, &txn, err)) return false;
    struct job_list list = {arena, arena_array(arena, struct job_text, db_count(txn, s->jobs)), 0};
    bool ok = db_rows(s, txn, s->jobs, add_job, &list, err);
    mdb_txn_abort(txn);
    *out = list.items;
    *count = list.count;
    return ok;
}

/* queue_one: *queued is false when the event is not what it was. */
static bool queue_one(struct store *s, MDB_txn *txn, struct str destination,
                      const struct again *event, struct buf *bytes, bool *queued, struct err *err)
{
    struct letter_key key = db_letter_key(destination, event->seq);
    struct str name = db_letter_str(&key), value;
    enum reason now;
    *queued = false;
    if (!outcomes_get(s, txn, destination, event->seq, &now, err)) return false;
    if (now != event->former) return true;
    if (db_get(s, txn, s->retry, name, &value, err)) return true;
    if (err->kind != ERR_NONE) return false;
    buf_clear(bytes);
    if (db_get(s, txn, s->dead, name, &value, err)) {
        buf_put(bytes, value); /* a view into a page that the changes below may rewrite */
        if (!db_delete(s, txn, s->dead, name, err)) return false;
    } else {
        struct dead_letter letter = {
            .seq = event->seq, .died_ms = clock_now_ms(), .record = event->record};
        if (err->kind != ERR_NONE) return false;
        outcome_set(&letter.outcome, event->former, NULL, NULL);
        encode_dead(bytes, &letter);
    }
    *queued = true;
    return db_put(s, txn, s->retry, name, buf_str(bytes), err);
}

bool store_job_queue(struct store *s, struct str destination, const struct again *events,
                     size_t count, const struct job_text *job, uint64_t *queued, struct err *err)
{
    MDB_txn *txn;
    struct buf bytes = {0};
    uint64_t n = 0;
    assert(destination.n && destination.n <= LIMIT_NAME_BYTES);
    if (!db_write(s, &txn, err)) return false;
    bool ok = true, one;
    for (size_t i = 0; ok && i < count; i++) {
        ok = queue_one(s, txn, destination, &events[i], &bytes, &one, err);
        n += ok && one;
    }
    ok = ok && put_job(s, txn, job, err);
    buf_fini(&bytes);
    if (!db_end(s, txn, ok, err)) return false;
    *queued = n;
    return true;
}

bool store_retries_count(struct store *s, struct str destination, size_t most, size_t *count,
                         struct err *err)
{
    MDB_txn *txn;
    struct letter_walk w;
    *count = 0;
    if (!db_read(s, &txn, err)) return false;
    db_walk_begin(txn, s->retry, destination, 0, &w);
    while (*count < most && db_walk_next(&w)) ++*count;
    bool ok = db_walk_end(s, &w, err);
    mdb_txn_abort(txn);
    return ok;
}
