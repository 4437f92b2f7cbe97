/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords as they are kept: scrypt with a salt of its own for each. */
#ifndef CONSOLE_PASSWORD_H
#define CONSOLE_PASSWORD_H

#include "base/str.h"

enum { PASSWORD_SALT_BYTES = 16, PASSWORD_HASH_BYTES = 32 };
/* Shorter ones are guessed, longer ones are somebody's attempt to keep us busy. */
enum { PASSWORD_LEAST = 10, PASSWORD_MOST = 200 };

struct password {
    unsigned char salt[PASSWORD_SALT_BYTES], hash[PASSWORD_HASH_BYTES];
};

/* password_make hashes text under a new salt. About 50 ms and 32 MiB, which is the point. */
void password_make(struct password *p, struct str text);
/* password_is takes as long for a wrong text as for the right one. */
bool password_is(const struct password *p, struct str text);

#endif
