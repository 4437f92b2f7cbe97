/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon put together: the one place that knows the order of the stages. Starting is the list of
 * steps in pipeline.c from top to bottom, stopping the same list backwards. */
#ifndef APP_PIPELINE_H
#define APP_PIPELINE_H

#include "console/console.h"
#include "core/limits.h"
#include "load/load.h"

struct pipeline {
    /* Given by cmd_serve before the start. */
    const char *config_path; /* NULL: no configuration, the sandbox in Meta's place */
    const char *data_dir;    /* NULL: the configuration's, else default_data_dir */
    const char *default_data_dir;
    struct str sandbox_listen; /* "" = no built-in sandbox */
    enum batch_rule sandbox_rule;
    struct handover
        handed; /* sockets from before the start, and after pipeline_leave those for the next */

    struct generation_holder generations;
    struct load load; /* what the present one was made of, for the next */
    int data_lock;
    struct store *store;
    struct journal *journal;
    struct sandbox *sandbox;
    struct deliver *deliver;
    struct ingest *ingest;
    struct report *report;
    struct replay *replay;
    struct http_server *public_loops[LIMIT_THREADS];
    size_t public_loop_count;
    struct http_server *admin;
    struct console console;   /* of the admin server */
    int64_t letters_due_us;   /* when dead letters are trimmed next */
    uint64_t forgotten_seq;   /* what became of events below it is no longer kept */
    struct lock removed_lock; /* while destinations come, go and are forgotten */
    int64_t removed_due_us;   /* when those that are missing are looked at next */
    struct arena arena;       /* process lifetime: addresses, the generated key */
    struct str write_key;     /* of the no-configuration start; "" otherwise */
};

/* pipeline_start builds and starts everything; on failure what was started is stopped again. */
bool pipeline_start(struct pipeline *p, struct err *err);
/* pipeline_stop stops in reverse order: no new requests, drain, settle, close. */
void pipeline_stop(struct pipeline *p);
/* pipeline_leave stops likewise, but the sockets of clients stay open, in p->handed: for a restart in place.
 * Delivery ends first, so that clients do not wait for what is on its way to Meta. */
void pipeline_leave(struct pipeline *p);
/* pipeline_reload reads the configuration again; on problems the old one stays and false says why. */
bool pipeline_reload(struct pipeline *p, struct err *err);
/* pipeline_tend is the housekeeping of every second: the journal, dead letters, removed destinations. */
void pipeline_tend(struct pipeline *p);

#endif
