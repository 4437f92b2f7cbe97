/* SPDX-License-Identifier: Apache-2.0 */
/* From a configuration file to a generation that can run: the checked configuration and one compiled
 * plan for each destination. All problems of all files come out together. */
#ifndef LOAD_LOAD_H
#define LOAD_LOAD_H

#include "conf/generation.h"
#include "map/plan.h"

/* What a configuration is made of. */
struct load {
    const char *
        path; /* the user's own file; NULL: none, then a source with write_key and the sandbox at */
    struct str write_key,
        sandbox_url;          /* sandbox_url stand in for what the console's file does not have */
    struct str own;           /* p not NULL: this instead of the content of path */
    const char *managed_path; /* the console's file; NULL, or not there: none */
    struct str managed;       /* p not NULL: this instead of the file's content */
};

/* Where problems go; either may be NULL. */
struct load_problems {
    struct buf *text; /* ready to print */
    struct buf *json; /* [{"file":…,"line":…,"col":…,"message":…,"text":the line}, …] */
};

/* load_all reads everything and compiles the plans. NULL when there were problems. The caller owns the
 * generation (generation_release). */
struct generation *load_all(const struct load *load, const struct load_problems *problems);
/* load_or_tell is the same for the start of a program: the problems go to stderr, and err says so. */
struct generation *load_or_tell(const struct load *load, struct err *err);
/* load_parse parses an event and sees it as its source's configuration does: its country, and what a
 * webhook's body is in the names that rules use. As run_parse otherwise. */
void load_parse(const struct generation *g, struct run *r, const struct event *e, int64_t now_ms,
                struct parsed_event *out);
/* load_plan is the plan of the configuration's destination at index for events of a protocol: what
 * arrives in Meta's own shape is mapped by the preset `meta`, whatever preset the destination names. */
const struct plan *load_plan(const struct generation *g, size_t index, enum protocol protocol);

/* load_rules gives equal numbers for destinations whose plans are the same but for name and pixel: the index of
 * the first of them. */
size_t load_rules(const struct generation *g, size_t index);

#endif
