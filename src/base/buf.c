/* SPDX-License-Identifier: Apache-2.0 */
/* See buf.h. */
#include "base/buf.h"

#include "base/mem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

void buf_grow(struct buf *b, size_t extra)
{
    size_t capacity = b->capacity ? b->capacity * 2 : 256;
    while (capacity - b->n < extra) capacity *= 2;
    b->p = mem_grow(b->p, capacity);
    b->capacity = capacity;
}

#define TEN_ROW(a) a "0" a "1" a "2" a "3" a "4" a "5" a "6" a "7" a "8" a "9"

/* 00 to 99. */
static const char decimal_pairs[] = TEN_ROW("0") TEN_ROW("1") TEN_ROW("2") TEN_ROW("3") TEN_ROW("4")
    TEN_ROW("5") TEN_ROW("6") TEN_ROW("7") TEN_ROW("8") TEN_ROW("9");

static void put_pair(char *to, uint32_t value)
{
    memcpy(to, decimal_pairs + (size_t)2 * value, 2);
}

static void put_eight(char *to, uint32_t value)
{
    uint32_t high = value / 10000, low = value % 10000;
    put_pair(to, high / 100);
    put_pair(to + 2, high % 100);
    put_pair(to + 4, low / 100);
    put_pair(to + 6, low % 100);
}

/* How many digits: the bits times log10(2) are at most one too few. */
static size_t count_digits(uint64_t value)
{
    static const uint64_t tens[] = {
        0,
        10U,
        100U,
        1000U,
        10000U,
        100000U,
        1000000U,
        10000000U,
        100000000U,
        1000000000U,
        10000000000U,
        100000000000U,
        1000000000000U,
        10000000000000U,
        100000000000000U,
        1000000000000000U,
        10000000000000000U,
        100000000000000000U,
        1000000000000000000U,
        10000000000000000000U,
    };
    size_t bits = 64 - (size_t)__builtin_clzll(value | 1), few = bits * 1233 >> 12;
    return few + (value >= tens[few]);
}

void buf_put_u64(struct buf *b, uint64_t value)
{
    size_t n = value ? count_digits(value) : 1;
    char *at = buf_reserve(b, n) + n;
    for (; value >= 100000000; value /= 100000000) { /* times have thirteen */
        at -= 8;
        put_eight(at, (uint32_t)(value % 100000000));
    }
    uint32_t rest = (uint32_t)value;
    for (; rest >= 100; rest /= 100) { /* two digits for one division */
        at -= 2;
        put_pair(at, rest % 100);
    }
    if (rest >= 10) {
        put_pair(at - 2, rest);
    } else {
        at[-1] = (char)('0' + rest);
    }
    b->n += n;
}

void buf_put_i64(struct buf *b, int64_t value)
{
    if (value < 0) buf_putc(b, '-');
    buf_put_u64(b, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(n >= 0);
    (void)vsnprintf(buf_reserve(b, (size_t)n + 1), (size_t)n + 1, format, again); /* as measured */
    va_end(again);
    b->n += (size_t)n;
}

typedef unsigned char bytes_16 __attribute__((vector_size(16)));

static bytes_16 hex_digits(bytes_16 nibbles)
{
    return nibbles + '0' + ((bytes_16)(nibbles > 9) & ('a' - '0' - 10));
}

/* Sixteen bytes at once: for a hash of 32 that is 124 instructions instead of 387. */
static void put_hex_16(char *to, const unsigned char *from)
{
    bytes_16 bytes, pairs[2];
    memcpy(&bytes, from, sizeof bytes);
    bytes_16 high = hex_digits(bytes >> 4), low = hex_digits(bytes & 15);
    pairs[0] =
        __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    pairs[1] = __builtin_shufflevector(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14,
                                       30, 15, 31);
    memcpy(to, pairs, sizeof pairs);
}

void buf_put_hex(struct buf *b, const void *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *in = bytes;
    char *out = buf_reserve(b, 2 * n);
    size_t i = 0;
    for (; i + 16 <= n; i += 16) put_hex_16(out + 2 * i, in + i);
    for (; i < n; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
    b->n += 2 * n;
}

void buf_fini(struct buf *b)
{
    mem_free(b->p);
    *b = (struct buf){0};
}
