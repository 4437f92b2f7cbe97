/* SPDX-License-Identifier: Apache-2.0 */
/* One parameter of Meta's in the making: from a value of the vendor's mapping to the lines of the
 * configuration, an expression or a list with `each`, with the comments that belong to it. */
#ifndef IMPORT_TARGET_H
#define IMPORT_TARGET_H

#include "import/directive.h"
#include "import/writer.h"

/* What the parts of an import share. */
struct import {
    struct arena *arena; /* the import's */
    struct writer w;
};

struct target_field {
    struct str name;
    struct piece expr;
};

/* An expression, or with each a list: of objects (fields) or of values (value). */
struct target_value {
    struct piece expr;
    struct piece each, value;
    struct target_field *fields;
    size_t field_count;
    bool is_list; /* each holds */
    bool is_contents;
};

/* target_make translates v. False: d->why. Fields of a list that have no equal are left out with a
 * remark. contents: only the fields that Meta knows of contents. */
bool target_make(struct directives *d, yyjson_val *v, bool contents, struct target_value *out);
/* target_is_nothing: would there be nothing to write? */
bool target_is_nothing(const struct target_value *t);
/* target_write writes it under a name, behind its remarks; what does not compile becomes a comment with
 * the reason. what is the full name for the comments, was the vendor's JSON for them. */
void target_write(struct import *im, const struct directives *d, struct str name, struct str what,
                  const struct target_value *t);
/* target_refused writes the comment for a value that has no equal. */
void target_refused(struct import *im, struct str what, struct str why, yyjson_val *was);

#endif
