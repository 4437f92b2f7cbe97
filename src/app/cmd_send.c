/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld send: events from files or standard input to a running server, in batches. An event without
 * a message id gets one made of its content and place, and how far a file was acknowledged is noted
 * beside it, so that an interrupted run is simply started again. */
#include "app/client.h"
#include "app/commands.h"
#include "app/csv.h"

#include "base/json.h"
#include "base/sha256.h"
#include "base/time.h"
#include "core/limits.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/random.h"

#include <unistd.h>

enum { BATCH_EVENTS = 200, BATCH_BYTES = 400 * 1024 };
#define GIVE_UP_MS (10 * MS_PER_MINUTE)

struct sender {
    const struct args *args;
    struct client *client;
    struct lines lines;
    struct csv csv;
    bool is_csv;
    struct arena arena; /* one line's parsed JSON */
    struct buf batch;   /* the request body so far */
    struct buf event;   /* the present event */
    struct buf answer;
    size_t batch_count;
    uint64_t sent, skipped;
    uint64_t resume_line; /* lines up to here were acknowledged by an earlier run */
    struct buf progress_path;
    bool on_terminal;
};

/* --- progress ------------------------------------------------------------------------------------- */

static void find_progress(struct sender *s)
{
    struct buf text = {0};
    struct err err;
    buf_clear(&s->progress_path);
    s->resume_line = 0;
    if (s->lines.file_count != 1 || !strcmp(lines_name(&s->lines), "<stdin>")) return;
    buf_printf(&s->progress_path, "%s.pixeld-sent", lines_name(&s->lines));
    buf_putc(&s->progress_path, '\0');
    if (file_read_all(s->progress_path.p, 64, &text, &err) &&
        str_to_u64(str_trim(buf_str(&text)), &s->resume_line) && s->resume_line) {
        fprintf(stderr, "pixeld send: going on after line %llu (remove %s to start again)\n",
                (unsigned long long)s->resume_line, s->progress_path.p);
    }
    buf_fini(&text);
}

static bool note_progress(struct sender *s, struct err *err)
{
    char text[32];
    if (s->on_terminal) fprintf(stderr, "\r%llu events sent ", (unsigned long long)s->sent);
    if (!s->progress_path.n) return true;
    (void)snprintf(text, sizeof text, "%llu\n", (unsigned long long)s->lines.number);
    return file_replace(s->progress_path.p, str_z(text), 0644, err);
}

/* --- batches -------------------------------------------------------------------------------------- */

static bool is_temporary(int status)
{
    return status == 0 || status == 408 || status == 429 || status >= 500;
}

static void wait_before_retry(struct sender *s, unsigned attempt, const char *why)
{
    int64_t ms = (int64_t)500 << (attempt < 6 ? attempt : 6);
    long asked = client_retry_after(s->client);
    if (asked > 0 && asked * 1000 > ms) ms = asked * 1000;
    ms += (int64_t)random_below((uint64_t)ms / 4 + 1);
    fprintf(stderr, "%spixeld send: %s; again in %.1f s\n", s->on_terminal ? "\n" : "", why,
            (double)ms / 1000);
    clock_sleep_ms(ms);
}

/* Why the last call did not do it, in words. */
static void describe(const struct sender *s, int status, const struct err *err, struct err *why)
{
    if (status) {
        struct str answer = str_head(buf_str(&s->answer), 300);
        (void)err_set(why, ERR_INPUT, "the server answered %d: %.*s", status, STR_ARG(answer));
    } else {
        *why = *err;
    }
}

/* Sends the body until it is taken; gives up when the server stays away or refuses. */
static bool post_batch(struct sender *s, struct err *err)
{
    int64_t start = clock_mono_us();
    for (unsigned attempt = 0;; attempt++) {
        struct err why;
        int status = client_call(s->client, "/v1/batch", buf_str(&s->batch), &s->answer, err);
        if (status >= 200 && status < 300) return true;
        describe(s, status, err, &why);
        if (!is_temporary(status) || clock_mono_us() - start > GIVE_UP_MS * 1000) {
            *err = why;
            return false;
        }
        wait_before_retry(s, attempt, why.text);
    }
}

static bool flush(struct sender *s, struct err *err)
{
    if (!s->batch_count) return true;
    buf_put(&s->batch, S("],\"sentAt\":\""));
    time_print(&s->batch, clock_now_ms());
    buf_put(&s->batch, S("\"}"));
    if (!post_batch(s, err)) return false;
    s->sent += s->batch_count;
    s->batch_count = 0;
    buf_clear(&s->batch);
    return note_progress(s, err);
}

