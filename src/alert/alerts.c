/* SPDX-License-Identifier: Apache-2.0 */
/* See alerts.h. */
#include "alert/alerts.h"

#include "alert/notify.h"
#include "base/mem.h"
#include "core/log.h"
#include "sys/clock.h"
#include "sys/file.h"

/* Something to tell. */
struct notice {
    struct buf body;
    unsigned ways, tries;
    int64_t due_us;
};

struct alerts {
    struct alerts_options options;
    struct thread thread;
    struct arena arena; /* of one look */
    const struct alerts_conf *conf;
    struct notice notices[LIMIT_ALERT_QUEUE]; /* the thread's alone */
    size_t notice_count;
    struct lock lock; /* for the rest */
    struct signal work;
    struct rules *rules;
    struct alerts_stats stats;
    bool stopping;
};

/* --- telling ------------------------------------------------------------------------------------ */

static void drop_first(struct alerts *a)
{
    struct notice first = a->notices[0];
    a->notice_count--;
    memmove(a->notices, a->notices + 1, a->notice_count * sizeof *a->notices);
    buf_fini(&first.body);
}

static void count(struct alerts *a, uint64_t *counter)
{
    lock_take(&a->lock);
    ++*counter;
    lock_give(&a->lock);
}

/* Under the lock: rules_judge calls it. */
static void on_change(void *ctx, const struct alert *alert)
{
    struct alerts *a = ctx;
    const char *words = alert->raised ? "alert" : "alert is over";
    log_line(alert->raised ? LOG_WARN : LOG_INFO, "alert", words,
             LOG_STR("rule", alert_rule_name(alert->rule)), LOG_Z("subject", alert->subject),
             LOG_Z("message", alert->message));
    unsigned ways = notify_ways(a->conf);
    if (!ways) return;
    if (a->notice_count == LIMIT_ALERT_QUEUE) {
        drop_first(a);
        a->stats.dropped++;
    }
    struct notice *n = &a->notices[a->notice_count++];
    *n = (struct notice){.ways = ways};
    notify_body(&n->body, alert, alert->raised ? S("raised") : S("cleared"));
}

/* In order: one that cannot be told yet keeps the later ones waiting. */
static void tell_first(struct alerts *a)
{
    struct notice *n = &a->notices[0];
    struct err err = {0};
    n->ways = notify_send(a->conf, n->ways, buf_str(&n->body), &err);
    n->tries++;
    if (n->ways && n->tries < LIMIT_ALERT_TRIES) {
        n->due_us = clock_mono_us() + (LIMIT_ALERT_AGAIN_MS * 1000 << (2 * (n->tries - 1)));
        return;
    }
    if (n->ways) log_err("alert", "an alert could not be told", &err);
    count(a, n->ways ? &a->stats.failed : &a->stats.told);
    drop_first(a);
}

/* --- looking ------------------------------------------------------------------------------------ */

struct gathering {
    struct arena *arena;
    const struct config *config;
    struct alert_source *sources;
    size_t count;
};

static void add_source(void *ctx, struct str source, uint64_t events)
{
    struct gathering *g = ctx;
    if (g->count == g->config->source_count || !config_source(g->config, source)) return;
    g->sources[g->count++] = (struct alert_source){arena_str(g->arena, source), events};
}

static void gather_sources(struct alerts *a, const struct config *config, struct alert_facts *f)
{
    struct gathering g = {&a->arena, config, NULL, 0};
    g.sources = arena_array(&a->arena, struct alert_source, config->source_count + 1);
    ingest_each_source(a->options.ingest, add_source, &g);
    f->sources = g.sources;
    f->source_count = g.count;
}

static bool tests(const struct config *config, struct str name, int64_t now_ms)
{
    const struct destination_conf *d = config_destination(config, name);
    return d && d->test_code.n && (!d->test_code_expires_ms || d->test_code_expires_ms > now_ms);
}

