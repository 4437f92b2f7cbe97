/* SPDX-License-Identifier: Apache-2.0 */
/* An object of the vendor's mapping (user_data, custom_data) as a list of members, however it was put
 * together: written out, taken whole from the event, merged. */
#ifndef IMPORT_OBJECT_H
#define IMPORT_OBJECT_H

#include "import/directive.h"

struct member {
    struct str name;
    yyjson_val *value;
    yyjson_val *apply; /* of the @transform around it; may be NULL */
    bool under;        /* what the base has under this name goes before it */
};

struct object {
    struct member *members;
    size_t count, capacity;
    struct piece base; /* PIECE_NOTHING, or the object of the event that goes along whole */
};

/* object_read takes v apart. False: d->why. null is an empty object. */
bool object_read(struct directives *d, yyjson_val *v, struct object *out);
const struct member *object_find(const struct object *o, struct str name);

#endif
