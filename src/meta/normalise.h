/* SPDX-License-Identifier: Apache-2.0 */
/* The normalisers of personal data, docs-first: what Meta's documents say, in UTF-8. Where its own
 * libraries disagree with the documents, the documents win (docs/meta.md lists each choice). */
#ifndef META_NORMALISE_H
#define META_NORMALISE_H

#include "meta/fields.h"

/* All are meta_normalise_fn; see there. */
bool normalise_email(const struct meta_context *ctx, struct str in, struct buf *out);
bool normalise_phone(const struct meta_context *ctx, struct str in, struct buf *out);
bool normalise_name(const struct meta_context *ctx, struct str in, struct buf *out);
bool normalise_birth(const struct meta_context *ctx, struct str in, struct buf *out);
bool normalise_gender(const struct meta_context *ctx, struct str in, struct buf *out);
bool normalise_city(const struct meta_context *ctx, struct str in, struct buf *out);
bool normalise_state(const struct meta_context *ctx, struct str in, struct buf *out);
bool normalise_zip(const struct meta_context *ctx, struct str in, struct buf *out);
bool normalise_country(const struct meta_context *ctx, struct str in, struct buf *out);
bool normalise_external_id(const struct meta_context *ctx, struct str in, struct buf *out);
/* Plain fields. */
bool normalise_ip(const struct meta_context *ctx, struct str in, struct buf *out);
bool normalise_trimmed(const struct meta_context *ctx, struct str in, struct buf *out);
bool normalise_madid(const struct meta_context *ctx, struct str in, struct buf *out);

/* meta_hash_value normalises in for the field and appends what goes to Meta: the hash, or the plain
 * text. A 64-digit hex value of a hashed field passes, lower-cased. False when refused. */
bool meta_hash_value(const struct meta_field *field, const struct meta_context *ctx, struct str in,
                     struct buf *scratch, struct buf *out);

#endif
