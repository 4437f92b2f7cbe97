/* SPDX-License-Identifier: Apache-2.0 */
/* The characters of a configuration file before YAML looks at them: only UTF-8, only printable text,
 * only "\n" or "\r\n" between lines. So lines and columns mean the same to libyaml (which counts
 * characters and knows five kinds of line break), to our messages (which count bytes) and to the
 * user's editor. */
#ifndef CONF_SCAN_H
#define CONF_SCAN_H

#include "core/diag.h"

/* Turns libyaml's marks into byte offsets. It remembers the last one, so that going through a file in
 * order costs its length once, however long its lines are. */
struct places {
    const struct source_text *source;
    uint32_t *lines; /* offset of each line's first byte */
    size_t line_count;
    size_t index;  /* the last mark, in characters, */
    size_t offset; /* and in bytes */
};

/* scan_text checks the characters and prepares places for source, whose content must be at most
 * LIMIT_CONFIG_BYTES. False with one problem in diags at the first character that is not allowed. */
bool scan_text(const struct source_text *source, struct arena *arena, struct diags *diags,
               struct places *places);
/* places_offset is the byte offset of the character with this index (clamped to the end). */
size_t places_offset(struct places *places, size_t index);
/* places_loc is the place of the byte at offset; offset may be the end of the content. */
struct loc places_loc(const struct places *places, size_t offset);

#endif
