/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld map and pixeld explain: what would go to Meta for these events? No network, no disk. map
 * prints a JSON line for each event, for scripts; explain tells the story of each, for people. */
#include "app/commands.h"
#include "app/lines.h"
#include "app/load.h"

#include "base/mem.h"
#include "base/time.h"
#include "core/limits.h"
#include "map/explain.h"
#include "sys/clock.h"

struct mapper {
    struct generation *generation;
    const struct plan *plan;
    const struct source_conf *source;
    struct run *run;
    struct buf out;     /* Meta events of the present event */
    struct buf answer;  /* what is printed */
    struct buf pending; /* explain: the lines of an event that is not whole yet */
    struct explain *explain;
    struct translation translation;
};

static bool pick_destination(struct mapper *m, const char *name, struct err *err)
{
    const struct config *config = m->generation->config;
    if (!name && config->destination_count > 1) {
        return err_set(err, ERR_USAGE,
                       "the configuration has %zu destinations; say which with "
                       "--destination, for example --destination %.*s",
                       config->destination_count, STR_ARG(config->destinations[0].name.text));
    }
    for (size_t i = 0; i < config->destination_count; i++) {
        if (name && !str_eq(config->destinations[i].name.text, str_z(name))) continue;
        m->plan = load_plan(m->generation, i);
        return true;
    }
    return err_set(err, ERR_USAGE, "there is no destination \"%s\"", name ? name : "");
}

static bool pick_source(struct mapper *m, const char *name, struct err *err)
{
    const struct config *config = m->generation->config;
    m->source = name ? config_source(config, str_z(name)) : NULL;
    if (!name && config->source_count) m->source = &config->sources[0];
    return !name || m->source || err_set(err, ERR_USAGE, "there is no source \"%s\"", name);
}

static bool freeze_clock(const char *now, struct err *err)
{
    int64_t ms;
    if (!now) return true;
    if (!time_parse(str_z(now), &ms)) {
        return err_set(err, ERR_USAGE, "--now wants a time such as 2026-11-21T12:00:00Z");
    }
    clock_freeze(ms);
    return true;
}

static bool open_mapper(struct mapper *m, const struct args *args, struct err *err)
{
    struct buf problems = {0};
    const char *path = args_get(args, "config");
    if (!freeze_clock(args_get(args, "now"), err)) return false;
    m->generation =
        path ? load_file(path, &problems) : load_default(S("unused"), S("http://127.0.0.1/v26.0"));
    if (!m->generation) {
        fwrite(problems.p, 1, problems.n, stderr);
        buf_fini(&problems);
        return err_set(err, ERR_INPUT, "the configuration has problems, see above");
    }
    if (!pick_destination(m, args_get(args, "destination"), err)) return false;
    if (!pick_source(m, args_get(args, "source"), err)) return false;
    m->run = run_new();
    return true;
}

static void close_mapper(struct mapper *m)
{
    run_free(m->run);
    explain_free(m->explain);
    if (m->generation) generation_release(m->generation);
    buf_fini(&m->out);
    buf_fini(&m->answer);
    buf_fini(&m->pending);
}

static void map_one(struct mapper *m, struct str json)
{
    struct event event = {
        .protocol = m->source ? m->source->protocol : PROTOCOL_SEGMENT,
        .source = m->source ? m->source->name.text : S(""),
        .json = json,
    };
    struct parsed_event parsed;
    run_parse(m->run, &event, &parsed);
    if (m->source) parsed.default_country = m->source->default_country.text;
    buf_clear(&m->out);
    plan_run(m->plan, m->run, &parsed, clock_now_ms(), &m->out, &m->translation, m->explain);
}

static void put_sends(struct mapper *m)
{
    const struct translation *t = &m->translation;
    buf_put(&m->answer, S("{\"send\":["));
    for (size_t i = 0; i < t->send_count; i++) {
        const struct outgoing *send = &t->sends[i];
        json_comma(&m->answer);
        buf_putc(&m->answer, '{');
        json_kv_str(&m->answer, S("pixel_id"), send->pixel_id);
        json_kv_raw(&m->answer, S("event"), str_of(m->out.p + send->json_at, send->json_n));
        buf_putc(&m->answer, '}');
    }
    buf_put(&m->answer, S("]}"));
}

static void put_answer(struct mapper *m)
{
    const struct outcome *o = &m->translation.outcome;
    if (o->reason == REASON_NONE) {
        put_sends(m);
        return;
    }
    buf_putc(&m->answer, '{');
    json_kv_str(&m->answer, state_name(o->state), reason_name(o->reason));
    if (o->state == STATE_DEAD) {
        json_kv_str(&m->answer, S("path"), str_z(o->path));
        json_kv_str(&m->answer, S("message"), str_z(o->message));
    }
    buf_putc(&m->answer, '}');
}

static void print_map(struct mapper *m, struct str line)
{
    map_one(m, line);
    buf_clear(&m->answer);
    put_answer(m);
    buf_putc(&m->answer, '\n');
    fwrite(m->answer.p, 1, m->answer.n, stdout);
}

static void explain_one(struct mapper *m, struct str json)
{
    map_one(m, json);
    buf_clear(&m->answer);
    explain_print(m->explain, &m->translation, buf_str(&m->out), &m->answer);
    fwrite(m->answer.p, 1, m->answer.n, stdout);
}

/* People paste events that are printed over several lines: lines are gathered until they are whole
 * JSON, or too much for one event. */
static void print_explain(struct mapper *m, struct str line)
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

static int run_lines(const struct args *args, struct mapper *m,
                     void (*print)(struct mapper *m, struct str line))
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

static int run_map(const struct args *args)
{
    struct mapper *m = mem_new(sizeof *m);
    struct err err;
    int code =
        open_mapper(m, args, &err) ? run_lines(args, m, print_map) : fail_with(args->command, &err);
    close_mapper(m);
    mem_free(m);
    return code;
}

static int run_explain(const struct args *args)
{
    struct mapper *m = mem_new(sizeof *m);
    struct err err;
    m->explain = explain_new(args_has(args, "reveal"));
    int code = open_mapper(m, args, &err) ? run_lines(args, m, print_explain)
                                          : fail_with(args->command, &err);
    close_mapper(m);
    mem_free(m);
    return code;
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
    SHARED_OPTIONS, {"reveal", NULL, "show personal data instead of masking it"}};

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
    .operands = "[FILE...]",
    .summary = "tell the story of an event: rules, values, verdict",
    .help = "Like map, for people: which rule was chosen and by which line, where each value came\n"
            "from and what was made of it, the verdict, and the JSON that would go out. Personal\n"
            "data is masked.\n\n"
            "  pixeld explain --config pixeld.yaml < event.json",
    .options = explain_options,
    .option_count = countof(explain_options),
    .operands_max = -1,
    .run = run_explain,
};
