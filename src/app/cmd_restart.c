/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld restart: makes a running server restart in place, and waits until it is back. */
#include "app/client.h"
#include "app/commands.h"

#include "base/json.h"
#include "sys/clock.h"

enum { WAIT_MS = 60000, POLL_MS = 20 };

/* When the server started, as it says; the text is in the arena. */
static bool ask_started(struct client *c, struct arena *arena, struct str *started, struct err *err)
{
    struct buf answer = {0};
    bool ok = client_json(c, "/api/v1/status", str_of(NULL, 0), &answer, err);
    if (ok) {
        yyjson_val *root = json_read(arena, buf_str(&answer), err);
        *started = arena_str(arena, json_str(json_get(root, "started")));
    }
    buf_fini(&answer);
    return ok;
}

static bool wait_for_new(struct client *c, struct str before, struct err *err)
{
    int64_t start = clock_mono_us();
    struct arena arena = {0};
    struct str now;
    bool ok = false;
    while (!ok && clock_mono_us() - start < (int64_t)WAIT_MS * 1000) {
        clock_sleep_ms(POLL_MS);
        arena_reset(&arena);
        /* No answer: the old one has gone and the new one is not there yet. */
        ok = ask_started(c, &arena, &now, err) && !str_eq(now, before);
    }
    arena_fini(&arena);
    return ok || err_set(err, ERR_NET, "the server has not come back within %d s; see its log",
                         WAIT_MS / 1000);
}

static int run(const struct args *args)
{
    const char *admin = args_get(args, "admin");
    struct client *c = client_admin(admin);
    struct arena arena = {0};
    struct buf answer = {0};
    struct str before;
    struct err err;
    int64_t start = clock_mono_us();
    bool ok = ask_started(c, &arena, &before, &err) &&
              client_json(c, "/api/v1/restart", S("{}"), &answer, &err) &&
              wait_for_new(c, before, &err);
    if (ok) printf("restarted in %lld ms\n", (long long)((clock_mono_us() - start) / 1000));
    buf_fini(&answer);
    arena_fini(&arena);
    client_free(c);
    return ok ? EXIT_DONE : fail_with(args->command, &err);
}

static const struct option options[] = {
    {"admin", "URL", "the server's admin address (default " CLIENT_ADMIN_DEFAULT ")"},
};

const struct command command_restart = {
    .name = "restart",
    .operands = "",
    .summary = "restart the running server in place: upgrade it, or change any key",
    .help =
        "The server becomes the program that its file is now, with the same process number: after\n"
        "an upgrade, or for keys that a reload cannot change. First that program checks the\n"
        "configuration; if it finds a mistake, all goes on as before (exit code 1). No connection\n"
        "is refused: listening sockets stay open, and clients wait in them for the moment it\n"
        "takes. The same: kill -USR2 PID.\n\n"
        "  pixeld restart",
    .options = options,
    .option_count = countof(options),
    .operands_max = 0,
    .run = run,
};
