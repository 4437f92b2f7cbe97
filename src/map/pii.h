/* SPDX-License-Identifier: Apache-2.0 */
/* What a destination's `pii` says about names and values: which properties and query keys are personal,
 * what becomes of values that look so, and whether only listed fields may leave. */
#ifndef MAP_PII_H
#define MAP_PII_H

#include "map/program.h"

/* pii_query: does a URL lose the query key of this name? Capitals, _ and - do not matter.
 * Of utm_ keys only those that the configuration lists. */
bool pii_query(const struct plan *plan, struct str name);
/* pii_values is what becomes of a value that looks personal. */
enum pii_values pii_values(const struct plan *plan);
/* pii_may_leave: may this field or property leave? section is user_data, custom_data or empty. Always
 * true without an `only` list. */
bool pii_may_leave(const struct plan *plan, struct str section, struct str name);
/* pii_compile makes the rules from the defaults, the preset and the destination; those of properties are
 * with their names (program_name). */
void pii_compile(struct compiler *c);

#endif
