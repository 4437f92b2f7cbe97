/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of JSON in a notation short enough for a table, and the JSON Schema that they mean:
 *   string  integer  number  boolean  object  any      the types
 *   {a: string, b?: integer}    an object with just these keys, b not always there
 *   [T]                         a list
 *   map of T                    an object with keys of any name
 *   T or null                   also null
 *   Name                        another shape of the table
 * It is for our own tables: a mistake in one is a bug. */
#ifndef CONSOLE_SHAPE_H
#define CONSOLE_SHAPE_H

#include "base/buf.h"

/* shape_put_schema appends the schema of a shape. */
void shape_put_schema(struct buf *out, const char *shape);

/* shape_each_key calls fn for each key of an object's shape, with its own shape as a view. */
struct shape_key {
    struct str name, shape;
    bool optional;
};
void shape_each_key(const char *shape, void (*fn)(void *ctx, const struct shape_key *key),
                    void *ctx);

#endif
