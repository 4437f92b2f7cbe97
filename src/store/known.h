/* SPDX-License-Identifier: Apache-2.0 */
/* Destinations as the store knows them: those of the configuration, and those that were removed from it, of
 * which all is kept for a while, because a name that is missing may be a mistake. */
#ifndef STORE_KNOWN_H
#define STORE_KNOWN_H

#include "store/store.h"

struct known {
    struct str name;
    struct str pixel_id; /* its last; "": not noted yet */
    int64_t removed_ms;  /* when it was found missing; 0: it is configured */
    bool forget;         /* somebody asked for it to be forgotten at once */
};

/* store_known_list gives all that are noted or have a cursor, by name, in the arena. Any thread. */
bool store_known_list(struct store *s, struct arena *arena, struct known **out, size_t *count,
                      struct err *err);
/* store_known_put notes one, in place of what was noted of it. Durable. */
bool store_known_put(struct store *s, const struct known *one, struct err *err);
/* store_known_end is behind the last event of the journal that any destination has finished: numbers below it
 * are given, whatever the journal says. 0: none is. */
bool store_known_end(struct store *s, uint64_t *end, struct err *err);

/* store_forget removes what is kept for a destination that is no longer configured: a step of bounded work in
 * one transaction, *more says that there is more to do. Its name goes last, so a crash leaves something to
 * forget. */
bool store_forget(struct store *s, struct str destination, bool *more, struct err *err);

#endif
