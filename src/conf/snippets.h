/* SPDX-License-Identifier: Apache-2.0 */
/* The lines that somebody pastes into his program to send events here: templates, one a file of snippets/,
 * embedded at build time, each run by the tests as it is given out. One list for the command, the API and
 * the page. */
#ifndef CONF_SNIPPETS_H
#define CONF_SNIPPETS_H

#include "base/buf.h"
#include "conf/config.h"

struct snippet {
    struct str name;     /* "segment-node" */
    struct str title;    /* "Segment, Node.js" */
    struct str protocol; /* the source's */
    struct str preset;   /* of a webhook's source; empty: any */
    struct str run;      /* where: node, browser (through a bundler), page (HTML), shell */
    struct str needs;    /* the command that installs what it imports; may be empty */
    struct str body;
};

/* What is filled in. Texts with characters that would mean something in a program are not: a word that says
 * what belongs there is. */
struct snippet_place {
    struct str url; /* the public address, without a slash at the end */
    struct str key, pixel_id, path;
};

extern const size_t snippet_count;
/* snippet_get is the snippet at an index below snippet_count; views of static memory. */
struct snippet snippet_get(size_t index);
/* snippet_is_for: does it send what the source takes? */
bool snippet_is_for(const struct snippet *s, const struct source_conf *source);
/* snippet_place is what a source's snippets are filled with; source may be NULL. Views of config, url and the
 * arena. */
struct snippet_place snippet_place(const struct config *config, const struct source_conf *source,
                                   struct str url, struct arena *arena);
/* snippet_put appends a snippet's body, filled in. */
void snippet_put(struct buf *out, const struct snippet *s, const struct snippet_place *place);
/* snippet_reference appends the page of all snippets (Markdown). */
void snippet_reference(struct buf *out);

#endif
