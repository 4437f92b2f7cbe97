/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld replay: events that the journal still has go to a destination again. The work is done by the
 * server, which also goes on with it after a restart; this command starts it and watches. */
#include "app/client.h"
#include "app/commands.h"

#include "base/json.h"
#include "base/time.h"
#include "sys/clock.h"

#include <stdio.h>
#include <unistd.h>

enum { POLL_MS = 200 };

struct replaying {
    const struct args *args;
    struct client *client;
    struct buf body;
    struct arena arena;
};

static struct str text(yyjson_val *v, const char *path)
{
    struct str s = json_str(json_get(v, path));
    return s.n ? s : S("-");
}

static bool put_time(struct buf *out, const struct args *args, const char *name, struct err *err)
{
    struct buf printed = {0};
    int64_t ms;
    if (!args_has(args, name)) return true;
    if (!args_time(args, name, &ms, err)) return false;
    time_print(&printed, ms);
    json_kv_str(out, str_z(name), buf_str(&printed));
    buf_fini(&printed);
    return true;
}

static void put_text(struct buf *out, const struct args *args, const char *name)
{
    const char *value = args_get(args, name);
    if (value) json_kv_str(out, str_z(name), str_z(value));
}

static bool put_wanted(struct buf *out, const struct args *args, struct err *err)
{
    if (!args_has(args, "destination"))
        return err_set(err, ERR_USAGE, "say where to: --destination NAME");
    buf_putc(out, '{');
    put_text(out, args, "destination");
    put_text(out, args, "source");
    put_text(out, args, "event");
    if (!put_time(out, args, "from", err) || !put_time(out, args, "to", err)) return false;
    json_kv_bool(out, S("include_delivered"), args_has(args, "include-delivered"));
    json_kv_bool(out, S("dry_run"), args_has(args, "dry-run"));
    buf_putc(out, '}');
    return true;
}

static void print_counts(yyjson_val *job)
{
    size_t index, count;
    yyjson_val *key, *value, *counts = json_get(job, "counts");
    bool dry = yyjson_is_true(json_get(job, "dry_run"));
    yyjson_obj_foreach (counts, index, count, key, value) {
        struct str name = json_str(key), n = json_str(value);
        if (str_eq(n, S("0")) && !str_eq(name, S("queued"))) continue;
        printf("  %-10.*s %s%.*s\n", STR_ARG(n),
               dry && str_eq(name, S("queued")) ? "would be " : "", STR_ARG(name));
    }
}

static void print_job(yyjson_val *job)
{
    struct str error = json_str(json_get(job, "error"));
    printf("replay %.*s to %.*s: %.*s%s", STR_ARG(text(job, "id")),
           STR_ARG(text(job, "destination")), STR_ARG(text(job, "state")),
           yyjson_is_true(json_get(job, "dry_run")) ? ", a dry run" : "");
    if (error.n) printf(", %.*s", STR_ARG(error));
    printf(", event %.*s of %.*s to %.*s\n", STR_ARG(text(job, "next")),
           STR_ARG(text(job, "first")), STR_ARG(text(job, "end")));
    print_counts(job);
}

static bool get_jobs(struct replaying *r, yyjson_val **jobs, struct err *err)
{
    arena_reset(&r->arena);
    if (!client_json(r->client, "/api/v1/replays", str_of(NULL, 0), &r->body, err)) return false;
    yyjson_val *root = json_read(&r->arena, buf_str(&r->body), err);
    *jobs = json_get(root, "replays");
    return root != NULL;
}

static bool list(struct replaying *r, struct err *err)
{
    size_t index, count;
    yyjson_val *jobs, *job;
    if (!get_jobs(r, &jobs, err)) return false;
    yyjson_arr_foreach (jobs, index, count, job) print_job(job);
    return true;
}

static yyjson_val *find(yyjson_val *jobs, struct str id)
{
    size_t index, count;
    yyjson_val *job;
    yyjson_arr_foreach (jobs, index, count, job)
        if (str_eq(json_str(json_get(job, "id")), id)) return job;
    return NULL;
}

