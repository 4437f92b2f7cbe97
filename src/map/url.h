/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses without personal query keys: a sign-in link may carry an e-mail address, and addresses
 * go to Meta in the clear. */
#ifndef MAP_URL_H
#define MAP_URL_H

#include "map/program.h"

/* url_clean returns text without the query keys (?email=...&) that the plan's personal names list, or
 * text itself when there are none or it does not look like an address. New text is in the arena. */
struct str url_clean(const struct plan *plan, struct str text, struct arena *arena);

#endif
