/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules made of the latest events, for the next destination that has the same rules: destinations
 * mostly stand at about the same place of the journal, and an event is the same for all of them but for the
 * pixel. Bounded by LIMIT_ECHO_BYTES; whoever is not found is mapped again. Pure data, one thread. */
#ifndef DELIVER_ECHO_H
#define DELIVER_ECHO_H

#include "core/translate.h"

struct echo_slot;

/* A zeroed struct echo is a valid empty one, and takes no memory. */
struct echo {
    struct echo_slot *slots; /* by the event's number */
    char *ring;              /* of bytes, LIMIT_ECHO_BYTES */
    uint64_t kept;           /* translations, ever */
    uint64_t written; /* bytes, ever; what is further back than the ring is long is overwritten */
};

/* Who asks: equal keys but for pixel_id mean equal translations. */
struct echo_key {
    uint64_t seq;        /* of the event in the journal */
    size_t rules;        /* which of the generation's */
    struct str pixel_id; /* the destination's own, just as it is in the configuration */
    int64_t now_ms;
};

void echo_fini(struct echo *e);
/* echo_reach is for how many events it surely remembers what was mapped, by the size that they had so far: a
 * quarter of what fits, because there may be several sets of rules. */
size_t echo_reach(const struct echo *e);
/* echo_clear forgets all: there is a new generation. */
void echo_clear(struct echo *e);
/* echo_keep notes a translation that has something to send, has to do with no hold, and says the same for all
 * destinations of these rules; others are passed over. */
void echo_keep(struct echo *e, const struct echo_key *key, struct str json,
               const struct translation *t);
/* echo_find fills json and t as translate would have, at most LIMIT_ECHO_MS ago; false when it is not
 * there. json and t's event_name are views until the next echo_keep. */
bool echo_find(const struct echo *e, const struct echo_key *key, struct str *json,
               struct translation *t);

#endif
