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

unsigned signs_of(struct str text)
{
    return look(text, NULL);
}

unsigned signs_put(struct buf *out, struct str text)
{
    char *to = buf_reserve(out, text.n + 2 + 16);
    unsigned signs = look(text, to + 1);
    if (signs & SIGN_ODD) return signs;
    to[0] = to[1 + text.n] = '"';
    out->n += text.n + 2;
    return signs;
}
