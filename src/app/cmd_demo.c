/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld demo: sends a small shop's events to a running server over the real Segment and RudderStack
 * HTTP APIs and tells, event by event, what became of each. */
#include "app/client.h"
#include "app/commands.h"
#include "console/demo.h"

#include "base/json.h"
#include "core/outcome.h"
#include "sys/clock.h"
#include "sys/random.h"

enum { WAIT_MS = 15000, POLL_MS = 50 };

struct demo {
    struct client *server, *admin, *sandbox;
    const char *url, *key; /* options, or asked from the server */
    struct arena arena;
    struct buf body, answer;
    char ids[32][40];       /* message ids by event index */
    struct str destination; /* in the arena */
};

static const char *sdk_name(enum demo_sdk sdk)
{
    return sdk == DEMO_SEGMENT ? "Segment" : "RudderStack";
}

static bool call(struct client *client, struct demo *d, const char *path, yyjson_val **root,
                 struct err *err)
{
    if (!client_json(client, path, str_of(NULL, 0), &d->answer, err)) return false;
    *root = json_read(&d->arena, buf_str(&d->answer), err);
    return *root != NULL;
}

/* A server without a configuration tells its address and its key; others keep theirs. */
static bool ask_server(struct demo *d, struct err *err)
{
    yyjson_val *root;
    if (d->url && d->key) return true;
    if (!call(d->admin, d, "/api/v1/status", &root, err)) return false;
    struct str url = json_str(json_get(root, "public"));
    struct str key = json_str(json_get(root, "write_key"));
    if (!d->url) d->url = arena_str(&d->arena, url).p;
    if (!d->key && key.n) d->key = arena_str(&d->arena, key).p;
    return d->key || err_set(err, ERR_USAGE, "say a source's write key: --key KEY");
}

static bool send_event(struct demo *d, size_t i, struct err *err)
{
    const struct demo_event *event = &demo_events[i];
    unsigned char random[8];
    struct buf id = {0};
    random_bytes(random, sizeof random);
    buf_put_hex(&id, random, sizeof random);
    (void)snprintf(d->ids[i], sizeof d->ids[i], "demo-%.*s", STR_ARG(buf_str(&id)));
    buf_fini(&id);
    buf_clear(&d->body);
    buf_printf(&d->body, "{\"messageId\":\"%s\",%s", d->ids[i], event->json + 1);
    int status = client_call(d->server, event->path, buf_str(&d->body), &d->answer, err);
    if (status == 0) return err_wrap(err, "sending");
    if (status == 401) return err_set(err, ERR_INPUT, "the server does not know this write key");
    return status < 300 || err_set(err, ERR_INPUT, "%s answered %d: %.*s", event->path, status,
                                   STR_ARG(buf_str(&d->answer)));
}

static uint64_t number(yyjson_val *v, const char *path)
{
    uint64_t value = 0;
    (void)str_to_u64(json_str(json_get(v, path)), &value); /* absent counts as none */
    return value;
}

/* Waits until the first destination has nothing waiting; true with its name and the sandbox found. */
static bool wait_until_settled(struct demo *d, struct err *err)
{
    int64_t start = clock_mono_us();
    for (;;) {
        yyjson_val *root, *destination;
        if (!call(d->admin, d, "/api/v1/status", &root, err)) return false;
        destination = yyjson_arr_get_first(json_get(root, "destinations"));
        struct str sandbox = json_str(json_get(root, "sandbox"));
        bool settled = destination && number(destination, "states.waiting") == 0;
        bool late = clock_mono_us() - start > WAIT_MS * (int64_t)1000;
        if (settled || late) {
            d->destination = json_str(json_get(destination, "name"));
            if (sandbox.n) {
                d->sandbox = client_new(arena_str(&d->arena, sandbox).p, NULL);
            }
            return settled ||
                   err_set(err, ERR_LIMIT, "events still wait after %d s: see pixeld status",
                           WAIT_MS / 1000);
        }
        clock_sleep_ms(POLL_MS);
    }
}

