/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of this room as Markdown, for the generated reference. */
#ifndef META_DOCS_H
#define META_DOCS_H

#include "base/buf.h"

/* meta_docs_put_fields appends a table for each section: every field with its type, what is allowed
 * and whether it is hashed. */
void meta_docs_put_fields(struct buf *out);
/* meta_docs_put_codes appends the table of Meta's error codes: what happens, why, and what to do. */
void meta_docs_put_codes(struct buf *out);

#endif
