/* SPDX-License-Identifier: Apache-2.0 */
/* See body.h. libdeflate wants the whole output in one piece, which makes the cap on bombs natural:
 * the room grows up to the limit and no further. */
#include "http/body.h"

enum { GZIP_LEAST = 18 }; /* head and trailer of a member */

/* The size that the trailer claims: a hint, and a lie in a bomb. */
static size_t claimed_size(struct str in)
{
    const unsigned char *p = (const unsigned char *)in.p + in.n - 4;
    return (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
}

/* Inflates the member at the start of *in with at most room bytes of output, and moves behind it. */
static enum libdeflate_result one_member(struct libdeflate_decompressor *inflater, struct str *in,
                                         size_t room, struct buf *out)
{
    size_t used, made;
    char *to = buf_reserve(out, room ? room : 1);
    enum libdeflate_result result =
        libdeflate_gzip_decompress_ex(inflater, in->p, in->n, to, room, &used, &made);
    if (result != LIBDEFLATE_SUCCESS) return result;
    out->n += made;
    *in = str_from(*in, used);
    return result;
}

int body_inflate(struct libdeflate_decompressor *inflater, struct str in, size_t limit,
                 struct buf *out)
{
    if (in.n < GZIP_LEAST) return 400;
    size_t room = claimed_size(in);
    while (in.n) {
        size_t left = limit - out->n;
        if (room > left) room = left;
        enum libdeflate_result result = one_member(inflater, &in, room, out);
        if (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
            if (room == left) return 413;
            room = room * 2 + in.n;
        } else if (result != LIBDEFLATE_SUCCESS) {
            return 400;
        }
    }
    return 0;
}