static void gather_destinations(struct alerts *a, const struct config *config,
                                struct alert_facts *f)
{
    struct deliver_status *all;
    size_t all_count;
    deliver_status_all(a->options.deliver, &a->arena, &all, &all_count);
    struct alert_destination *list =
        arena_array(&a->arena, struct alert_destination, all_count + 1);
    for (size_t i = 0; i < all_count; i++) {
        const struct deliver_status *s = &all[i];
        /* Who switched it off knows that it waits. */
        list[i] = (struct alert_destination){
            .name = s->name,
            .pause_reason = str_z(s->pause_reason),
            .paused = s->enabled && s->paused,
            .test_code = tests(config, s->name, f->now_ms),
            .delivered = s->states[STATE_DELIVERED],
            .dead = s->states[STATE_DEAD],
            .at_risk = s->at_risk,
            .oldest_waiting_ms = s->enabled ? s->oldest_waiting_ms : 0,
        };
    }
    f->destinations = list;
    f->destination_count = all_count;
}

static void look(struct alerts *a, const struct config *config)
{
    struct alert_facts facts = {.now_ms = clock_now_ms()};
    struct journal_stats journal;
    arena_reset(&a->arena);
    journal_stats(a->options.journal, &journal);
    facts.journal_failing = journal.failing;
    facts.disk_free = file_disk_free(a->options.data_dir);
    gather_sources(a, config, &facts);
    gather_destinations(a, config, &facts);
    lock_take(&a->lock);
    rules_judge(a->rules, a->conf, &facts, on_change, a);
    lock_give(&a->lock);
}

static bool wait_more(struct alerts *a, int64_t until_us)
{
    int64_t now_us = clock_mono_us();
    lock_take(&a->lock);
    if (!a->stopping && until_us > now_us)
        (void)signal_wait_ms(&a->work, &a->lock, (until_us - now_us) / 1000 + 1);
    bool more = !a->stopping;
    lock_give(&a->lock);
    return more;
}

static void watch(void *ctx)
{
    struct alerts *a = ctx;
    int64_t look_us = 0, next_us;
    do {
        struct generation *g = generation_acquire(a->options.generations);
        a->conf = &g->config->alerts;
        if (clock_mono_us() >= look_us) {
            look(a, g->config);
            look_us = clock_mono_us() + LIMIT_ALERT_LOOK_MS * 1000;
        }
        if (a->notice_count && clock_mono_us() >= a->notices[0].due_us) tell_first(a);
        generation_release(g);
        next_us = look_us;
        if (a->notice_count && a->notices[0].due_us < next_us) next_us = a->notices[0].due_us;
    } while (wait_more(a, next_us));
}

/* --- the doors ---------------------------------------------------------------------------------- */

struct alerts *alerts_start(const struct alerts_options *options)
{
    struct alerts *a = mem_new(sizeof *a);
    a->options = *options;
    a->rules = rules_new();
    lock_init(&a->lock);
    signal_init(&a->work);
    thread_start(&a->thread, "alerts", watch, a);
    return a;
}

void alerts_stop(struct alerts *a)
{
    if (!a) return;
    lock_take(&a->lock);
    a->stopping = true;
    signal_wake(&a->work);
    lock_give(&a->lock);
    thread_join(&a->thread);
    while (a->notice_count) drop_first(a);
    signal_fini(&a->work);
    lock_fini(&a->lock);
    rules_free(a->rules);
    arena_fini(&a->arena);
    mem_free(a);
}

struct list {
    struct alert *items;
    size_t count;
};

static void count_one(void *ctx, const struct alert *alert)
{
    (void)alert;
    ++*(size_t *)ctx;
}

static void add_one(void *ctx, const struct alert *alert)
{
    struct list *list = ctx;
    list->items[list->count++] = *alert;
}

void alerts_list(struct alerts *a, struct arena *arena, struct alert **out, size_t *count)
{
    struct list list = {NULL, 0};
    size_t raised = 0;
    lock_take(&a->lock);
    rules_each(a->rules, count_one, &raised);
    list.items = arena_array(arena, struct alert, raised + 1);
    rules_each(a->rules, add_one, &list);
    lock_give(&a->lock);
    *out = list.items;
    *count = list.count;
}

void alerts_stats(struct alerts *a, struct alerts_stats *out)
{
    lock_take(&a->lock);
    *out = a->stats;
    lock_give(&a->lock);
}
