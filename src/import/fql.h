/* SPDX-License-Identifier: Apache-2.0 */
/* Triggers of Segment and Customer.io (FQL). Our triggers are the same language as its manual describes
 * it; Segment's evaluator reads some texts in other ways, which are told here and not imitated. */
#ifndef IMPORT_FQL_H
#define IMPORT_FQL_H

#include "import/directive.h"

/* fql_translate makes a trigger of ours; remarks about readings that differ go to d. False: d->why. */
bool fql_translate(struct directives *d, struct str text, struct str *out);

#endif
