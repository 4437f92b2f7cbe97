/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld serve, and plain pixeld: runs the daemon until it is told to stop. Signals: TERM and INT
 * stop, HUP reloads the configuration, USR2 restarts in place. */
#include "app/commands.h"
#include "app/pipeline.h"
#include "app/restart.h"

#include "base/mem.h"
#include "base/time.h"
#include "core/log.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { TEND_SECONDS = 1 };

static bool read_log_options(const struct args *args, struct err *err)
{
    const char *format = args_get(args, "log");
    if (format && strcmp(format, "json") != 0 && strcmp(format, "text") != 0) {
        return err_set(err, ERR_USAGE, "--log is json or text, not \"%s\"", format);
    }
    bool text = format ? !strcmp(format, "text") : isatty(STDERR_FILENO);
    log_setup(text ? LOG_TEXT : LOG_JSON, LOG_INFO);
    return true;
}

static bool read_sandbox_options(const struct args *args, struct pipeline *p, struct err *err)
{
    const char *rule = args_get(args, "batch-rule");
    if (args_has(args, "sandbox")) p->sandbox_listen = str_z(args_get(args, "sandbox"));
    /* Without a configuration there is no token: the sandbox stands in Meta's place. */
    if (!p->config_path && !p->sandbox_listen.n) p->sandbox_listen = S("127.0.0.1:0");
    if (rule && !strcmp(rule, "valid")) p->sandbox_rule = BATCH_RULE_VALID;
    if (rule && strcmp(rule, "valid") != 0 && strcmp(rule, "all") != 0) {
        return err_set(err, ERR_USAGE, "--batch-rule is all or valid, not \"%s\"", rule);
    }
    return true;
}

/* Where the data goes when nobody says: the system's place for root, the user's own otherwise. */
static const char *usual_data_dir(struct arena *arena)
{
    const char *home = getenv("HOME"), *xdg = getenv("XDG_DATA_HOME");
    if (geteuid() == 0) return "/var/lib/pixeld";
    if (xdg && *xdg) return arena_printf(arena, "%s/pixeld", xdg).p;
    if (home && *home) return arena_printf(arena, "%s/.local/share/pixeld", home).p;
    return "pixeld-data";
}

/* Whoever can read the data directory may set the first password. The link is no log line: logs travel. */
static void offer_setup(struct pipeline *p, unsigned admin)
{
    const char *path = arena_printf(&p->arena, "%s/setup-link", p->data_dir).p;
    struct buf link = {0};
    struct err err;
    if (!accounts_none(p->console.accounts)) {
        if (file_exists(path) && !file_unlink(path, &err)) log_err("app", "setup link", &err);
        return;
    }
    buf_printf(&link, "http://127.0.0.1:%u/#setup=%.*s\n", admin,
               STR_ARG(accounts_setup_code(p->console.accounts)));
    if (file_replace(path, buf_str(&link), 0600, &err))
        log_line(LOG_INFO, "app",
                 "nobody has a password yet; this file has the link to set the first",
                 LOG_Z("file", path));
    else
        log_err("app", "setup link", &err);
    buf_fini(&link);
}

/* A machine without a battery for its clock begins in 1970, and then every event is from the future. */
static void doubt_clock(void)
{
    if (clock_now_ms() < time_days(2026, 1, 1) * MS_PER_DAY)
        log_plain(LOG_WARN, "app",
                  "the clock stands before this program was written: set it, or events die as too "
                  "old or from the future");
}

static void greet(struct pipeline *p)
{
    struct generation *g = generation_acquire(&p->generations);
    unsigned port = http_server_port(p->public_loops[0]), admin = http_server_port(p->admin);
    offer_setup(p, admin);
    doubt_clock();
    log_line(LOG_INFO, "app", "ready", LOG_NUM("port", port), LOG_NUM("admin_port", admin),
             LOG_NUM("sources", g->config->source_count),
             LOG_NUM("destinations", g->config->destination_count), LOG_Z("data", p->data_dir));
    generation_release(g);
    if (p->config_path || !isatty(STDERR_FILENO)) return;
    fprintf(
        stderr,
        "\npixeld runs without a configuration: nothing leaves this machine, the sandbox stands "
        "in Meta's place.\nSee it in a browser:\n\n"
        "  http://127.0.0.1:%u/#setup=%.*s\n\n"
        "Send it an event:\n\n"
        "  curl -u %.*s: http://127.0.0.1:%u/v1/track -d '{\"event\":\"Order Completed\","
        "\"userId\":\"u1\",\"properties\":{\"revenue\":19.9,\"currency\":\"EUR\"}}'\n\n"
        "and see what became of it:  pixeld status --admin http://127.0.0.1:%u\n"
        "or send a whole small shop: pixeld demo --admin http://127.0.0.1:%u\n\n",
        admin, STR_ARG(accounts_setup_code(p->console.accounts)), STR_ARG(p->write_key), port,
        admin, admin);
}

