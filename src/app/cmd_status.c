/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld status: how is the running server? */
#include "app/client.h"
#include "app/commands.h"

#include "base/json.h"
#include "core/outcome.h"

static struct str text(yyjson_val *v, const char *path)
{
    struct str s = json_str(json_get(v, path));
    return s.p ? s : S("-");
}

static void print_reasons(yyjson_val *destination)
{
    size_t index, count;
    yyjson_val *key, *value;
    yyjson_val *reasons = json_get(destination, "reasons");
    yyjson_obj_foreach (reasons, index, count, key, value) {
        enum reason reason = reason_find(json_str(key));
        struct str meaning = reason < REASON_COUNT ? reason_meaning(reason) : S("");
        printf("    %-10.*s  %.*s: %.*s\n", STR_ARG(json_str(value)), STR_ARG(json_str(key)),
               STR_ARG(meaning));
    }
}

static void print_destination(yyjson_val *d)
{
    bool paused = yyjson_is_true(json_get(d, "paused"));
    bool enabled = yyjson_is_true(json_get(d, "enabled"));
    struct str problem = paused ? text(d, "pause_reason") : json_str(json_get(d, "last_error"));
    printf("\n%.*s  %s\n", STR_ARG(text(d, "name")),
           paused    ? "PAUSED"
           : enabled ? "running"
                     : "switched off");
    if (problem.n) printf("  %s: %.*s\n", paused ? "why" : "last error", STR_ARG(problem));
    printf("  received %.*s =", STR_ARG(text(d, "received")));
    for (enum state state = 0; state < STATE_COUNT; state++) {
        struct str name = state_name(state);
        yyjson_val *value = yyjson_obj_getn(json_get(d, "states"), name.p, name.n);
        printf("%s %.*s %.*s", state ? " +" : "", STR_ARG(json_str(value)), STR_ARG(name));
    }
    printf("\n  last delivered %.*s", STR_ARG(text(d, "last_delivered")));
    if (json_str(json_get(d, "oldest_waiting")).n) {
        printf(", oldest waiting since %.*s", STR_ARG(text(d, "oldest_waiting")));
    }
    putchar('\n');
    if (!str_eq(text(d, "redacted"), S("0"))) {
        printf("  personal values and query keys taken out since the start: %.*s\n",
               STR_ARG(text(d, "redacted")));
    }
    print_reasons(d);
}

static void print_status(yyjson_val *root)
{
    size_t index, count;
    yyjson_val *destination;
    printf("pixeld %.*s, up since %.*s\n", STR_ARG(text(root, "version")),
           STR_ARG(text(root, "started")));
    printf("events %.*s, journal %.*s bytes%s\n", STR_ARG(text(root, "events")),
           STR_ARG(text(root, "journal_bytes")),
           yyjson_is_true(json_get(root, "journal_failing"))
               ? ", THE DISK REFUSES WRITES: clients get 503"
               : "");
    yyjson_arr_foreach (json_get(root, "destinations"), index, count, destination) {
        print_destination(destination);
    }
}

static int run(const struct args *args)
{
    const char *admin = args_get(args, "admin");
    struct client *client = client_admin(admin);
    struct buf body = {0};
    struct arena arena = {0};
    struct err err;
    int code = EXIT_DONE;
    yyjson_val *root = NULL;
    if (!client_json(client, "/api/v1/status", str_of(NULL, 0), &body, &err)) {
        code = fail_with(args->command, &err);
    } else if (args_has(args, "json")) {
        printf("%.*s\n", STR_ARG(buf_str(&body)));
    } else if (!(root = json_read(&arena, buf_str(&body), &err))) {
        code = fail_with(args->command, &err);
    } else {
        print_status(root);
    }
    arena_fini(&arena);
    buf_fini(&body);
    client_free(client);
    return code;
}

static const struct option options[] = {
    {"admin", "URL", "the server's admin address (default " CLIENT_ADMIN_DEFAULT ")"},
    {"json", NULL, "the whole answer as JSON"},
};

const struct command command_status = {
    .name = "status",
    .operands = "",
    .summary = "show what became of the events of a running server",
    .help =
        "For each destination: how many events were received and in which state each of them is.\n"
        "The states always add up.\n\n  pixeld status",
    .options = options,
    .option_count = countof(options),
    .operands_max = 0,
    .run = run,
};
