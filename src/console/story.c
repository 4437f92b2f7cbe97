/* SPDX-License-Identifier: Apache-2.0 */
/* The API's story of one event, from the connection it came in on to Meta's answer. What happened is told
 * from what was kept at the time (journal, outcomes, requests, dead letters); what the rules make of it is
 * what the present ones would. */
#include "console/access.h"
#include "console/api.h"
#include "console/find.h"
#include "console/sample.h"

#include "base/json.h"
#include "core/limits.h"
#include "load/mapper.h"
#include "sys/clock.h"

enum { ATTEMPTS_SHOWN = 100 };

struct story {
    struct console *console;
    struct arena *arena;
    struct found found;
    struct mapper *mapper;
    struct buf *out;
    bool reveal; /* personal data too: an admin asked, and it is in the audit log */
};

/* --- received and stored ------------------------------------------------------------------------ */

/* An address without its last part: enough to tell a data centre from a person, not enough to be one. */
static void put_address(struct buf *out, struct str address, bool whole)
{
    size_t n = address.n;
    while (!whole && n && address.p[n - 1] != '.' && address.p[n - 1] != ':') n--;
    json_key(out, S("address"));
    buf_putc(out, '"');
    buf_put(out, str_head(address, n)); /* digits, letters, dots and colons only */
    buf_put(out, n && !whole ? S("*\"") : S("\""));
}

/* The event as it was sent; what came as broken JSON only when all may be seen, as text. */
static void put_content(const struct story *s)
{
    struct str json = s->found.event.json;
    struct buf sample = {0};
    struct err err;
    json_kv_bool(s->out, S("revealed"), s->reveal);
    if (!s->reveal) {
        sample_put(&sample, json);
        json_kv_raw(s->out, S("content"), buf_str(&sample));
    } else if (json_read(s->arena, json, &err)) {
        json_kv_raw(s->out, S("content"), json);
    } else {
        json_kv_str(s->out, S("content"), json);
    }
    buf_fini(&sample);
}

static void put_received(const struct story *s)
{
    const struct event *e = &s->found.event;
    struct buf *out = s->out;
    json_kv_u64(out, S("seq"), s->found.seq);
    json_kv_str(out, S("message_id"), e->message_id);
    json_kv_str(out, S("source"), e->source);
    json_kv_str(out, S("protocol"), protocol_name(e->protocol));
    api_put_time(out, S("received"), e->received_ms);
    api_put_time(out, S("sent"), e->sent_ms > 0 ? e->sent_ms : 0);
    api_put_time(out, S("stored"), s->found.commit_ms);
    put_address(out, e->address, s->reveal);
    json_kv_bool(out, S("from_browser"), e->flags & EVENT_FROM_BROWSER);
    json_kv_u64(out, S("bytes"), e->json.n);
    put_content(s);
    if (e->reject != REASON_NONE) json_kv_str(out, S("rejected"), reason_name(e->reject));
    if (!(e->flags & EVENT_DUPLICATE)) return;
    json_kv_u64(out, S("duplicate_of"), e->first_seq);
    json_kv_bool(out, S("changed"), e->flags & EVENT_CHANGED);
}

/* --- one destination ---------------------------------------------------------------------------- */

static bool is_finished(const struct cursor *c, uint64_t seq)
{
    bool finished = seq < c->low;
    for (size_t i = 0; !finished && i < c->range_count; i++)
        finished = seq >= c->ranges[i].first && seq < c->ranges[i].end;
    return finished;
}

static bool is_retried(const struct story *s, struct str destination)
{
    struct letter_selection one = {
        .destination = destination, .from_seq = s->found.seq, .limit = 1};
    struct retry_entry *entry;
    size_t count;
    struct err err;
    return store_retries_list(s->console->store, &one, s->arena, &entry, &count, &err) && count &&
           entry->seq == s->found.seq;
}

static void put_verdict(const struct story *s, enum state state, struct str reason,
                        struct str meaning)
{
    json_kv_str(s->out, S("state"), state_name(state));
    json_kv_str(s->out, S("reason"), reason);
    json_kv_str(s->out, S("meaning"), meaning);
}

/* What is known of an event whose outcome was not kept: it is still to come, or from before outcomes
 * were kept, or from before this destination. */
static void put_unsettled(const struct story *s, struct str destination)
{
    struct cursor c;
    struct dead_letter letter;
    struct err err = {0};
    if (store_dead_get(s->console->store, destination, s->found.seq, s->arena, &letter, &err)) {
        enum reason reason = letter.outcome.reason;
        put_verdict(s, reason_state(reason), reason_name(reason), reason_meaning(reason));
        return;
    }
    bool known = store_load_cursor(s->console->store, destination, s->arena, &c, &err);
    if (known && s->found.seq < c.start)
        put_verdict(s, STATE_FILTERED, S("before"), S("the destination began with a later event"));
    else if (known && s->found.trimmed)
        put_verdict(s, STATE_DELIVERED, S("unknown"),
                    S("finished; what became of it was forgotten when the journal trimmed it"));
    else if (known && is_finished(&c, s->found.seq))
        put_verdict(s, STATE_DELIVERED, S("unknown"),
                    S("finished by a version of pixeld that did not keep what became of it"));
    else
        put_verdict(s, STATE_WAITING, reason_name(REASON_NONE), state_meaning(STATE_WAITING));
}

