/* SPDX-License-Identifier: Apache-2.0 */
/* See letters.h. Also the operations on groups and on one letter that somebody mends. */
#include "console/letters.h"

#include "console/api.h"

#include "base/json.h"
#include "base/mem.h"
#include "load/mapper.h"
#include "map/facts.h"
#include "meta/reply.h"
#include "sys/clock.h"

#include <assert.h>

enum { PAGE = 500 };

/* --- going through a selection ------------------------------------------------------------------ */

struct walker {
    struct console *console;
    struct mapper *mapper;
    struct facts *facts;
    /* Called for each letter; false ends the walk. */
    void (*each)(struct walker *w, const struct dead_letter *letter, const struct event *e);
    struct str event; /* a name to look for */
    uint64_t *seqs;   /* what was found */
    size_t seq_count;
    struct letters_trial *trial;
};

static void walker_init(struct walker *w, struct console *c, struct generation *g)
{
    *w = (struct walker){.console = c, .mapper = mem_new(sizeof *w->mapper)};
    w->mapper->generation = g;
    w->mapper->run = run_new();
    w->facts = facts_new();
}

static void walker_fini(struct walker *w)
{
    facts_free(w->facts);
    mapper_close(w->mapper);
    mem_free(w->mapper);
}

/* pick_destination: false when it is no longer configured. */
static bool pick_destination(struct walker *w, struct str name)
{
    const struct config *config = w->mapper->generation->config;
    for (size_t i = 0; i < config->destination_count; i++) {
        if (!str_eq(config->destinations[i].name.text, name)) continue;
        w->mapper->destination = i;
        return true;
    }
    return false;
}

static void take(struct walker *w, const struct dead_letter *letter)
{
    struct event e;
    if (event_decode(letter->record, &e)) w->each(w, letter, &e);
}

static bool walk_listed(struct walker *w, const struct letter_selection *which, struct err *err)
{
    struct arena page = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < which->seq_count && i < LIMIT_LETTERS_SCANNED; i++) {
        struct dead_letter letter;
        arena_reset(&page);
        if (store_dead_get(w->console->store, which->destination, which->seqs[i], &page, &letter,
                           err))
            take(w, &letter);
        else
            ok = err->kind == ERR_NONE;
    }
    arena_fini(&page);
    return ok;
}

static bool walk(struct walker *w, const struct letter_selection *which, uint64_t *next,
                 struct err *err)
{
    struct letter_selection some = *which;
    struct arena page = {0};
    bool ok = true;
    if (which->seqs) return walk_listed(w, which, err);
    some.limit = PAGE;
    for (size_t seen = 0, count; ok && seen < LIMIT_LETTERS_SCANNED && w->console->ready;
         seen += count) {
        struct dead_letter *letters;
        arena_reset(&page);
        ok = store_letters_list(w->console->store, &some, &page, &letters, &count, &some.from_seq,
                                err);
        for (size_t i = 0; ok && i < count; i++) take(w, &letters[i]);
        if (!some.from_seq) break;
    }
    *next = some.from_seq;
    arena_fini(&page);
    return ok;
}

/* The name as the client sent it; what is no event has none. */
static struct str name_of(struct walker *w, const struct event *e)
{
    struct str facts[FACT_COUNT];
    struct parsed_event parsed;
    load_parse(w->mapper->generation, w->mapper->run, e, clock_now_ms(), &parsed);
    if (!parsed.root) return str_of(NULL, 0);
    facts_read(w->facts, &parsed, facts);
    return facts[FACT_EVENT];
}

static void note_name(struct walker *w, const struct dead_letter *letter, const struct event *e)
{
    struct str name = name_of(w, e);
    if (!name.p || w->seq_count == LIMIT_LETTERS_SCANNED) return;
    if (str_eq(name, w->event)) w->seqs[w->seq_count++] = letter->seq;
}

struct letter_names {
    struct walker walker;
};

struct letter_names *letter_names_new(struct console *c)
{
    struct letter_names *names = mem_new(sizeof *names);
    walker_init(&names->walker, c, generation_acquire(c->generations));
    return names;
}

struct str letter_names_get(struct letter_names *names, const struct dead_letter *letter)
{
    struct event e;
    return event_decode(letter->record, &e) ? name_of(&names->walker, &e) : S("");
}

void letter_names_free(struct letter_names *names)
{
    walker_fini(&names->walker);
    mem_free(names);
}

bool letters_sift(struct console *c, struct letter_selection *which, struct str event,
                  struct arena *arena, uint64_t *next, struct err *err)
{
    struct walker w;
    walker_init(&w, c, generation_acquire(c->generations));
    w.each = note_name;
    w.event = event;
    w.seqs = arena_array(arena, uint64_t, LIMIT_LETTERS_SCANNED);
    bool ok = walk(&w, which, next, err);
    which->seqs = w.seqs;
    which->seq_count = w.seq_count;
    walker_fini(&w);
    return ok;
}

static void note_outcome(struct walker *w, const struct dead_letter *letter, const struct event *e)
{
    const struct outcome *o = &w->mapper->translation.outcome;
    mapper_event(w->mapper, e);
    w->trial->counts[letter->outcome.reason][o->reason]++;
}

bool letters_try(struct console *c, struct generation *g, const struct letter_selection *which,
                 struct letters_trial *out, uint64_t *next, struct err *err)
{
    struct walker w;
    *out = (struct letters_trial){0};
    walker_init(&w, c, g);
    w.each = note_outcome;
    w.trial = out;
    bool ok = pick_destination(&w, which->destination)
                  ? walk(&w, which, next, err)
                  : err_set(err, ERR_INPUT, "the destination is not configured");
    walker_fini(&w);
    return ok;
}

