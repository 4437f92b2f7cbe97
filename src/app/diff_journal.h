/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld diff --since: the events that a running server has, compared by the server itself. */
#ifndef APP_DIFF_JOURNAL_H
#define APP_DIFF_JOURNAL_H

#include "app/args.h"

/* diff_journal asks the server stretch by stretch and prints what would change. *changed says how many. */
bool diff_journal(const struct args *args, uint64_t *changed, struct err *err);

#endif
