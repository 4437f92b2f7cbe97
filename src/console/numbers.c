/* SPDX-License-Identifier: Apache-2.0 */
/* See numbers.h. */
#include "console/numbers.h"

void numbers_take(struct console *c, struct arena *arena, struct numbers *s)
{
    deliver_status_all(c->deliver, arena, &s->destinations, &s->count);
    journal_stats(c->journal, &s->journal);
    ingest_stats(c->ingest, &s->ingest);
    s->next_seq = journal_next_seq(c->journal);
    s->oldest_seq = journal_oldest_seq(c->journal);
}
