/* SPDX-License-Identifier: Apache-2.0 */
/* See signs.h. Every text of an event that leaves comes by here, most of them once: sixteen bytes are read,
 * compared with all that matters, and perhaps written. */
#include "map/signs.h"

#include "base/sixteen.h"

enum {
    DIGITS_FEW = 8,    /* no phone number has less */
    STRETCH = 15 * 16, /* bytes whose digits sixteen_sum can add */
};

typedef unsigned char unsigned_sixteen __attribute__((vector_size(16)));

/* Where there was something, in any of the bytes so far. */
struct look {
    sixteen at, percent, plus, query, odd;
    sixteen digits; /* how many, in a stretch */
};

/* counted says which bytes were not looked at before. */
static inline void look_at(struct look *l, sixteen bytes, sixteen counted, bool puts)
{
    /* Moved so that digits are the lowest there are, -128 to -119: one comparison. */
    const sixteen moved = (sixteen)((unsigned_sixteen)bytes + (128 - '0'));
    l->at |= bytes == '@';
    l->percent |= bytes == '%';
    l->plus |= bytes == '+';
    l->query |= bytes == '?';
    l->query |= bytes == '#';
    l->digits -= (moved < 10 - 128) & counted;
    if (!puts) return;
    l->odd |= bytes == '"';
    l->odd |= bytes == '\\';
    l->odd |= bytes < 0x20;
}

static inline void write_sixteen(char *to, sixteen bytes)
{
    if (to) memcpy(to, &bytes, sizeof bytes);
}

/* Looks at n bytes, at most a stretch, of which there are at least 16 up to their end. */
static inline __attribute__((always_inline)) size_t look_along(struct look *l, const char *p,
                                                               size_t n, char *to)
{
    static const char marks[] = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
                                "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
    const sixteen all = ~(sixteen){0};
    size_t i = 0;
    l->digits = (sixteen){0};
    for (; n - i >= 16; i += 16) {
        sixteen bytes = sixteen_read(p + i);
        write_sixteen(to ? to + i : NULL, bytes);
        look_at(l, bytes, all, to);
    }
    if (i < n) { /* the last sixteen, some of them once more */
        sixteen bytes = sixteen_read(p + n - 16);
        write_sixteen(to ? to + n - 16 : NULL, bytes);
        look_at(l, bytes, sixteen_read(marks + (n - i)), to);
    }
    return sixteen_sum(l->digits);
}

/* Also writes to `to`, up to 15 bytes behind the text, unless that is NULL. */
static inline __attribute__((always_inline)) unsigned look(struct str text, char *to)
{
    struct look l = {0};
    size_t digits = 0;
    if (text.n < 16) {
        sixteen bytes = sixteen_read_padded(text);
        write_sixteen(to, bytes);
        look_at(&l, bytes, ~(sixteen){0}, to);
        digits = sixteen_sum(l.digits);
    }
    for (size_t i = 0, n; text.n >= 16 && i < text.n; i += n) {
        n = text.n - i > STRETCH ? STRETCH : text.n - i;
        digits += look_along(&l, text.p + i, n, to ? to + i : NULL);
    }
    bool found = digits >= DIGITS_FEW;
    if (!sixteen_any(l.at | l.percent | l.plus | l.query | l.odd)) return found ? SIGN_FOUND : 0;
    bool coded = sixteen_any(l.percent);
    found = found || sixteen_any(l.at) || (coded && str_find(text, S("%40"), 0) != SIZE_MAX);
    return (found ? SIGN_FOUND : 0U) | (coded || sixteen_any(l.plus) ? SIGN_CODED : 0U) |
           (sixteen_any(l.query) ? SIGN_QUERY : 0U) | (sixteen_any(l.odd) ? SIGN_ODD : 0U);
}

/* What signs_put is, with any look. */
typedef unsigned look_fn(struct str text, char *to);
enum { BEHIND = 32 }; /* so many bytes at most a look writes behind the text */

static inline __attribute__((always_inline)) unsigned put(struct buf *out, struct str text,
                                                          look_fn *of)
{
    char *to = buf_reserve(out, text.n + 2 + BEHIND);
    unsigned signs = of(text, to + 1);
    if (signs & SIGN_ODD) return signs;
    to[0] = to[1 + text.n] = '"';
    out->n += text.n + 2;
    return signs;
}

