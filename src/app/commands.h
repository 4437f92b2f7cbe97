/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands: one list. Each is a file cmd_NAME.c that defines command_NAME. */
#ifndef APP_COMMANDS_H
#define APP_COMMANDS_H

#include "app/args.h"

#define COMMANDS(X)                                                                                \
    X(serve)                                                                                       \
    X(check)                                                                                       \
    X(map)                                                                                         \
    X(explain)                                                                                     \
    X(test)                                                                                        \
    X(diff)                                                                                        \
    X(hash)                                                                                        \
    X(trigger)                                                                                     \
    X(import)                                                                                      \
    X(snippet)                                                                                     \
    X(send)                                                                                        \
    X(demo)                                                                                        \
    X(sandbox)                                                                                     \
    X(status)                                                                                      \
    X(alerts)                                                                                      \
    X(dead)                                                                                        \
    X(replay)                                                                                      \
    X(forget)                                                                                      \
    X(restart)                                                                                     \
    X(reference)

#define X(name) extern const struct command command_##name;
COMMANDS(X)
#undef X

extern const struct command *const commands[];
extern const size_t command_count;

enum exit_code { EXIT_DONE = 0, EXIT_INPUT = 1, EXIT_WRONG_USAGE = 2, EXIT_SYSTEM = 3 };

/* fail_with prints "pixeld NAME: text" on stderr and returns the exit code for err. */
int fail_with(const struct command *command, const struct err *err);

#endif
