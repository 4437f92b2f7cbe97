/* SPDX-License-Identifier: Apache-2.0 */
/* See console.h: what the console keeps for itself. */
#include "console/console.h"

#include "console/errand.h"

#include "map/facts.h"

static const char *in_data_dir(struct console *c, struct arena *arena, const char *name)
{
    return arena_printf(arena, "%.*s/%s", STR_ARG(c->data_dir), name).p;
}

bool console_open(struct console *c, struct err *err)
{
    struct arena arena = {0};
    c->facts = facts_new();
    c->run = run_new();
    c->accounts = accounts_open(in_data_dir(c, &arena, "accounts.json"), err);
    if (c->accounts) c->audit = audit_open(in_data_dir(c, &arena, "audit.ndjson"), err);
    arena_fini(&arena);
    return c->audit || err_wrap(err, "console");
}

void console_end(struct console *c)
{
    errands_end(c);
}

void console_close(struct console *c)
{
    audit_close(c->audit);
    accounts_free(c->accounts);
    run_free(c->run);
    facts_free(c->facts);
}
