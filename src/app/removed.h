/* SPDX-License-Identifier: Apache-2.0 */
/* Destinations that are no longer configured. What is kept of one stays for as long as dead letters are kept
 * (dead_letters.retention), because a name that is missing may be a mistake; then, or when somebody asks, it
 * is forgotten, a piece at a time. */
#ifndef APP_REMOVED_H
#define APP_REMOVED_H

#include "app/pipeline.h"

/* removed_note compares the destinations that the store knows with a configuration that is about to hold, and
 * logs who is missing, who is back, and who may have got a new name. Any thread. */
void removed_note(struct pipeline *p, const struct config *config);
/* removed_swap is removed_note together with the swap to a new generation: nobody is forgotten in between. */
void removed_swap(struct pipeline *p, struct generation *g);
/* removed_ask has a destination forgotten within seconds: reload's and the console's. False and err: it is
 * configured (ERR_LIMIT), or not known (ERR_INPUT), or the store refuses. Any thread. */
bool removed_ask(void *pipeline, struct str destination, struct err *err);
/* removed_tend forgets what is due; leaving is how many removed destinations still have requests under way.
 * Main thread, every second. */
void removed_tend(struct pipeline *p, size_t leaving);

#endif
