/* SPDX-License-Identifier: Apache-2.0 */
/* See arena.h. */
#include "base/arena.h"

#include "base/mem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

enum { CHUNK_BYTES = 32 * 1024 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t size; /* usable bytes in data */
    _Alignas(ARENA_ALIGN) char data[];
};

void arena_add(struct arena *a, size_t need)
{
    size_t first = a->first_bytes ? a->first_bytes : CHUNK_BYTES;
    size_t size = a->chunk ? a->chunk->size * 2 : first;
    if (size > ARENA_KEEP_BYTES) size = ARENA_KEEP_BYTES;
    if (size < need) size = need;
    struct arena_chunk *chunk = mem_grow(NULL, sizeof *chunk + size);
    chunk->next = a->chunk;
    chunk->size = size;
    a->chunk = chunk;
    a->at = chunk->data;
    a->left = size;
    a->total += size;
}

void *arena_zero(struct arena *a, size_t n)
{
    return memset(arena_alloc(a, n), 0, n);
}

void *arena_grow(struct arena *a, void *p, size_t old_n, size_t new_n)
{
    if (!p) return arena_alloc(a, new_n);
    size_t old_size = arena_round(old_n), new_size = arena_round(new_n);
    char *start = p;
    bool last = start + old_size == a->at;
    if (last && a->left + old_size >= new_size) {
        a->at = start + new_size;
        a->left = a->left + old_size - new_size;
        return p;
    }
    if (new_size <= old_size) return p;
    return memcpy(arena_alloc(a, new_n), p, old_n);
}

struct str arena_str(struct arena *a, struct str s)
{
    char *copy = arena_alloc(a, s.n + 1);
    if (s.n) memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    return str_of(copy, s.n);
}

struct str arena_printf(struct arena *a, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(n >= 0);
    char *text = arena_alloc(a, (size_t)n + 1);
    (void)vsnprintf(text, (size_t)n + 1, format, again); /* same length as just measured */
    va_end(again);
    return str_of(text, (size_t)n);
}

static void free_chunks(struct arena_chunk *chunk)
{
    while (chunk) {
        struct arena_chunk *next = chunk->next;
        mem_free(chunk);
        chunk = next;
    }
}

void arena_reset(struct arena *a)
{
    if (!a->chunk) return;
    if (a->chunk->size > ARENA_KEEP_BYTES) {
        arena_fini(a);
        return;
    }
    free_chunks(a->chunk->next);
    a->chunk->next = NULL;
    a->total = a->left = a->chunk->size;
    a->at = a->chunk->data;
}

void arena_fini(struct arena *a)
{
    free_chunks(a->chunk);
    *a = (struct arena){.first_bytes = a->first_bytes};
}
