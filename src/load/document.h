/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration file as JSON, for those who edit it by program, and JSON as a configuration file, for
 * those who read it: block YAML, texts quoted only where needed. Comments are not kept. */
#ifndef LOAD_DOCUMENT_H
#define LOAD_DOCUMENT_H

#include "base/json.h"
#include "conf/yaml.h"

/* document_put_json appends a tree as JSON: quoted scalars are texts, plain ones what YAML takes them
 * for, except that long numbers (pixel ids) stay texts. */
void document_put_json(struct buf *out, const struct yaml_node *node);
/* document_put_yaml appends an object as a file of its own. */
void document_put_yaml(struct buf *out, yyjson_val *object);

#endif
