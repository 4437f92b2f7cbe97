/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the two encodings of HTML forms, field by field, from a body in memory: urlencoded (also the
 * query of an address) and multipart/form-data. What is malformed ends the form early; it never
 * reads outside the body. No file uploads: a part with a file name is a field like any other. */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H

#include "base/arena.h"

struct form {
    struct str rest;
    struct str boundary; /* p = NULL: urlencoded; otherwise "--" and the boundary */
};

enum { FORM_BOUNDARY_BYTES = 70 }; /* RFC 2046, 5.1.1 */

/* form_open looks at the content type. False when it is neither encoding, or has no boundary. */
bool form_open(struct form *form, struct str content_type, struct str body, struct arena *arena);
/* form_next gives the next field, decoded into the arena (multipart: views into the body). */
bool form_next(struct form *form, struct arena *arena, struct str *name, struct str *value);

/* form_get decodes the first field of that name in an urlencoded text (a body, a query) into the arena;
 * p = NULL without. */
struct str form_get(struct str text, struct str name, struct arena *arena);

#endif
