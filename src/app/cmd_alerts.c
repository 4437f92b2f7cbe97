/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld alerts: what is wrong at the moment, and a test of how that is told. */
#include "app/client.h"
#include "app/commands.h"

#include "base/json.h"

#include <stdio.h>

static void print_all(yyjson_val *root)
{
    size_t index, count;
    yyjson_val *one, *list = json_get(root, "raised");
    if (!yyjson_arr_size(list)) puts("no alerts");
    yyjson_arr_foreach (list, index, count, one) {
        struct str subject = json_str(json_get(one, "subject"));
        printf("%.*s  %.*s%s%.*s: %.*s\n", STR_ARG(json_str(json_get(one, "since"))),
               STR_ARG(json_str(json_get(one, "alert"))), subject.n ? " of " : "", STR_ARG(subject),
               STR_ARG(json_str(json_get(one, "message"))));
    }
}

static bool print_test(yyjson_val *root, struct err *err)
{
    struct str error = json_str(json_get(root, "error"));
    if (yyjson_is_true(json_get(root, "webhook"))) puts("the webhook took it");
    if (yyjson_is_true(json_get(root, "command"))) puts("the command took it");
    return yyjson_is_true(json_get(root, "ok")) || err_set(err, ERR_NET, "%.*s", STR_ARG(error));
}

static int run(const struct args *args)
{
    const char *what = args->operand_count ? args->operands[0] : "list";
    bool test = strcmp(what, "test") == 0;
    struct arena arena = {0};
    struct buf answer = {0};
    struct err err;
    if (!test && strcmp(what, "list") != 0) {
        (void)err_set(&err, ERR_USAGE, "list or test, not %s", what);
        return fail_with(args->command, &err);
    }
    struct client *c = client_admin(args_get(args, "admin"));
    bool ok = client_json(c, test ? "/api/v1/alerts/test" : "/api/v1/alerts",
                          test ? S("{}") : str_of(NULL, 0), &answer, &err);
    yyjson_val *root = ok ? json_read(&arena, buf_str(&answer), &err) : NULL;
    json_disarm(root);
    if (ok && test)
        ok = print_test(root, &err);
    else if (ok)
        print_all(root);
    buf_fini(&answer);
    arena_fini(&arena);
    client_free(c);
    return ok ? EXIT_DONE : fail_with(args->command, &err);
}

static const struct option options[] = {
    {"admin", "URL", "the server's admin address (default " CLIENT_ADMIN_DEFAULT ")"},
};

const struct command command_alerts = {
    .name = "alerts",
    .operands = "[list|test]",
    .summary = "what is wrong with the running server, and a test of how it is told",
    .help = "Lists the alerts that are raised at the moment. `pixeld alerts test` sends a test by\n"
            "the webhook and the command that the configuration's `alerts` names, at once and\n"
            "without repetition, and says whether they took it.\n\n"
            "  pixeld alerts\n"
            "  pixeld alerts test",
    .options = options,
    .option_count = countof(options),
    .operands_max = 1,
    .run = run,
};
