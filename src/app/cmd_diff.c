/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld diff: what would change for these events if the new configuration took over? */
#include "app/client.h"
#include "app/commands.h"
#include "app/diff_journal.h"
#include "app/lines.h"
#include "load/compare.h"
#include "load/mapper.h"

#include "base/mem.h"

struct differ {
    struct mapper before, after;
    struct arena arena;
    struct buf answers[2], differences;
    uint64_t events, changed;
};

static yyjson_val *answer(struct differ *d, struct mapper *m, size_t side, struct str line)
{
    struct err err;
    mapper_run(m, line);
    buf_clear(&d->answers[side]);
    mapper_put(m, &d->answers[side]);
    return json_read(&d->arena, buf_str(&d->answers[side]), &err);
}

/* What people know an event by. */
static struct str title(struct differ *d, struct str line)
{
    struct err err;
    yyjson_val *root = json_read(&d->arena, line, &err);
    struct str name = json_str(json_get(root, "event"));
    return name.n ? name : json_str(json_get(root, "type"));
}

static void diff_line(struct differ *d, const struct lines *lines, struct str line)
{
    arena_reset(&d->arena);
    yyjson_val *before = answer(d, &d->before, 0, line);
    yyjson_val *after = answer(d, &d->after, 1, line);
    buf_clear(&d->differences);
    d->events++;
    if (!compare_json(COMPARE_ALL, before, after, "was", "becomes", &d->differences)) return;
    d->changed++;
    printf("%s:%llu: %.*s\n%.*s", lines_name(lines), (unsigned long long)lines->number,
           STR_ARG(title(d, line)), STR_ARG(buf_str(&d->differences)));
}

static bool diff_all(struct differ *d, const struct args *args, struct err *err)
{
    struct lines lines;
    struct str line;
    const char *destination = args_get(args, "destination"), *source = args_get(args, "source");
    if (!mapper_set_now(args_get(args, "now"), err) ||
        !mapper_open(&d->before, args->operands[0], destination, source, err) ||
        !mapper_open(&d->after, args->operands[1], destination, source, err)) {
        return false;
    }
    lines_init(&lines, args->operands + 2, args->operand_count - 2);
    while (lines_next(&lines, &line, err))
        if (str_trim(line).n) diff_line(d, &lines, line);
    lines_fini(&lines);
    if (err->kind != ERR_NONE) return false;
    printf("%llu of %llu events would change\n", (unsigned long long)d->changed,
           (unsigned long long)d->events);
    return true;
}

static int run_journal(const struct args *args)
{
    struct err err;
    uint64_t changed = 0;
    if (args->operand_count != 1) {
        (void)err_set(&err, ERR_USAGE,
                      "with --since one configuration: pixeld diff new.yaml --since 1d");
        return fail_with(args->command, &err);
    }
    if (!diff_journal(args, &changed, &err)) return fail_with(args->command, &err);
    return changed ? EXIT_INPUT : EXIT_DONE;
}

static int run(const struct args *args)
{
    struct err err;
    if (args_has(args, "since")) return run_journal(args);
    if (args->operand_count < 2) {
        (void)err_set(&err, ERR_USAGE, "which two? pixeld diff old.yaml new.yaml < events.ndjson");
        return fail_with(args->command, &err);
    }
    struct differ *d = mem_new(sizeof *d);
    int code = diff_all(d, args, &err) ? EXIT_DONE : fail_with(args->command, &err);
    if (code == EXIT_DONE && d->changed) code = EXIT_INPUT;
    mapper_close(&d->before);
    mapper_close(&d->after);
    arena_fini(&d->arena);
    buf_fini(&d->answers[0]);
    buf_fini(&d->answers[1]);
    buf_fini(&d->differences);
    mem_free(d);
    return code;
}

static const struct option options[] = {
    {"destination", "NAME", "whose rules; needed when there are several"},
    {"source", "NAME", "pretend the events came from this source"},
    {"now", "TIME", "pretend it is this time (RFC 3339), for age checks"},
    {"since", "TIME", "the events of a running server since then, or so long ago (36h, 2d)"},
    {"admin", "URL", "the admin address of that server (default " CLIENT_ADMIN_DEFAULT ")"},
};

const struct command command_diff = {
    .name = "diff",
    .operands = "[OLD] NEW [FILE...]",
    .summary = "show what a new configuration would change for given events",
    .help =
        "Maps each event (a JSON object a line) by both configurations and prints what differs.\n"
        "Exit code 0 when nothing does, 1 when something does, as diff(1).\n\n"
        "  pixeld diff pixeld.yaml new.yaml < events.ndjson\n"
        "  pixeld diff new.yaml --since 1d       the events of the running server, by its rules",
    .options = options,
    .option_count = countof(options),
    .operands_max = -1,
    .run = run,
};
