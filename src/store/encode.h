/* SPDX-License-Identifier: Apache-2.0 */
/* How cursors and dead letters are kept as bytes. Each value starts with a version; numbers are
 * varints; reasons are kept by name, so that the list in core/outcome.h may be reordered. Decoding
 * takes any bytes and never reads beyond them. */
#ifndef STORE_ENCODE_H
#define STORE_ENCODE_H

#include "base/buf.h"
#include "store/store.h"

void encode_cursor(struct buf *out, const struct cursor *c);
/* decode_cursor puts the ranges into the arena. False and err for bytes that are not a cursor, or that
 * name a reason we do not know (a newer pixeld's): sums must not lose counts silently. */
bool decode_cursor(struct str bytes, struct arena *arena, struct cursor *out, struct err *err);

void encode_dead(struct buf *out, const struct dead_letter *d);
/* decode_dead makes views into bytes; seq is the key's and not touched. */
bool decode_dead(struct str bytes, struct dead_letter *out, struct err *err);
/* decode_dead_reason looks only at the reason; REASON_COUNT when it cannot be told. */
enum reason decode_dead_reason(struct str bytes);

#endif
