/* SPDX-License-Identifier: Apache-2.0 */
/* A bump allocator: many small allocations, one reset. An arena has a named lifetime (process, one
 * loaded configuration, one batch, one request) and one thread. It grows by chunks and keeps them
 * across reset up to keep_bytes, so a steady state does not call malloc. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

#include <assert.h>

struct arena_chunk;

struct arena {
    struct arena_chunk *chunk; /* newest first */
    char *at;                  /* the free bytes of the newest chunk, left of them */
    size_t left;
    size_t total;       /* bytes held in all chunks */
    size_t first_bytes; /* of the first chunk; 0 = 32 KiB. The owner's, kept for ever */
};

/* A zeroed struct arena is a valid empty arena. */
#define ARENA_KEEP_BYTES ((size_t)1 << 20)

/* arena_alloc returns n bytes, 16-aligned, not zeroed; valid until reset or fini. Aborts without memory. */
static inline void *arena_alloc(struct arena *a, size_t n);
/* arena_add adds a chunk for n bytes; only for the inline function here. */
void arena_add(struct arena *a, size_t n) __attribute__((cold));
/* arena_zero is arena_alloc, zeroed. */
void *arena_zero(struct arena *a, size_t n);
/* arena_grow moves (or extends in place, when p was the latest allocation) to new_n bytes. */
void *arena_grow(struct arena *a, void *p, size_t old_n, size_t new_n);
/* arena_str copies s and adds a NUL behind it (not counted in n). */
struct str arena_str(struct arena *a, struct str s);
/* arena_printf formats into the arena; NUL behind it. */
struct str arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* arena_reset forgets everything; keeps at most one chunk of ARENA_KEEP_BYTES. */
void arena_reset(struct arena *a);
/* arena_fini frees everything; the arena is empty and usable again. */
void arena_fini(struct arena *a);

enum { ARENA_ALIGN = 16 };

static inline size_t arena_round(size_t n)
{
    assert(n < SIZE_MAX / 2);
    return ((n ? n : 1) + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
}

static inline void *arena_alloc(struct arena *a, size_t n)
{
    n = arena_round(n);
    if (a->left < n) arena_add(a, n);
    void *p = a->at;
    a->at += n;
    a->left -= n;
    return p;
}

#define arena_new(arena, type) ((type *)arena_zero((arena), sizeof(type)))
#define arena_array(arena, type, count) ((type *)arena_zero((arena), sizeof(type) * (count)))

#endif
