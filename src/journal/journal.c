/* SPDX-License-Identifier: Apache-2.0 */
/* See journal.h. Each function goes to the backend's of the same name. */
#include "journal/journal.h"

#include "journal/backend.h"
#include "journal/local.h"

struct journal *journal_open(const struct journal_options *options, struct err *err)
{
    return local_open(options, err);
}

void journal_close(struct journal *j)
{
    if (j) j->ops->close(j);
}

bool journal_submit(struct journal *j, struct journal_append *append, struct err *err)
{
    return j->ops->submit(j, append, err);
}

void journal_listen(struct journal *j, journal_listener_fn *fn, void *ctx)
{
    j->ops->listen(j, fn, ctx);
}

uint64_t journal_next_seq(struct journal *j)
{
    return j->ops->next_seq(j);
}

uint64_t journal_oldest_seq(struct journal *j)
{
    return j->ops->oldest_seq(j);
}

bool journal_read(struct journal *j, struct journal_reader *reader, uint64_t seq,
                  struct journal_view *view, struct err *err)
{
    return j->ops->read(j, reader, seq, view, err);
}

void journal_release(struct journal *j, struct journal_view *view)
{
    j->ops->release(j, view);
}

bool journal_trim(struct journal *j, uint64_t keep_seq, uint64_t spare_seq, struct err *err)
{
    return j->ops->trim(j, keep_seq, spare_seq, err);
}

void journal_set_limits(struct journal *j, uint64_t max_bytes, int64_t retention_ms)
{
    j->ops->set_limits(j, max_bytes, retention_ms);
}

void journal_set_dedup(struct journal *j, int64_t window_ms)
{
    j->ops->set_dedup(j, window_ms);
}

bool journal_find_id(struct journal *j, struct str source, struct str message_id, uint64_t *seq)
{
    return j->ops->find_id(j, source, message_id, seq);
}

void journal_stats(struct journal *j, struct journal_stats *out)
{
    j->ops->stats(j, out);
}
