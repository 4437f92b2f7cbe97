/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld check: is this configuration right? Reads and compiles everything, touches neither network
 * nor data directory. */
#include "app/commands.h"
#include "load/load.h"

#include <stdio.h>

static int run(const struct args *args)
{
    const char *path = args_get(args, "config");
    struct buf problems = {0};
    struct err err;
    if (!path && args->operand_count) path = args->operands[0];
    if (!path) {
        (void)err_set(&err, ERR_USAGE, "which file? pixeld check --config pixeld.yaml");
        return fail_with(args->command, &err);
    }
    struct load load = {.path = path, .managed_path = args_get(args, "managed")};
    struct generation *g = load_all(&load, &(struct load_problems){.text = &problems});
    if (problems.n) fwrite(problems.p, 1, problems.n, stdout);
    buf_fini(&problems);
    if (!g) return EXIT_INPUT;
    size_t sources = g->config->source_count, destinations = g->config->destination_count;
    printf("%s: %zu source%s, %zu destination%s: all good\n", path, sources,
           sources == 1 ? "" : "s", destinations, destinations == 1 ? "" : "s");
    generation_release(g);
    return EXIT_DONE;
}

static const struct option options[] = {
    {"config", "FILE", "the configuration to check"},
    {"managed", "FILE", "together with the console's file (managed.yaml of the data directory)"},
};

const struct command command_check = {
    .name = "check",
    .operands = "[FILE]",
    .summary = "check a configuration: keys, references, secrets, expressions",
    .help = "Reads the configuration and everything it refers to, compiles all expressions and\n"
            "triggers, and prints each problem as file:line:col: message. Exit code 0 when there\n"
            "are none, else 1. Touches neither the network nor the data directory.\n\n"
            "  pixeld check --config pixeld.yaml\n"
            "  pixeld check --config pixeld.yaml --managed /var/lib/pixeld/managed.yaml",
    .options = options,
    .option_count = countof(options),
    .operands_max = 1,
    .run = run,
};
