/* SPDX-License-Identifier: Apache-2.0 */
/* plan_run: which rules an event meets, in the order that plan.h lays down, and the sends that follow.
 * What one send writes is emit.c's business. */
#include "map/alias.h"
#include "map/emit.h"
#include "map/explain.h"
#include "map/hold.h"
#include "map/integrations.h"

#include "base/mem.h"
#include "base/text.h"
#include "core/limits.h"
#include "sys/random.h"

#include <stdio.h>

/* The sends that an event leads to. */
struct pick {
    const struct program *fill;
    struct str pixel_id;
};

struct picks {
    struct pick items[LIMIT_SENDS];
    size_t count, dropped;
};

struct run *run_new(void)
{
    struct run *r = mem_new(sizeof *r);
    r->memo = meta_memo_new();
    r->persons = persons_new();
    r->shapes = shapes_new();
    random_bytes(&r->secret, sizeof r->secret);
    r->bots = bots_new();
    return r;
}

void run_free(struct run *r)
{
    if (!r) return;
    arena_fini(&r->parsed);
    arena_fini(&r->scratch);
    mem_free(r->slots);
    meta_memo_free(r->memo);
    persons_free(r->persons);
    shapes_free(r->shapes);
    bots_free(r->bots);
    buf_fini(&r->text);
    buf_fini(&r->country);
    buf_fini(&r->personal);
    buf_fini(&r->plain);
    buf_fini(&r->name);
    buf_fini(&r->view);
    mem_free(r);
}

/* The next event lies most often behind this one, in the journal as in a file, and is as long: when its turn comes
 * it is in the cache (mapping: 3.17 -> 3.05 us an event). A hint; beyond what is mapped it does nothing. */
static void fetch_next(struct str json)
{
    enum { LINE_BYTES = 64, ENOUGH_BYTES = 2048 };
    size_t n = json.n < ENOUGH_BYTES ? json.n : ENOUGH_BYTES;
    uintptr_t next = (uintptr_t)json.p + json.n;
    for (size_t i = 0; i < n; i += LINE_BYTES) __builtin_prefetch((const void *)(next + i));
}

void run_parse(struct run *r, const struct event *e, struct parsed_event *out)
{
    struct err err;
    struct nodes nodes;
    *out = (struct parsed_event){.event = e, .reject = e->reject};
    if (out->reject != REASON_NONE) return;
    arena_reset(&r->parsed);
    bool plain = nodes_read(&r->parsed, e->json, &r->secret, &nodes);
    fetch_next(e->json);
    yyjson_val *root = plain ? nodes.root : json_read(&r->parsed, e->json, &err);
    if (!yyjson_is_obj(root)) {
        out->reject = REASON_BAD_EVENT;
    } else if (plain ? nodes.height > LIMIT_JSON_DEPTH : !json_depth_ok(root, LIMIT_JSON_DEPTH)) {
        out->reject = REASON_EVENT_TOO_DEEP;
    } else {
        out->root = root;
        if (plain) out->shape = nodes.shape;
    }
}

static void pick(struct picks *p, const struct program *fill, struct str pixel_id)
{
    if (p->count == LIMIT_SENDS) {
        p->dropped++;
        return;
    }
    p->items[p->count++] = (struct pick){fill, pixel_id};
}

static bool is_sendable(struct str type)
{
    return str_eq(type, S("track")) || str_eq(type, S("page")) || str_eq(type, S("screen"));
}

/* Does `event` say what the event is called? In some protocols also of a page. */
static bool is_named(enum protocol protocol, struct str type)
{
    return str_eq(type, S("track")) || (alias_exists(protocol) && is_sendable(type));
}

static bool matches(const struct job *job, const struct action *a, size_t picked)
{
    bool yes = a->otherwise ? picked == 0 && is_sendable(job->eval.slots[job->plan->type_slot].text)
                            : trigger_test(a->trigger, &job->eval);
    if (job->eval.explain) {
        explain_note(job->eval.explain, a->loc, "action \"%.*s\" %s", STR_ARG(a->name),
                     yes ? "matches" : "does not match");
    }
    return yes;
}

/* The actions of a list that may match an event of this name: those for the name, for the name in small
 * letters, and for any; each in order. */
struct candidates {
    const struct indexes *lists[3];
    size_t at[3];
};

static const struct indexes *find_named(const struct table *names, struct str name)
{
    static const struct indexes none;
    const struct indexes *found = name.p && names->count ? table_get(names, name) : NULL;
    return found ? found : &none;
}

