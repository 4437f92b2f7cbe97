/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld dead: look at dead letters of a running server, retry or discard them. */
#include "app/client.h"
#include "app/commands.h"
#include "app/dead.h"
#include "app/lines.h"

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "core/diag.h"
#include "core/limits.h"
#include "core/outcome.h"

/* "&name=value" behind a path's question mark. */
static void put_query(struct dead *d, const char *name, const char *value)
{
    buf_printf(&d->path, "&%s=", name);
    client_put_escaped(&d->path, str_z(value));
}

static bool get(struct dead *d, yyjson_val **root, struct err *err)
{
    buf_putc(&d->path, '\0');
    if (!client_json(d->client, d->path.p, str_of(NULL, 0), &d->body, err)) return false;
    *root = json_read(&d->arena, buf_str(&d->body), err);
    return *root != NULL;
}

/* One page of the list, from a sequence number on; next is 0 after the last page. */
static bool get_page(struct dead *d, uint64_t from, bool events, yyjson_val **list, uint64_t *next,
                     struct err *err)
{
    static const char *const names[] = {"reason", "code", "source", "since", "until"};
    yyjson_val *root;
    buf_clear(&d->path);
    buf_printf(&d->path, "/api/v1/dead?from=%llu&events=%s", (unsigned long long)from,
               events ? "true" : "false");
    put_query(d, "destination", d->destination);
    for (size_t i = 0; i < countof(names); i++) {
        const char *value = args_get(d->args, names[i]);
        if (value) put_query(d, names[i], value);
    }
    arena_reset(&d->arena);
    if (!get(d, &root, err)) return false;
    *list = json_get(root, "dead");
    *next = 0;
    (void)str_to_u64(json_str(json_get(root, "next")), next); /* absent: the last page */
    return true;
}

static void print_letter(yyjson_val *letter)
{
    struct str code = json_str(json_get(letter, "code"));
    struct buf line = {0};
    int64_t died_ms;
    buf_printf(&line, "%-10.*s ", STR_ARG(json_str(json_get(letter, "seq"))));
    if (str_to_i64(json_str(json_get(letter, "died_ms")), &died_ms)) time_print(&line, died_ms);
    buf_printf(&line, "  %-22.*s ", STR_ARG(json_str(json_get(letter, "reason"))));
    json_put_str(&line, json_str(json_get(letter, "event_name")));
    buf_printf(&line, "  %.*s", STR_ARG(json_str(json_get(letter, "message"))));
    if (code.n)
        buf_printf(&line, " [Meta %.*s/%.*s]", STR_ARG(code),
                   STR_ARG(json_str(json_get(letter, "subcode"))));
    text_disarm(line.p, line.n);
    printf("%.*s\n", STR_ARG(buf_str(&line)));
    buf_fini(&line);
}

/* For `export`: the event as it was sent, one a line. */
static void print_event(yyjson_val *letter)
{
    struct buf line = {0};
    yyjson_val *event = json_get(letter, "event");
    if (event) {
        json_put_val(&line, event);
    } else {
        buf_put(&line, json_str(json_get(letter, "raw")));
    }
    buf_putc(&line, '\n');
    fwrite(line.p, 1, line.n, stdout); /* what is no JSON may have any byte */
    buf_fini(&line);
}

static bool each_letter(struct dead *d, bool events, void (*print)(yyjson_val *letter),
                        struct err *err)
{
    uint64_t from = 0;
    do {
        size_t index, count;
        yyjson_val *list, *letter;
        if (!get_page(d, from, events, &list, &from, err)) return false;
        yyjson_arr_foreach (list, index, count, letter) print(letter);
    } while (from);
    return true;
}

static bool list(struct dead *d, struct err *err)
{
    return each_letter(d, false, print_letter, err);
}

static bool export(struct dead *d, struct err *err)
{
    return each_letter(d, true, print_event, err);
}

static bool show(struct dead *d, struct err *err)
{
    if (d->args->operand_count < 2)
        return err_set(err, ERR_USAGE, "which one? pixeld dead show NUMBER");
    for (int i = 1; i < d->args->operand_count; i++) {
        yyjson_val *root;
        uint64_t seq;
        if (!dead_seq(d, i, &seq, err)) return false;
        buf_clear(&d->path);
        buf_put(&d->path, S("/api/v1/dead/"));
        client_put_escaped(&d->path, str_z(d->destination));
        buf_printf(&d->path, "/%llu", (unsigned long long)seq);
        if (!get(d, &root, err)) return false;
        buf_clear(&d->path);
        json_put_pretty(&d->path, root, 0);
        printf("%.*s\n", STR_ARG(buf_str(&d->path)));
    }
    return true;
}

/* Letters that died alike, of all pages; the texts are views into the arena. */
struct group {
    struct str reason, code, subcode, first, last, sample, cause, cure;
    uint64_t count;
};

