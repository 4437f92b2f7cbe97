/* SPDX-License-Identifier: Apache-2.0 */
/* What a journal backend is: the functions of journal.h, each with the contract written there. A
 * backend's own struct starts with struct journal; journal_open chooses which one to make. */
#ifndef JOURNAL_BACKEND_H
#define JOURNAL_BACKEND_H

#include "journal/journal.h"

struct journal_ops {
    void (*close)(struct journal *j);
    bool (*submit)(struct journal *j, struct journal_append *append, struct err *err);
    void (*listen)(struct journal *j, journal_listener_fn *fn, void *ctx);
    uint64_t (*next_seq)(struct journal *j);
    uint64_t (*oldest_seq)(struct journal *j);
    bool (*read)(struct journal *j, struct journal_reader *reader, uint64_t seq,
                 struct journal_view *view, struct err *err);
    void (*release)(struct journal *j, struct journal_view *view);
    bool (*trim)(struct journal *j, uint64_t keep_seq, uint64_t spare_seq, struct err *err);
    void (*set_limits)(struct journal *j, uint64_t max_bytes, int64_t retention_ms);
    void (*set_dedup)(struct journal *j, int64_t window_ms);
    bool (*find_id)(struct journal *j, struct str source, struct str message_id, uint64_t *seq);
    void (*stats)(struct journal *j, struct journal_stats *out);
};

struct journal {
    const struct journal_ops *ops;
};

#endif
