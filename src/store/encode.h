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

void encode_parked(struct buf *out, const struct parked *p);
/* decode_parked makes views into bytes; seq is the key's and not touched. */
bool decode_parked(struct str bytes, struct parked *out, struct err *err);

void encode_confirmation(struct buf *out, const struct confirmation *c);
/* decode_confirmation does not touch the key. */
bool decode_confirmation(struct str bytes, struct confirmation *out, struct err *err);

void encode_dead(struct buf *out, const struct dead_letter *d);
/* decode_dead makes views into bytes; seq is the key's and not touched. */
bool decode_dead(struct str bytes, struct dead_letter *out, struct err *err);
void encode_attempt(struct buf *out, const struct attempt *a);
/* decode_attempt makes views into bytes, the ranges in the arena; number is the key's and not touched. With
 * a seq other than UINT64_MAX an attempt that did not carry the event is skipped: *carried is false. */
bool decode_attempt(struct str bytes, uint64_t seq, struct arena *arena, struct attempt *out,
                    bool *carried);
/* decode_dead_reason looks only at the reason; REASON_COUNT when it cannot be told. */
enum reason decode_dead_reason(struct str bytes);

#endif
