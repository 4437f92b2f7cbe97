/* SPDX-License-Identifier: Apache-2.0 */
/* See batch.h. Events lie in the buffer with a comma behind each, so that any run of them is the inside
 * of a JSON list but for its last byte. */
#include "deliver/batch.h"

#include "base/json.h"
#include "base/mem.h"
#include "core/limits.h"
#include "sys/pages.h"

#include <assert.h>

enum { ITEMS_PER_BLOCK = 256 };

struct item_block {
    struct item_block *next;
    struct item items[ITEMS_PER_BLOCK];
};

static void batch_free(struct batch *b)
{
    buf_fini(&b->pixel_id);
    pages_free(b->json, b->json_room);
    mem_free(b->parts);
    mem_free(b);
}

void pool_fini(struct pool *pool)
{
    for (struct batch *b = pool->batches, *next; b; b = next) {
        next = b->next;
        batch_free(b);
    }
    for (struct item_block *block = pool->blocks, *next; block; block = next) {
        next = block->next;
        mem_free(block);
    }
    *pool = (struct pool){0};
}

struct item *item_take(struct pool *pool)
{
    if (!pool->items) {
        struct item_block *block = mem_new(sizeof *block);
        block->next = pool->blocks;
        pool->blocks = block;
        for (size_t i = 0; i < ITEMS_PER_BLOCK; i++) {
            block->items[i].next = pool->items;
            pool->items = &block->items[i];
        }
    }
    struct item *item = pool->items;
    pool->items = item->next;
    *item = (struct item){0};
    return item;
}

void item_give(struct pool *pool, struct item *item)
{
    mem_free(item->death);
    item->death = NULL;
    if (item->aside) buf_fini(&item->aside->pixels);
    mem_free(item->aside);
    item->aside = NULL;
    item->next = pool->items;
    pool->items = item;
}

static size_t batch_memory(const struct batch *b)
{
    return pages_used(b->json_written) + b->capacity * sizeof *b->parts;
}

struct batch *batch_take(struct pool *pool, struct str pixel_id)
{
    struct batch *b = pool->batches;
    if (b) {
        pool->batches = b->next;
        pool->batch_bytes -= batch_memory(b);
        if (pool->batch_bytes < pool->idle_bytes) pool->idle_bytes = pool->batch_bytes;
    } else {
        b = mem_new(sizeof *b);
    }
    *b = (struct batch){.pixel_id = b->pixel_id,
                        .json = b->json,
                        .json_written = b->json_written,
                        .json_room = b->json_room,
                        .parts = b->parts,
                        .capacity = b->capacity};
    buf_clear(&b->pixel_id);
    buf_put(&b->pixel_id, pixel_id);
    b->deadline_ms = INT64_MAX;
    return b;
}

void batch_give(struct pool *pool, struct batch *b)
{
    if (pool->batch_bytes + batch_memory(b) > LIMIT_BATCHES_KEPT_BYTES) {
        batch_free(b);
        return;
    }
    pool->batch_bytes += batch_memory(b);
    b->next = pool->batches;
    pool->batches = b;
}

/* The latest that was given is taken first, so what was never needed is at the list's end. */
void pool_trim(struct pool *pool)
{
    size_t keep = pool->batch_bytes - pool->idle_bytes;
    struct batch **end = &pool->batches;
    for (size_t kept = 0; *end && kept < keep; end = &(*end)->next) kept += batch_memory(*end);
    for (struct batch *b = *end, *next; b; b = next) {
        next = b->next;
        pool->batch_bytes -= batch_memory(b);
        batch_free(b);
    }
    *end = NULL;
    pool->idle_bytes = pool->batch_bytes;
}

/* Room for the largest request, or for one event that is larger. */
static void make_room(struct batch *b, size_t n)
{
    size_t room = n > LIMIT_BATCH_SEND_BYTES ? n : LIMIT_BATCH_SEND_BYTES;
    char *json = pages_new(room);
    if (b->json_n) memcpy(json, b->json, b->json_n);
    pages_free(b->json, b->json_room);
    b->json = json;
    b->json_written = 0;
    b->json_room = room;
}

static void put_json(struct batch *b, struct str json)
{
    size_t end = b->json_n + json.n + 1;
    if (end > b->json_room) make_room(b, end);
    str_copy(b->json + b->json_n, json);
    b->json[end - 1] = ',';
    b->json_n = end;
    if (end > b->json_written) b->json_written = end;
}

void batch_add(struct batch *b, struct item *item, struct str json, int64_t deadline_ms)
{
    if (b->count == b->capacity) {
        b->capacity = b->capacity ? 2 * b->capacity : 16;
        b->parts = mem_grow(b->parts, b->capacity * sizeof *b->parts);
    }
    b->parts[b->count++] = (struct part){item, b->json_n, json.n, deadline_ms};
    put_json(b, json);
    if (deadline_ms < b->deadline_ms) b->deadline_ms = deadline_ms;
    b->search.to = b->count;
}

void batch_frame(struct buf *out, struct str test_code, struct str proof)
{
    static const struct str head = S_INIT("{\"data\":[");
    assert(head.n == BATCH_EVENTS_AT);
    buf_put(out, head);
    buf_putc(out, ']');
    if (test_code.n) json_kv_str(out, S("test_event_code"), test_code);
    if (proof.n) json_kv_str(out, S("appsecret_proof"), proof);
    buf_putc(out, '}');
}

struct str batch_events(const struct batch *b)
{
    assert(b->search.from < b->search.to && b->search.to <= b->count);
    const struct part *first = &b->parts[b->search.from], *last = &b->parts[b->search.to - 1];
    return str_of(b->json + first->at, last->at + last->n - first->at);
}

/* Moves parts[i] to the end of what was moved before, further left. */
static void move(struct batch *b, size_t i)
{
    struct part part = b->parts[i];
    memmove(b->json + b->json_n, b->json + part.at, part.n + 1);
    b->parts[b->count++] = (struct part){part.item, b->json_n, part.n, part.deadline_ms};
    b->json_n += part.n + 1;
    if (part.deadline_ms < b->deadline_ms) b->deadline_ms = part.deadline_ms;
}

void batch_cut(struct batch *b, int64_t now_ms, batch_cut_fn *fn, void *ctx)
{
    size_t count = b->count;
    b->count = 0;
    b->json_n = 0;
    b->deadline_ms = INT64_MAX;
    for (size_t i = b->search.from; i < count; i++) {
        if (b->parts[i].deadline_ms <= now_ms)
            fn(ctx, &b->parts[i]);
        else
            move(b, i);
    }
    b->search = (struct bisect){.to = b->count, .found = b->search.found};
}

void batch_push(struct batch_list *list, struct batch *b)
{
    b->next = NULL;
    if (list->tail)
        list->tail->next = b;
    else
        list->head = b;
    list->tail = b;
    list->count++;
}

void batch_push_front(struct batch_list *list, struct batch *b)
{
    b->next = list->head;
    list->head = b;
    if (!list->tail) list->tail = b;
    list->count++;
}

struct batch *batch_pop(struct batch_list *list)
{
    struct batch *b = list->head;
    if (b) batch_remove(list, b);
    return b;
}

void batch_remove(struct batch_list *list, struct batch *b)
{
    struct batch **at = &list->head, *before = NULL;
    while (*at != b) {
        before = *at;
        at = &before->next;
    }
    *at = b->next;
    if (list->tail == b) list->tail = before;
    b->next = NULL;
    list->count--;
}
