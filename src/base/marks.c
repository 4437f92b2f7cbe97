/* SPDX-License-Identifier: Apache-2.0 */
/* See marks.h. Bytes are compared as signed numbers, of which those beyond ASCII are negative, and so below the
 * control characters' end. */
#include "base/marks.h"

#include "base/sixteen.h"

enum { BLOCK_BYTES = 64 };

/* What is in one block, a bit for each byte: quotes, and what else is marked. */
struct block {
    uint64_t quotes, others;
};
typedef struct block block_fn(const char *p);
/* The bits from each odd bit of quotes up to the one before the next: what is inside of strings. */
typedef uint64_t inside_fn(uint64_t quotes);

static inline uint64_t quotes_of_sixteen(const char *p)
{
    return sixteen_bits(sixteen_read(p) == '"');
}

static inline uint64_t others_of_sixteen(const char *p)
{
    sixteen bytes = sixteen_read(p);
    return sixteen_bits((bytes < 0x20) | (bytes == '\\'));
}

static inline struct block block_portable(const char *p)
{
    struct block b = {0, 0};
    for (unsigned i = 0; i < BLOCK_BYTES; i += 16) {
        b.quotes |= quotes_of_sixteen(p + i) << i;
        b.others |= others_of_sixteen(p + i) << i;
    }
    return b;
}

static inline uint64_t inside_portable(uint64_t quotes)
{
    for (unsigned shift = 1; shift < BLOCK_BYTES; shift *= 2) quotes ^= quotes << shift;
    return quotes;
}

/* The last block of a text, what is behind it marked. */
static inline struct block last_block(struct str text, block_fn *of)
{
    char last[BLOCK_BYTES] = {0};
    memcpy(last, text.p, text.n);
    return of(last);
}

#define INLINE static inline __attribute__((always_inline))

INLINE void make(struct str text, uint64_t *to, block_fn *of)
{
    struct block b;
    for (; text.n >= BLOCK_BYTES; text = str_from(text, BLOCK_BYTES)) {
        b = of(text.p);
        *to++ = b.quotes | b.others;
    }
    b = last_block(text, of);
    *to++ = b.quotes | b.others;
    *to = UINT64_MAX;
}

/* carry: all bits when a string of the block before goes on. */
INLINE uint64_t ends_of(struct block b, uint64_t *carry, inside_fn *inside)
{
    uint64_t in = inside(b.quotes) ^ *carry;
    *carry = -(in >> 63);
    return (b.quotes & ~in) | b.others;
}

INLINE void make_ends(struct str text, uint64_t *to, block_fn *of, inside_fn *inside)
{
    uint64_t carry = 0, *marks = to;
    size_t last = text.n - 1;
    for (; text.n >= BLOCK_BYTES; text = str_from(text, BLOCK_BYTES))
        *to++ = ends_of(of(text.p), &carry, inside);
    *to++ = ends_of(last_block(text, of), &carry, inside);
    *to = UINT64_MAX;
    marks[last / 64] |= (uint64_t)1 << last % 64;
}

void marks_make_portable(struct str text, uint64_t *to)
{
    make(text, to, block_portable);
}

void marks_make_ends_portable(struct str text, uint64_t *to)
{
    make_ends(text, to, block_portable, inside_portable);
}

#if defined(__x86_64__)
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2,pclmul")))

AVX2 static inline struct block block_of_32(const char *p)
{
    __m256i bytes = _mm256_loadu_si256((const __m256i *)p);
    __m256i low = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), bytes);
    __m256i quote = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'));
    __m256i backslash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
    __m256i others = _mm256_or_si256(low, backslash);
    return (struct block){(uint32_t)_mm256_movemask_epi8(quote),
                          (uint32_t)_mm256_movemask_epi8(others)};
}

AVX2 static inline struct block block_avx2(const char *p)
{
    struct block a = block_of_32(p), b = block_of_32(p + 32);
    return (struct block){a.quotes | b.quotes << 32, a.others | b.others << 32};
}

/* Multiplied without carries by ones, each bit is the sum of those up to it. */
AVX2 static inline uint64_t inside_avx2(uint64_t quotes)
{
    __m128i ones = _mm_set1_epi8(-1), bits = _mm_cvtsi64_si128((long long)quotes);
    return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(bits, ones, 0));
}

AVX2 static void make_avx2(struct str text, uint64_t *to)
{
    make(text, to, block_avx2);
}

AVX2 static void make_ends_avx2(struct str text, uint64_t *to)
{
    make_ends(text, to, block_avx2, inside_avx2);
}

static inline bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul");
}

void marks_make(struct str text, uint64_t *to)
{
    if (has_avx2()) {
        make_avx2(text, to);
    } else {
        make(text, to, block_portable);
    }
}

void marks_make_ends(struct str text, uint64_t *to)
{
    if (has_avx2()) {
        make_ends_avx2(text, to);
    } else {
        make_ends(text, to, block_portable, inside_portable);
    }
}
#else
void marks_make(struct str text, uint64_t *to)
{
    make(text, to, block_portable);
}

void marks_make_ends(struct str text, uint64_t *to)
{
    make_ends(text, to, block_portable, inside_portable);
}
#endif
