/* SPDX-License-Identifier: Apache-2.0 */
/* map [EVENTS] [PRESET]: how many events a second one thread maps with a preset (standard), beside the
 * limit: a straight line of C by hand that parses the same events with the same parser, hashes the same
 * fields and writes as much JSON, but has no rules, no checks and no normalisers. One JSON line
 * each, and the ratio. */
#include "bench/corpus.h"

#include "base/sha256.h"
#include "base/text.h"
#include "conf/presets.h"
#include "map/plan.h"
#include "sys/clock.h"

#include <stdio.h>

enum { CORPUS_EVENTS = 2000, ROUNDS = 5 };

static const int64_t now_ms = INT64_C(1795284245123);

struct bench {
    struct event events[CORPUS_EVENTS];
    struct buf json;
    struct buf out, text;
    struct arena arena;
    uint64_t total, bytes_out, dead;
};

static void fill_corpus(struct bench *b)
{
    size_t starts[CORPUS_EVENTS + 1];
    struct corpus corpus = corpus_open(1, now_ms);
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

static struct plan *compile(struct str name, struct arena *arena)
{
    static const char text[] = "sources:\n  - { name: bench, write_key: k }\n"
                               "destinations:\n  - { name: m, pixel_id: \"1\", access_token: t }\n";
    struct diags diags;
    struct buf problems = {0};
    diags_init(&diags, arena);
    struct config *config = config_parse(S("bench.yaml"), str_z(text), arena, &diags);
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
    return plan;
}

/* --- the limit ---------------------------------------------------------------------------------- */

static void hash(struct bench *b, yyjson_val *root, const char *key, const char *path)
{
    struct str value = json_str(json_get(root, path));
    if (!value.n) return;
    buf_clear(&b->text);
    text_lower(&b->text, value);
    json_key(&b->out, str_z(key));
    buf_putc(&b->out, '"');
    sha256_put_hex(&b->out, buf_str(&b->text));
    buf_putc(&b->out, '"');
}

static void copy(struct bench *b, yyjson_val *root, const char *key, const char *path)
{
    yyjson_val *value = json_get(root, path);
    if (!value) return;
    json_key(&b->out, str_z(key));
    json_put_val(&b->out, value);
}

static void limit_event(struct bench *b, const struct event *e)
{
    struct err err;
    int64_t ms = 0;
    arena_reset(&b->arena);
    yyjson_val *root = json_read(&b->arena, e->json, &err);
    buf_putc(&b->out, '{');
    copy(b, root, "event_name", "event");
    (void)time_parse(json_str(json_get(root, "timestamp")), &ms);
    json_kv_i64(&b->out, S("event_time"), ms / MS_PER_SECOND);
    json_kv_str(&b->out, S("action_source"), S("website"));
    copy(b, root, "event_source_url", "context.page.url");
    copy(b, root, "event_id", "messageId");
    buf_put(&b->out, S(",\"user_data\":{"));
    hash(b, root, "em", "context.traits.email");
    hash(b, root, "ph", "context.traits.phone");
    hash(b, root, "fn", "context.traits.firstName");
    hash(b, root, "ln", "context.traits.lastName");
    hash(b, root, "db", "context.traits.birthday");
    hash(b, root, "ge", "context.traits.gender");
    hash(b, root, "ct", "context.traits.address.city");
    hash(b, root, "st", "context.traits.address.state");
    hash(b, root, "zp", "context.traits.address.postalCode");
    hash(b, root, "country", "context.traits.address.country");
    hash(b, root, "external_id", "userId");
    copy(b, root, "client_ip_address", "context.ip");
    copy(b, root, "client_user_agent", "context.userAgent");
    buf_put(&b->out, S("},\"custom_data\":"));
    json_put_val(&b->out, json_get(root, "properties"));
    buf_putc(&b->out, '}');
}

/* --- measuring ---------------------------------------------------------------------------------- */

static double run_limit(struct bench *b)
{
    int64_t start = clock_mono_us();
    for (uint64_t i = 0; i < b->total; i++) {
        buf_clear(&b->out);
        limit_event(b, &b->events[i % CORPUS_EVENTS]);
        b->bytes_out += b->out.n;
    }
    return (double)(clock_mono_us() - start) / 1e6;
}

static double run_plan(struct bench *b, const struct plan *plan, struct run *run)
{
    static struct translation t;
    struct parsed_event parsed;
    int64_t start = clock_mono_us();
    for (uint64_t i = 0; i < b->total; i++) {
        buf_clear(&b->out);
        run_parse(run, &b->events[i % CORPUS_EVENTS], &parsed);
        plan_run(plan, run, &parsed, now_ms, &b->out, &t, NULL);
        b->bytes_out += b->out.n;
        b->dead += !t.send_count;
    }
    return (double)(clock_mono_us() - start) / 1e6;
}

static double report(struct bench *b, const char *what, double seconds)
{
    double rate = (double)b->total / seconds;
    printf("{\"bench\":\"map\",\"what\":\"%s\",\"events\":%llu,\"bytes_in\":%zu,\"bytes_out\":%llu,"
           "\"dead\":%llu,\"seconds\":%.3f,\"events_per_second\":%.0f}\n",
           what, (unsigned long long)b->total, b->json.n / CORPUS_EVENTS,
           (unsigned long long)(b->bytes_out / b->total), (unsigned long long)b->dead, seconds,
           rate);
    return rate;
}

int main(int argc, char **argv)
{
    static struct bench b = {.total = 100000};
    struct arena generation = {0};
    struct str preset = argc > 2 ? str_z(argv[2]) : S("standard");
    if (argc > 1 && (!str_to_u64(str_z(argv[1]), &b.total) || !b.total)) {
        fprintf(stderr, "usage: map [EVENTS] [PRESET]\n");
        return 2;
    }
    fill_corpus(&b);
    struct plan *plan = compile(preset, &generation);
    if (!plan) return 1;
    struct run *run = run_new();
    double best_plan = 0, best_limit = 0;
    for (int i = 0; i < ROUNDS; i++) { /* taken in turns; the best of each is what it can do */
        b.bytes_out = b.dead = 0;
        double limit = report(&b, "limit", run_limit(&b));
        b.bytes_out = 0;
        double mapped = report(&b, "plan", run_plan(&b, plan, run));
        if (limit > best_limit) best_limit = limit;
        if (mapped > best_plan) best_plan = mapped;
    }
    printf("{\"bench\":\"map\",\"what\":\"ratio\",\"plan_to_limit\":%.3f,\"us_per_event\":%.2f}\n",
           best_plan / best_limit, 1e6 / best_plan);
    run_free(run);
    arena_fini(&generation);
    arena_fini(&b.arena);
    buf_fini(&b.json);
    buf_fini(&b.out);
    buf_fini(&b.text);
    return 0;
}
