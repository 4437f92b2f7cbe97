/* SPDX-License-Identifier: Apache-2.0 */
/* Sixteen bytes looked at together, for searches that pass over every byte of every text. In the compilers'
 * own vectors (gcc, clang): SSE2 on x86-64, NEON on ARM, without a line for either. A comparison gives
 * -1 in each byte where it is true. */
#ifndef BASE_SIXTEEN_H
#define BASE_SIXTEEN_H

#include "base/str.h"

typedef signed char sixteen __attribute__((vector_size(16)));

/* sixteen_read reads from anywhere; sixteen_read_end what is left of a text, at most 16, then zeros. */
static inline sixteen sixteen_read(const char *p)
{
    sixteen bytes;
    memcpy(&bytes, p, sizeof bytes);
    return bytes;
}
static inline sixteen sixteen_read_end(struct str rest)
{
    char bytes[16] = {0};
    str_copy(bytes, rest);
    return sixteen_read(bytes);
}

/* sixteen_any: is any byte not 0? */
static inline bool sixteen_any(sixteen bytes)
{
    uint64_t halves[2];
    memcpy(halves, &bytes, sizeof halves);
    return halves[0] | halves[1];
}

/* sixteen_sum adds the bytes, each below 16. */
static inline size_t sixteen_sum(sixteen bytes)
{
    uint64_t halves[2];
    memcpy(halves, &bytes, sizeof halves);
    return (size_t)((halves[0] + halves[1]) * 0x0101010101010101ULL >> 56);
}

#endif
