/* SPDX-License-Identifier: Apache-2.0 */
/* From a configuration file to a generation that can run: the checked configuration and one compiled
 * plan for each destination. All problems of all files come out together. */
#ifndef LOAD_LOAD_H
#define LOAD_LOAD_H

#include "conf/generation.h"
#include "map/plan.h"

/* load_file reads the file and compiles its plans. NULL when there were problems, which are appended
 * to problems, ready to print. The caller owns the generation (generation_release). */
struct generation *load_file(const char *path, struct buf *problems);
/* load_default is the generation for no configuration at all. */
struct generation *load_default(struct str write_key, struct str sandbox_url);
/* load_parse parses an event and sees it as its source's configuration does: its country, and what a
 * webhook's body is in the names that rules use. As run_parse otherwise. */
void load_parse(const struct generation *g, struct run *r, const struct event *e, int64_t now_ms,
                struct parsed_event *out);
/* load_plan is the plan of the configuration's destination at index for events of a protocol: what
 * arrives in Meta's own shape is mapped by the preset `meta`, whatever preset the destination names. */
const struct plan *load_plan(const struct generation *g, size_t index, enum protocol protocol);

#endif
