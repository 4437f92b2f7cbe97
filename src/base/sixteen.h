/* SPDX-License-Identifier: Apache-2.0 */
/* Sixteen bytes looked at together, for searches that pass over every byte of every text. In the compilers'
 * own vectors (gcc, clang): SSE2 on x86-64, NEON on ARM, with but one line for either. A comparison gives
 * -1 in each byte where it is true. */
#ifndef BASE_SIXTEEN_H
#define BASE_SIXTEEN_H

#include "base/str.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef signed char sixteen __attribute__((vector_size(16)));

/* sixteen_read reads from anywhere. */
static inline sixteen sixteen_read(const char *p)
{
    sixteen bytes;
    memcpy(&bytes, p, sizeof bytes);
    return bytes;
}

/* sixteen_read_end reads what is left of a text, less than 16 bytes, and zeros. In registers: through
 * memory the processor would have to wait for its own short writes. */
static inline sixteen sixteen_read_end(struct str rest)
{
    typedef uint64_t two __attribute__((vector_size(16)));
    const unsigned char *p = (const unsigned char *)rest.p;
    size_t n = rest.n;
    uint64_t low = 0, high = 0;
    if (n > 8) high = str_read_8(rest.p + n - 8) >> (8 * (16 - n));
    if (n >= 8) {
        low = str_read_8(rest.p);
    } else if (n >= 4) {
        low = str_read_4(rest.p) | (uint64_t)str_read_4(rest.p + n - 4) << (8 * (n - 4));
    } else if (n) {
        low = p[0] | (uint64_t)p[n / 2] << (8 * (n / 2)) | (uint64_t)p[n - 1] << (8 * (n - 1));
    }
    return (sixteen)(two){low, high};
}

/* sixteen_read_padded is the same with blanks behind the text. */
static inline sixteen sixteen_read_padded(struct str rest)
{
    static const char blanks[] = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0                ";
    return sixteen_read_end(rest) | sixteen_read(blanks + 16 - rest.n);
}

/* sixteen_any: is any byte of a comparison true? With SSE2 one instruction, where gcc 12 makes six of the
 * other way. */
static inline bool sixteen_any(sixteen truths)
{
#ifdef __SSE2__
    return _mm_movemask_epi8((__m128i)truths);
#else
    uint64_t halves[2];
    memcpy(halves, &truths, sizeof halves);
    return halves[0] | halves[1];
#endif
}

/* sixteen_bits is a bit for each byte of a comparison, the first byte's lowest. */
static inline uint64_t sixteen_bits(sixteen truths)
{
#ifdef __SSE2__
    return (unsigned)_mm_movemask_epi8((__m128i)truths);
#else
    uint64_t halves[2], one_each = 0x0101010101010101ULL, gather = 0x0102040810204080ULL;
    memcpy(halves, &truths, sizeof halves);
    return (halves[0] & one_each) * gather >> 56 | (halves[1] & one_each) * gather >> 56 << 8;
#endif
}

/* sixteen_first is the place of the first true byte of a comparison; 16: there is none. */
static inline size_t sixteen_first(sixteen truths)
{
#ifdef __SSE2__
    return (size_t)__builtin_ctz(1U << 16 | (unsigned)_mm_movemask_epi8((__m128i)truths));
#else
    uint64_t halves[2];
    memcpy(halves, &truths, sizeof halves);
    if (halves[0]) return (size_t)__builtin_ctzll(halves[0]) / 8;
    return halves[1] ? 8 + (size_t)__builtin_ctzll(halves[1]) / 8 : 16;
#endif
}

/* sixteen_sum adds the bytes, each below 16. */
static inline size_t sixteen_sum(sixteen bytes)
{
    uint64_t halves[2];
    memcpy(halves, &bytes, sizeof halves);
    return (size_t)((halves[0] + halves[1]) * 0x0101010101010101ULL >> 56);
}

#endif
