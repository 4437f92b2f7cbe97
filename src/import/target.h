/* SPDX-License-Identifier: Apache-2.0 */
/* One parameter of Meta's in the making: from a value of the vendor's mapping to the lines of the
 * configuration, with the comments that belong to it. */
#ifndef IMPORT_TARGET_H
#define IMPORT_TARGET_H

#include "import/directive.h"
#include "import/writer.h"

/* What the parts of an import share. */
struct import {
    struct arena *arena; /* the import's */
    struct writer w;
};

enum target_form {
    TARGET_EXPR,         /* expr, which may be PIECE_NOTHING */
    TARGET_EACH_OBJECTS, /* for each item of the list expr an object of fields */
    TARGET_EACH_VALUES,  /* for each item of the list expr the value of fields[0] */
    TARGET_OBJECT,       /* fields, written out */
    TARGET_LIST,         /* fields, written out, without their names */
};

struct target {
    enum target_form form;
    struct str name; /* as a field of another one */
    struct piece expr;
    struct target *fields;
    size_t count;
};

/* target_make translates v. False: d->why. Fields that have no equal are left out with a remark.
 * contents: entries have only the fields that the vendor leaves in them. */
bool target_make(struct directives *d, yyjson_val *v, bool contents, struct target *out);
/* target_expr is a target of one expression. */
struct target target_expr(struct str name, struct piece expr);
/* target_can_be_named: can a parameter have this name in the configuration? */
bool target_can_be_named(struct str name);
/* target_is_nothing: would there be nothing to write? */
bool target_is_nothing(const struct target *t);
/* target_write writes it under its name, behind the remarks of d. what is the full name for them. An
 * expression that was put together in a way that does not compile becomes a comment. */
void target_write(struct import *im, const struct directives *d, struct str what,
                  const struct target *t);
/* target_refused writes the comment for a value that has no equal; was, the vendor's, may be NULL. */
void target_refused(struct import *im, struct str what, struct str why, yyjson_val *was);

#endif
