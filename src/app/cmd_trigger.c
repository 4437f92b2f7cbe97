/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld trigger: try a trigger on events from a file or standard input. */
#include "app/commands.h"
#include "app/lines.h"

#include "map/trigger.h"
#include "sys/clock.h"

#include <stdio.h>

struct trial {
    struct arena arena; /* the trigger's */
    struct paths *paths;
    struct trigger *trigger;
    struct run *run;
    struct arena scratch; /* one event's */
    struct value *slots;
    unsigned long long unread; /* lines that are no events */
};

static bool compile(struct trial *t, const char *text)
{
    struct source_text source = {S("trigger"), str_z(text)};
    struct diags diags;
    diags_init(&diags, &t->arena);
    t->paths = paths_new(&t->arena);
    struct expr_scope scope = {.paths = t->paths, .arena = &t->arena, .diags = &diags};
    t->trigger = trigger_compile(&scope, (struct text){source.content, {&source, 1, 1}});
    if (t->trigger) {
        t->slots = arena_array(&t->arena, struct value, paths_count(t->paths) + 1);
        return true;
    }
    struct buf out = {0};
    diags_print(&out, &diags);
    fwrite(out.p, 1, out.n, stderr);
    buf_fini(&out);
    return false;
}

static bool test(struct trial *t, struct str json)
{
    struct event event = {.json = json};
    struct parsed_event parsed;
    struct buf text = {0};
    run_parse(t->run, &event, &parsed);
    if (parsed.reject != REASON_NONE) {
        t->unread += str_trim(json).n > 0;
        return false;
    }
    arena_reset(&t->scratch);
    paths_fill(t->paths, &parsed, &t->scratch, t->slots);
    struct eval eval = {
        .slots = t->slots,
        .event = &event,
        .now_ms = clock_now_ms(),
        .scratch = &t->scratch,
        .text = &text,
    };
    bool result = trigger_test(t->trigger, &eval);
    buf_fini(&text);
    return result;
}

static int test_lines(const struct args *args, struct trial *t)
{
    struct lines lines;
    struct str line;
    struct err err;
    lines_init(&lines, args->operands + 1, args->operand_count - 1);
    while (lines_next(&lines, &line, &err)) puts(test(t, line) ? "true" : "false");
    lines_fini(&lines);
    if (t->unread)
        fprintf(stderr, "pixeld trigger: no JSON objects, and so false: %llu lines\n", t->unread);
    return err.kind == ERR_NONE ? EXIT_DONE : fail_with(args->command, &err);
}

static int run(const struct args *args)
{
    struct trial trial = {0};
    struct err err;
    int code = EXIT_INPUT;
    if (!args->operand_count) {
        (void)err_set(&err, ERR_USAGE, "which trigger? pixeld trigger 'type = \"track\"' < events");
        return fail_with(args->command, &err);
    }
    if (compile(&trial, args->operands[0])) {
        trial.run = run_new();
        code = test_lines(args, &trial);
        run_free(trial.run);
    }
    arena_fini(&trial.arena);
    arena_fini(&trial.scratch);
    return code;
}

const struct command command_trigger = {
    .name = "trigger",
    .operands = "'EXPR' [FILE...]",
    .summary = "try a trigger on events, a line each",
    .help = "Prints true or false for each event (one JSON object a line; what is none is false).\n"
            "A wrong expression is shown with its place, exit code 1.\n\n"
            "  pixeld trigger 'type = \"track\" and properties.revenue >= 1000' < events.ndjson",
    .operands_max = -1,
    .run = run,
};
