/* SPDX-License-Identifier: Apache-2.0 */
/* See mapper.h. */
#include "load/mapper.h"

#include "base/time.h"
#include "core/diag.h"
#include "core/limits.h"
#include "sys/clock.h"

static bool no_such(struct err *err, const char *what, const char *name, const struct str *names,
                    size_t count)
{
    struct str near = diag_suggest(str_z(name), names, count);
    return err_set(err, ERR_USAGE, "there is no %s \"%s\"%s%.*s%s", what, name,
                   near.n ? "; did you mean \"" : "", STR_ARG(near), near.n ? "\"?" : "");
}

static bool pick_destination(struct mapper *m, const char *name, struct err *err)
{
    const struct config *config = m->generation->config;
    if (!name && config->destination_count > 1) {
        return err_set(err, ERR_USAGE,
                       "the configuration has %zu destinations; say which with "
                       "--destination, for example --destination %.*s",
                       config->destination_count, STR_ARG(config->destinations[0].name.text));
    }
    struct str names[LIMIT_DESTINATIONS];
    for (size_t i = 0; i < config->destination_count; i++) {
        names[i] = config->destinations[i].name.text;
        if (name && !str_eq(names[i], str_z(name))) continue;
        m->destination = i;
        return true;
    }
    if (!name) return err_set(err, ERR_USAGE, "the configuration has no destination");
    return no_such(err, "destination", name, names, config->destination_count);
}

static bool pick_source(struct mapper *m, const char *name, struct err *err)
{
    const struct config *config = m->generation->config;
    struct str names[LIMIT_SOURCES];
    m->source = name ? config_source(config, str_z(name)) : NULL;
    if (!name && config->source_count) m->source = &config->sources[0];
    if (!name || m->source) return true;
    for (size_t i = 0; i < config->source_count; i++) names[i] = config->sources[i].name.text;
    return no_such(err, "source", name, names, config->source_count);
}

bool mapper_set_now(const char *now, struct err *err)
{
    int64_t ms;
    if (!now) return true;
    if (!time_parse(str_z(now), &ms)) {
        return err_set(err, ERR_USAGE, "--now wants a time such as 2026-11-21T12:00:00Z");
    }
    clock_freeze(ms);
    return true;
}

bool mapper_pick(struct mapper *m, const char *destination, const char *source, struct err *err)
{
    return pick_destination(m, destination, err) && pick_source(m, source, err);
}

bool mapper_open(struct mapper *m, const char *config, const char *destination, const char *source,
                 struct err *err)
{
    struct load load = {
        .path = config, .write_key = S("unused"), .sandbox_url = S("http://127.0.0.1/v26.0")};
    m->generation = load_or_tell(&load, err);
    if (!m->generation) return false;
    m->run = run_new();
    return mapper_pick(m, destination, source, err);
}

void mapper_close(struct mapper *m)
{
    run_free(m->run);
    explain_free(m->explain);
    if (m->generation) generation_release(m->generation);
    buf_fini(&m->out);
}

void mapper_run(struct mapper *m, struct str json)
{
    struct event event = {
        .protocol = m->source ? m->source->protocol : PROTOCOL_SEGMENT,
        .source = m->source ? m->source->name.text : S(""),
        .json = json,
    };
    mapper_event(m, &event);
}

void mapper_event(struct mapper *m, const struct event *event)
{
    const struct plan *plan = load_plan(m->generation, m->destination, event->protocol);
    struct parsed_event parsed;
    int64_t now_ms = clock_now_ms();
    load_parse(m->generation, m->run, event, now_ms, &parsed);
    buf_clear(&m->out);
    plan_run(plan, m->run, &parsed, now_ms, &m->out, &m->translation, m->explain);
}

/* The first hold that it waits for. Without the key, which may be a person's. */
static void put_hold(const struct held_by *hold, struct buf *answer)
{
    json_key(answer, S("hold"));
    buf_putc(answer, '{');
    json_kv_str(answer, S("name"), hold->name);
    json_key(answer, S("until"));
    buf_putc(answer, '"');
    time_print(answer, hold->until_ms);
    buf_putc(answer, '"');
    json_kv_str(answer, S("then"), hold_then_name(hold->then));
    buf_putc(answer, '}');
}

static void put_sends(const struct mapper *m, struct buf *answer)
{
    const struct translation *t = &m->translation;
    buf_put(answer, S("{\"send\":["));
    for (size_t i = 0; i < t->send_count; i++) {
        const struct outgoing *send = &t->sends[i];
        json_comma(answer);
        buf_putc(answer, '{');
        json_kv_str(answer, S("pixel_id"), send->pixel_id);
        json_kv_raw(answer, S("event"), str_of(m->out.p + send->json_at, send->json_n));
        buf_putc(answer, '}');
    }
    buf_putc(answer, ']');
    if (t->hold_count) put_hold(&t->holds[0], answer);
    buf_putc(answer, '}');
}

void mapper_put(const struct mapper *m, struct buf *answer)
{
    const struct outcome *o = &m->translation.outcome;
    if (o->reason == REASON_NONE) {
        put_sends(m, answer);
        return;
    }
    buf_putc(answer, '{');
    json_kv_str(answer, state_name(o->state), reason_name(o->reason));
    if (o->state == STATE_DEAD) {
        json_kv_str(answer, S("path"), str_z(o->path));
        json_kv_str(answer, S("message"), str_z(o->message));
    }
    buf_putc(answer, '}');
}
