/* SPDX-License-Identifier: Apache-2.0 */
/* Events in memory and the batches that they travel in. An item is one event until all its sends are
 * settled; a part is one send, its JSON lying in the batch's buffer; a batch holds parts for one
 * pixel. All of it is reused from a pool, and all of it may be dropped at any time: the journal has
 * the events. Delivery thread only. */
#ifndef DELIVER_BATCH_H
#define DELIVER_BATCH_H

#include "base/buf.h"
#include "core/limits.h"
#include "core/outcome.h"
#include "sys/pages.h"

#include <stdint.h>

/* Why a send died; with Meta's own words when it was Meta who refused. */
struct death {
    struct outcome outcome;
    int code, subcode;
    char meta_text[LIMIT_REPLY_TEXT_BYTES + 1];
    char fbtrace_id[64];
    char pixel_id[64];
};

/* Sends of an event that wait for their pixels. */
struct aside {
    struct buf pixels; /* a blank between two */
    int64_t deadline_ms;
};

struct item {
    uint64_t seq;
    struct death *death; /* of the first send that died; on the heap, because it is rare */
    struct aside *aside; /* likewise */
    struct item *next;   /* in the pool */
    int64_t received_ms; /* when it came in */
    bool from_browser;   /* enum event_flag */
    uint16_t row;        /* of the lane's breakdown */
    unsigned pending;    /* sends not settled yet */
    bool retry;          /* from the retry queue; else from the journal */
    bool parked;         /* from what waits for a pixel or a hold; retry is set too */
    bool urgent;         /* taken out of its turn */
    enum reason former;  /* of a retry: what it had died of */
};

struct part {
    struct item *item;
    size_t at, n; /* its JSON in the batch's buffer; the parts lie one behind the other */
    int64_t deadline_ms;
};

/* The search for bad events in a batch that was refused, see bisect.h. Indexes into parts. */
struct bisect {
    size_t from, to;  /* what the next request carries; everything before from is settled */
    size_t bad_to;    /* from..bad_to holds a bad event; 0 = nothing known */
    size_t hint;      /* the culprit that Meta named; only meaningful when in from..bad_to */
    size_t found;     /* culprits so far */
    size_t good, gap; /* good events since the last culprit, and between the last two */
};

struct lane;

struct batch {
    struct batch *next;  /* in one list, or in the pool */
    struct lane *lane;   /* whose it is, while in flight */
    struct buf pixel_id; /* a copy: the configuration may go away */
    char *json;          /* the events, each followed by a comma; pages of its own, */
    size_t json_n;       /* so much of them, */
    size_t json_written; /* at most ever, since they were reserved, */
    size_t json_room;    /* of so much */
    struct part *parts;
    size_t count, capacity;
    struct bisect search;
    int64_t deadline_ms; /* the earliest one of its parts */
    int64_t opened_us;   /* since when its first event waits for company */
    int64_t due_us;      /* not to be sent before */
    int64_t sent_us;     /* when the latest request started; 0 = never */
    size_t token;        /* the latest request's, by its place in the configuration */
    bool probe;          /* tries a paused pixel */
    bool tested;         /* the latest request carried a test_event_code */
    unsigned failures;   /* of the kind that is tried again */
    int64_t failed_us;   /* when the latest one was */
};

struct batch_list {
    struct batch *head, *tail;
    size_t count;
};

struct pool {
    struct item *items;    /* free ones */
    struct batch *batches; /* free ones */
    struct item_block *blocks;
    size_t batch_bytes; /* memory that the free batches keep, */
    size_t idle_bytes;  /* and the least of it since the latest pool_trim */
};

/* A zeroed pool is a valid empty one. pool_fini frees what was given back, and all items. */
void pool_fini(struct pool *pool);
struct item *item_take(struct pool *pool);
void item_give(struct pool *pool, struct item *item);
struct batch *batch_take(struct pool *pool, struct str pixel_id);
void batch_give(struct pool *pool, struct batch *b);
/* pool_trim gives back the memory of free batches that nobody needed since the call before: a burst's. */
void pool_trim(struct pool *pool);

/* batch_bytes is the memory that a batch's events need: their JSON, and what is known of each. */
static inline size_t batch_bytes(const struct batch *b)
{
    return pages_used(b->json_n) + b->count * (sizeof(struct part) + sizeof(struct item));
}
/* batch_part is a part's JSON, a view of the batch's buffer. */
static inline struct str batch_part(const struct batch *b, const struct part *part)
{
    return str_of(b->json + part->at, part->n);
}
/* batch_add appends one send; the JSON is copied. */
void batch_add(struct batch *b, struct item *item, struct str json, int64_t deadline_ms);
/* The request body for the present window (search.from .. search.to) is
 * {"data":[...],"test_event_code":"...","appsecret_proof":"..."}, without what is empty. batch_frame appends
 * what is around the events, which belong at offset BATCH_EVENTS_AT of it; batch_events is what belongs
 * there, a view of the batch's buffer. */
enum { BATCH_EVENTS_AT = 9 };
void batch_frame(struct buf *out, struct str test_code, struct str proof);
struct str batch_events(const struct batch *b);
/* batch_cut removes all settled parts and those whose deadline is not after now_ms; the latter go to
 * fn. What is left is searched anew from its beginning. */
typedef void batch_cut_fn(void *ctx, struct part *part);
void batch_cut(struct batch *b, int64_t now_ms, batch_cut_fn *fn, void *ctx);

void batch_push(struct batch_list *list, struct batch *b);
void batch_push_front(struct batch_list *list, struct batch *b);
/* batch_pop returns NULL when the list is empty. */
struct batch *batch_pop(struct batch_list *list);
/* batch_remove takes b, which must be in the list, out of it. */
void batch_remove(struct batch_list *list, struct batch *b);

#endif
