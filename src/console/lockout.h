/* SPDX-License-Identifier: Apache-2.0 */
/* How often passwords may be guessed: a few failures for each address, some more for all together, then
 * a minute's rest. Bounded: of many addresses the one that failed longest ago is forgotten. */
#ifndef CONSOLE_LOCKOUT_H
#define CONSOLE_LOCKOUT_H

#include "base/str.h"
#include "core/limits.h"

struct lockout_entry {
    char address[64];
    unsigned failures; /* since since_ms */
    int64_t since_ms;
};

/* A zeroed one has seen no failure. */
struct lockout {
    struct lockout_entry entries[LIMIT_LOGIN_ADDRESSES];
    size_t count;
    struct lockout_entry all;
};

bool lockout_may_try(const struct lockout *l, struct str address, int64_t now_ms);
void lockout_note_failure(struct lockout *l, struct str address, int64_t now_ms);

#endif