static void show_progress(yyjson_val *job)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\rreplay %.*s: event %.*s of %.*s, %.*s queued ", STR_ARG(text(job, "id")),
                STR_ARG(text(job, "next")), STR_ARG(text(job, "end")),
                STR_ARG(text(job, "counts.queued")));
}

/* Until the server has looked at all; leaving earlier (Ctrl-C) leaves it at work. */
static bool watch(struct replaying *r, struct str id, struct err *err)
{
    yyjson_val *jobs, *job;
    for (;;) {
        if (!get_jobs(r, &jobs, err)) return false;
        job = find(jobs, id);
        if (!job) return err_set(err, ERR_IO, "the server no longer knows this replay");
        if (!str_eq(text(job, "state"), S("running"))) break;
        show_progress(job);
        clock_sleep_ms(POLL_MS);
    }
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r\033[K");
    print_job(job);
    return true;
}

static bool begin(struct replaying *r, struct err *err)
{
    struct buf request = {0}, id = {0};
    bool ok = put_wanted(&request, r->args, err) &&
              client_json(r->client, "/api/v1/replays", buf_str(&request), &r->body, err);
    yyjson_val *job = ok ? json_read(&r->arena, buf_str(&r->body), err) : NULL;
    buf_put(&id, json_str(json_get(job, "id")));
    ok = job && watch(r, buf_str(&id), err);
    buf_fini(&request);
    buf_fini(&id);
    return ok;
}

static bool cancel(struct replaying *r, const char *id, struct err *err)
{
    struct buf path = {0};
    buf_put(&path, S("/api/v1/replays/"));
    client_put_escaped(&path, str_z(id));
    buf_putc(&path, '\0');
    bool ok = client_delete(r->client, path.p, &r->body, err);
    if (ok) printf("cancelled; what was queued already still goes\n");
    buf_fini(&path);
    return ok;
}

static bool dispatch(struct replaying *r, struct err *err)
{
    const char *id = args_get(r->args, "cancel");
    if (id) return cancel(r, id, err);
    return args_has(r->args, "list") ? list(r, err) : begin(r, err);
}

static int run(const struct args *args)
{
    struct replaying r = {.args = args, .client = client_admin(args_get(args, "admin"))};
    struct err err;
    int code = dispatch(&r, &err) ? EXIT_DONE : fail_with(args->command, &err);
    client_free(r.client);
    buf_fini(&r.body);
    arena_fini(&r.arena);
    return code;
}

static const struct option options[] = {
    {"admin", "URL", "the server's admin address (default " CLIENT_ADMIN_DEFAULT ")"},
    {"destination", "NAME", "where to"},
    {"source", "NAME", "only events of this source"},
    {"event", "NAME", "only events of this name, exactly as the client sent it"},
    {"from", "TIME", "only events stored since then: a time, or how long ago (36h, 2d)"},
    {"to", "TIME", "only events stored before then"},
    {"include-delivered", NULL, "also what was delivered before; Meta knows it by its event_id"},
    {"dry-run", NULL, "send nothing, only tell what would happen"},
    {"list", NULL, "show the latest replays"},
    {"cancel", "ID", "end a running replay"},
};

const struct command command_replay = {
    .name = "replay",
    .operands = "",
    .summary = "send events of the journal to a destination again",
    .help =
        "Goes through the events that the journal still has and sends those that the destination\n"
        "did not get: mapped by the present rules, with the event_id that they had. What was\n"
        "delivered, repeats another event or waits anyway is left alone; what the present rules\n"
        "leave out or Meta would refuse is counted and keeps its state.\n"
        "The server does the work, also after a restart; leaving this command does not end it.\n\n"
        "  pixeld replay --destination acme-us --from 2d --dry-run\n"
        "  pixeld replay --destination acme-us --from 2d --event \"Order Completed\"\n"
        "  pixeld replay --list",
    .options = options,
    .option_count = countof(options),
    .operands_max = 0,
    .run = run,
};
