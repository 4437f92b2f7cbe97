/* SPDX-License-Identifier: Apache-2.0 */
/* See diff_journal.h. */
#include "app/diff_journal.h"

#include "app/client.h"
#include "app/lines.h"

#include "base/json.h"
#include "base/mem.h"
#include "core/limits.h"
#include "load/compare.h"

#include <stdio.h>
#include <unistd.h>

/* X(NAME, "member of the answer", "words") */
#define SUMS(X)                                                                                    \
    X(TOTAL, "total", "events compared")                                                           \
    X(SAME, "same", "come out the same")                                                           \
    X(CHANGED, "changed", "change, and end as before")                                             \
    X(SENT, "newly_sent", "would be sent now")                                                     \
    X(FILTERED, "newly_filtered", "would be filtered now")                                         \
    X(DEAD, "newly_dead", "would be dead now")

enum sum {
#define X(NAME, member, words) SUM_##NAME,
    SUMS(X)
#undef X
        SUM_COUNT
};

static const struct {
    const char *member, *words;
} sums[] = {
#define X(NAME, member, words) {member, words},
    SUMS(X)
#undef X
};

struct totals {
    struct str name;
    uint64_t sums[SUM_COUNT];
    size_t shown; /* differences printed */
};

struct journal_diff {
    struct client *client;
    struct arena arena;
    struct buf text, body, answer;
    struct totals destinations[LIMIT_DESTINATIONS];
    size_t count;
};

static struct totals *totals_of(struct journal_diff *d, struct str name)
{
    for (size_t i = 0; i < d->count; i++) {
        if (str_eq(d->destinations[i].name, name)) return &d->destinations[i];
    }
    if (d->count == LIMIT_DESTINATIONS) return NULL;
    struct totals *t = &d->destinations[d->count++];
    t->name = name;
    return t;
}

static uint64_t number(yyjson_val *v, const char *member)
{
    uint64_t value = 0;
    (void)str_to_u64(json_str(json_get(v, member)), &value); /* absent counts as none */
    return value;
}

static void print_sample(const struct totals *t, yyjson_val *sample)
{
    struct buf differences = {0};
    (void)compare_json(COMPARE_ALL, json_get(sample, "before"), json_get(sample, "after"), "was",
                       "becomes", &differences);
    printf("%.*s, event %llu:\n%.*s", STR_ARG(t->name), (unsigned long long)number(sample, "seq"),
           STR_ARG(buf_str(&differences)));
    buf_fini(&differences);
}

static void add_destination(struct journal_diff *d, yyjson_val *destination)
{
    size_t index, count;
    yyjson_val *sample;
    struct totals *t = totals_of(d, json_str(json_get(destination, "name")));
    if (!t) return;
    for (size_t i = 0; i < SUM_COUNT; i++) t->sums[i] += number(destination, sums[i].member);
    yyjson_arr_foreach (json_get(destination, "samples"), index, count, sample) {
        if (t->shown++ < LIMIT_TRY_SAMPLES) print_sample(t, sample);
    }
}

/* One stretch. *next is where the next begins, or 0 at the end. */
static bool ask(struct journal_diff *d, const char *key, struct str where, uint64_t *next,
                struct err *err)
{
    size_t index, count;
    yyjson_val *destination;
    buf_clear(&d->body);
    buf_putc(&d->body, '{');
    json_kv_str(&d->body, S("text"), buf_str(&d->text));
    json_kv_raw(&d->body, str_z(key), where);
    buf_putc(&d->body, '}');
    if (!client_json(d->client, "/api/v1/diff", buf_str(&d->body), &d->answer, err)) return false;
    yyjson_val *root = json_read(&d->arena, buf_str(&d->answer), err);
    if (!root) return false;
    yyjson_arr_foreach (json_get(root, "destinations"), index, count, destination) {
        add_destination(d, destination);
    }
    *next = number(root, "next");
    if (*next && isatty(STDERR_FILENO)) {
        fprintf(stderr, "\revent %llu of %llu", (unsigned long long)*next,
                (unsigned long long)number(root, "end"));
    }
    return true;
}

static uint64_t print_totals(const struct journal_diff *d)
{
    uint64_t changed = 0;
    if (!d->count) puts("no destination is in both configurations");
    for (size_t i = 0; i < d->count; i++) {
        const struct totals *t = &d->destinations[i];
        printf("%.*s\n", STR_ARG(t->name));
        for (size_t k = 0; k < SUM_COUNT; k++) {
            printf("  %10llu %s\n", (unsigned long long)t->sums[k], sums[k].words);
        }
        changed += t->sums[SUM_TOTAL] - t->sums[SUM_SAME];
    }
    return changed;
}

static bool ask_all(struct journal_diff *d, const struct args *args, struct err *err)
{
    struct buf where = {0};
    int64_t since = 0;
    uint64_t next = 0;
    if (!args_time(args, "since", &since, err)) return false;
    buf_putc(&where, '"');
    time_print(&where, since);
    buf_putc(&where, '"');
    bool ok = ask(d, "since", buf_str(&where), &next, err);
    while (ok && next) {
        buf_clear(&where);
        buf_put_u64(&where, next);
        ok = ask(d, "from", buf_str(&where), &next, err);
    }
    if (isatty(STDERR_FILENO)) fputs("\r", stderr);
    buf_fini(&where);
    return ok;
}

bool diff_journal(const struct args *args, uint64_t *changed, struct err *err)
{
    struct journal_diff *d = mem_new(sizeof *d);
    bool ok = lines_read_all(args->operands[0], LIMIT_CONFIG_BYTES, &d->text, err);
    d->client = client_admin(args_get(args, "admin"));
    ok = ok && ask_all(d, args, err);
    if (ok) *changed = print_totals(d);
    client_free(d->client);
    buf_fini(&d->text);
    buf_fini(&d->body);
    buf_fini(&d->answer);
    arena_fini(&d->arena);
    mem_free(d);
    return ok;
}
