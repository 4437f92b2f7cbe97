/* SPDX-License-Identifier: Apache-2.0 */
/* See removed.h. A reload and a step of forgetting exclude each other, so nothing is ever taken from a
 * destination that is configured. */
#include "app/removed.h"

#include "core/log.h"
#include "store/known.h"
#include "sys/clock.h"

enum {
    LOOK_SECONDS = 10, /* between two looks at who is missing */
    STEP_US = 20000,   /* of forgetting in each second, so that settlements and signals go on */
    SETTLE_MS = 5000,  /* delivery takes moments to notice that a destination has gone */
};

static void put(struct pipeline *p, const struct known *one)
{
    struct err err;
    if (!store_known_put(p->store, one, &err)) log_err("store", "cannot note a destination", &err);
}

static bool list(struct pipeline *p, struct arena *arena, struct known **known, size_t *count)
{
    struct err err;
    if (store_known_list(p->store, arena, known, count, &err)) return true;
    log_err("store", "cannot tell which destinations were removed", &err);
    return false;
}

/* --- who is missing, who is new ------------------------------------------------------------------- */

static void note_configured(struct pipeline *p, const struct known *k,
                            const struct destination_conf *conf)
{
    if (k->removed_ms)
        log_line(LOG_INFO, "app", "a removed destination is back and goes on where it was",
                 LOG_STR("destination", k->name));
    if (k->removed_ms || !str_eq(k->pixel_id, conf->pixel_id.text))
        put(p, &(struct known){.name = k->name, .pixel_id = conf->pixel_id.text});
}

static void note_missing(struct pipeline *p, const struct config *config, const struct known *k)
{
    struct known missing = *k;
    if (k->removed_ms) return;
    missing.removed_ms = clock_now_ms();
    put(p, &missing);
    log_line(LOG_WARN, "app",
             "a destination is no longer configured: nothing is sent there, and what is kept of it "
             "will be forgotten; `pixeld forget` does it at once",
             LOG_STR("destination", k->name),
             LOG_NUM("days", config->dead_retention_ms / MS_PER_DAY));
}

/* One that nobody knows begins anew. With the pixel of one that is missing it was probably renamed. */
static void note_new(struct pipeline *p, const struct config *config,
                     const struct destination_conf *conf, const struct known *known, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(known[i].name, conf->name.text)) return;
    put(p, &(struct known){.name = conf->name.text, .pixel_id = conf->pixel_id.text});
    for (size_t i = 0; i < count; i++) {
        const struct known *k = &known[i];
        bool missing = !config_destination(config, k->name);
        if (!missing || !k->pixel_id.n || !str_eq(k->pixel_id, conf->pixel_id.text)) continue;
        log_line(LOG_WARN, "app",
                 "a new destination has the pixel of one that was removed: if it was renamed, its "
                 "waiting events and dead letters stay behind; the former name brings them back",
                 LOG_STR("destination", conf->name.text), LOG_STR("removed", k->name));
    }
}

static void note(struct pipeline *p, const struct config *config)
{
    struct arena arena = {0};
    struct known *known;
    size_t count;
    if (list(p, &arena, &known, &count)) {
        for (size_t i = 0; i < config->destination_count; i++)
            note_new(p, config, &config->destinations[i], known, count);
        for (size_t i = 0; i < count; i++) {
            const struct destination_conf *conf = config_destination(config, known[i].name);
            if (conf)
                note_configured(p, &known[i], conf);
            else
                note_missing(p, config, &known[i]);
        }
    }
    arena_fini(&arena);
}

void removed_note(struct pipeline *p, const struct config *config)
{
    lock_take(&p->removed_lock);
    note(p, config);
    lock_give(&p->removed_lock);
}

void removed_swap(struct pipeline *p, struct generation *g)
{
    lock_take(&p->removed_lock);
    note(p, g->config);
    generation_swap(&p->generations, g);
    lock_give(&p->removed_lock);
}

/* --- forgetting ----------------------------------------------------------------------------------- */

static bool ask(struct pipeline *p, const struct config *config, struct str destination,
                struct err *err)
{
    struct arena arena = {0};
    struct known *known;
    size_t count, i = 0;
    if (config_destination(config, destination))
        return err_set(err, ERR_LIMIT, "the destination is configured: remove it there first");
    bool ok = store_known_list(p->store, &arena, &known, &count, err);
    while (ok && i < count && !str_eq(known[i].name, destination)) i++;
    if (ok && i == count) ok = err_set(err, ERR_INPUT, "nothing is kept of such a destination");
    if (ok) {
        known[i].forget = true;
        ok = store_known_put(p->store, &known[i], err);
    }
    arena_fini(&arena);
    return ok;
}

bool removed_ask(void *pipeline, struct str destination, struct err *err)
{
    struct pipeline *p = pipeline;
    lock_take(&p->removed_lock);
    struct generation *g = generation_acquire(&p->generations);
    bool ok = ask(p, g->config, destination, err);
    generation_release(g);
    p->removed_due_us = 0;
    lock_give(&p->removed_lock);
    return ok;
}

static bool is_due(const struct config *config, const struct known *k)
{
    int64_t after_ms = k->forget ? SETTLE_MS : config->dead_retention_ms;
    return k->removed_ms && !config_destination(config, k->name) &&
           clock_now_ms() - k->removed_ms >= after_ms;
}

/* True when it is all gone. */
static bool forget(struct pipeline *p, struct str name, int64_t end_us)
{
    struct err err;
    bool more = true;
    while (more && clock_mono_us() < end_us) {
        if (store_forget(p->store, name, &more, &err)) continue;
        log_err("store", "cannot forget a removed destination", &err);
        return false;
    }
    if (!more)
        log_line(LOG_INFO, "app", "a removed destination was forgotten",
                 LOG_STR("destination", name));
    return !more;
}

void removed_tend(struct pipeline *p, size_t leaving)
{
    struct arena arena = {0};
    struct known *known;
    size_t count;
    int64_t now_us = clock_mono_us();
    lock_take(&p->removed_lock);
    if (now_us >= p->removed_due_us) {
        struct generation *g = generation_acquire(&p->generations);
        bool more = leaving > 0, ok = list(p, &arena, &known, &count);
        for (size_t i = 0; ok && !leaving && i < count; i++) {
            if (!known[i].removed_ms || config_destination(g->config, known[i].name)) continue;
            if (is_due(g->config, &known[i]))
                more |= !forget(p, known[i].name, now_us + STEP_US);
            else
                more |= known[i].forget;
        }
        generation_release(g);
        p->removed_due_us = more ? now_us : now_us + LOOK_SECONDS * 1000000;
    }
    lock_give(&p->removed_lock);
    arena_fini(&arena);
}
