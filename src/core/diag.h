/* SPDX-License-Identifier: Apache-2.0 */
/* Problems in text that a person wrote: where (file:line:col), what, and what was probably meant.
 * The configuration reader and the expression compilers share it, so that one `pixeld check` shows
 * all problems of all files in one form:
 *
 *     shop.yaml:12:7: unknown key "acces_token"; did you mean "access_token"?
 *           acces_token: ${META_TOKEN}
 *           ^
 */
#ifndef CORE_DIAG_H
#define CORE_DIAG_H

#include "base/arena.h"
#include "base/buf.h"

/* A text that was read: its name for messages and its whole content, for showing lines. */
struct source_text {
    struct str name;    /* as the user gave it */
    struct str content; /* lives as long as the diags that name it */
};

/* A place: 1-based line and column (column in bytes). file NULL = no place known. */
struct loc {
    const struct source_text *file;
    unsigned line, column;
};

/* A piece of user text together with its place, as expressions and triggers travel from the
 * configuration to their compilers. For a plain or quoted YAML scalar, column is that of the text's
 * first character; text.p = NULL means "not given". */
struct text {
    struct str text;
    struct loc loc;
};

struct diag {
    struct loc loc;
    struct str message; /* one line, with the suggestion */
};

struct diags {
    struct arena *arena; /* holds the messages */
    struct diag *items;
    size_t count;
    size_t dropped; /* beyond LIMIT_PROBLEMS */
    size_t capacity;
};

void diags_init(struct diags *d, struct arena *arena);
/* diag_add notes a problem; printf-style. Beyond LIMIT_PROBLEMS it only counts. */
void diag_add(struct diags *d, struct loc loc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* diag_suggest returns the known name nearest to wrong, or an empty view when none is near. */
struct str diag_suggest(struct str wrong, const struct str *known, size_t count);
/* loc_plus is loc moved offset bytes to the right on the same line, for a place inside a scalar. */
struct loc loc_plus(struct loc loc, size_t offset);
/* loc_print appends file:line:col. */
void loc_print(struct buf *out, struct loc loc);
/* diags_print appends each message with its line and caret as above, sorted by file and place, and a line for
 * the dropped ones. */
void diags_print(struct buf *out, struct diags *d);

#endif
