/* SPDX-License-Identifier: Apache-2.0 */
/* What the last values of a field became: a bounded memory of normalised and hashed values for the fields
 * whose values many people share (meta_field.common: names, places, gender). The same raw text in
 * the same country gives the same hash, so a find is never wrong; it is compared byte by byte, not
 * by its hash. E-mail addresses, phones and ids are one person's and are not kept. */
#ifndef META_MEMO_H
#define META_MEMO_H

#include "meta/fields.h"

struct meta_memo;

/* One thread's own; 128 KiB, made at once. */
struct meta_memo *meta_memo_new(void);
/* meta_memo_free overwrites what is in it. */
void meta_memo_free(struct meta_memo *memo);

/* meta_memo_hash is meta_hash_value with a memory. */
bool meta_memo_hash(struct meta_memo *memo, const struct meta_field *field,
                    const struct meta_context *ctx, struct str in, struct buf *scratch,
                    struct buf *out);

#endif
