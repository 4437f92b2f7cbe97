/* SPDX-License-Identifier: Apache-2.0 */
/* `pixeld explain ID`: what became of one event of a running server, for a person to read. */
#ifndef APP_STORY_H
#define APP_STORY_H

#include "app/args.h"

/* story_run asks the server of --admin about the first operand, a message id or number; it searches the
 * journal, showing how far it is, when the id is not known at once. Returns the exit code. */
int story_run(const struct args *args);

#endif
