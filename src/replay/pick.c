/* SPDX-License-Identifier: Apache-2.0 */
/* See pick.h. Cheap questions first: most events of a stretch were delivered. */
#include "replay/pick.h"

#include "sys/clock.h"

void pick_init(struct picker *p)
{
    *p = (struct picker){.facts = facts_new()};
    p->mapper.run = run_new();
}

void pick_fini(struct picker *p)
{
    facts_free(p->facts);
    mapper_close(&p->mapper);
}

bool pick_turn(struct picker *p, struct generation *g, struct str destination)
{
    const struct config *config = g->config;
    generation_release(p->mapper.generation);
    p->mapper.generation = g;
    for (size_t i = 0; i < config->destination_count; i++) {
        if (!str_eq(config->destinations[i].name.text, destination)) continue;
        p->mapper.destination = i;
        return true;
    }
    return false;
}

static bool has_name(struct picker *p, const struct event *e, struct str name)
{
    struct str facts[FACT_COUNT];
    struct parsed_event parsed;
    load_parse(p->mapper.generation, p->mapper.run, e, clock_now_ms(), &parsed);
    if (!parsed.root) return false;
    facts_read(p->facts, &parsed, facts);
    return str_eq(facts[FACT_EVENT], name);
}

static bool is_wanted(struct picker *p, const struct replay_job *job, const struct event *e)
{
    struct str destination = str_z(job->destination), source = str_z(job->source);
    if (source.n && !str_eq(source, e->source)) return false;
    if (!config_is_routed(p->mapper.generation->config, e->source, destination)) return false;
    return !job->event[0] || has_name(p, e, str_z(job->event));
}

/* What the present rules make of it. */
static enum replay_count map(struct picker *p, const struct event *e)
{
    const struct outcome *o = &p->mapper.translation.outcome;
    mapper_event(&p->mapper, e);
    if (o->state == STATE_WAITING) return REPLAY_QUEUED;
    if (o->state == STATE_FILTERED) return REPLAY_FILTERED;
    return o->reason == REASON_EVENT_TOO_OLD ? REPLAY_TOO_OLD : REPLAY_WOULD_FAIL;
}

enum replay_count pick_event(struct picker *p, const struct replay_job *job, struct str record,
                             enum reason former)
{
    struct event e;
    if (!event_decode(record, &e)) return REPLAY_LOST;
    if (!is_wanted(p, job, &e)) return REPLAY_OTHER;
    if (former == REASON_COUNT) return job->next < p->start ? REPLAY_BEFORE : REPLAY_WAITING;
    if (e.flags & EVENT_DUPLICATE) return REPLAY_DUPLICATE;
    if (former == REASON_NONE && !job->include_delivered) return REPLAY_DELIVERED;
    enum state state = reason_state(former); /* of REASON_NONE, delivered, it is the wrong one */
    if (former != REASON_NONE && (state == STATE_WAITING || state == STATE_HELD))
        return REPLAY_WAITING;
    return map(p, &e);
}