/* --- groups ------------------------------------------------------------------------------------- */

/* Why, and what to do: Meta's code knows best, else the reason. */
static void put_advice(struct buf *out, const struct letter_group *g)
{
    const struct reply_code *code = g->code ? reply_code_find(g->code, g->subcode) : NULL;
    json_kv_str(out, S("cause"), code ? code->cause : reason_meaning(g->reason));
    json_kv_str(out, S("cure"), code ? code->cure : reason_cure(g->reason));
}

static void put_group(struct buf *out, struct str destination, const struct letter_group *g)
{
    json_comma(out);
    buf_putc(out, '{');
    json_kv_str(out, S("destination"), destination);
    json_kv_str(out, S("reason"), reason_name(g->reason));
    json_kv_i64(out, S("code"), g->code);
    json_kv_i64(out, S("subcode"), g->subcode);
    json_kv_u64(out, S("count"), g->count);
    json_kv_u64(out, S("bytes"), g->bytes);
    api_put_time(out, S("first"), g->first_ms);
    api_put_time(out, S("last"), g->last_ms);
    json_kv_u64(out, S("sample"), g->sample);
    put_advice(out, g);
    buf_putc(out, '}');
}

void get_dead_groups(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct str destination = http_query_get(req, S("destination"));
    struct letter_group *groups;
    size_t count;
    uint64_t from = 0, next;
    struct err err;
    struct buf body = {0};
    if (!api_query_u64(req, S("from"), &from)) {
        api_error(req, 400, S("bad_query"), S("from is a number"));
        return;
    }
    if (!api_has_destination(c, req, destination)) return;
    struct letter_selection which = {
        .destination = destination, .from_seq = from, .patience_us = LIMIT_ANSWER_US};
    if (!store_letters_groups(c->store, &which, req->arena, &groups, &count, &next, &err)) {
        api_error(req, 500, S("store"), str_z(err.text));
        return;
    }
    buf_put(&body, S("{\"groups\":["));
    for (size_t i = 0; i < count; i++) put_group(&body, destination, &groups[i]);
    buf_putc(&body, ']');
    if (next) json_kv_u64(&body, S("next"), next);
    buf_putc(&body, '}');
    api_answer(req, 200, &body);
}

/* --- mending one -------------------------------------------------------------------------------- */

/* mended is the letter's record with another event in its envelope. */
static struct str mended(const struct dead_letter *letter, struct str json, struct event *e,
                         struct buf *record)
{
    if (!event_decode(letter->record, e)) return str_of(NULL, 0);
    if (json.p) {
        e->json = json;
        e->reject = REASON_NONE; /* what ingest could not take may be an event now */
    }
    event_encode(record, e);
    return buf_str(record);
}

/* put_what_goes maps the event; false and err when there is no such destination any more. */
static bool put_what_goes(struct console *c, struct str destination, const struct event *e,
                          struct buf *body, struct err *err)
{
    struct walker w;
    walker_init(&w, c, generation_acquire(c->generations));
    bool ok = pick_destination(&w, destination);
    if (ok) {
        mapper_event(w.mapper, e);
        json_key(body, S("would"));
        mapper_put(w.mapper, body);
    } else {
        (void)err_set(err, ERR_INPUT, "the destination is not configured");
    }
    walker_fini(&w);
    return ok;
}

static void try_letter(struct console *c, struct http_request *req, yyjson_val *root,
                       const struct dead_letter *letter)
{
    struct str destination = json_str(json_get(root, "destination"));
    yyjson_val *event = json_get(root, "event");
    bool send = yyjson_is_true(json_get(root, "send"));
    struct buf body = {0}, json = {0}, record = {0};
    struct event e;
    struct err err = {0};
    if (event) json_put_val(&json, event);
    struct str whole = mended(letter, event ? buf_str(&json) : str_of(NULL, 0), &e, &record);
    buf_putc(&body, '{');
    bool ok = (whole.n || err_set(&err, ERR_IO, "the letter is damaged")) &&
              put_what_goes(c, destination, &e, &body, &err);
    if (ok && send) ok = store_letter_retry_as(c->store, destination, letter->seq, whole, &err);
    json_kv_u64(&body, S("done"), ok && send);
    buf_putc(&body, '}');
    if (ok && send) {
        deliver_wake(c->deliver);
        api_note(c, req, S("sent a mended dead letter"), destination);
    }
    if (ok) {
        api_answer(req, 200, &body);
    } else {
        api_error(req, 400, S("try"), str_z(err.text));
        buf_fini(&body);
    }
    buf_fini(&json);
    buf_fini(&record);
}

void post_dead_try(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct err err = {0};
    struct dead_letter letter;
    uint64_t seq = 0;
    yyjson_val *root = json_read(req->arena, req->body, &err);
    struct str destination = json_str(json_get(root, "destination"));
    yyjson_val *event = json_get(root, "event");
    if (!destination.n || !str_to_u64(json_str(json_get(root, "seq")), &seq) ||
        (event && !yyjson_is_obj(event))) {
        api_error(req, 400, S("bad_letter"),
                  S("wanted: {\"destination\":NAME,\"seq\":NUMBER} and, if you like, \"event\":"
                    "{...} and \"send\":true"));
        return;
    }
    if (!api_has_destination(c, req, destination)) return;
    err.kind = ERR_NONE;
    if (store_dead_get(c->store, destination, seq, req->arena, &letter, &err))
        try_letter(c, req, root, &letter);
    else if (err.kind == ERR_NONE)
        api_error(req, 404, S("not_found"), S("there is no such dead letter"));
    else
        api_error(req, 500, S("store"), str_z(err.text));
}
