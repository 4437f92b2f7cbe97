/* SPDX-License-Identifier: Apache-2.0 */
/* map [EVENTS [PRESET]]: how many events a second one thread maps with a preset (standard), over so many events
 * of the corpus (500,000; whole pieces of 4,000), beside the limit: C by hand for just this corpus, which parses
 * the same events with yyjson, makes all hashes of the same values and writes the same parameters with
 * the same writer, but has no rules, no checks, no normalisers and does not look for personal data. One JSON
 * line each, and the ratio; and the same where everybody is a stranger, of whom nothing can be
 * remembered. The limit comes twice: with no more hashes than the event has values for (7 on average), and
 * with 11 for each event, whether or not it has values for them.
 *
 * map scale [EVENTS]: the same with 1, 10 and 1,000 actions and as many rows of `events` in the
 * destination, of which each event meets one at most. */
#include "bench/corpus.h"
#include "bench/limit.h"

#include "conf/presets.h"
#include "map/plan.h"
#include "sys/clock.h"

#include <stdio.h>
#include <stdlib.h>

/* People of more visits than the memory for those who come again has room for. */
enum { CORPUS_EVENTS = 20000, SLICE_EVENTS = 4000, PAIRS_MAX = 1000, HASHED_FIELDS = 11 };

static const int64_t now_ms = INT64_C(1795284245123);

struct bench {
    struct event events[CORPUS_EVENTS];
    struct buf json;
    struct limit limit; /* its out is for both */
    size_t pairs;
};

static void fill_corpus(struct bench *b, bool strangers)
{
    static size_t starts[CORPUS_EVENTS + 1];
    struct corpus corpus = corpus_open(1, now_ms);
    corpus.strangers = strangers;
    buf_clear(&b->json);
    for (size_t i = 0; i < CORPUS_EVENTS; i++) {
        starts[i] = b->json.n;
        corpus_event(&corpus, &b->json);
    }
    starts[CORPUS_EVENTS] = b->json.n;
    for (size_t i = 0; i < CORPUS_EVENTS; i++) {
        b->events[i] =
            (struct event){.received_ms = now_ms,
                           .source = S("bench"),
                           .json = str_of(b->json.p + starts[i], starts[i + 1] - starts[i])};
    }
}

/* The plan of a preset below a destination with own rules, which begin with a line break. */
static struct plan *compile(struct str name, struct str rules, struct arena *arena)
{
    static const char text[] = "sources:\n  - { name: bench, write_key: k }\n"
                               "destinations:\n  - name: m\n    pixel_id: \"1\"\n"
                               "    access_token: t";
    struct diags diags;
    struct buf problems = {0}, yaml = {0};
    diags_init(&diags, arena);
    buf_put(&yaml, str_z(text));
    buf_put(&yaml, rules);
    buf_putc(&yaml, '\n');
    struct config *config = config_parse(S("bench.yaml"), buf_str(&yaml), arena, &diags);
    struct destination_conf *preset = NULL;
    for (size_t i = 0; i < preset_count; i++) {
        if (!str_eq(presets[i].name, name)) continue;
        preset = preset_parse(presets[i].file, presets[i].text, arena, &diags);
    }
    struct plan *plan =
        config && preset ? plan_compile(&config->destinations[0], preset, arena, &diags) : NULL;
    diags_print(&problems, &diags);
    if (!preset) fprintf(stderr, "there is no preset \"%.*s\"\n", STR_ARG(name));
    if (!plan) fprintf(stderr, "%.*s", STR_ARG(buf_str(&problems)));
    buf_fini(&problems);
    buf_fini(&yaml);
    return plan;
}

/* --- measuring ---------------------------------------------------------------------------------- */

/* In turns, a few milliseconds each, because a shared machine is faster or slower from one moment to the next:
 * what is told is the median, of the ratio that of pairs. */
struct series {
    double us[PAIRS_MAX]; /* an event */
    size_t count;
    uint64_t bytes_out, dead;
};

