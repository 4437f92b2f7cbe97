/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld map and pixeld explain: what would go to Meta for these events? map prints a JSON line for
 * each event, for scripts; explain tells the story of each, for people. */
#include "app/client.h"
#include "app/commands.h"
#include "app/lines.h"
#include "app/story.h"
#include "load/mapper.h"

#include "base/mem.h"
#include "base/text.h"
#include "core/limits.h"
#include "sys/file.h"

struct printer {
    struct mapper mapper;
    struct buf answer;  /* what is printed */
    struct buf pending; /* explain: the lines of an event that is not whole yet */
};

static void print_map(struct printer *m, struct str line)
{
    mapper_run(&m->mapper, line);
    buf_clear(&m->answer);
    mapper_put(&m->mapper, &m->answer);
    buf_putc(&m->answer, '\n');
    fwrite(m->answer.p, 1, m->answer.n, stdout);
}

static void explain_one(struct printer *m, struct str json)
{
    mapper_run(&m->mapper, json);
    buf_clear(&m->answer);
    explain_print(m->mapper.explain, &m->mapper.translation, buf_str(&m->mapper.out), &m->answer);
    text_disarm(m->answer.p, m->answer.n);
    fwrite(m->answer.p, 1, m->answer.n, stdout);
}

/* People paste events that are printed over several lines: lines are gathered until they are whole
 * JSON, or too much for one event. */
static void print_explain(struct printer *m, struct str line)
{
    struct arena arena = {0};
    struct err ignored;
    buf_put(&m->pending, line);
    buf_putc(&m->pending, '\n');
    if (json_read(&arena, buf_str(&m->pending), &ignored) || m->pending.n > LIMIT_EVENT_BYTES) {
        explain_one(m, str_trim(buf_str(&m->pending)));
        buf_clear(&m->pending);
    }
    arena_fini(&arena);
}

static int run_lines(const struct args *args, struct printer *m,
                     void (*print)(struct printer *m, struct str line))
{
    struct lines lines;
    struct str line;
    struct err err;
    lines_init(&lines, args->operands, args->operand_count);
    while (lines_next(&lines, &line, &err)) print(m, line);
    lines_fini(&lines);
    struct str rest = str_trim(buf_str(&m->pending));
    if (rest.n) explain_one(m, rest);
    return err.kind == ERR_NONE ? EXIT_DONE : fail_with(args->command, &err);
}

static int run_printer(const struct args *args, struct explain *explain,
                       void (*print)(struct printer *m, struct str line))
{
    struct printer *m = mem_new(sizeof *m);
    struct err err;
    m->mapper.explain = explain;
    bool ok = mapper_set_now(args_get(args, "now"), &err) &&
              mapper_open(&m->mapper, args_get(args, "config"), args_get(args, "destination"),
                          args_get(args, "source"), &err);
    int code = ok ? run_lines(args, m, print) : fail_with(args->command, &err);
    mapper_close(&m->mapper);
    buf_fini(&m->answer);
    buf_fini(&m->pending);
    mem_free(m);
    return code;
}

static int run_map(const struct args *args)
{
    return run_printer(args, NULL, print_map);
}

/* One operand that is no file, and does not look like one that is missing, is an event of a running
 * server; with --admin any is. */
static bool is_id(const struct args *args)
{
    struct str word = args->operand_count == 1 ? str_z(args->operands[0]) : S("-");
    if (args->operand_count == 1 && args_has(args, "admin")) return true;
    bool pathlike = str_find_char(word, '/', 0) != SIZE_MAX || str_ends(word, S("json"));
    return !str_eq(word, S("-")) && !pathlike && !file_exists(word.p);
}

static int run_explain(const struct args *args)
{
    if (is_id(args)) return story_run(args);
    return run_printer(args, explain_new(args_has(args, "reveal")), print_explain);
}

#define SHARED_OPTIONS                                                                             \
    {"config", "FILE", "the configuration; without it the standard preset alone"},                 \
        {"destination", "NAME", "whose rules; needed when there are several"},                     \
        {"source", "NAME", "pretend the events came from this source"},                            \
    {                                                                                              \
        "now", "TIME", "pretend it is this time (RFC 3339), for age checks"                        \
    }

static const struct option map_options[] = {SHARED_OPTIONS};
static const struct option explain_options[] = {
    SHARED_OPTIONS,
    {"reveal", NULL, "show personal data instead of masking it"},
    {"admin", "URL", "for an ID: the server's admin address (default " CLIENT_ADMIN_DEFAULT ")"},
    {"json", NULL, "for an ID: the whole answer as JSON"},
};

const struct command command_map = {
    .name = "map",
    .operands = "[FILE...]",
    .summary = "print what would go to Meta for each event, as JSON lines",
    .help = "Reads events (one JSON object a line, in the source's protocol: by default Segment's) "
            "and\n"
            "prints for each exactly one line:\n"
            "  {\"send\":[{\"pixel_id\":...,\"event\":{...}}]}   what would be sent\n"
            "  {\"filtered\":\"reason\"}                       left out by a rule\n"
            "  {\"dead\":\"reason\",\"path\":...,\"message\":...}  cannot be sent, and why\n"
            "Uses neither the network nor the disk.\n\n"
            "  pixeld map --config pixeld.yaml --destination acme-us < events.ndjson",
    .options = map_options,
    .option_count = countof(map_options),
    .operands_max = -1,
    .run = run_map,
};

const struct command command_explain = {
    .name = "explain",
    .operands = "[ID | FILE...]",
    .summary = "tell the story of an event: rules, values, verdict",
    .help =
        "Like map, for people: which rule was chosen and by which line, where each value came\n"
        "from and what was made of it, the verdict, and the JSON that would go out. Personal\n"
        "data is masked.\n\n"
        "With an ID, a message id or an event's number, it asks a running server what became\n"
        "of that event: when it came, what it repeats, and for each destination its state, each\n"
        "request that carried it with Meta's answer and fbtrace_id, and what the present rules\n"
        "make of it.\n\n"
        "  pixeld explain --config pixeld.yaml < event.json\n"
        "  pixeld explain 1042\n"
        "  pixeld explain ajs-next-1732211000-9a31",
    .options = explain_options,
    .option_count = countof(explain_options),
    .operands_max = -1,
    .run = run_explain,
};
