/* SPDX-License-Identifier: Apache-2.0 */
/* Compressed request bodies. */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include "base/buf.h"

#include <libdeflate.h>

/* body_inflate appends the plain form of the gzip data in (one or more members) to the empty out, at
 * most limit bytes. Returns 0, or the HTTP status that says what is wrong: 400 not gzip, 413 larger
 * than limit. The work is bounded by about twice the limit. */
int body_inflate(struct libdeflate_decompressor *inflater, struct str in, size_t limit,
                 struct buf *out);

#endif
