/* SPDX-License-Identifier: Apache-2.0 */
/* The presets of presets/ (YAML), embedded at build time so that the binary needs no files. */
#ifndef CONF_PRESETS_H
#define CONF_PRESETS_H

#include "base/str.h"

struct preset {
    struct str name; /* "standard" */
    struct str file; /* "presets/standard.yaml", for messages */
    struct str text;
};

/* preset_find is the one of this name in a list, or NULL. */
static inline const struct preset *preset_find(const struct preset *list, size_t count,
                                               struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(list[i].name, name)) return &list[i];
    return NULL;
}

/* For destinations. */
extern const struct preset presets[];
extern const size_t preset_count;
/* For sources of webhooks: keys of `webhook` at the top level. */
extern const struct preset webhook_presets[];
extern const size_t webhook_preset_count;
/* The snippets of snippets/ (conf/snippets.h). */
extern const struct preset snippet_files[];
extern const size_t snippet_count;

#endif
