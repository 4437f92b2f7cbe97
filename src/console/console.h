/* SPDX-License-Identifier: Apache-2.0 */
/* The console's server side: health, metrics and the REST API under /api/v1 on the admin address.
 * Loopback by default; never public. It reads all stages and changes what an operator may change; the
 * stages know nothing of it. Each operation is one row of operations_table.h. */
#ifndef CONSOLE_CONSOLE_H
#define CONSOLE_CONSOLE_H

#include "alert/alerts.h"
#include "conf/generation.h"
#include "console/accounts.h"
#include "console/audit.h"
#include "deliver/deliver.h"
#include "http/server.h"
#include "ingest/ingest.h"
#include "journal/journal.h"
#include "replay/replay.h"
#include "report/report.h"
#include "sandbox/sandbox.h"
#include "store/store.h"

/* What it works on; all of it outlives the admin server, and is the handlers' ctx. */
struct console {
    struct generation_holder *generations;
    struct journal *journal;
    struct store *store;
    struct deliver *deliver;
    struct ingest *ingest;
    struct replay *replay;
    struct report *report;
    struct alerts *alerts;
    struct sandbox *sandbox;           /* NULL: none built in */
    struct http_server **public_loops; /* for their numbers */
    size_t public_loop_count;
    struct str data_dir;
    struct str write_key; /* of a start without configuration; "" otherwise */
    struct accounts *accounts;
    struct audit *audit;
    struct facts *facts; /* of the admin thread, to read events with */
    struct run *run;
    unsigned watchers; /* of the live stream */
    unsigned errands;
    struct errand *errands_running;
    bool local; /* the admin address is a loopback one */
    int64_t started_ms;
    _Atomic uint64_t letters_dropped; /* since the start, by dead_letters in the configuration */
    _Atomic bool ready;               /* /readyz says so */
    /* Begins a restart in place; false and err when what would start cannot. On the admin server's thread,
     * which it keeps for a moment. */
    bool (*restart)(void *ctx, struct err *err);
    /* Takes the configuration anew, all of it or nothing; false and err say why not. */
    bool (*reload)(void *ctx, struct err *err);
    /* Has what is kept of a removed destination forgotten; false and err say why not. */
    bool (*forget)(void *ctx, struct str destination, struct err *err);
    void *app;               /* ctx of the three */
    const struct load *load; /* what the present configuration was made of */
};

/* console_open opens what is the console's own, in data_dir; the members above it are filled already.
 * console_close also after a failure. */
bool console_open(struct console *c, struct err *err);
void console_close(struct console *c);
/* console_end waits for what is under way beside the admin server, between its stop and its end. */
void console_end(struct console *c);
/* console_routes makes the admin server's routes in the arena. */
void console_routes(struct arena *arena, struct http_route **routes, size_t *count);
/* console_openapi appends the OpenAPI 3.1 description of all operations. */
void console_openapi(struct buf *out);

#endif
