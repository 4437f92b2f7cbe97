/* SPDX-License-Identifier: Apache-2.0 */
/* Destinations that are no longer configured and of which something is kept. */
#ifndef CONSOLE_REMOVED_H
#define CONSOLE_REMOVED_H

#include "console/api.h"

/* removed_put appends the member "removed", a list. */
void removed_put(struct console *c, struct arena *arena, struct buf *out);

#endif
