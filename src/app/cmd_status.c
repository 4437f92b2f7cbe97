/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld status: how is the running server? */
#include "app/client.h"
#include "app/commands.h"

#include "base/json.h"
#include "base/time.h"
#include "core/outcome.h"
#include "sys/clock.h"

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

/* "3 d 4 h", "5 h 10 min", "12 min": from now until a time of the answer. */
static void print_left(yyjson_val *d, const char *path)
{
    int64_t ms;
    if (!time_parse(text(d, path), &ms)) return;
    int64_t minutes = (ms - clock_now_ms()) / MS_PER_MINUTE;
    if (minutes < 0) minutes = 0;
    if (minutes >= 24 * 60)
        printf("%lld d %lld h", (long long)minutes / 1440, (long long)minutes / 60 % 24);
    else if (minutes >= 60)
        printf("%lld h %lld min", (long long)minutes / 60, (long long)minutes % 60);
    else
        printf("%lld min", (long long)minutes);
}

static void print_paused_pixels(yyjson_val *d)
{
    size_t index, count;
    yyjson_val *pixel;
    yyjson_arr_foreach (json_get(d, "paused_pixels"), index, count, pixel) {
        printf("  pixel %.*s PAUSED (code %.*s/%.*s): %.*s Tried again in ",
               STR_ARG(text(pixel, "pixel_id")), STR_ARG(text(pixel, "code")),
               STR_ARG(text(pixel, "subcode")), STR_ARG(text(pixel, "reason")));
        print_left(pixel, "next_try");
        puts(".");
    }
}

/* Time is short, a limit is near, a token was refused, events were passed over: only what is so. */
static void print_delivery(yyjson_val *d)
{
    if (json_str(json_get(d, "next_try")).n) {
        printf("  tried again in ");
        print_left(d, "next_try");
        puts(", and at each reload");
    }
    print_paused_pixels(d);
    if (json_str(json_get(d, "first_loss")).n) {
        printf("  Meta takes the first of the waiting events no more in ");
        print_left(d, "first_loss");
        printf("; %.*s have less than a day\n", STR_ARG(text(d, "at_risk")));
    }
    if (json_str(json_get(d, "oldest_held")).n)
        printf("  the oldest held event came at %.*s\n", STR_ARG(text(d, "oldest_held")));
    if (json_str(json_get(d, "slowed_until")).n)
        printf("  slowed down: %.*s %% of a limit of Meta's is used up\n",
               STR_ARG(text(d, "usage_percent")));
    if (!str_eq(text(d, "token"), S("1")))
        printf("  uses access token %.*s of %.*s: the ones before were refused\n",
               STR_ARG(text(d, "token")), STR_ARG(text(d, "tokens")));
    if (!str_eq(text(d, "test_events"), S("0")))
        printf("  delivered as test events: %.*s\n", STR_ARG(text(d, "test_events")));
    if (!str_eq(text(d, "skipped"), S("0")))
        printf("  began after %.*s events that the journal still has (see `start`)\n",
               STR_ARG(text(d, "skipped")));
}

/* Of the last one to two hours; nothing when nothing was confirmed. */
static void print_times(yyjson_val *delivery, struct str name)
{
    size_t index, count;
    yyjson_val *d;
    yyjson_arr_foreach (json_get(delivery, "destinations"), index, count, d) {
        if (!str_eq(text(d, "name"), name) || !json_str(json_get(d, "latency_ms.p50")).n) continue;
        printf("  from arrival to Meta's confirmation: half within %.*s ms, 95 %% within %.*s ms, "
               "99 %% within %.*s ms\n",
               STR_ARG(text(d, "latency_ms.p50")), STR_ARG(text(d, "latency_ms.p95")),
               STR_ARG(text(d, "latency_ms.p99")));
    }
}

static void print_destination(yyjson_val *d, yyjson_val *delivery)
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
    print_times(delivery, text(d, "name"));
    print_delivery(d);
    if (!str_eq(text(d, "redacted"), S("0"))) {
        printf("  personal values and query keys taken out since the start: %.*s\n",
               STR_ARG(text(d, "redacted")));
    }
    print_reasons(d);
}

static void print_removed(yyjson_val *list)
{
    size_t index, count;
    yyjson_val *removed;
    yyjson_arr_foreach (list, index, count, removed) {
        printf("\n%.*s  REMOVED\n  no longer configured since %.*s; what is kept of it is "
               "forgotten on %.*s\n",
               STR_ARG(text(removed, "name")), STR_ARG(text(removed, "since")),
               STR_ARG(text(removed, "forgotten")));
    }
}

static void print_status(yyjson_val *root, yyjson_val *delivery)
{
    size_t index, count;
    yyjson_val *destination;
    printf("pixeld %.*s, up since %.*s\n", STR_ARG(text(root, "version")),
           STR_ARG(text(root, "started")));
    uint64_t bytes = 0;
    (void)str_to_u64(json_str(json_get(root, "journal_bytes")), &bytes); /* the server's number */
    printf("events %.*s, journal %.1f MiB%s\n", STR_ARG(text(root, "events")),
           (double)bytes / (1 << 20),
           yyjson_is_true(json_get(root, "journal_failing"))
               ? ", THE DISK REFUSES WRITES: clients get 503"
               : "");
    struct str forgotten = json_str(json_get(root, "dedup.forgotten"));
    if (forgotten.n && !str_eq(forgotten, S("0")))
        printf("%.*s message ids were forgotten before dedup.window was over: raise dedup.size\n",
               STR_ARG(forgotten));
    if (yyjson_is_true(json_get(root, "state_lost")))
        puts("THE STATE STORE WAS REMOVED while the journal was not: what had not been delivered "
             "then is skipped,\nunless a destination's `start` gives the time since when it is to "
             "be sent");
    yyjson_arr_foreach (json_get(root, "destinations"), index, count, destination) {
        print_destination(destination, delivery);
    }
    print_removed(json_get(root, "removed"));
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
        buf_clear(&body);
        bool more = client_json(client, "/api/v1/delivery", str_of(NULL, 0), &body, &err);
        print_status(root, more ? json_read(&arena, buf_str(&body), &err) : NULL);
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