static void reload(struct pipeline *p)
{
    struct err err;
    if (pipeline_reload(p, &err)) {
        log_plain(LOG_INFO, "app", "configuration reloaded");
    } else {
        log_err("app", "configuration not reloaded, the old one stays", &err);
    }
}

/* Blocked in main before any thread starts, so that only this loop sees them. False when the program is
 * to stop, true when it is to restart. */
static bool wait_for_signals(struct pipeline *p, const sigset_t *signals)
{
    struct err err;
    const struct timespec period = {TEND_SECONDS, 0};
    for (;;) {
        int signal_number = sigtimedwait(signals, NULL, &period);
        if (signal_number == SIGHUP) {
            reload(p);
        } else if (signal_number == SIGUSR2) {
            if (restart_check(p, &err)) return true;
            log_err("app", "not restarted, all goes on as before", &err);
        } else if (signal_number == SIGTERM || signal_number == SIGINT) {
            log_plain(LOG_INFO, "app", "stopping");
            return false;
        } else {
            pipeline_tend(p); /* the period passed */
        }
    }
}

static bool block_signals(sigset_t *signals, struct err *err)
{
    (void)sigemptyset(signals);
    (void)sigaddset(signals, SIGHUP);
    (void)sigaddset(signals, SIGUSR2);
    (void)sigaddset(signals, SIGTERM);
    (void)sigaddset(signals, SIGINT);
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || sigprocmask(SIG_BLOCK, signals, NULL)) {
        return err_set(err, ERR_IO, "cannot set up signals: %s", strerror(errno));
    }
    return true;
}

static int serve(const struct args *args, struct pipeline *p)
{
    struct err err;
    sigset_t signals;
    p->config_path = args_get(args, "config");
    p->data_dir = args_get(args, "data");
    p->default_data_dir = usual_data_dir(&p->arena);
    handover_take(&p->handed);
    if (!read_log_options(args, &err) || !read_sandbox_options(args, p, &err) ||
        !block_signals(&signals, &err) || !pipeline_start(p, &err)) {
        return fail_with(args->command, &err);
    }
    greet(p);
    if (wait_for_signals(p, &signals)) {
        restart_now(p, &err);
        log_err("app", "cannot restart", &err);
        return EXIT_SYSTEM;
    }
    pipeline_stop(p);
    log_plain(LOG_INFO, "app", "stopped");
    return EXIT_DONE;
}

static int run(const struct args *args)
{
    struct pipeline *p = mem_new(sizeof *p);
    int code = serve(args, p);
    mem_free(p);
    return code;
}

static const struct option options[] = {
    {"config", "FILE", "the configuration; without it: loopback, a generated key, the sandbox"},
    {"data", "DIR",
     "where journal and state live (else the configuration's data, else the usual place)"},
    {"log", "FORMAT", "json or text (default: text on a terminal, else json)"},
    {"sandbox", "ADDRESS", "also run the sandbox there, for example 127.0.0.1:8082"},
    {"batch-rule", "RULE", "the sandbox's rule for a bad event in a batch: all or valid"},
};

const struct command command_serve = {
    .name = "serve",
    .operands = "",
    .summary = "run the daemon (also plain `pixeld`)",
    .help =
        "Takes events, keeps each durably, maps and delivers them. Ready when GET /readyz on the\n"
        "admin address answers 200. SIGHUP reloads the configuration (a bad one leaves the old\n"
        "one in force and says why), SIGTERM and SIGINT stop after finishing what is under way.\n"
        "SIGUSR2 restarts in place, as `pixeld restart` does. Listening sockets that are handed\n"
        "over, by systemd (pixeld.socket) or whoever else speaks LISTEN_FDS, are used when they\n"
        "are bound to the configured addresses.\n\n"
        "  pixeld                                  try it, nothing to configure\n"
        "  pixeld serve --config pixeld.yaml       the real thing",
    .options = options,
    .option_count = countof(options),
    .operands_max = 0,
    .run = run,
};
