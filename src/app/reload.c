/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration read again while everything runs: all of it is taken, or nothing. */
#include "app/removed.h"

#include "load/load.h"

#include "core/log.h"

static void set_proxies(struct pipeline *p, const struct config *config)
{
    struct arena arena = {0};
    size_t count = config->trusted_proxies.count;
    struct str *proxies = arena_array(&arena, struct str, count);
    for (size_t i = 0; i < count; i++) proxies[i] = config->trusted_proxies.items[i].text;
    for (size_t i = 0; i < p->public_loop_count; i++) {
        http_set_proxies(p->public_loops[i], proxies, count);
    }
    arena_fini(&arena);
}

/* Sockets, threads and the data directory stay what they were at the start. */
static void tell_restart(const struct config *before, const struct config *after)
{
    const struct {
        const char *key;
        bool differs;
    } keys[] = {
        {"listen", !str_eq(before->listen.text, after->listen.text)},
        {"admin", !str_eq(before->admin.text, after->admin.text)},
        {"data", !str_eq(before->data.text, after->data.text)},
        {"threads", before->threads != after->threads},
        {"dedup.enabled", before->dedup_enabled != after->dedup_enabled},
        {"dedup.size", before->dedup_bytes != after->dedup_bytes},
    };
    for (size_t i = 0; i < countof(keys); i++) {
        if (!keys[i].differs) continue;
        log_line(LOG_WARN, "app", "a changed key needs a restart; until then the old value holds",
                 LOG_Z("key", keys[i].key));
    }
}

bool pipeline_reload(struct pipeline *p, struct err *err)
{
    struct buf problems = {0};
    struct generation *g = load_all(&p->load, &(struct load_problems){.text = &problems});
    if (!g) (void)err_set(err, ERR_INPUT, "%.*s", STR_ARG(buf_str(&problems)));
    buf_fini(&problems);
    if (!g) return false;
    journal_set_limits(p->journal, g->config->journal_max_bytes, g->config->journal_retention_ms);
    journal_set_dedup(p->journal, g->config->dedup_window_ms);
    set_proxies(p, g->config);
    struct generation *before = generation_acquire(&p->generations);
    tell_restart(before->config, g->config);
    generation_release(before);
    removed_swap(p, g);
    deliver_reload(p->deliver);
    return true;
}
