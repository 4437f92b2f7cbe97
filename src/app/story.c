/* SPDX-License-Identifier: Apache-2.0 */
/* See story.h. */
#include "app/story.h"

#include "app/client.h"
#include "app/commands.h"

#include "base/json.h"

#include <stdio.h>
#include <unistd.h>

static struct str text(yyjson_val *v, const char *path)
{
    struct str s = json_str(json_get(v, path));
    return s.n ? s : S("-");
}

/* Lines of the rules' own story, two deeper. */
static void print_indented(struct str lines)
{
    struct str line;
    while (lines.n) {
        (void)str_cut(lines, '\n', &line, &lines);
        printf("    %.*s\n", STR_ARG(line));
    }
}

static void print_attempt(yyjson_val *a)
{
    struct str words = json_str(json_get(a, "text")), code = json_str(json_get(a, "code"));
    struct str status = json_str(json_get(a, "status"));
    bool silent = str_eq(status, S("0"));
    printf("    %.*s  request %.*s to pixel %.*s with %.*s events: %s%.*s in %.*s ms",
           STR_ARG(text(a, "sent")), STR_ARG(text(a, "number")), STR_ARG(text(a, "pixel_id")),
           STR_ARG(text(a, "events")), silent ? "no answer" : "HTTP ",
           STR_ARG(silent ? S("") : status), STR_ARG(text(a, "took_ms")));
    if (!str_eq(code, S("0")))
        printf(", code %.*s/%.*s", STR_ARG(code), STR_ARG(text(a, "subcode")));
    if (words.n) printf(": %.*s", STR_ARG(words));
    printf("  (fbtrace_id %.*s)\n", STR_ARG(text(a, "fbtrace_id")));
}

static void print_hold(yyjson_val *h)
{
    printf("  hold \"%.*s\": ", STR_ARG(text(h, "name")));
    if (json_get(h, "by"))
        printf("%.*s %.*s by event %.*s\n", STR_ARG(text(h, "state")), STR_ARG(text(h, "at")),
               STR_ARG(text(h, "by")));
    else
        printf("waits since %.*s until %.*s, then: %.*s\n", STR_ARG(text(h, "since")),
               STR_ARG(text(h, "until")), STR_ARG(text(h, "then")));
}

static void print_death(yyjson_val *dead)
{
    struct str said = json_str(json_get(dead, "meta_text"));
    printf("  died %.*s: %.*s%s%.*s\n", STR_ARG(text(dead, "died")),
           STR_ARG(json_str(json_get(dead, "message"))), said.n ? " " : "", STR_ARG(said));
}

static void print_part(yyjson_val *part)
{
    size_t index, count;
    yyjson_val *attempt, *hold, *dead = json_get(part, "dead");
    struct str reason = text(part, "reason");
    bool plain = str_eq(reason, S("none"));
    printf("\n%.*s: %.*s%s%.*s\n  %.*s\n", STR_ARG(text(part, "name")),
           STR_ARG(text(part, "state")), plain ? "" : ", ", STR_ARG(plain ? S("") : reason),
           STR_ARG(text(part, "meaning")));
    if (dead) print_death(dead);
    yyjson_arr_foreach (json_get(part, "holds"), index, count, hold) print_hold(hold);
    yyjson_val *attempts = json_get(part, "attempts");
    if (yyjson_arr_size(attempts)) printf("  sent:\n");
    yyjson_arr_foreach (attempts, index, count, attempt) print_attempt(attempt);
    printf("  by the present rules:\n");
    print_indented(json_str(json_get(part, "rules")));
}

static void print_story(yyjson_val *e)
{
    size_t index, count;
    yyjson_val *part;
    printf("event %.*s, message id %.*s\n", STR_ARG(text(e, "seq")),
           STR_ARG(text(e, "message_id")));
    printf("  received %.*s by source %.*s over %.*s from %.*s%s\n", STR_ARG(text(e, "received")),
           STR_ARG(text(e, "source")), STR_ARG(text(e, "protocol")), STR_ARG(text(e, "address")),
           yyjson_is_true(json_get(e, "from_browser")) ? ", a browser" : "");
    printf("  stored   %.*s, %.*s bytes\n", STR_ARG(text(e, "stored")), STR_ARG(text(e, "bytes")));
    if (json_get(e, "duplicate_of"))
        printf("  repeats  event %.*s%s\n", STR_ARG(text(e, "duplicate_of")),
               yyjson_is_true(json_get(e, "changed")) ? ", with another content" : "");
    if (json_get(e, "rejected"))
        printf("  rejected on arrival: %.*s\n", STR_ARG(text(e, "rejected")));
    yyjson_arr_foreach (json_get(e, "destinations"), index, count, part) print_part(part);
}

struct asking {
    struct client *client;
    struct buf path, body;
    struct arena arena;
    yyjson_val *root;
};

static bool ask(struct asking *a, const struct args *args, const char *scan, struct err *err)
{
    const char *destination = args_get(args, "destination");
    buf_clear(&a->path);
    buf_put(&a->path, S("/api/v1/events/"));
    client_put_escaped(&a->path, str_z(args->operands[0]));
    buf_putc(&a->path, '?');
    if (scan) buf_printf(&a->path, "scan=%s&", scan);
    if (destination) {
        buf_put(&a->path, S("destination="));
        client_put_escaped(&a->path, str_z(destination));
    }
    buf_putc(&a->path, '\0');
    arena_reset(&a->arena);
    if (!client_json(a->client, a->path.p, str_of(NULL, 0), &a->body, err)) return false;
    a->root = json_read(&a->arena, buf_str(&a->body), err);
    json_disarm(a->root);
    return a->root != NULL;
}

static void show_progress(yyjson_val *root)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\rsearching the journal: event %.*s of %.*s ", STR_ARG(text(root, "next")),
                STR_ARG(text(root, "end")));
}

static bool search(struct asking *a, const struct args *args, struct err *err)
{
    uint64_t number, trimmed = 0;
    bool was_there = false;
    bool is_number = str_to_u64(str_z(args->operands[0]), &number); /* or an id made of digits */
    bool ok = ask(a, args, NULL, err);
    while (ok && !yyjson_is_true(json_get(a->root, "found"))) {
        struct str next = json_str(json_get(a->root, "next"));
        struct str gone = json_str(json_get(a->root, "trimmed"));
        was_there |= gone.n && str_to_u64(gone, &trimmed);
        if (was_there && (!is_number || !next.n))
            return err_set(err, ERR_INPUT,
                           "it was received as event %llu, which the journal no longer has: it "
                           "keeps events from %.*s on, and no dead letter has it",
                           (unsigned long long)trimmed, STR_ARG(text(a->root, "oldest")));
        if (!next.n)
            return err_set(err, ERR_INPUT, "no event with the message id or number \"%s\" is kept",
                           args->operands[0]);
        char from[24];
        (void)snprintf(from, sizeof from, "%.*s", STR_ARG(next)); /* a number */
        show_progress(a->root);
        ok = ask(a, args, from, err);
    }
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r\033[K");
    return ok;
}

int story_run(const struct args *args)
{
    struct asking a = {.client = client_admin(args_get(args, "admin"))};
    struct err err;
    int code = EXIT_DONE;
    if (!search(&a, args, &err))
        code = fail_with(args->command, &err);
    else if (args_has(args, "json"))
        printf("%.*s\n", STR_ARG(buf_str(&a.body)));
    else
        print_story(json_get(a.root, "event"));
    client_free(a.client);
    buf_fini(&a.path);
    buf_fini(&a.body);
    arena_fini(&a.arena);
    return code;
}
