/* SPDX-License-Identifier: Apache-2.0 */
/* Which standard event of Meta's a name probably means, for people who map their first events. A guess from
 * the words in it; nothing is mapped by it. */
#ifndef REPORT_SUGGEST_H
#define REPORT_SUGGEST_H

#include "base/str.h"

/* suggest_event returns a standard event's name, empty when nothing is like it. */
struct str suggest_event(struct str name);

#endif