static void put_state(const struct story *s, struct str destination)
{
    enum reason reason = REASON_COUNT;
    struct err err;
    if (!store_outcomes_read(s->console->store, destination, s->found.seq, 1, &reason, &err)) {
        put_verdict(s, STATE_WAITING, S("unknown"), str_z(err.text));
    } else if (reason == REASON_COUNT) {
        put_unsettled(s, destination);
    } else if (reason == REASON_NONE) {
        put_verdict(s, STATE_DELIVERED, reason_name(reason), state_meaning(STATE_DELIVERED));
    } else if (is_retried(s, destination)) {
        put_verdict(s, STATE_WAITING, reason_name(reason),
                    S("had died of this, and is being sent again"));
    } else {
        put_verdict(s, reason_state(reason), reason_name(reason), reason_meaning(reason));
    }
}

static void put_letter(const struct story *s, struct str destination)
{
    struct dead_letter letter;
    struct err err;
    if (!store_dead_get(s->console->store, destination, s->found.seq, s->arena, &letter, &err))
        return;
    json_key(s->out, S("dead"));
    buf_putc(s->out, '{');
    api_put_time(s->out, S("died"), letter.died_ms);
    json_kv_str(s->out, S("path"), str_z(letter.outcome.path));
    json_kv_str(s->out, S("message"), str_z(letter.outcome.message));
    json_kv_str(s->out, S("meta_text"), letter.meta_text);
    buf_putc(s->out, '}');
}

static void put_attempt(struct buf *out, const struct attempt *a)
{
    uint64_t events = 0;
    for (size_t i = 0; i < a->event_ranges; i++) events += a->events[i].end - a->events[i].first;
    json_comma(out);
    buf_putc(out, '{');
    json_kv_u64(out, S("number"), a->number);
    api_put_time(out, S("sent"), a->sent_ms);
    json_kv_i64(out, S("took_ms"), a->took_ms);
    json_kv_str(out, S("pixel_id"), a->pixel_id);
    json_kv_u64(out, S("events"), events);
    json_kv_i64(out, S("status"), a->status);
    json_kv_i64(out, S("code"), a->code);
    json_kv_i64(out, S("subcode"), a->subcode);
    json_kv_str(out, S("text"), a->text);
    json_kv_str(out, S("fbtrace_id"), a->fbtrace_id);
    buf_putc(out, '}');
}

/* The requests that carried it, oldest first. */
static void put_attempts(const struct story *s, struct str destination)
{
    struct attempt_selection which = {destination, s->found.seq, UINT64_MAX, ATTEMPTS_SHOWN};
    struct attempt *list;
    size_t count = 0;
    struct err err;
    bool ok = store_attempts_list(s->console->store, &which, s->arena, &list, &count, &err);
    json_key(s->out, S("attempts"));
    buf_putc(s->out, '[');
    while (ok && count) put_attempt(s->out, &list[--count]);
    buf_putc(s->out, ']');
}

static void put_rules(struct story *s, size_t index)
{
    struct buf text = {0};
    s->mapper->destination = index;
    mapper_event(s->mapper, &s->found.event);
    explain_print(s->mapper->explain, &s->mapper->translation, buf_str(&s->mapper->out), &text);
    json_kv_str(s->out, S("rules"), buf_str(&text));
    buf_fini(&text);
}

/* --- holds ---------------------------------------------------------------------------------------- */

static void put_hold(struct buf *out, struct str name, const char *state,
                     const struct parked *entry, const struct confirmation *c)
{
    json_comma(out);
    buf_putc(out, '{');
    json_kv_str(out, S("name"), name);
    json_kv_str(out, S("state"), str_z(state));
    api_put_time(out, S("since"), entry->since_ms);
    api_put_time(out, S("until"), entry->until_ms);
    json_kv_str(out, S("then"), hold_then_name(entry->then));
    api_put_time(out, S("at"), c ? c->time_ms : 0);
    if (c) json_kv_u64(out, S("by"), c->seq);
    buf_putc(out, '}');
}

/* Does it wait for a hold now? */
static bool find_held(const struct story *s, struct str destination, struct parked *out)
{
    struct letter_selection one = {
        .destination = destination, .from_seq = s->found.seq, .limit = 1};
    struct parked *entry;
    size_t count;
    struct err err;
    if (!store_parked_list(s->console->store, &one, s->arena, &entry, &count, &err)) return false;
    if (!count || entry->seq != s->found.seq || !entry->held) return false;
    *out = *entry;
    return true;
}

