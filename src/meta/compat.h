/* SPDX-License-Identifier: Apache-2.0 */
/* Normalising as Meta's parameter builder does (capi-param-builder 1.3.2, whose rules the browser pixel
 * shares) instead of as the documents say, for those whose browser events are hashed by it: the same value
 * must be the same hash on every channel. Its mistakes are part of it. */
#ifndef META_COMPAT_H
#define META_COMPAT_H

#include "meta/fields.h"

/* compat_normaliser returns the builder's normaliser of a user_data field; NULL when it has none, and the
 * field's own holds. */
meta_normalise_fn *compat_normaliser(const struct meta_field *field);
/* compat_find reads the word for a mode of compatibility: docs or param-builder. False for others. */
bool compat_find(struct str word, enum meta_compat *compat);

/* "name=code name=code ", in the order in which they are looked for. */
extern const char compat_states[], compat_countries[], compat_genders[];

#endif
