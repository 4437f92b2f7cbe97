/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that watches the daemon: every few seconds it gathers the facts, has the rules judge them, logs
 * what changed and tells it by webhook and command, with a few repetitions. Nothing waits for it; what is
 * still to be told is bounded, and the oldest goes first when it is too much. What is raised is not kept over
 * a restart: it is found and told again. */
#ifndef ALERT_ALERTS_H
#define ALERT_ALERTS_H

#include "alert/rules.h"
#include "conf/generation.h"
#include "deliver/deliver.h"
#include "ingest/ingest.h"

struct alerts;

/* All of them outlive the thread. */
struct alerts_options {
    struct generation_holder *generations;
    struct deliver *deliver;
    struct journal *journal;
    struct ingest *ingest;
    const char *data_dir;
};

struct alerts *alerts_start(const struct alerts_options *options);
/* alerts_stop waits for a telling that is under way; what was not told is gone. NULL is a no-op. */
void alerts_stop(struct alerts *a);

/* alerts_list gives what is raised, in the arena. Any thread. */
void alerts_list(struct alerts *a, struct arena *arena, struct alert **out, size_t *count);

struct alerts_stats {
    uint64_t told, failed, dropped; /* tellings; failed: given up after LIMIT_ALERT_TRIES */
};
void alerts_stats(struct alerts *a, struct alerts_stats *out);

#endif
