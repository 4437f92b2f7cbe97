/* SPDX-License-Identifier: Apache-2.0 */
/* See marks.h. Bytes are compared as signed numbers, of which those beyond ASCII are negative, and so below the
 * control characters' end. */
#include "base/marks.h"

#include "base/sixteen.h"

enum { BLOCK_BYTES = 64 };

/* The marks of one block. */
typedef uint64_t block_fn(const char *block);

static inline uint64_t marks_of_sixteen(const char *p)
{
    sixteen bytes = sixteen_read(p);
    return sixteen_bits((bytes < 0x20) | (bytes == '"') | (bytes == '\\'));
}

static inline uint64_t block_portable(const char *block)
{
    return marks_of_sixteen(block) | marks_of_sixteen(block + 16) << 16 |
           marks_of_sixteen(block + 32) << 32 | marks_of_sixteen(block + 48) << 48;
}

static inline __attribute__((always_inline)) void make(struct str text, uint64_t *to, block_fn *of)
{
    char last[BLOCK_BYTES];
    for (; text.n >= BLOCK_BYTES; text = str_from(text, BLOCK_BYTES)) *to++ = of(text.p);
    memset(last, '"', sizeof last);
    memcpy(last, text.p, text.n);
    *to++ = of(last);
    *to = UINT64_MAX;
}

void marks_make_portable(struct str text, uint64_t *to)
{
    make(text, to, block_portable);
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2"))) static inline uint64_t marks_of_32(const char *p)
{
    __m256i bytes = _mm256_loadu_si256((const __m256i *)p);
    __m256i low = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), bytes);
    __m256i quote = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'));
    __m256i backslash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
    __m256i any = _mm256_or_si256(low, _mm256_or_si256(quote, backslash));
    return (uint32_t)_mm256_movemask_epi8(any);
}

__attribute__((target("avx2"))) static inline uint64_t block_avx2(const char *block)
{
    return marks_of_32(block) | marks_of_32(block + 32) << 32;
}

__attribute__((target("avx2"))) static void make_avx2(struct str text, uint64_t *to)
{
    make(text, to, block_avx2);
}

void marks_make(struct str text, uint64_t *to)
{
    if (__builtin_cpu_supports("avx2")) {
        make_avx2(text, to);
    } else {
        make(text, to, block_portable);
    }
}
#else
void marks_make(struct str text, uint64_t *to)
{
    make(text, to, block_portable);
}
#endif
