/* SPDX-License-Identifier: Apache-2.0 */
/* The normalisers of personal data, docs-first: what Meta's documents say, in UTF-8. Where its own
 * libraries disagree with the documents, the documents win (docs/meta.md lists each choice). */
#ifndef META_NORMALISE_H
#define META_NORMALISE_H

#include "meta/fields.h"

/* All are meta_normalise_fn; see there. in need not be trimmed; bytes that are not UTF-8 are refused. */
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
/* Parts of a name or of a birth date, for the keys that only Meta's libraries know. */
bool normalise_first5(const struct meta_context *ctx, struct str in, struct buf *out);
bool normalise_initial(const struct meta_context *ctx, struct str in, struct buf *out);
bool normalise_birth_day(const struct meta_context *ctx, struct str in, struct buf *out);
bool normalise_birth_month(const struct meta_context *ctx, struct str in, struct buf *out);
bool normalise_birth_year(const struct meta_context *ctx, struct str in, struct buf *out);
/* Plain fields. */
bool normalise_ip(const struct meta_context *ctx, struct str in, struct buf *out);
bool normalise_trimmed(const struct meta_context *ctx, struct str in, struct buf *out);
bool normalise_digits(const struct meta_context *ctx, struct str in, struct buf *out);
bool normalise_madid(const struct meta_context *ctx, struct str in, struct buf *out);

/* normalise_context_country is the event's country, or else the configured one; may be empty. */
struct str normalise_context_country(const struct meta_context *ctx);

/* meta_normalise_value appends the normalised text of a user_data field, before hashing. *hashed says
 * that it already is what goes to Meta: a SHA-256 (64 hex digits, appended in lower case), or one with
 * the suffix of Meta's parameter builder (as it is). False, nothing appended, when refused. */
bool meta_normalise_value(const struct meta_field *field, const struct meta_context *ctx,
                          struct str in, struct buf *out, bool *hashed);
/* meta_hash_value normalises in for the field and appends what goes to Meta: the hash, or the plain
 * text. A 64-digit hex value of a hashed field passes, lower-cased. False when refused. scratch holds
 * the personal data in between; it is as long after as before, and what was there is overwritten. */
bool meta_hash_value(const struct meta_field *field, const struct meta_context *ctx, struct str in,
                     struct buf *scratch, struct buf *out);

#endif