unsigned signs_of_portable(struct str text)
{
    return look(text, NULL);
}

unsigned signs_put_portable(struct buf *out, struct str text)
{
    return put(out, text, look);
}

#if defined(__x86_64__)
#include <immintrin.h>
#define WIDE __attribute__((target("avx512bw,avx512vl,popcnt")))

/* What a byte is, a bit each: what its lower four bits may belong to and its higher four too. */
enum {
    IS_AT = 1,
    IS_CODE = 2, /* % + */
    IS_QUESTION = 4,
    IS_HASH = 8,
    IS_QUOTE = 16,
    IS_BACKSLASH = 32,
    IS_FOREIGN = 64, /* a control character, or not ASCII */
    IS_DIGIT = 128,
};

WIDE static inline __m256i classes_of(__m256i bytes, __mmask32 which)
{
    enum { D = IS_FOREIGN | IS_DIGIT, F = IS_FOREIGN, MARKS = IS_CODE | IS_HASH | IS_QUOTE };
    const __m256i nibble = _mm256_set1_epi8(0x0F);
    const __m256i by_low = _mm256_broadcastsi128_si256(
        _mm_setr_epi8((char)(D | IS_AT), (char)D, (char)(D | IS_QUOTE), (char)(D | IS_HASH),
                      (char)D, (char)(D | IS_CODE), (char)D, (char)D, (char)D, (char)D, F,
                      F | IS_CODE, F | IS_BACKSLASH, F, F, F | IS_QUESTION));
    const __m256i by_high = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(F, F, MARKS, (char)(IS_DIGIT | IS_QUESTION), IS_AT, IS_BACKSLASH, 0, 0, F, F,
                      F, F, F, F, F, F));
    __m256i low = _mm256_and_si256(bytes, nibble);
    __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble);
    return _mm256_and_si256(_mm256_maskz_shuffle_epi8(which, by_low, low),
                            _mm256_shuffle_epi8(by_high, high));
}

WIDE static inline bool has_any(__m256i classes, int which)
{
    return _mm256_test_epi8_mask(classes, _mm256_set1_epi8((char)which)) != 0;
}

/* look() without a branch for how long a text is, as long as it has no more than 32 bytes, which most have. */
WIDE static unsigned look_wide(struct str text, char *to)
{
    __m256i seen = _mm256_setzero_si256();
    size_t digits = 0;
    for (struct str rest = text;; rest = str_from(rest, 32)) {
        size_t left = rest.n;
        __mmask32 which = left >= 32 ? UINT32_MAX : ((uint32_t)1 << left) - 1;
        __m256i bytes = _mm256_maskz_loadu_epi8(which, rest.p);
        if (to) _mm256_storeu_si256((__m256i *)(to + (text.n - left)), bytes);
        __m256i classes = classes_of(bytes, which);
        digits += (size_t)__builtin_popcount(
            _mm256_test_epi8_mask(classes, _mm256_set1_epi8((char)IS_DIGIT)));
        seen = _mm256_or_si256(seen, classes);
        if (left <= 32) break;
    }
    bool found = digits >= DIGITS_FEW;
    if (!has_any(seen, ~IS_DIGIT)) return found ? SIGN_FOUND : 0;
    bool coded = has_any(seen, IS_CODE), odd = has_any(seen, IS_QUOTE | IS_BACKSLASH | IS_FOREIGN);
    found = found || has_any(seen, IS_AT) || (coded && str_find(text, S("%40"), 0) != SIZE_MAX);
    return (found ? SIGN_FOUND : 0U) | (coded ? SIGN_CODED : 0U) |
           (has_any(seen, IS_QUESTION | IS_HASH) ? SIGN_QUERY : 0U) | (odd && to ? SIGN_ODD : 0U);
}

static inline bool is_wide(void)
{
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

unsigned signs_of(struct str text)
{
    return is_wide() ? look_wide(text, NULL) : look(text, NULL);
}

unsigned signs_put(struct buf *out, struct str text)
{
    return is_wide() ? put(out, text, look_wide) : put(out, text, look);
}
#else
unsigned signs_of(struct str text)
{
    return look(text, NULL);
}

unsigned signs_put(struct buf *out, struct str text)
{
    return put(out, text, look);
}
#endif
