/* SPDX-License-Identifier: Apache-2.0 */
/* YAML text to a tree of maps, lists and scalars, where each node knows its exact place. It is the
 * plain part of YAML that people write configuration in: anchors, aliases, merge keys, tags, complex
 * keys, a second document and duplicate keys are problems, so a small file cannot become a large
 * tree. Scalars stay text; what a text means (true, 30s, null) is for the reader of the key. */
#ifndef CONF_YAML_H
#define CONF_YAML_H

#include "core/diag.h"

enum yaml_kind {
    YAML_SCALAR,
    YAML_LIST,
    YAML_MAP,
    YAML_BROKEN, /* a problem was reported here; readers pass over it */
};

struct yaml_node {
    enum yaml_kind kind;
    bool plain;      /* a scalar without quotes: may mean null or a key word */
    struct str text; /* a scalar's value, quotes and escapes resolved; NUL behind it */
    struct loc loc;  /* of the text's first character, inside quotes; of '{', '[', first key */
    struct yaml_node *first; /* items of a list, keys of a map, in order */
    struct yaml_node *next;  /* the next item or key */
    struct yaml_node *value; /* of a key */
    size_t count;            /* items or keys */
    uint32_t begin, end;     /* where the scalar was written: offsets in the content, with quotes */
};

/* A file that was read: the name and content that messages show, and a copy of the content that
 * yaml_mask may write to. */
struct yaml_file {
    struct source_text source;
    char *content;
};

/* yaml_parse reads one document. Problems go to diags with their place. NULL when there is no tree:
 * after a syntax error or a broken limit, and for an empty document, which is no problem. The tree and
 * *file live in the arena; name and text are copied. */
struct yaml_node *yaml_parse(struct str name, struct str text, struct arena *arena,
                             struct diags *diags, struct yaml_file **file);
/* yaml_is_null: a plain scalar that is empty, ~ or null? */
bool yaml_is_null(const struct yaml_node *node);
/* yaml_shown is text as a message shows it: one line, cut to LIMIT_SHOWN_BYTES; in the arena. */
struct str yaml_shown(struct str text, struct arena *arena);
/* yaml_mask overwrites how the scalar was written with '*', so that no message can show it. */
void yaml_mask(struct yaml_file *file, const struct yaml_node *node);

#endif
