/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld send: events from files or standard input to a running server, in batches. An event without an id
 * gets one made of its place and content, and how far the server acknowledged is noted in a file, so that an
 * interrupted run is simply started again and no event counts twice. One batch is in memory at a time. */
#include "app/client.h"
#include "app/commands.h"
#include "app/csv.h"
#include "app/progress.h"
#include "app/send_state.h"

#include "base/json.h"
#include "base/sha256.h"
#include "base/time.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/random.h"

#include <fcntl.h>
#include <stdlib.h>

enum { BATCH_EVENTS = 200, BATCH_BYTES = 400 * 1024, SHOWN_MAX = 20 };
#define GIVE_UP_MS (10 * MS_PER_MINUTE)

/* How a protocol takes many events at once. */
static const struct shape {
    const char *name, *path;
    const char *key;  /* of the write key in the body; NULL: in the header */
    const char *list; /* of the events */
    const char *id;   /* of an event */
    const char *type; /* what an event is that does not say it; NULL: it must say it otherwise */
    const char *sent; /* of the time of sending, ISO 8601 */
} shapes[] = {
    {"segment", "/v1/batch", NULL, "batch", "messageId", "track", "sentAt"},
    {"amplitude", "/batch", "api_key", "events", "insert_id", NULL, "client_upload_time"},
};

struct sender {
    const struct shape *shape;
    const char *key;
    struct client *client;
    struct lines lines;
    struct csv csv;
    bool is_csv;
    struct arena arena; /* one line's parsed JSON */
    struct buf batch;   /* the request body so far */
    struct buf event;   /* the present event */
    struct buf answer;
    size_t batch_count;
    uint64_t sent, skipped, retries;
    struct send_state state;
    uint64_t looked_at; /* lines up to here are in the batch, or skipped; and their checksum */
    uint32_t looked_at_crc;
    struct buf state_path;
    struct progress progress;
};

/* --- where it stands ------------------------------------------------------------------------------ */

/* Said by --resume; beside the first file otherwise; nowhere for standard input alone. */
static const char *find_state_path(struct sender *s, const struct args *args)
{
    const char *path = args_get(args, "resume");
    if (path) return path;
    if (!args->operand_count || !strcmp(args->operands[0], "-")) return NULL;
    buf_printf(&s->state_path, "%s.pixeld-sent", args->operands[0]);
    buf_putc(&s->state_path, '\0');
    return s->state_path.p;
}

/* The bytes of all inputs; 0 when one of them is no file. */
static uint64_t total_bytes(const struct args *args)
{
    uint64_t total = 0;
    struct err err;
    for (int i = 0; i < args->operand_count; i++) {
        int fd =
            strcmp(args->operands[i], "-") ? file_open(args->operands[i], O_RDONLY, 0, &err) : -1;
        off_t size = fd < 0 ? 0 : file_size(fd, &err);
        if (fd >= 0) file_close(fd);
        if (size <= 0) return 0;
        total += (uint64_t)size;
    }
    return total;
}

static void look(struct sender *s)
{
    s->looked_at = s->lines.count;
    s->looked_at_crc = s->lines.crc;
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
    progress_clear(&s->progress);
    fprintf(stderr, "pixeld send: %s; again in %.1f s\n", why, (double)ms / 1000);
    s->retries++;
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
        int status = client_call(s->client, s->shape->path, buf_str(&s->batch), &s->answer, err);
        if (status >= 200 && status < 300) return true;
        describe(s, status, err, &why);
        if (!is_temporary(status) || clock_mono_us() - start > GIVE_UP_MS * 1000) {
            *err = why;
            return false;
        }
        wait_before_retry(s, attempt, why.text);
    }
}

static void begin_batch(struct sender *s)
{
    buf_putc(&s->batch, '{');
    if (s->shape->key) json_kv_str(&s->batch, str_z(s->shape->key), str_z(s->key));
    json_key(&s->batch, str_z(s->shape->list));
    buf_putc(&s->batch, '[');
}