/* Moves on to the first of all; false at the end. */
static bool next_candidate(struct candidates *c, uint32_t *index)
{
    uint32_t first = UINT32_MAX;
    for (size_t i = 0; i < countof(c->lists); i++) {
        if (c->at[i] == c->lists[i]->count) continue;
        uint32_t item = c->lists[i]->items[c->at[i]];
        if (item < first) first = item;
    }
    if (first == UINT32_MAX) return false;
    for (size_t i = 0; i < countof(c->lists); i++) { /* it may stand in several */
        c->at[i] += c->at[i] < c->lists[i]->count && c->lists[i]->items[c->at[i]] == first;
    }
    *index = first;
    return true;
}

/* Picks the matching actions of one list, in order, looking only at those that may match name. */
static void pick_actions(const struct job *job, const struct action_list *list, struct str name,
                         struct picks *p)
{
    if (!list->count) return;
    struct buf *text = &job->run->text;
    const struct indexes *any = job->eval.explain ? &list->told : &list->always;
    struct candidates c = {{find_named(&list->by_name, name), NULL, any}, {0}};
    size_t mark = text->n;
    if (name.p && list->by_lower.count) text_lower(text, name);
    c.lists[1] = find_named(&list->by_lower, buf_since(text, mark));
    buf_cut(text, mark);
    for (uint32_t index = 0; next_candidate(&c, &index);) {
        const struct action *a = &list->items[index];
        if (!matches(job, a, p->count)) continue;
        pick(p, a->fill, a->pixel_id.n ? a->pixel_id : job->plan->pixel_id);
    }
}

static void pick_row(const struct job *job, const struct row *row, struct picks *p)
{
    if (job->eval.explain) explain_note(job->eval.explain, row->loc, "its row of `events` applies");
    pick(p, row->fill, job->plan->pixel_id);
    if (row->pixel_id.n) pick(p, row->fill, row->pixel_id);
}

/* A rule kept the event back: its place is the outcome's path. */
static bool kept_back(struct job *job, enum reason reason, struct loc loc, const char *sentence)
{
    char place[sizeof job->outcome->path] = "";
    if (loc.file) {
        (void)snprintf(place, sizeof place, "%.*s:%u", STR_ARG(loc.file->name), loc.line);
    }
    outcome_set(job->outcome, reason, place, "%s", sentence);
    if (job->eval.explain) explain_note(job->eval.explain, loc, "%s", sentence);
    return false;
}

/* Nobody is there: the event is no customer's. Its path says where the user agent was. */
static bool pass_bots(struct job *job)
{
    const struct event *e = job->event->event;
    const struct value *v = &job->eval.slots[job->plan->agent_slot];
    bool own = (e->flags & EVENT_FROM_BROWSER) && e->user_agent.n;
    struct str agent = own ? e->user_agent : v->kind == VALUE_TEXT ? v->text : S("");
    if (job->plan->keep_bots || job->event->keep_bots) return true;
    const struct bot *bot = bots_find(job->run->bots, agent);
    if (!bot) return true;
    outcome_set(job->outcome, REASON_BOT, own ? "envelope.user_agent" : "context.userAgent",
                "the user agent has \"%.*s\": %.*s", STR_ARG(bot->pattern), STR_ARG(bot->kind));
    if (job->eval.explain) {
        explain_note(job->eval.explain, (struct loc){0}, "%s", job->outcome->message);
    }
    return false;
}

static bool pass_filters(struct job *job)
{
    for (size_t i = 0; i < countof(job->plan->filters); i++) {
        const struct gate *gate = &job->plan->filters[i];
        if (gate->trigger && !trigger_test(gate->trigger, &job->eval)) {
            return kept_back(job, REASON_FILTER, gate->loc, "the filter is false");
        }
    }
    return true;
}

static const struct row *find_row(const struct job *job, struct str name)
{
    const struct plan *plan = job->plan;
    struct buf *text = &job->run->text;
    size_t mark = text->n;
    const struct row *row = table_get(&plan->rows, name);
    if (row || !plan->rows_lower.count) return row;
    text_lower(text, name);
    row = table_get(&plan->rows_lower, buf_since(text, mark));
    buf_cut(text, mark);
    return row;
}

