/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld test: fixtures beside a configuration. Each says an event and what must become of it; for
 * CI, or before a reload. */
#include "app/commands.h"
#include "app/lines.h"
#include "load/compare.h"
#include "load/mapper.h"

#include "base/mem.h"
#include "base/time.h"
#include "sys/clock.h"

struct tester {
    const struct args *args;
    struct mapper mapper;
    struct arena arena; /* one fixture */
    struct buf answer, differences;
    uint64_t passed, failed;
};

static const char *text_of(struct arena *arena, yyjson_val *v)
{
    return v ? arena_str(arena, json_str(v)).p : NULL;
}

/* The fixture may name another destination, source or time than the command line. */
static bool set_up(struct tester *t, yyjson_val *fixture, struct err *err)
{
    const char *destination = text_of(&t->arena, json_get(fixture, "destination"));
    const char *source = text_of(&t->arena, json_get(fixture, "source"));
    const char *now = text_of(&t->arena, json_get(fixture, "now"));
    clock_thaw();
    return mapper_set_now(now ? now : args_get(t->args, "now"), err) &&
           mapper_pick(&t->mapper, destination ? destination : args_get(t->args, "destination"),
                       source ? source : args_get(t->args, "source"), err);
}

static void map_event(struct tester *t, yyjson_val *event)
{
    struct buf json = {0};
    json_put_val(&json, event);
    mapper_run(&t->mapper, buf_str(&json));
    buf_clear(&t->answer);
    mapper_put(&t->mapper, &t->answer);
    buf_fini(&json);
}

static bool check_fixture(struct tester *t, const struct lines *lines, struct str line,
                          struct err *err)
{
    yyjson_val *fixture = json_read(&t->arena, line, err);
    yyjson_val *event = json_get(fixture, "event"), *expect = json_get(fixture, "expect");
    if (!fixture) return false;
    if (!event || !yyjson_is_obj(expect)) {
        return err_set(err, ERR_INPUT, "a fixture is {\"event\":{...},\"expect\":{...}}");
    }
    if (!set_up(t, fixture, err)) return false;
    map_event(t, event);
    yyjson_val *got = json_read(&t->arena, buf_str(&t->answer), err);
    buf_clear(&t->differences);
    if (!compare_json(COMPARE_SUBSET, expect, got, "wanted", "got", &t->differences)) {
        t->passed++;
        return true;
    }
    struct str name = json_str(json_get(fixture, "name"));
    t->failed++;
    printf("%s:%llu: %.*s\n%.*s", lines_name(lines), (unsigned long long)lines->number,
           STR_ARG(name.n ? name : S("a fixture")), STR_ARG(buf_str(&t->differences)));
    return true;
}

/* --record: prints a fixture of what becomes of the event now. */
static bool record_fixture(struct tester *t, const struct lines *lines, struct str line,
                           struct err *err)
{
    struct buf now = {0};
    yyjson_val *event = json_read(&t->arena, line, err);
    (void)lines;
    if (!event || !set_up(t, NULL, err)) return false;
    map_event(t, event);
    time_print(&now, clock_now_ms());
    printf("{\"now\":\"%.*s\",\"event\":%.*s,\"expect\":%.*s}\n", STR_ARG(buf_str(&now)),
           STR_ARG(line), STR_ARG(buf_str(&t->answer)));
    buf_fini(&now);
    t->passed++;
    return true;
}

typedef bool fixture_fn(struct tester *t, const struct lines *lines, struct str line,
                        struct err *err);

static bool each_line(struct tester *t, fixture_fn *fn, struct err *err)
{
    struct lines lines;
    struct str line;
    bool ok = true;
    lines_init(&lines, t->args->operands, t->args->operand_count);
    while (ok && lines_next(&lines, &line, err)) {
        if (!str_trim(line).n) continue;
        arena_reset(&t->arena);
        ok = fn(t, &lines, line, err) ||
             err_wrap(err, "%s:%llu", lines_name(&lines), (unsigned long long)lines.number);
    }
    lines_fini(&lines);
    return ok && err->kind == ERR_NONE;
}

static int run_tester(struct tester *t)
{
    struct err err;
    bool record = args_has(t->args, "record");
    if (!mapper_open(&t->mapper, args_get(t->args, "config"), NULL, NULL, &err) &&
        err.kind != ERR_USAGE) { /* which destination is asked for each fixture */
        return fail_with(t->args->command, &err);
    }
    if (!each_line(t, record ? record_fixture : check_fixture, &err)) {
        return fail_with(t->args->command, &err);
    }
    if (!record) {
        printf("%llu passed, %llu failed\n", (unsigned long long)t->passed,
               (unsigned long long)t->failed);
    }
    return t->failed ? EXIT_INPUT : EXIT_DONE;
}

static int run(const struct args *args)
{
    struct tester *t = mem_new(sizeof *t);
    t->args = args;
    int code = run_tester(t);
    mapper_close(&t->mapper);
    arena_fini(&t->arena);
    buf_fini(&t->answer);
    buf_fini(&t->differences);
    mem_free(t);
    return code;
}

static const struct option options[] = {
    {"config", "FILE", "the configuration under test"},
    {"destination", "NAME", "for fixtures that name none"},
    {"source", "NAME", "for fixtures that name none"},
    {"now", "TIME", "for fixtures that name none (RFC 3339)"},
    {"record", NULL, "read events instead and print a fixture for each"},
};

const struct command command_test = {
    .name = "test",
    .operands = "[FIXTURES...]",
    .summary = "check a configuration against fixtures: event and what must become of it",
    .help = "A fixture is a line of JSON: "
            "{\"name\":...,\"now\":...,\"destination\":...,\"event\":{...},\n"
            "\"expect\":{...}}, where expect is any part of what `pixeld map` prints for the "
            "event; only\n"
            "the keys that it names are compared. Prints each difference; exit code 1 if there is "
            "one.\n\n"
            "  pixeld test --config pixeld.yaml --record < events.ndjson > pixeld.test.ndjson\n"
            "  pixeld test --config pixeld.yaml pixeld.test.ndjson",
    .options = options,
    .option_count = countof(options),
    .operands_max = -1,
    .run = run,
};
