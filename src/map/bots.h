/* SPDX-License-Identifier: Apache-2.0 */
/* Does a user agent say that nobody is there? Meta is to learn from people: what its own crawlers, search
 * engines, monitors and browsers without a person do on a site is no customer's. Who they are is
 * bot_table.h. A bot that does not say so is not found. */
#ifndef MAP_BOTS_H
#define MAP_BOTS_H

#include "base/str.h"

struct bot {
    struct str pattern; /* what was found: "Googlebot" */
    struct str kind;    /* "a search engine's crawler" */
};

/* What one thread needs: the answers for the latest user agents. */
struct bots;
struct bots *bots_new(void);
void bots_free(struct bots *b);
/* bots_find returns the row that the user agent matches, static, or NULL: a person, for all that it says.
 * Looks at no more than LIMIT_USER_AGENT_BYTES. */
const struct bot *bots_find(struct bots *b, struct str user_agent);

#endif