/* Steps 2 to 10 of plan.h. False with the outcome set when there is nothing to send. */
static bool choose(struct job *job, struct picks *p)
{
    static const char dropped[] = "its row of `events` says drop";
    const struct plan *plan = job->plan;
    const struct value *type = &job->eval.slots[plan->type_slot];
    const struct value *event = &job->eval.slots[plan->event_slot];
    const struct loc nowhere = {0};
    if (!pass_bots(job) || !pass_filters(job)) return false;
    if (type->kind != VALUE_TEXT || !type->text.n) {
        return kept_back(job, REASON_BAD_EVENT, nowhere, "the event has no type");
    }
    const struct value *sender = &job->eval.slots[plan->integrations_slot];
    if (sender->kind == VALUE_NODE && integrations_excludes(sender->node, plan->name)) {
        return kept_back(job, REASON_INTEGRATIONS, nowhere,
                         "the event's integrations object excludes this destination");
    }
    bool named = event->kind == VALUE_TEXT && is_named(job->event->event->protocol, type->text);
    const struct row *row = named ? find_row(job, event->text) : NULL;
    bool drop = row && row->drop;
    if (drop && row->own) return kept_back(job, REASON_DROPPED, row->loc, dropped);
    struct str name = event->kind == VALUE_TEXT ? event->text : str_of(NULL, 0);
    pick_actions(job, &plan->own, name, p);
    if (!p->count && drop) return kept_back(job, REASON_DROPPED, row->loc, dropped);
    if (!p->count && row) pick_row(job, row, p);
    if (!p->count) pick_actions(job, &plan->preset, name, p);
    if (p->count) return true;
    return kept_back(job, REASON_NO_ACTION, nowhere, "no action's trigger matches");
}

static bool send_all(struct job *job, const struct picks *p, struct translation *t)
{
    if (p->dropped) {
        outcome_set(job->outcome, REASON_OUTPUT_TOO_LARGE, NULL,
                    "more than %d actions match this event", LIMIT_SENDS);
        return false;
    }
    for (size_t i = 0; i < p->count; i++) {
        struct outgoing *send = &t->sends[i];
        send->pixel_id = p->items[i].pixel_id;
        send->json_at = job->out->n;
        if (job->eval.explain) {
            explain_note(job->eval.explain, (struct loc){0}, "event for pixel %.*s",
                         STR_ARG(send->pixel_id));
        }
        if (!emit_event(job, p->items[i].fill, &send->deadline_ms)) return false;
        send->json_n = job->out->n - send->json_at;
        t->send_count++;
    }
    return true;
}

static void fill_slots(struct job *job)
{
    struct run *r = job->run;
    size_t count = paths_count(job->plan->paths);
    if (r->slot_capacity < count) {
        mem_free(r->slots);
        r->slots = mem_new(count * sizeof *r->slots);
        r->slot_capacity = count;
    }
    job->present =
        paths_fill_cleared(job->plan->paths, job->event, r->shapes, &r->scratch, r->slots);
    job->eval.slots = r->slots;
}

static void begin(struct run *r, struct translation *t)
{
    arena_reset(&r->scratch);
    buf_clear(&r->text);
    t->send_count = t->redacted = t->hold_count = t->confirm_count = 0;
    t->alone = true;
    t->outcome.state = STATE_WAITING;
    t->outcome.reason = REASON_NONE;
    t->outcome.path[0] = t->outcome.message[0] = '\0';
}

/* May the destination's name or pixel have a say? */
static bool is_alone(const struct job *job)
{
    const struct table *twins = job->plan->twins;
    const struct value *sender = &job->eval.slots[job->plan->integrations_slot];
    return !twins || twins->count < 2 || job->event->pixel_id.n ||
           (sender->kind == VALUE_NODE && integrations_name_one(sender->node, twins));
}

void plan_run(const struct plan *plan, struct run *r, const struct parsed_event *event,
              int64_t now_ms, struct buf *out, struct translation *t, struct explain *explain)
{
    size_t mark = out->n;
    struct job job = {.plan = plan, .run = r, .out = out, .outcome = &t->outcome, .event = event};
    struct picks picks;
    picks.count = picks.dropped = 0;
    begin(r, t);
    if (explain) explain_start(explain, plan->name, event);
    if (!event->root) {
        enum reason why = event->reject == REASON_NONE ? REASON_BAD_EVENT : event->reject;
        outcome_set(&t->outcome, why, NULL, "%.*s", STR_ARG(reason_meaning(why)));
        return;
    }
    if (event->pixel_id.n && !str_eq(event->pixel_id, plan->pixel_id)) {
        outcome_set(&t->outcome, REASON_OTHER_PIXEL, "id", "the page sent it to pixel %.*s",
                    STR_ARG(event->pixel_id));
        return;
    }
    job.eval.event = event->event;
    job.eval.now_ms = now_ms;
    job.eval.scratch = &r->scratch;
    job.eval.text = &r->text;
    job.eval.explain = explain;
    fill_slots(&job);
    t->alone = is_alone(&job);
    holds_confirm(&job, t);
    if (choose(&job, &picks) && send_all(&job, &picks, t) && holds_meet(&job, t)) {
        t->redacted = job.redacted;
    } else {
        buf_cut(out, mark);
        t->send_count = t->hold_count = 0;
    }
    paths_clear(plan->paths, job.present, r->slots);
}
