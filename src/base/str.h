/* SPDX-License-Identifier: Apache-2.0 */
/* Strings are {pointer, length} views. They are passed by value, never own memory and need no
 * terminator, so a view into a request body or a journal block costs nothing. Text is UTF-8 bytes;
 * whatever knows about letters lives in base/text.h. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p;
    size_t n;
};

/* S makes a view of a string literal. */
#define S(literal) ((struct str){("" literal), sizeof(literal) - 1})
/* S_INIT is the same for initialisers of static tables, where C wants a constant. */
#define S_INIT(literal)                                                                            \
    {                                                                                              \
        ("" literal), sizeof(literal) - 1                                                          \
    }
/* For printf: printf("%.*s", STR_ARG(s)). Callers keep n below INT_MAX (core/limits.h does). */
#define STR_ARG(s) (int)(s).n, (s).p
#define countof(array) (sizeof(array) / sizeof((array)[0]))

static inline struct str str_of(const char *p, size_t n)
{
    return (struct str){p, n};
}
static inline struct str str_z(const char *z)
{
    return (struct str){z, z ? strlen(z) : 0};
}

/* Eight and four bytes as a number, from anywhere. */
static inline uint64_t str_read_8(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}
static inline uint32_t str_read_4(const char *p)
{
    uint32_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* Most names and values that are compared have at most 16 bytes: two words that may overlap, where a
 * call of memcmp would be half of a look-up in a table. */
static inline bool str_eq(struct str a, struct str b)
{
    if (a.n != b.n) return false;
    if (a.n > 16) return memcmp(a.p, b.p, a.n) == 0;
    if (a.n >= 8) {
        return str_read_8(a.p) == str_read_8(b.p) &&
               str_read_8(a.p + a.n - 8) == str_read_8(b.p + a.n - 8);
    }
    if (a.n >= 4) {
        return str_read_4(a.p) == str_read_4(b.p) &&
               str_read_4(a.p + a.n - 4) == str_read_4(b.p + a.n - 4);
    }
    return a.n == 0 ||
           (a.p[0] == b.p[0] && a.p[a.n / 2] == b.p[a.n / 2] && a.p[a.n - 1] == b.p[a.n - 1]);
}

/* str_copy is memcpy of s, with the short ones by words that may overlap for the same reason. */
static inline void str_copy(char *to, struct str s)
{
    uint64_t first, last;
    uint32_t first_4, last_4;
    if (s.n > 16) {
        memcpy(to, s.p, s.n);
    } else if (s.n >= 8) {
        first = str_read_8(s.p);
        last = str_read_8(s.p + s.n - 8);
        memcpy(to, &first, 8);
        memcpy(to + s.n - 8, &last, 8);
    } else if (s.n >= 4) {
        first_4 = str_read_4(s.p);
        last_4 = str_read_4(s.p + s.n - 4);
        memcpy(to, &first_4, 4);
        memcpy(to + s.n - 4, &last_4, 4);
    } else if (s.n) {
        to[0] = s.p[0];
        to[s.n / 2] = s.p[s.n / 2];
        to[s.n - 1] = s.p[s.n - 1];
    }
}

static inline bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && memcmp(s.p, prefix.p, prefix.n) == 0;
}

static inline bool str_ends(struct str s, struct str suffix)
{
    return s.n >= suffix.n && memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0;
}

static inline struct str str_from(struct str s, size_t start)
{
    if (start > s.n) start = s.n;
    return (struct str){start ? s.p + start : s.p, s.n - start}; /* no text has no place to move */
}

static inline struct str str_head(struct str s, size_t n)
{
    return (struct str){s.p, n < s.n ? n : s.n};
}

/* str_eq_nocase compares with ASCII letters folded; other bytes must be equal. */
static inline bool str_eq_nocase(struct str a, struct str b);
/* str_eq_folded is the same for texts of one length; only for the inline function here. */
bool str_eq_folded(struct str a, struct str b);
static inline bool str_eq_nocase(struct str a, struct str b)
{
    return a.n == b.n && (!a.n || !((a.p[0] ^ b.p[0]) & ~0x20)) && str_eq_folded(a, b);
}
/* str_cmp orders by bytes, shorter first on a tie; for qsort and sorted tables. */
int str_cmp(struct str a, struct str b);
/* str_find returns the offset of the first needle at or after start, or SIZE_MAX. */
size_t str_find(struct str s, struct str needle, size_t start);
static inline size_t str_find_char(struct str s, char c, size_t start)
{
    if (start >= s.n) return SIZE_MAX;
    const char *hit = memchr(s.p + start, c, s.n - start);
    return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}
/* str_cut splits at the first sep: *head is before it, *tail after. False and head = s without sep. */
static inline bool str_cut(struct str s, char sep, struct str *head, struct str *tail)
{
    size_t at = str_find_char(s, sep, 0);
    bool found = at != SIZE_MAX;
    *head = str_head(s, at);
    *tail = str_from(s, found ? at + 1 : s.n);
    return found;
}
/* str_trim drops ASCII white space at both ends (text_trim knows Unicode). */
static inline struct str str_trim(struct str s);
/* str_trim_spaces is the same where there is something to drop; only for the inline function here. */
struct str str_trim_spaces(struct str s) __attribute__((cold));
static inline struct str str_trim(struct str s)
{
    bool trimmed = s.n && (unsigned char)s.p[0] > ' ' && (unsigned char)s.p[s.n - 1] > ' ';
    return trimmed ? s : str_trim_spaces(s);
}
/* str_to_i64 and str_to_u64 take the whole of s as decimal digits; false on anything else or overflow. */
bool str_to_i64(struct str s, int64_t *out);
bool str_to_u64(struct str s, uint64_t *out);
/* str_to_double takes the whole of s as a JSON-style number (leading + allowed); locale-free, finite only. */
bool str_to_double(struct str s, double *out);
/* str_hash is quick and not keyed: for tables whose content an attacker cannot choose. Not for disk:
 * it may change. */
uint64_t str_hash(struct str s);
/* str_distance is the edit distance, for "did you mean"; costs a.n*b.n, both at most 64 (else 99). */
unsigned str_distance(struct str a, struct str b);

#endif
