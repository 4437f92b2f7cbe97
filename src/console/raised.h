/* SPDX-License-Identifier: Apache-2.0 */
/* The alerts that were raised by the rules of the configuration's `alerts` and are not over yet. */
#ifndef CONSOLE_RAISED_H
#define CONSOLE_RAISED_H

#include "console/api.h"

/* raised_put appends the member "raised", a list. */
void raised_put(struct console *c, struct arena *arena, struct buf *out);

#endif
