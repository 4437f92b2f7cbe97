/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld forget: what a running server keeps of a destination that was removed goes at once. */
#include "app/client.h"
#include "app/commands.h"

#include "base/json.h"

#include <stdio.h>

static int run(const struct args *args)
{
    struct err err;
    struct buf request = {0}, answer = {0};
    if (args->operand_count != 1) {
        (void)err_set(&err, ERR_USAGE, "which destination? pixeld forget NAME");
        return fail_with(args->command, &err);
    }
    struct client *c = client_admin(args_get(args, "admin"));
    buf_putc(&request, '{');
    json_kv_str(&request, S("destination"), str_z(args->operands[0]));
    buf_putc(&request, '}');
    bool ok = client_json(c, "/api/v1/forget", buf_str(&request), &answer, &err);
    if (ok) puts("it is forgotten within seconds; a million dead letters take minutes");
    buf_fini(&request);
    buf_fini(&answer);
    client_free(c);
    return ok ? EXIT_DONE : fail_with(args->command, &err);
}

static const struct option options[] = {
    {"admin", "URL", "the server's admin address (default " CLIENT_ADMIN_DEFAULT ")"},
};

const struct command command_forget = {
    .name = "forget",
    .operands = "NAME",
    .summary = "forget what is kept of a destination that was removed",
    .help =
        "What is kept of a destination that is no longer configured (where it was in the journal,\n"
        "its counts, dead letters, requests) stays for as long as dead letters are kept, and\n"
        "`pixeld status` lists it: configured again by the same name, it goes on where it was.\n"
        "This has it forgotten at once.\n\n"
        "  pixeld dead export --destination old-shop > events.ndjson\n"
        "  pixeld forget old-shop",
    .options = options,
    .option_count = countof(options),
    .operands_max = 1,
    .run = run,
};