/* add_group joins a page's group with what earlier pages had of its kind. */
static void add_group(struct group *groups, size_t *count, yyjson_val *g)
{
    struct group one = {
        json_str(json_get(g, "reason")),
        json_str(json_get(g, "code")),
        json_str(json_get(g, "subcode")),
        json_str(json_get(g, "first")),
        json_str(json_get(g, "last")),
        json_str(json_get(g, "sample")),
        json_str(json_get(g, "cause")),
        json_str(json_get(g, "cure")),
        .count = 0,
    };
    size_t i = 0;
    (void)str_to_u64(json_str(json_get(g, "count")), &one.count); /* the server's own number */
    while (i < *count &&
           !(str_eq(groups[i].reason, one.reason) && str_eq(groups[i].code, one.code) &&
             str_eq(groups[i].subcode, one.subcode)))
        i++;
    if (i == LIMIT_LETTER_GROUPS) i--;
    if (i == *count) {
        groups[(*count)++] = one;
        return;
    }
    groups[i].count += one.count;
    groups[i].sample = one.sample;
    if (str_cmp(one.first, groups[i].first) < 0) groups[i].first = one.first;
    if (str_cmp(one.last, groups[i].last) > 0) groups[i].last = one.last;
}

/* Without another destination there is nothing to tell apart, so the name is not repeated. */
static void print_group(const struct group *g)
{
    printf("%-8llu %.*s", (unsigned long long)g->count, STR_ARG(g->reason));
    if (!str_eq(g->code, S("0")))
        printf(" [Meta %.*s/%.*s]", STR_ARG(g->code), STR_ARG(g->subcode));
    printf("  %.*s .. %.*s, for example %.*s\n         %.*s%s%.*s\n", STR_ARG(g->first),
           STR_ARG(g->last), STR_ARG(g->sample), STR_ARG(g->cause), g->cure.n ? "; " : "",
           STR_ARG(g->cure));
}

static bool groups(struct dead *d, struct err *err)
{
    struct group *groups = arena_array(&d->arena, struct group, LIMIT_LETTER_GROUPS);
    size_t count = 0;
    uint64_t from = 0;
    do {
        size_t index, members;
        yyjson_val *root, *group;
        buf_clear(&d->path);
        buf_printf(&d->path, "/api/v1/dead/groups?from=%llu", (unsigned long long)from);
        put_query(d, "destination", d->destination);
        if (!get(d, &root, err)) return false;
        yyjson_arr_foreach (json_get(root, "groups"), index, members, group)
            add_group(groups, &count, group);
        from = 0;
        (void)str_to_u64(json_str(json_get(root, "next")), &from); /* absent: all were looked at */
    } while (from);
    for (size_t i = 0; i < count; i++) print_group(&groups[i]);
    return true;
}

/* put_event adds the mended event of --event-file, which must be JSON. */
static bool put_event(struct dead *d, struct buf *out, struct err *err)
{
    const char *path = args_get(d->args, "event-file");
    struct buf text = {0};
    if (!path) return true;
    bool ok = lines_read_all(path, LIMIT_EVENT_BYTES, &text, err);
    yyjson_val *event = ok ? json_read(&d->arena, buf_str(&text), err) : NULL;
    if (event) {
        json_key(out, S("event"));
        json_put_val(out, event);
    } else if (ok) {
        (void)err_wrap(err, "%s", path);
    }
    buf_fini(&text);
    return event != NULL;
}

static bool try_letter(struct dead *d, struct err *err)
{
    struct buf request = {0};
    uint64_t seq;
    if (d->args->operand_count != 2)
        return err_set(err, ERR_USAGE, "which one? pixeld dead try NUMBER");
    if (!dead_seq(d, 1, &seq, err)) return false;
    buf_putc(&request, '{');
    json_kv_str(&request, S("destination"), str_z(d->destination));
    json_kv_u64(&request, S("seq"), seq);
    json_kv_bool(&request, S("send"), args_has(d->args, "send"));
    bool ok = put_event(d, &request, err);
    buf_putc(&request, '}');
    ok = ok && client_json(d->client, "/api/v1/dead/try", buf_str(&request), &d->body, err);
    yyjson_val *root = ok ? json_read(&d->arena, buf_str(&d->body), err) : NULL;
    if (root) {
        buf_clear(&d->path);
        json_put_pretty(&d->path, json_get(root, "would"), 0);
        printf("%.*s\n%s", STR_ARG(buf_str(&d->path)),
               args_has(d->args, "send") ? "it goes now\n" : "");
    }
    buf_fini(&request);
    return root != NULL;
}

static bool retry(struct dead *d, struct err *err)
{
    return dead_act(d, "retry", "event", "queued again, to be mapped anew", err);
}

static bool discard(struct dead *d, struct err *err)
{
    if (args_has(d->args, "dry-run"))
        return err_set(err, ERR_USAGE, "--dry-run is for retry; `list` shows what there is");
    return dead_act(d, "discard", "dead letter", "removed for good", err);
}

