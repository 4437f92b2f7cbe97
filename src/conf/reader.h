/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that turn nodes into the structs of conf/config.h share. All problems go to the
 * reader's diags; reading goes on after each, so that one run shows them all. */
#ifndef CONF_READER_H
#define CONF_READER_H

#include "conf/keys_table.h"
#include "conf/yaml.h"

struct reader {
    struct arena *arena;
    struct diags *diags;
    struct yaml_file *file;
    struct str dir; /* of the file, for relative file: references; ends with '/', or empty */
    bool in_preset;
};

/* reader_object reads a map (NULL: nothing was given) into the struct at base: known keys by their
 * rows, defaults for the others. loc is where missing keys are reported. */
void reader_object(struct reader *r, const struct object *object, const struct yaml_node *node,
                   struct loc loc, void *base);

/* The types of values; the file that has them follows the slash. key says bounds, words, example. */
/* scalar_text reads and checks a value that is kept as text (TEXT to WORD). False: reported. scalar */
bool scalar_text(struct reader *r, const struct key *key, enum key_type type,
                 const struct yaml_node *node, struct text *out);
/* scalar_number reads BOOL, UINT, DURATION, SIZE and TIME. False: reported. scalar */
bool scalar_number(struct reader *r, const struct key *key, const struct yaml_node *node,
                   uint64_t *out);
/* scalar_expected reports that node is not what the key wants; never shows a secret. scalar */
void scalar_expected(struct reader *r, const struct key *key, enum key_type type,
                     const struct yaml_node *node);

/* mapping_read reads what a target gets: an expression, null, {each: ...}, an object of mappings or a
 * list. mapping */
void mapping_read(struct reader *r, const struct yaml_node *key, struct mapping *out);
/* mapping_map reads a map of them. mapping */
void mapping_map(struct reader *r, const struct key *key, const struct yaml_node *node,
                 struct mappings *out);

/* secret_expand replaces ${NAME} and ${NAME:-default} by the environment. False: reported. secret */
bool secret_expand(struct reader *r, const struct yaml_node *node, struct str *out);
/* secret_load reads the file that a `file:` text names, and checks that a secret is one line of
 * printable text. False: reported. secret */
bool secret_load(struct reader *r, const struct yaml_node *node, struct str *text);
/* secret_hide masks the secrets that stand in the file itself, here or below. secret */
void secret_hide(struct reader *r, const struct yaml_node *node);
/* secret_hide_of masks what is in place of an object that has secrets, but has not its form. */
void secret_hide_of(struct reader *r, const struct object *object, const struct yaml_node *node);
/* secret_hide_unknown masks what is under a key that is unknown but looks like one for secrets. */
void secret_hide_unknown(struct reader *r, const struct yaml_node *key, struct str meant);
/* secret_hide_lines masks by the looks of lines, for a file that could not be read as YAML. secret */
void secret_hide_lines(struct yaml_file *file);

#endif
