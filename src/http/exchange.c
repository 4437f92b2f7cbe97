/* SPDX-License-Identifier: Apache-2.0 */
/* See exchange.h. */
#include "http/exchange.h"

#include "base/mem.h"

#include <assert.h>
#include <stddef.h>

/* What a request needs besides its bytes is some 500, and there may be as many requests as connections: with
 * 32 KiB, 10,000 connections took 185 MiB instead of 100. */
enum { ARENA_FIRST_BYTES = 1024 };

void exchange_pool_init(struct exchange_pool *pool, size_t body_bytes_max)
{
    *pool = (struct exchange_pool){.body_bytes_max = body_bytes_max};
    pool->inflater = libdeflate_alloc_decompressor();
    assert(pool->inflater);
}

static void exchange_free(struct exchange *x)
{
    arena_fini(&x->arena);
    buf_fini(&x->head);
    buf_fini(&x->body);
    buf_fini(&x->plain);
    buf_fini(&x->scratch);
    buf_fini(&x->out);
    mem_free(x);
}

static void free_list(struct exchange *x)
{
    while (x) {
        struct exchange *next = x->next;
        exchange_free(x);
        x = next;
    }
}

void exchange_pool_fini(struct exchange_pool *pool)
{
    free_list(pool->free);
    free_list(pool->busy);
    arena_fini(&pool->transient);
    libdeflate_free_decompressor(pool->inflater);
    *pool = (struct exchange_pool){0};
}

static size_t exchange_bytes(const struct exchange *x)
{
    return sizeof *x + x->arena.total + x->head.capacity + x->body.capacity + x->plain.capacity +
           x->scratch.capacity + x->out.capacity;
}

struct exchange *exchange_take(struct exchange_pool *pool)
{
    struct exchange *x = pool->free;
    if (x) {
        pool->free = x->next;
        pool->free_bytes -= exchange_bytes(x);
    } else {
        x = mem_new(sizeof *x);
        x->arena.first_bytes = ARENA_FIRST_BYTES;
    }
    x->prev = NULL;
    x->next = pool->busy;
    if (x->next) x->next->prev = x;
    pool->busy = x;
    x->req.arena = &x->arena;
    x->req.transient = &pool->transient;
    x->req.scratch = &x->scratch;
    x->req.connection = x;
    return x;
}

/* Empties x, keeping its memory. */
static void exchange_clear(struct exchange *x)
{
    struct arena arena = x->arena;
    struct buf bufs[] = {x->head, x->body, x->plain, x->scratch, x->out};
    arena_reset(&arena);
    for (size_t i = 0; i < countof(bufs); i++) buf_clear(&bufs[i]);
    memset(x, 0, offsetof(struct exchange, headers));
    x->arena = arena;
    x->head = bufs[0];
    x->body = bufs[1];
    x->plain = bufs[2];
    x->scratch = bufs[3];
    x->out = bufs[4];
}

void exchange_give(struct exchange_pool *pool, struct exchange *x)
{
    assert(pool->body_bytes >= x->body.n + x->plain.n);
    pool->body_bytes -= x->body.n + x->plain.n;
    if (x->next) x->next->prev = x->prev;
    if (x->prev) {
        x->prev->next = x->next;
    } else {
        pool->busy = x->next;
    }
    exchange_clear(x);
    if (pool->free_bytes + exchange_bytes(x) > LIMIT_POOL_BYTES) {
        exchange_free(x);
        return;
    }
    pool->free_bytes += exchange_bytes(x);
    x->next = pool->free;
    pool->free = x;
}

bool exchange_has_room(struct exchange_pool *pool, size_t n)
{
    if (n > pool->body_bytes_max) return false;
    while (pool->body_bytes > pool->body_bytes_max - n) {
        if (!pool->make_room || !pool->make_room(pool->make_room_ctx)) return false;
    }
    return true;
}

void exchange_drop_body(struct exchange_pool *pool, struct exchange *x)
{
    pool->body_bytes -= x->body.n + x->plain.n;
    buf_fini(&x->body);
    buf_fini(&x->plain);
}

bool exchange_count_body(struct exchange_pool *pool, size_t n)
{
    if (!exchange_has_room(pool, n)) return false;
    pool->body_bytes += n;
    return true;
}