static bool try(struct dead *d, struct err *err)
{
    return args_has(d->args, "config") ? dead_try(d, err) : try_letter(d, err);
}

static const struct {
    const char *name;
    bool (*run)(struct dead *d, struct err *err);
} verbs[] = {
    {"list", list},   {"groups", groups}, {"show", show},       {"try", try},
    {"retry", retry}, {"export", export}, {"discard", discard},
};

static bool find_destination(struct dead *d, struct err *err)
{
    yyjson_val *root, *destinations;
    d->destination = args_get(d->args, "destination");
    if (d->destination) return true;
    buf_put(&d->path, S("/api/v1/status"));
    if (!get(d, &root, err)) return false;
    destinations = json_get(root, "destinations");
    if (yyjson_arr_size(destinations) != 1) {
        return err_set(err, ERR_USAGE, "say which destination: --destination NAME");
    }
    struct str name = json_str(json_get(yyjson_arr_get_first(destinations), "name"));
    static char copy[LIMIT_NAME_BYTES + 1]; /* outlives the arena's resets */
    (void)snprintf(copy, sizeof copy, "%.*s", STR_ARG(name));
    d->destination = copy;
    return true;
}

static bool check_reason(const struct args *args, struct err *err)
{
    const char *wanted = args_get(args, "reason");
    struct str known[REASON_COUNT];
    if (!wanted || reason_find(str_z(wanted)) < REASON_COUNT) return true;
    for (enum reason reason = 0; reason < REASON_COUNT; reason++)
        known[reason] = reason_name(reason);
    struct str near = diag_suggest(str_z(wanted), known, REASON_COUNT);
    if (near.n)
        return err_set(err, ERR_USAGE, "there is no reason \"%s\"; did you mean \"%.*s\"?", wanted,
                       STR_ARG(near));
    return err_set(err, ERR_USAGE, "there is no reason \"%s\"; see pixeld reference reasons",
                   wanted);
}

static bool run_verb(struct dead *d, struct err *err)
{
    if (!check_reason(d->args, err)) return false;
    struct str verb = d->args->operand_count ? str_z(d->args->operands[0]) : S("list");
    for (size_t i = 0; i < countof(verbs); i++) {
        if (!str_eq(verb, str_z(verbs[i].name))) continue;
        return find_destination(d, err) && verbs[i].run(d, err);
    }
    return err_set(err, ERR_USAGE,
                   "unknown verb \"%.*s\": list, groups, show, try, retry, export or discard",
                   STR_ARG(verb));
}

static int run(const struct args *args)
{
    const char *admin = args_get(args, "admin");
    struct dead d = {.args = args, .client = client_admin(admin)};
    struct err err;
    int code = run_verb(&d, &err) ? EXIT_DONE : fail_with(args->command, &err);
    client_free(d.client);
    arena_fini(&d.arena);
    buf_fini(&d.path);
    buf_fini(&d.body);
    return code;
}

static const struct option options[] = {
    {"admin", "URL", "the server's admin address (default " CLIENT_ADMIN_DEFAULT ")"},
    {"destination", "NAME", "whose dead letters; needed when there are several destinations"},
    {"reason", "CODE", "only those that died of this (pixeld reference reasons)"},
    {"code", "NUMBER", "only those with this code of Meta's"},
    {"source", "NAME", "only events of this source"},
    {"since", "TIME", "only those that died since then (RFC 3339)"},
    {"until", "TIME", "only those that died before then"},
    {"event", "NAME", "for retry and discard: only events of this name, as the client sent it"},
    {"all", NULL, "all of them, for retry and discard"},
    {"dry-run", NULL, "for retry: only tell what the present rules would make of them"},
    {"config", "FILE", "for try: judge all that are chosen by this configuration; nothing is sent"},
    {"event-file", "FILE", "for try: the mended event in place of its own"},
    {"send", NULL, "for try: and send it"},
};

const struct command command_dead = {
    .name = "dead",
    .operands = "list|groups|show|try|retry|export|discard [NUMBER...]",
    .summary = "look at dead letters, retry, export or discard them",
    .help = "A dead letter is an event that cannot be delivered, kept as it was sent, with the "
            "reason.\n"
            "After a mapping was fixed, `retry` maps it anew. `try` shows what would be sent, also "
            "for\n"
            "an event that was mended by hand; with a new configuration, how many letters it would "
            "save.\n\n"
            "  pixeld dead groups\n"
            "  pixeld dead list --reason missing_value\n"
            "  pixeld dead show 1042\n"
            "  pixeld dead try 1042 --event-file mended.json --send\n"
            "  pixeld dead retry --reason refused --code 100 --dry-run\n"
            "  pixeld dead try --all --config new.yaml\n"
            "  pixeld dead retry --reason missing_value\n"
            "  pixeld dead export > events.ndjson",
    .options = options,
    .option_count = countof(options),
    .operands_max = -1,
    .run = run,
};