/* What was confirmed or cancelled, of the holds that the present rules say, as long as it is remembered;
 * and what it waits for now, whatever the rules say. */
static void put_holds(struct story *s, struct str destination)
{
    const struct translation *t = &s->mapper->translation;
    struct parked entry = {0};
    bool waits = find_held(s, destination, &entry);
    json_key(s->out, S("holds"));
    buf_putc(s->out, '[');
    for (size_t i = 0; i < t->hold_count; i++) {
        const struct held_by *by = &t->holds[i];
        struct parked met = {.since_ms = by->since_ms, .until_ms = by->until_ms, .then = by->then};
        struct confirmation c;
        struct err err;
        if (waits && str_eq(by->name, entry.name)) break; /* those behind it were not asked yet */
        if (store_confirmation_get(s->console->store, destination, &by->key, &c, &err) &&
            by->since_ms <= c.time_ms + c.within_ms)
            put_hold(s->out, by->name, c.cancels ? "cancelled" : "confirmed", &met, &c);
    }
    if (waits) put_hold(s->out, entry.name, "waiting", &entry, NULL);
    buf_putc(s->out, ']');
}

static void put_destination(struct story *s, size_t index)
{
    struct str name = s->mapper->generation->config->destinations[index].name.text;
    json_comma(s->out);
    buf_putc(s->out, '{');
    json_kv_str(s->out, S("name"), name);
    put_state(s, name);
    put_letter(s, name);
    put_attempts(s, name);
    put_rules(s, index);
    put_holds(s, name);
    buf_putc(s->out, '}');
}

static void put_story(struct story *s, struct str only)
{
    const struct config *config = s->mapper->generation->config;
    json_key(s->out, S("event"));
    buf_putc(s->out, '{');
    put_received(s);
    json_key(s->out, S("destinations"));
    buf_putc(s->out, '[');
    for (size_t i = 0; i < config->destination_count; i++)
        if (!only.n || str_eq(only, config->destinations[i].name.text)) put_destination(s, i);
    buf_put(s->out, S("]}"));
}

/* --- the operation ------------------------------------------------------------------------------ */

static bool wants_all(const struct http_request *req)
{
    return str_eq(http_query_get(req, S("reveal")), S("true"));
}

static void answer_story(struct console *c, struct http_request *req, const struct found *found)
{
    struct buf body = {0};
    struct mapper *mapper = arena_new(req->arena, struct mapper);
    struct story s = {c, req->arena, *found, mapper, &body, wants_all(req)};
    mapper->generation = generation_acquire(c->generations);
    mapper->run = run_new();
    mapper->explain = explain_new(s.reveal);
    if (s.reveal) api_note(c, req, S("looked at personal data of event"), req->wildcard);
    buf_put(&body, S("{\"found\":true"));
    put_story(&s, http_query_get(req, S("destination")));
    buf_putc(&body, '}');
    mapper_close(mapper);
    api_answer(req, 200, &body);
}

/* Not in the table: the client may search on from next, piece by piece. */
static void answer_next(struct console *c, struct http_request *req, uint64_t next,
                        const struct found *found)
{
    struct buf body = {0};
    uint64_t oldest = journal_oldest_seq(c->journal), end = journal_next_seq(c->journal);
    if (next < oldest) next = oldest;
    buf_put(&body, S("{\"found\":false"));
    if (found && found->trimmed) json_kv_u64(&body, S("trimmed"), found->seq);
    if (next < end) json_kv_u64(&body, S("next"), next);
    json_kv_u64(&body, S("oldest"), oldest);
    json_kv_u64(&body, S("end"), end);
    buf_putc(&body, '}');
    api_answer(req, 200, &body);
}

void get_event(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct found found;
    struct err err;
    uint64_t scan = UINT64_MAX;
    if (!api_query_u64(req, S("scan"), &scan)) {
        api_error(req, 400, S("bad_query"), S("scan is the number of an event"));
        return;
    }
    if (wants_all(req) && !access_allows(c, req, ROLE_ADMIN)) return;
    struct str only = http_query_get(req, S("destination"));
    if (only.n && !api_has_destination(c, req, only)) return;
    bool search = scan != UINT64_MAX;
    bool ok = search ? find_scan(c, req->wildcard, &scan, req->arena, &found, &err)
                     : find_id(c, req->wildcard, req->arena, &found, &err);
    if (ok)
        answer_story(c, req, &found);
    else if (err.kind == ERR_NONE)
        answer_next(c, req, search ? scan : 0, search ? NULL : &found);
    else
        api_error(req, 500, S("journal"), str_z(err.text));
}