/* Puts the object in s->event into the batch; what it lacks is added in front. */
static void add_event(struct sender *s, yyjson_val *root)
{
    struct str json = str_trim(buf_str(&s->event));
    if (!s->batch_count) buf_put(&s->batch, S("{\"batch\":["));
    json_comma(&s->batch);
    buf_putc(&s->batch, '{');
    if (!json_get(root, "type")) json_kv_str(&s->batch, S("type"), S("track"));
    if (!json_get(root, "messageId")) {
        struct buf content = {0}, id = {0};
        buf_printf(&content, "%llu ", (unsigned long long)s->lines.number);
        buf_put(&content, json);
        buf_put(&id, S("send-"));
        sha256_put_hex(&id, buf_str(&content));
        json_kv_str(&s->batch, S("messageId"), str_head(buf_str(&id), 5 + 32));
        buf_fini(&content);
        buf_fini(&id);
    }
    if (yyjson_obj_size(root)) json_comma(&s->batch);
    buf_put(&s->batch, str_from(json, 1));
    s->batch_count++;
}

static bool take_event(struct sender *s, struct err *err)
{
    struct err why;
    arena_reset(&s->arena);
    yyjson_val *root = json_read(&s->arena, buf_str(&s->event), &why);
    if (!yyjson_is_obj(root)) {
        fprintf(stderr, "%s:%llu: not an event: %s\n", lines_name(&s->lines),
                (unsigned long long)s->lines.number, root ? "not a JSON object" : why.text);
        s->skipped++;
        return true;
    }
    bool full = s->batch_count == BATCH_EVENTS || s->batch.n + s->event.n > BATCH_BYTES;
    /* The flush notes the line before this one: this one is not in it. */
    s->lines.number--;
    bool ok = !full || flush(s, err);
    s->lines.number++;
    if (ok) add_event(s, root);
    return ok;
}

/* --- the run -------------------------------------------------------------------------------------- */

static bool next_event(struct sender *s, struct err *err)
{
    struct str line;
    buf_clear(&s->event);
    if (s->is_csv) return csv_next(&s->csv, &s->lines, &s->event, err);
    if (!lines_next(&s->lines, &line, err)) return false;
    buf_put(&s->event, line);
    return true;
}

static bool send_all(struct sender *s, struct err *err)
{
    find_progress(s);
    if (s->is_csv && !csv_open(&s->csv, &s->lines, err)) return false;
    while (next_event(s, err)) {
        if (s->lines.number <= s->resume_line || !str_trim(buf_str(&s->event)).n) continue;
        if (!take_event(s, err)) return false;
    }
    if (err->kind != ERR_NONE || !flush(s, err)) return false;
    return !s->progress_path.n || file_unlink(s->progress_path.p, err);
}

static int run(const struct args *args)
{
    const char *url = args_get(args, "url"), *key = args_get(args, "key");
    struct err err;
    if (!url || !key) {
        (void)err_set(&err, ERR_USAGE,
                      "where to? pixeld send --url http://127.0.0.1:8080 --key KEY "
                      "events.ndjson");
        return fail_with(args->command, &err);
    }
    struct sender s = {
        .args = args,
        .client = client_new(url, key),
        .on_terminal = isatty(STDERR_FILENO),
    };
    lines_init(&s.lines, args->operands, args->operand_count);
    s.is_csv = args_has(args, "csv") || str_ends(str_z(lines_name(&s.lines)), S(".csv"));
    bool ok = send_all(&s, &err);
    if (s.on_terminal) fputc('\n', stderr);
    printf("{\"sent\":%llu,\"skipped\":%llu}\n", (unsigned long long)s.sent,
           (unsigned long long)s.skipped);
    int code = !ok ? fail_with(args->command, &err) : s.skipped ? EXIT_INPUT : EXIT_DONE;
    lines_fini(&s.lines);
    csv_fini(&s.csv);
    arena_fini(&s.arena);
    buf_fini(&s.batch);
    buf_fini(&s.event);
    buf_fini(&s.answer);
    buf_fini(&s.progress_path);
    client_free(s.client);
    return code;
}

static const struct option options[] = {
    {"url", "URL", "the server's public address, such as http://127.0.0.1:8080"},
    {"key", "KEY", "the source's write key"},
    {"csv", NULL, "the input is CSV with a header (also by the file's ending)"},
};

const struct command command_send = {
    .name = "send",
    .operands = "[FILE...]",
    .summary = "send events from NDJSON or CSV files to a running server",
    .help =
        "Reads events (a JSON object a line, Segment-shaped; or CSV whose header names the "
        "places:\n"
        "event,userId,properties.revenue,traits.email) and sends them in batches. Waits and tries\n"
        "again when the server is busy or away. Interrupted with one file, start it again: it "
        "goes\n"
        "on where the server last acknowledged. Lines that are no events are reported and skipped\n"
        "(exit code 1).\n\n"
        "  pixeld send --url http://127.0.0.1:8080 --key KEY orders.ndjson",
    .options = options,
    .option_count = countof(options),
    .operands_max = -1,
    .run = run,
};