static bool flush(struct sender *s, struct err *err)
{
    if (s->batch_count) {
        struct buf now = {0};
        time_print(&now, clock_now_ms());
        buf_putc(&s->batch, ']');
        json_kv_str(&s->batch, str_z(s->shape->sent), buf_str(&now));
        buf_putc(&s->batch, '}');
        buf_fini(&now);
        if (!s->state.lines && !send_state_save(&s->state, err)) return false;
        if (!post_batch(s, err)) return false;
        s->sent += s->batch_count;
        s->batch_count = 0;
        buf_clear(&s->batch);
    }
    s->state.lines = s->looked_at;
    s->state.crc = s->looked_at_crc;
    progress_show(&s->progress, s->sent, s->lines.bytes);
    return send_state_save(&s->state, err);
}

/* --- events --------------------------------------------------------------------------------------- */

/* A file's line is the same event whenever it is sent. What comes over standard input has no name to tell one
 * day's from the next: there it is the same only within a run that goes on. */
static void put_id(struct sender *s, struct str json)
{
    struct buf content = {0}, id = {0};
    const char *name = lines_name(&s->lines), *slash = strrchr(name, '/');
    bool named = strcmp(name, "<stdin>") != 0;
    buf_printf(&content, "%s %llu ", named ? (slash ? slash + 1 : name) : s->state.run,
               (unsigned long long)s->lines.number);
    buf_put(&content, json);
    buf_put(&id, S("send-"));
    sha256_put_hex(&id, buf_str(&content));
    json_kv_str(&s->batch, str_z(s->shape->id), str_head(buf_str(&id), 5 + 32));
    buf_fini(&content);
    buf_fini(&id);
}

/* Puts the object in s->event into the batch; what it lacks is added in front. */
static void add_event(struct sender *s, yyjson_val *root)
{
    struct str json = str_trim(buf_str(&s->event));
    const struct shape *shape = s->shape;
    if (!s->batch_count) begin_batch(s);
    json_comma(&s->batch);
    buf_putc(&s->batch, '{');
    if (shape->type && !json_get(root, "type"))
        json_kv_str(&s->batch, S("type"), str_z(shape->type));
    if (!json_get(root, shape->id)) put_id(s, json);
    if (yyjson_obj_size(root)) json_comma(&s->batch);
    buf_put(&s->batch, str_from(json, 1));
    s->batch_count++;
}

static void skip_event(struct sender *s, const char *why)
{
    s->skipped++;
    if (s->skipped > SHOWN_MAX) return;
    progress_clear(&s->progress);
    fprintf(stderr, "%s:%llu: not an event: %s\n", lines_name(&s->lines),
            (unsigned long long)s->lines.number, why);
    if (s->skipped == SHOWN_MAX) fprintf(stderr, "pixeld send: further ones are only counted\n");
}

