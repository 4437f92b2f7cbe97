/* SPDX-License-Identifier: Apache-2.0 */
/* Appending to a journal and checking what it gives back. An event's message id is a number of the
 * test's choosing and decides its whole content, so that any mix-up of bytes shows. */
#ifndef SUPPORT_JOURNAL_H
#define SUPPORT_JOURNAL_H

#include "base/mem.h"
#include "core/event.h"
#include "core/log.h"
#include "journal/journal.h"
#include "sys/thread.h"

#include <stdio.h>

/* test_event_put appends the record of event id; pad is about how long its JSON is. */
static inline void test_event_put(struct buf *out, uint64_t id, size_t pad)
{
    char message_id[24], json[64];
    static const char filler[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    struct buf body = {0};
    (void)snprintf(message_id, sizeof message_id, "%llu", (unsigned long long)id);
    (void)snprintf(json, sizeof json, "{\"n\":%llu,\"pad\":\"", (unsigned long long)id);
    buf_put(&body, str_z(json));
    while (body.n < pad) {
        size_t turn = (size_t)(id % 7);
        buf_put(&body, str_from(str_z(filler), turn));
    }
    buf_put(&body, S("\"}"));
    struct event e = {.received_ms = (int64_t)id,
                      .protocol = PROTOCOL_SEGMENT,
                      .source = S("shop"),
                      .message_id = str_z(message_id),
                      .json = buf_str(&body)};
    event_encode(out, &e);
    buf_fini(&body);
}

/* test_event_id is the id of a record that is whole and unchanged; UINT64_MAX otherwise. */
static inline uint64_t test_event_id(struct str record)
{
    struct event e;
    struct buf again = {0};
    uint64_t id;
    if (!event_decode(record, &e) || !str_to_u64(e.message_id, &id)) return UINT64_MAX;
    size_t filler_n = 36 - (size_t)(id % 7), pad = e.json.n;
    pad = pad > filler_n ? pad - filler_n : 0;
    test_event_put(&again, id, pad);
    bool same = str_eq(record, buf_str(&again));
    buf_fini(&again);
    return same ? id : UINT64_MAX;
}

struct test_append {
    struct journal_append append;
    struct buf records;
    struct lock lock;
    struct signal told;
    bool done, committed;
    struct err err;
};

static inline void test_append_done(struct journal_append *append, bool committed,
                                    const struct err *err)
{
    struct test_append *t = append->ctx;
    lock_take(&t->lock);
    t->done = true;
    t->committed = committed;
    if (!committed) t->err = *err;
    signal_wake(&t->told);
    lock_give(&t->lock);
}

/* test_append_init prepares events id .. id + count - 1. */
static inline void test_append_init(struct test_append *t, uint64_t id, uint32_t count, size_t pad)
{
    *t = (struct test_append){0};
    lock_init(&t->lock);
    signal_init(&t->told);
    for (uint32_t i = 0; i < count; i++) test_event_put(&t->records, id + i, pad);
    t->append.records = buf_str(&t->records);
    t->append.count = count;
    t->append.done = test_append_done;
    t->append.ctx = t;
}

static inline bool test_append_wait(struct test_append *t)
{
    lock_take(&t->lock);
    while (!t->done) signal_wait(&t->told, &t->lock);
    lock_give(&t->lock);
    return t->committed;
}

static inline void test_append_fini(struct test_append *t)
{
    signal_fini(&t->told);
    lock_fini(&t->lock);
    buf_fini(&t->records);
}

/* test_append appends and waits; true when committed, with the first sequence number. */
static inline bool test_append(struct journal *j, uint64_t id, uint32_t count, size_t pad,
                               uint64_t *first_seq, struct err *err)
{
    struct test_append t;
    test_append_init(&t, id, count, pad);
    bool ok = journal_submit(j, &t.append, err) && test_append_wait(&t);
    if (t.done && !ok) *err = t.err;
    if (ok && first_seq) *first_seq = t.append.first_seq;
    test_append_fini(&t);
    return ok;
}

/* test_journal_read_ids reads everything from seq on into ids (of room for max); returns how many, or
 * SIZE_MAX for bytes that are not what was appended, or a read that failed (err says). */
static inline size_t test_journal_read_ids(struct journal *j, uint64_t seq, uint64_t *ids,
                                           size_t max, struct err *err)
{
    struct journal_reader reader = {0};
    struct journal_view view;
    size_t n = 0;
    while (n < max && journal_read(j, &reader, seq, &view, err)) {
        struct str rest = view.records;
        bool ok = view.first_seq == seq;
        for (uint32_t i = 0; ok && i < view.count && n < max; i++) {
            size_t size = event_record_size(rest);
            ids[n] = size ? test_event_id(str_head(rest, size)) : UINT64_MAX;
            ok = ids[n++] != UINT64_MAX;
            rest = str_from(rest, size);
        }
        seq += view.count;
        journal_release(j, &view);
        if (!ok) return SIZE_MAX;
    }
    return err->kind == ERR_NONE ? n : SIZE_MAX;
}

static inline struct journal *test_journal_open(const char *dir, size_t segment_bytes)
{
    struct err err = {0};
    struct journal_options options = {.dir = dir, .segment_bytes = segment_bytes};
    log_setup(LOG_JSON, (enum log_level)(LOG_ERROR + 1)); /* bad disks are expected here */
    struct journal *j = journal_open(&options, &err);
    if (!j) (void)fprintf(stderr, "%s\n", err.text);
    return j;
}

#endif
