/* SPDX-License-Identifier: Apache-2.0 */
/* See state.h. With a long way to go, as after a flood, only one run of events of several is looked at and
 * stands for all of them: numbers stay right on average, and the thread stays small. What is between two runs is
 * not even read, so chunks in which none lies are not checked either. */
#include "report/state.h"

#include "base/json.h"
#include "conf/config.h"
#include "sys/clock.h"

#include <stdio.h>

enum {
    FOLLOW_ALL = 20000, /* up to this far behind every event is looked at */
    RUN_EVENTS = 500,   /* in one piece, under one hold of the lock */
    RULES_NAMES = 20,
};

/* --- what Meta gets of a name -------------------------------------------------------------------- */

static void add_text(char text[NAMES_TEXT_BYTES], struct str more)
{
    size_t n = strlen(text);
    if (str_find(str_of(text, n), more, 0) != SIZE_MAX) return;
    (void)snprintf(text + n, NAMES_TEXT_BYTES - n, "%s%.*s", n ? ", " : "",
                   STR_ARG(more)); /* cut */
}

static void add_sends(struct report *r, const struct translation *t, struct name_row *row)
{
    for (size_t i = 0; i < t->send_count; i++) {
        struct str json = str_of(r->out.p + t->sends[i].json_at, t->sends[i].json_n);
        struct err err;
        arena_reset(&r->arena);
        add_text(row->meta_event,
                 json_str(json_get(json_read(&r->arena, json, &err), "event_name")));
    }
}

/* The rules in force, tried on an event that was really sent. */
static void ask_rules(struct report *r, const struct generation *g, const struct event *e,
                      const struct parsed_event *parsed, struct name_row *row)
{
    const struct config *config = g->config;
    row->generation = g->number;
    row->meta_event[0] = row->reason[0] = 0;
    for (size_t i = 0; i < config->destination_count && i < LIMIT_FATES; i++) {
        struct translation t = {.send_count = 0};
        if (!config_is_routed(config, e->source, config->destinations[i].name.text)) continue;
        buf_clear(&r->out);
        plan_run(load_plan(g, i, e->protocol), r->run, parsed, e->received_ms, &r->out, &t, NULL);
        if (t.outcome.state == STATE_WAITING)
            add_sends(r, &t, row);
        else
            add_text(row->reason, reason_name(t.outcome.reason));
    }
}

/* --- the journal --------------------------------------------------------------------------------- */

struct follow {
    struct report *report;
    const struct generation *generation;
    uint64_t every;
};

static void note_received(struct report *r, const struct event *e, uint64_t times)
{
    struct str path = e->flags & EVENT_FROM_BROWSER ? S("browser") : S("server");
    struct series_key key = {.metric = S("received"), .path = path};
    int64_t now_ms =
        clock_now_ms(); /* a clock that was ahead must not make the future the present */
    series_add(&r->tables.series, &key, e->received_ms < now_ms ? e->received_ms : now_ms,
               (double)times);
}

static void note_repeat(struct report *r, const struct event *e, uint64_t seq)
{
    struct repeat seen = {.source_n = str_head(e->source, LIMIT_NAME_BYTES).n,
                          .message_id_n = str_head(e->message_id, LIMIT_MESSAGE_ID_BYTES).n,
                          .times = 1,
                          .first_seq = e->first_seq,
                          .last_seq = seq};
    memcpy(seen.source, e->source.p, seen.source_n);
    memcpy(seen.message_id, e->message_id.p, seen.message_id_n);
    repeats_note(&r->tables.repeats, &seen);
}

static void look(struct follow *f, struct str record, uint64_t seq)
{
    struct report *r = f->report;
    struct event e;
    struct parsed_event parsed;
    struct str facts[FACT_COUNT];
    if (!event_decode(record, &e)) return;
    note_received(r, &e, f->every);
    if (e.flags & EVENT_CHANGED) note_repeat(r, &e, seq);
    if (e.reject != REASON_NONE || e.flags & EVENT_DUPLICATE) return;
    load_parse(f->generation, r->run, &e, e.received_ms, &parsed);
    if (!parsed.root) return;
    facts_read(r->facts, &parsed, facts);
    struct name_seen seen = {.source = e.source,
                             .event = facts[FACT_EVENT],
                             .received_ms = e.received_ms,
                             .seq = seq,
                             .times = f->every,
                             .from_browser = e.flags & EVENT_FROM_BROWSER};
    struct name_row *row = names_note(&r->tables.names, &seen);
    if (row && row->generation != f->generation->number)
        ask_rules(r, f->generation, &e, &parsed, row);
}

/* It grows with the square, so that at any rate that there may be the thread stays some seconds behind. */
static uint64_t one_in(uint64_t behind)
{
    uint64_t far = behind / FOLLOW_ALL;
    return 1 + far * (far + 1);
}

/* Looks at the first events of a view; returns how many those are. */
static uint64_t look_at_view(struct follow *f, const struct journal_view *view)
{
    struct str rest = view->records;
    uint64_t count = view->count < RUN_EVENTS ? view->count : RUN_EVENTS;
    lock_take(&f->report->lock);
    for (uint64_t i = 0; i < count; i++) {
        size_t n = event_record_size(rest);
        look(f, str_head(rest, n), view->first_seq + i);
        rest = str_from(rest, n);
    }
    lock_give(&f->report->lock);
    return count;
}

bool follow_journal(struct report *r)
{
    uint64_t next = journal_next_seq(r->options.journal), looked = 0;
    if (r->seq >= next) return false;
    struct follow f = {r, generation_acquire(r->options.generations), one_in(next - r->seq)};
    while (looked < LIMIT_FOLLOW_EVENTS && r->seq < next) {
        struct journal_view view;
        struct err err = {0};
        if (journal_read(r->options.journal, &r->reader, r->seq, &view, &err)) {
            uint64_t count = look_at_view(&f, &view);
            journal_release(r->options.journal, &view);
            r->seq += count * f.every;
            looked += count;
        } else if (err.kind == ERR_NONE || r->reader.skip_to <= r->seq) {
            break; /* a disk that does not give it: tried again */
        } else {
            r->seq = r->reader.skip_to;
        }
    }
    if (r->seq > next) r->seq = next;
    generation_release((struct generation *)f.generation);
    return r->seq < next;
}

/* --- after a reload ------------------------------------------------------------------------------ */

static void ask_again(struct report *r, const struct generation *g, size_t index)
{
    struct journal_view view;
    struct event e;
    struct parsed_event parsed;
    struct err err = {0};
    struct name_row *row = &r->tables.names.rows[index];
    row->generation = g->number; /* also when the journal has the event no more */
    if (!journal_read(r->options.journal, &r->finder, row->last_seq, &view, &err)) return;
    struct str record = str_head(view.records, event_record_size(view.records));
    if (event_decode(record, &e) && e.reject == REASON_NONE) {
        load_parse(g, r->run, &e, e.received_ms, &parsed);
        if (parsed.root) ask_rules(r, g, &e, &parsed, row);
    }
    journal_release(r->options.journal, &view);
}

void follow_rules(struct report *r)
{
    struct generation *g = generation_acquire(r->options.generations);
    struct names *names = &r->tables.names;
    size_t asked = 0;
    for (size_t i = 0; i < names->count && asked < RULES_NAMES; i++) {
        if (names->rows[i].generation == g->number) continue;
        lock_take(&r->lock);
        ask_again(r, g, i);
        lock_give(&r->lock);
        asked++;
    }
    generation_release(g);
}
