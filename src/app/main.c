/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the subcommand and runs it. What each does is in its own cmd_*.c; how the daemon is put
 * together is in pipeline.c. */
#include "app/commands.h"

#include "core/diag.h"
#include "sys/descriptors.h"
#include "sys/process.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct command *const commands[] = {
#define X(name) &command_##name,
    COMMANDS(X)
#undef X
};
const size_t command_count = countof(commands);

int fail_with(const struct command *command, const struct err *err)
{
    fprintf(stderr, "pixeld %s: %s\n", command->name, err->text);
    return err_exit_code(err);
}

static void print_overview(FILE *to)
{
    fprintf(to,
            "pixeld %s: streams customer events to Meta Pixel, durably, and explains each one\n\n"
            "usage: pixeld [COMMAND] [OPTION...]\n\ncommands:\n",
            PIXELD_VERSION);
    for (size_t i = 0; i < command_count; i++) {
        fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    }
    fprintf(to,
            "\nTry it now: `pixeld` alone starts a server on loopback with a sandbox in Meta's\n"
            "place and prints what to do next. `pixeld COMMAND --help` explains a command;\n"
            "`man pixeld` and `man pixeld.yaml` have it all.\n");
}

static const struct command *find_command(struct str name)
{
    for (size_t i = 0; i < command_count; i++) {
        if (str_eq(name, str_z(commands[i]->name))) return commands[i];
    }
    return NULL;
}

static void print_unknown(struct str name)
{
    struct str known[countof(commands)];
    for (size_t i = 0; i < command_count; i++) known[i] = str_z(commands[i]->name);
    struct str near = diag_suggest(name, known, command_count);
    fprintf(stderr, "pixeld: unknown command \"%.*s\"", STR_ARG(name));
    if (near.n) {
        fprintf(stderr, "; did you mean \"%.*s\"?\n", STR_ARG(near));
    } else {
        fputs("\n\n", stderr);
        print_overview(stderr);
    }
}

/* Output that did not get to where it was sent is a failure, however well the work went. */
static int flush_output(const char *name, int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    fprintf(stderr, "pixeld%s%s: cannot write the output: %s\n", *name ? " " : "", name,
            strerror(errno));
    return EXIT_SYSTEM;
}

static int run_command(const struct command *command, int argc, char **argv)
{
    struct args args;
    struct err err;
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") != 0 && strcmp(argv[i], "-h") != 0) continue;
        struct buf help = {0};
        args_help(&help, command);
        fwrite(help.p, 1, help.n, stdout);
        buf_fini(&help);
        return flush_output(command->name, EXIT_DONE);
    }
    if (!args_parse(command, argc, argv, &args, &err)) return fail_with(command, &err);
    return flush_output(command->name, command->run(&args));
}

int main(int argc, char **argv)
{
    process_remember(argv);
    descriptors_hold_standard();
    struct str first = argc > 1 ? str_z(argv[1]) : S("");
    if (str_eq(first, S("--help")) || str_eq(first, S("help")) || str_eq(first, S("-h"))) {
        print_overview(stdout);
        return flush_output("", EXIT_DONE);
    }
    if (str_eq(first, S("--version"))) {
        printf("pixeld %s\n", PIXELD_VERSION);
        return flush_output("", EXIT_DONE);
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        fprintf(stderr, "pixeld: cannot initialise libcurl\n");
        return EXIT_SYSTEM;
    }
    int code;
    const struct command *command = find_command(first);
    if (command) {
        code = run_command(command, argc - 2, argv + 2);
    } else if (argc == 1 || str_starts(first, S("--"))) {
        code = run_command(&command_serve, argc - 1, argv + 1);
    } else {
        print_unknown(first);
        code = EXIT_WRONG_USAGE;
    }
    curl_global_cleanup();
    return code;
}
