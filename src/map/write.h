/* SPDX-License-Identifier: Apache-2.0 */
/* Values -> JSON, as the type of Meta's field wants it. */
#ifndef MAP_WRITE_H
#define MAP_WRITE_H

#include "map/value.h"
#include "meta/fields.h"

/* write_value appends v as JSON of field's type. field NULL, and META_JSON: v as it is, numbers digit
 * for digit. False, with nothing appended, when v is missing, null, or cannot be of the type: text
 * for a number, a word that is not on the list, an empty text or list. A list of one stands for its
 * item where one is wanted, and one for a list of one where a list is. META_TIME takes epoch
 * seconds or ms, or time text, and writes seconds; META_CURRENCY is written in capitals and checked
 * by meta_check. Not for META_CONTENTS, META_OBJECT and META_SLOTS, which hold fields of their own
 * (emit.h). */
bool write_value(struct buf *out, const struct meta_field *field, const struct value *v);
/* write_word is Meta's word that v says, for META_ENUM; NULL when it is none of them. */
const struct str *write_word(const struct meta_field *field, const struct value *v);
/* write_time reads what META_TIME takes, write_seconds writes it. */
bool write_time(const struct value *v, int64_t *ms);
void write_seconds(struct buf *out, int64_t ms);
/* write_scalar is the text of a scalar, or of the only item of a list. */
bool write_scalar(const struct value *v, struct str *text);

#endif
