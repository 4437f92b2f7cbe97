/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld sandbox: the Graph API stand-in by itself. */
#include "app/commands.h"

#include "core/limits.h"
#include "core/log.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static bool read_rule(const char *rule, enum batch_rule *out, struct err *err)
{
    *out = BATCH_RULE_ALL;
    if (!rule || !strcmp(rule, "all")) return true;
    *out = BATCH_RULE_VALID;
    return !strcmp(rule, "valid") ||
           err_set(err, ERR_USAGE, "--batch-rule is all or valid, not \"%s\"", rule);
}

static bool read_inbox(const char *count, size_t *out, struct err *err)
{
    uint64_t value;
    if (!count) return true;
    if (!str_to_u64(str_z(count), &value) || !value || value > LIMIT_SANDBOX_EVENTS_MAX) {
        return err_set(err, ERR_USAGE, "--inbox is a number from 1 to %d, not \"%s\"",
                       LIMIT_SANDBOX_EVENTS_MAX, count);
    }
    *out = (size_t)value;
    return true;
}

static int run(const struct args *args)
{
    const char *listen = args_get(args, "listen");
    struct sandbox_options options = {.listen = str_z(listen ? listen : "127.0.0.1:8082")};
    struct err err;
    sigset_t signals;
    int signal_number;
    log_setup(isatty(STDERR_FILENO) ? LOG_TEXT : LOG_JSON, LOG_INFO);
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || sigprocmask(SIG_BLOCK, &signals, NULL)) {
        (void)err_set(&err, ERR_IO, "cannot set up signals: %s", strerror(errno));
        return fail_with(args->command, &err);
    }
    if (!read_rule(args_get(args, "batch-rule"), &options.rule, &err) ||
        !read_inbox(args_get(args, "inbox"), &options.inbox_max, &err)) {
        return fail_with(args->command, &err);
    }
    if (args_has(args, "token")) options.token = str_z(args_get(args, "token"));
    if (args_has(args, "app-secret")) options.app_secret = str_z(args_get(args, "app-secret"));
    struct sandbox *sandbox = sandbox_open(&options, &err);
    if (!sandbox) return fail_with(args->command, &err);
    sandbox_start(sandbox);
    printf("{\"listen\":\"http://127.0.0.1:%u\"}\n", sandbox_port(sandbox));
    fflush(stdout);
    log_line(LOG_INFO, "sandbox", "ready", LOG_NUM("port", sandbox_port(sandbox)));
    while (sigwait(&signals, &signal_number)) {}
    sandbox_stop(sandbox);
    sandbox_free(sandbox);
    return EXIT_DONE;
}

static const struct option options[] = {
    {"listen", "ADDRESS", "where (default 127.0.0.1:8082; port 0 picks a free one)"},
    {"inbox", "COUNT", "how many events to keep for looking at (default 10000)"},
    {"token", "TOKEN", "the only access token that is good (default: any)"},
    {"app-secret", "SECRET", "requests need the appsecret_proof of this app secret"},
    {"batch-rule", "RULE", "all: one bad event refuses the batch; valid: the good ones are kept"},
};

const struct command command_sandbox = {
    .name = "sandbox",
    .operands = "",
    .summary = "run a local stand-in for Meta's Graph API",
    .help = "Judges events as Meta does, keeps an inbox, misbehaves on demand. Nothing leaves the\n"
            "machine. Prints its address as a JSON line.\n\n"
            "  POST /v26.0/PIXEL/events      what a sender does\n"
            "  GET  /sandbox/events          the inbox\n"
            "  POST /sandbox/faults          {\"kind\":\"status\",\"status\":500,\"count\":3} and "
            "others\n\n"
            "  pixeld sandbox --listen 127.0.0.1:8082 --batch-rule valid",
    .options = options,
    .option_count = countof(options),
    .operands_max = 0,
    .run = run,
};
