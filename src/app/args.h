/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines. Each subcommand is one row: its name, its options and what it does; --help, the
 * man page and the error messages are made from the rows. */
#ifndef APP_ARGS_H
#define APP_ARGS_H

#include "base/buf.h"
#include "base/err.h"

enum { ARGS_OPTIONS_MAX = 16 };

struct option {
    const char *name;  /* without the dashes */
    const char *value; /* what the value is called, "FILE"; NULL for a switch */
    const char *help;
};

struct args;

struct command {
    const char *name;
    const char *operands; /* "[FILE...]"; "" for none */
    const char *summary;  /* one line for the list of commands */
    const char *help;     /* paragraphs and examples */
    const struct option *options;
    size_t option_count;
    int operands_max; /* -1 = any number */
    int (*run)(const struct args *args);
};

struct args {
    const struct command *command;
    const char *values[ARGS_OPTIONS_MAX]; /* by index of the option; a switch that is set is "" */
    char **operands;
    int operand_count;
};

/* args_parse reads argv behind the command's name; false and err (USAGE) with a suggestion. A lone
 * "--" ends the options. operands point into argv. */
bool args_parse(const struct command *command, int argc, char **argv, struct args *out,
                struct err *err);
/* args_get is the value of an option by name, or NULL; asking for an unknown name is a bug. */
const char *args_get(const struct args *args, const char *name);
bool args_has(const struct args *args, const char *name);
/* args_help appends the help of one command. */
void args_help(struct buf *out, const struct command *command);

/* args_time reads an option that is a time (2026-11-20T08:00:00Z) or how long ago (36h, 2d). False and err
 * when it is neither; *ms stays without the option. */
bool args_time(const struct args *args, const char *name, int64_t *ms, struct err *err);

#endif