/* True when the sandbox has the event; then prints what it became. */
static bool print_delivered(struct demo *d, const char *id)
{
    char path[128];
    yyjson_val *root;
    struct err err;
    if (!d->sandbox) return false;
    (void)snprintf(path, sizeof path, "/sandbox/events?event_id=%s", id);
    if (!call(d->sandbox, d, path, &root, &err)) return false;
    yyjson_val *event = json_get(yyjson_arr_get_first(json_get(root, "events")), "event");
    if (!event) return false;
    struct str value = json_str(json_get(event, "custom_data.value"));
    struct str currency = json_str(json_get(event, "custom_data.currency"));
    printf("delivered as %.*s", STR_ARG(json_str(json_get(event, "event_name"))));
    if (value.n) printf(", %.*s %.*s", STR_ARG(value), STR_ARG(currency));
    printf(", %zu match keys\n", yyjson_obj_size(json_get(event, "user_data")));
    return true;
}

static bool print_dead(struct demo *d, const char *id)
{
    char path[256];
    yyjson_val *root, *letter;
    size_t index, count;
    struct err err;
    (void)snprintf(path, sizeof path, "/api/v1/dead?destination=%.*s&events=true&limit=1000",
                   STR_ARG(d->destination));
    if (!call(d->admin, d, path, &root, &err)) return false;
    yyjson_arr_foreach (json_get(root, "dead"), index, count, letter) {
        if (!str_eq(json_str(json_get(letter, "message_id")), str_z(id))) continue;
        printf("dead: %.*s, %.*s (kept: pixeld dead show %.*s)\n",
               STR_ARG(json_str(json_get(letter, "reason"))),
               STR_ARG(json_str(json_get(letter, "message"))),
               STR_ARG(json_str(json_get(letter, "seq"))));
        return true;
    }
    return false;
}

static void print_story(struct demo *d)
{
    for (size_t i = 0; i < demo_event_count; i++) {
        const struct demo_event *event = &demo_events[i];
        printf("  %-11s  %-38s  ", sdk_name(event->sdk), event->what);
        if (print_delivered(d, d->ids[i]) || print_dead(d, d->ids[i])) continue;
        printf(d->sandbox ? "filtered: no rule sends it\n"
                          : "sent or filtered: see pixeld status\n");
    }
}

static bool run_demo(struct demo *d, struct err *err)
{
    if (!ask_server(d, err)) return false;
    d->server = client_new(d->url, d->key);
    for (size_t i = 0; i < demo_event_count; i++) {
        if (!send_event(d, i, err)) return false;
    }
    printf("%zu events sent, each acknowledged after it was on disk\n\n", demo_event_count);
    if (!wait_until_settled(d, err)) return false;
    print_story(d);
    printf("\nSend one of your own:\n"
           "  curl -u %s: %s/v1/track -d '{\"event\":\"Order Completed\",\"userId\":\"u1\","
           "\"properties\":{\"revenue\":19.9,\"currency\":\"EUR\"}}'\n",
           d->key, d->url);
    return true;
}

static int run(const struct args *args)
{
    const char *admin = args_get(args, "admin");
    struct demo d = {.url = args_get(args, "url"), .key = args_get(args, "key")};
    struct err err;
    d.admin = client_admin(admin);
    int code = run_demo(&d, &err) ? EXIT_DONE : fail_with(args->command, &err);
    client_free(d.server);
    client_free(d.admin);
    client_free(d.sandbox);
    arena_fini(&d.arena);
    buf_fini(&d.body);
    buf_fini(&d.answer);
    return code;
}

static const struct option options[] = {
    {"url", "URL", "the server's public address (default: the one it tells)"},
    {"key", "KEY", "a source's write key (default: the generated one)"},
    {"admin", "URL", "the server's admin address (default " CLIENT_ADMIN_DEFAULT ")"},
};

const struct command command_demo = {
    .name = "demo",
    .operands = "",
    .summary = "send a small shop's events and tell what became of each",
    .help =
        "Sends page views, product views, an added product, a checkout, an order, a custom event\n"
        "and a broken event over the Segment and RudderStack HTTP APIs, waits until they are\n"
        "settled and prints, event by event, what became of them. Meant for the sandbox: with a\n"
        "real destination the events would be real.\n\n"
        "  pixeld demo",
    .options = options,
    .option_count = countof(options),
    .operands_max = 0,
    .run = run,
};