static size_t pairs_of(uint64_t events)
{
    uint64_t pairs = events / SLICE_EVENTS;
    return pairs < 1 ? 1 : pairs > PAIRS_MAX ? PAIRS_MAX : (size_t)pairs;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* median sorts the list. */
static double median(double *list, size_t count)
{
    qsort(list, count, sizeof *list, compare_doubles);
    return list[count / 2];
}

static const struct event *slice_of(const struct bench *b, size_t turn)
{
    return &b->events[turn % (CORPUS_EVENTS / SLICE_EVENTS) * SLICE_EVENTS];
}

static void run_limit(struct bench *b, unsigned at_least, struct series *s)
{
    const struct event *events = slice_of(b, s->count);
    int64_t start = clock_mono_us();
    for (size_t i = 0; i < SLICE_EVENTS; i++) {
        buf_clear(&b->limit.out);
        limit_event(&b->limit, events[i].json, at_least);
        s->bytes_out += b->limit.out.n;
    }
    s->us[s->count++] = (double)(clock_mono_us() - start) / SLICE_EVENTS;
}

static void run_plan(struct bench *b, const struct plan *plan, struct run *run, struct series *s)
{
    static struct translation t;
    struct parsed_event parsed;
    const struct event *events = slice_of(b, s->count);
    int64_t start = clock_mono_us();
    for (size_t i = 0; i < SLICE_EVENTS; i++) {
        buf_clear(&b->limit.out);
        run_parse(run, &events[i], &parsed);
        plan_run(plan, run, &parsed, now_ms, &b->limit.out, &t, NULL);
        s->bytes_out += b->limit.out.n;
        s->dead += !t.send_count;
    }
    s->us[s->count++] = (double)(clock_mono_us() - start) / SLICE_EVENTS;
}

static void report(const struct bench *b, const char *what, struct series *s)
{
    uint64_t events = s->count * SLICE_EVENTS;
    printf("{\"bench\":\"map\",\"what\":\"%s\",\"events\":%llu,\"bytes_in\":%zu,\"bytes_out\":%llu,"
           "\"dead\":%llu,\"events_per_second\":%.0f}\n",
           what, (unsigned long long)events, b->json.n / CORPUS_EVENTS,
           (unsigned long long)(s->bytes_out / events), (unsigned long long)s->dead,
           1e6 / median(s->us, s->count));
}

static void report_ratio(const struct bench *b, const char *what, double *ratios)
{
    printf("{\"bench\":\"map\",\"what\":\"%s\",\"plan_to_limit\":%.3f}\n", what,
           median(ratios, b->pairs));
}

static void compare(struct bench *b, const struct plan *plan, struct run *run, bool strangers)
{
    static struct series limit, eleven, mapped;
    static double ratios[PAIRS_MAX], ratios_eleven[PAIRS_MAX];
    limit = eleven = mapped = (struct series){.count = 0};
    fill_corpus(b, strangers);
    for (size_t i = 0; i < b->pairs; i++) {
        run_limit(b, 0, &limit);
        run_plan(b, plan, run, &mapped);
        run_limit(b, HASHED_FIELDS, &eleven);
        ratios[i] = limit.us[i] / mapped.us[i];
        ratios_eleven[i] = eleven.us[i] / mapped.us[i];
    }
    report(b, strangers ? "limit strangers" : "limit", &limit);
    report(b, strangers ? "limit of 11 strangers" : "limit of 11", &eleven);
    report(b, strangers ? "strangers" : "plan", &mapped);
    report_ratio(b, strangers ? "ratio strangers" : "ratio", ratios);
    report_ratio(b, strangers ? "ratio of 11 strangers" : "ratio of 11", ratios_eleven);
}

/* --- with many rules ---------------------------------------------------------------------------- */

enum { SIZES = 3 };

static void put_rules(struct buf *yaml, size_t count)
{
    buf_put(yaml, S("\n    events:"));
    for (size_t i = 0; i < count; i++) buf_printf(yaml, "\n      Row %zu: Lead", i);
    buf_put(yaml, S("\n    actions:"));
    for (size_t i = 0; i < count; i++) {
        buf_printf(yaml,
                   "\n      - name: Action %zu"
                   "\n        trigger: type = \"track\" and event = \"Event %zu\""
                   "\n        send: Contact"
                   "\n        custom_data: { value: properties.price }",
                   i, i);
    }
}

static int scale(struct bench *b, struct run *run)
{
    static const size_t sizes[SIZES] = {1, 10, 1000};
    struct arena arenas[SIZES] = {{0}};
    const struct plan *plans[SIZES];
    static struct series series[SIZES];
    for (size_t i = 0; i < SIZES; i++) {
        struct buf yaml = {0};
        put_rules(&yaml, sizes[i]);
        plans[i] = compile(S("standard"), buf_str(&yaml), &arenas[i]);
        buf_fini(&yaml);
        if (!plans[i]) return 1;
    }
    for (size_t i = 0; i < b->pairs * SIZES; i++)
        run_plan(b, plans[i % SIZES], run, &series[i % SIZES]);
    for (size_t i = 0; i < SIZES; i++) {
        printf("{\"bench\":\"map\",\"what\":\"scale\",\"actions\":%zu,\"rows\":%zu,"
               "\"events_per_second\":%.0f}\n",
               sizes[i], sizes[i], 1e6 / median(series[i].us, b->pairs));
        arena_fini(&arenas[i]);
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct bench b;
    uint64_t total = 500000;
    struct arena generation = {0};
    bool many = argc > 1 && str_eq(str_z(argv[1]), S("scale"));
    const char *events = argc > 1 + many ? argv[1 + many] : NULL;
    struct str preset = argc > 2 && !many ? str_z(argv[2]) : S("standard");
    if (events && (!str_to_u64(str_z(events), &total) || !total)) {
        fprintf(stderr, "usage: map [EVENTS [PRESET]] | map scale [EVENTS]\n");
        return 2;
    }
    b.pairs = pairs_of(total);
    if (many) fill_corpus(&b, false);
    struct run *run = run_new();
    struct plan *plan = many ? NULL : compile(preset, S(""), &generation);
    if (plan) compare(&b, plan, run, false);
    if (plan) compare(&b, plan, run, true);
    int status = many ? scale(&b, run) : !plan;
    run_free(run);
    arena_fini(&generation);
    arena_fini(&b.limit.arena);
    buf_fini(&b.json);
    buf_fini(&b.limit.out);
    buf_fini(&b.limit.text);
    return status;
}
