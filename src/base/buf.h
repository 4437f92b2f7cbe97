/* SPDX-License-Identifier: Apache-2.0 */
/* A growable output buffer. It keeps its memory across buf_clear, so a steady state does not call
 * malloc. Writers append; a failed piece of work is undone with buf_cut(b, mark). */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/str.h"

struct buf {
    char *p;
    size_t n;        /* bytes written */
    size_t capacity; /* bytes allocated */
};

/* A zeroed struct buf is a valid empty buffer. */

/* buf_reserve makes room for extra more bytes and returns where they go (buf.n is not changed). */
static inline char *buf_reserve(struct buf *b, size_t extra);
/* buf_grow makes the buffer larger; only for the inline functions here. */
void buf_grow(struct buf *b, size_t extra) __attribute__((cold));
/* buf_put and buf_putc are inline: most JSON is punctuation and short pieces. */
static inline void buf_put(struct buf *b, struct str s)
{
    if (!s.n) return;
    if (b->capacity - b->n < s.n) buf_grow(b, s.n);
    str_copy(b->p + b->n, s);
    b->n += s.n;
}
static inline void buf_putc(struct buf *b, char c)
{
    if (b->capacity == b->n) buf_grow(b, 1);
    b->p[b->n++] = c;
}
static inline char *buf_reserve(struct buf *b, size_t extra)
{
    /* Never NULL, so that a caller who asked for nothing may still hold the place. */
    if (!b->p || b->capacity - b->n < extra) buf_grow(b, extra);
    return b->p + b->n;
}
void buf_put_u64(struct buf *b, uint64_t value);
void buf_put_i64(struct buf *b, int64_t value);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* buf_put_hex appends 2*n lower-case hex digits. */
void buf_put_hex(struct buf *b, const void *bytes, size_t n);
static inline struct str buf_str(const struct buf *b)
{
    return str_of(b->p, b->n);
}
/* buf_since is the view of what was written after mark (a value of b->n from before). */
static inline struct str buf_since(const struct buf *b, size_t mark)
{
    return b->p ? str_of(b->p + mark, b->n - mark) : str_of(NULL, 0);
}
static inline void buf_clear(struct buf *b)
{
    b->n = 0;
}
static inline void buf_cut(struct buf *b, size_t mark)
{
    b->n = mark;
}
/* buf_fini frees; the buffer is empty and usable again. */
void buf_fini(struct buf *b);

#endif
