/* SPDX-License-Identifier: Apache-2.0 */
/* The restart in place: the process becomes the program that its file is now, under the same number and with
 * the same sockets. Whoever connects meanwhile waits in the kernel; connections between two requests are not
 * even closed. So it serves for an upgrade, for keys that a reload cannot change, as a container's first
 * process and under any supervisor. */
#ifndef APP_RESTART_H
#define APP_RESTART_H

#include "app/pipeline.h"

/* restart_check asks the program that would start whether it can, and whether it takes the configuration;
 * false and err if not. Takes as long as `pixeld check`. Any thread. */
bool restart_check(const struct pipeline *p, struct err *err);
/* restart_ask is restart_check, then makes the main thread restart. ctx is the struct pipeline; any thread. */
bool restart_ask(void *ctx, struct err *err);
/* restart_now stops all and becomes the new program. Returns only when that failed: with err, and with
 * nothing running any more. */
void restart_now(struct pipeline *p, struct err *err);

#endif