static bool take_event(struct sender *s, struct err *err)
{
    struct err why;
    arena_reset(&s->arena);
    yyjson_val *root = json_read(&s->arena, buf_str(&s->event), &why);
    if (!yyjson_is_obj(root)) {
        skip_event(s, root ? "not a JSON object" : why.text);
        return true;
    }
    bool full = s->batch_count == BATCH_EVENTS || s->batch.n + s->event.n > BATCH_BYTES;
    if (full && !flush(s, err)) return false;
    add_event(s, root);
    return true;
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

/* Reads over what an earlier run has sent, and makes sure that it is that. */
static bool go_on(struct sender *s, struct err *err)
{
    const struct send_state *state = &s->state;
    while (s->lines.count < state->lines) {
        if (next_event(s, err)) continue;
        if (err->kind != ERR_NONE) return false;
        break;
    }
    if (s->lines.count != state->lines || s->lines.crc != state->crc) {
        return err_set(err, ERR_INPUT,
                       "the input is not the one that was begun; remove %s to send all of it",
                       state->path);
    }
    fprintf(stderr, "pixeld send: going on after line %llu (remove %s to start again)\n",
            (unsigned long long)state->lines, state->path);
    look(s);
    return true;
}

static bool send_all(struct sender *s, const struct args *args, struct err *err)
{
    progress_start(&s->progress, 0, 0);
    if (!send_state_open(&s->state, find_state_path(s, args), err)) return false;
    if (s->is_csv && !csv_open(&s->csv, &s->lines, err)) return false;
    if (s->state.lines && !go_on(s, err)) return false;
    progress_start(&s->progress, s->lines.bytes, total_bytes(args));
    while (next_event(s, err)) {
        if (str_trim(buf_str(&s->event)).n && !take_event(s, err)) return false;
        look(s);
    }
    return err->kind == ERR_NONE && flush(s, err) && send_state_remove(&s->state, err);
}

static void report(struct sender *s, bool ok)
{
    double seconds = progress_seconds(&s->progress);
    bool told = s->progress.on;
    progress_clear(&s->progress);
    printf("{\"sent\":%llu,\"skipped\":%llu,\"retries\":%llu,\"seconds\":%.1f}\n",
           (unsigned long long)s->sent, (unsigned long long)s->skipped,
           (unsigned long long)s->retries, seconds);
    if (told && seconds > 0)
        fprintf(stderr, "%llu events in %.1f s (%.0f/s)\n", (unsigned long long)s->sent, seconds,
                (double)s->sent / seconds);
    if (!ok && s->state.path && s->state.lines)
        fprintf(stderr, "pixeld send: the same command goes on after line %llu\n",
                (unsigned long long)s->state.lines);
}

static bool read_options(struct sender *s, const struct args *args, struct err *err)
{
    const char *url = args_get(args, "url"), *protocol = args_get(args, "protocol");
    s->key = args_get(args, "key");
    if (!s->key) s->key = getenv("PIXELD_WRITE_KEY");
    if (!url || !s->key) {
        return err_set(err, ERR_USAGE,
                       "where to? pixeld send --url http://127.0.0.1:8080 --key KEY events.ndjson");
    }
    for (size_t i = 0; i < countof(shapes); i++) {
        if (!strcmp(protocol ? protocol : "segment", shapes[i].name)) s->shape = &shapes[i];
    }
    if (!s->shape) {
        return err_set(err, ERR_USAGE, "--protocol is segment or amplitude, not \"%s\"", protocol);
    }
    s->client = client_new(url, s->shape->key ? NULL : s->key);
    if (args_has(args, "gzip")) client_compress(s->client);
    return true;
}

static int run(const struct args *args)
{
    struct err err;
    struct sender s = {0};
    if (!read_options(&s, args, &err)) return fail_with(args->command, &err);
    lines_init(&s.lines, args->operands, args->operand_count);
    s.is_csv = args_has(args, "csv") || str_ends(str_z(lines_name(&s.lines)), S(".csv"));
    bool ok = send_all(&s, args, &err);
    report(&s, ok);
    int code = !ok ? fail_with(args->command, &err) : s.skipped ? EXIT_INPUT : EXIT_DONE;
    lines_fini(&s.lines);
    csv_fini(&s.csv);
    arena_fini(&s.arena);
    buf_fini(&s.batch);
    buf_fini(&s.event);
    buf_fini(&s.answer);
    buf_fini(&s.state_path);
    client_free(s.client);
    return code;
}

static const struct option options[] = {
    {"url", "URL", "the server's public address, such as http://127.0.0.1:8080"},
    {"key", "KEY", "the source's write key (default: the environment's PIXELD_WRITE_KEY)"},
    {"protocol", "NAME", "how the events are written: segment (default) or amplitude"},
    {"csv", NULL, "the input is CSV with a header (also by the file's ending)"},
    {"resume", "FILE", "note there how far it is (default: beside the first file)"},
    {"gzip", NULL, "compress what is sent"},
};

const struct command command_send = {
    .name = "send",
    .operands = "[FILE...]",
    .summary = "send events from NDJSON or CSV files to a running server",
    .help =
        "Reads events (a JSON object a line; or CSV whose header names the places:\n"
        "event,userId,properties.revenue,traits.email) from files or standard input and sends "
        "them\n"
        "in batches. Waits and tries again when the server is busy or away, as long as it asks.\n"
        "Interrupted, start it again: it goes on where the server last acknowledged, and what may\n"
        "have been sent already carries the same message id. Standard input goes on only with\n"
        "--resume and the same input. Lines that are no events are reported and skipped (exit "
        "code\n"
        "1).\n\n"
        "Segment's shape also serves sources of RudderStack, Customer.io and Jitsu.\n\n"
        "  pixeld send --url http://127.0.0.1:8080 --key KEY orders.ndjson\n"
        "  zcat old/*.gz | pixeld send --url URL --resume old.state --gzip",
    .options = options,
    .option_count = countof(options),
    .operands_max = -1,
    .run = run,
};
