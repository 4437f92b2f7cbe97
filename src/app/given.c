/* SPDX-License-Identifier: Apache-2.0 */
/* See given.h. */
#include "app/given.h"

#include "app/pipeline.h"
#include "base/json.h"
#include "load/load.h"

const struct config *given_config(void *ctx, const void **generation)
{
    struct pipeline *p = ctx;
    struct generation *g = generation_acquire(&p->generations);
    *generation = g;
    return g->config;
}

void given_release(void *ctx, const void *generation)
{
    (void)ctx;
    generation_release((struct generation *)generation);
}

static const void *deliver_acquire(void *ctx, const struct config **config)
{
    const void *generation;
    *config = given_config(ctx, &generation);
    return generation;
}

/* What its sender calls the event; protocols spell it differently, and some events have only a type. */
static struct str event_name(const struct parsed_event *parsed)
{
    static const char *const keys[] = {"event", "event_type", "event_name", "ev", "type"};
    for (size_t i = 0; i < countof(keys); i++) {
        struct str name = json_str(json_get(parsed->root, keys[i]));
        if (name.n) return name;
    }
    return S("");
}

/* Delivery has one thread, so one run is enough. */
static struct run *delivery_run;

static void translate(void *ctx, const void *generation, size_t destination, const struct event *e,
                      int64_t now_ms, struct buf *out, struct translation *t)
{
    const struct generation *g = generation;
    struct parsed_event parsed;
    (void)ctx;
    load_parse(g, delivery_run, e, now_ms, &parsed);
    plan_run(load_plan(g, destination, e->protocol), delivery_run, &parsed, now_ms, out, t, NULL);
    t->event_name = event_name(&parsed);
}

static size_t rules(void *ctx, const void *generation, size_t destination)
{
    (void)ctx;
    return load_rules(generation, destination);
}

struct deliver_source given_delivery(struct pipeline *p)
{
    return (struct deliver_source){p, deliver_acquire, given_release, translate, rules};
}

void given_open(void)
{
    delivery_run = run_new();
}

void given_close(void)
{
    run_free(delivery_run);
    delivery_run = NULL;
}
