/* SPDX-License-Identifier: Apache-2.0 */
/* Rules tried before they are in force, by the same engine: on one event as somebody types, and on the last
 * ones of the journal, compared with what the rules in force make of them. */
#include "console/api.h"
#include "console/changes.h"
#include "console/find.h"
#include "console/managed.h"
#include "console/sample.h"

#include "base/json.h"
#include "core/limits.h"
#include "load/mapper.h"
#include "sys/clock.h"

/* The candidate stands beside all others under a name that nobody gives. */
#define CANDIDATE "console-try"

struct trial {
    struct console *c;
    struct generation *g;
    struct mapper mapper;
    struct buf problems; /* JSON, when the candidate is wrong */
    struct buf sample;   /* the event of the journal, for people */
    struct err err;
};

static bool pick(struct trial *t, struct str name)
{
    const struct config *config = t->g->config;
    for (size_t i = 0; i < config->destination_count; i++) {
        if (!str_eq(config->destinations[i].name.text, name)) continue;
        t->mapper.destination = i;
        return true;
    }
    return err_set(&t->err, ERR_INPUT, "there is no destination of that name");
}

/* The destination that the body names or describes. */
static bool begin(struct trial *t, struct console *c, yyjson_val *root)
{
    yyjson_val *destination = json_get(root, "destination");
    *t = (struct trial){.c = c};
    t->g = yyjson_is_obj(destination)
               ? managed_candidate(c, S(CANDIDATE), destination, &t->problems, &t->err)
               : generation_acquire(c->generations);
    if (!t->g) return false;
    t->mapper.generation = t->g; /* mapper_close gives it back */
    t->mapper.run = run_new();
    return pick(t, yyjson_is_obj(destination) ? S(CANDIDATE) : json_str(destination));
}

static void end(struct trial *t)
{
    mapper_close(&t->mapper);
    buf_fini(&t->problems);
    buf_fini(&t->sample);
}

static void answer_refused(struct http_request *req, const struct trial *t)
{
    if (t->problems.n) {
        api_problems(req, S("these rules are not right yet"), &t->problems);
    } else {
        api_error(req, 400, S("refused"), str_z(t->err.text));
    }
}

/* --- one event ------------------------------------------------------------------------------------ */

/* The verdict in a word, and why it is not to send. */
static void put_verdict(const struct translation *t, struct buf *out)
{
    const struct outcome *o = &t->outcome;
    struct outcome held;
    if (t->hold_count) {
        outcome_set(&held, REASON_HELD, NULL, "would wait for the hold \"%.*s\"",
                    STR_ARG(t->holds[0].name));
        o = &held;
    }
    bool sends = o->reason == REASON_NONE;
    json_kv_str(out, S("verdict"), sends ? S("send") : state_name(o->state));
    if (sends) return;
    json_kv_str(out, S("reason"), reason_name(o->reason));
    json_kv_str(out, S("path"), str_z(o->path));
    json_kv_str(out, S("message"), str_z(o->message));
}

static void put_result(struct trial *t, struct buf *out)
{
    struct buf answer = {0}, story = {0};
    explain_print(t->mapper.explain, &t->mapper.translation, buf_str(&t->mapper.out), &story);
    mapper_put(&t->mapper, &answer);
    buf_putc(out, '{');
    put_verdict(&t->mapper.translation, out);
    json_kv_raw(out, S("result"), buf_str(&answer));
    json_kv_str(out, S("rules"), buf_str(&story));
    if (t->sample.n) json_kv_raw(out, S("event"), buf_str(&t->sample));
    buf_putc(out, '}');
    buf_fini(&story);
    buf_fini(&answer);
}

/* An event that somebody typed: as if it came in now. */
static void run_text(struct trial *t, struct str source, struct str json)
{
    const struct source_conf *from = source.n ? config_source(t->g->config, source) : NULL;
    struct event event = {
        .protocol = from ? from->protocol : PROTOCOL_SEGMENT,
        .source = source,
        .received_ms = clock_now_ms(),
        .json = json,
    };
    mapper_event(&t->mapper, &event);
}

/* The event is in the body, or one of the journal by its number or id. */
static bool run_one(struct trial *t, struct http_request *req, yyjson_val *root)
{
    yyjson_val *json = json_get(root, "event");
    struct str id = json_str(json_get(root, "id")), source = json_str(json_get(root, "source"));
    struct buf text = {0};
    struct found found;
    if (json) {
        json_put_val(&text, json);
        run_text(t, source, buf_str(&text));
        buf_fini(&text);
        return true;
    }
    if (!id.n) return err_set(&t->err, ERR_INPUT, "wanted: an \"event\", or the \"id\" of one");
    if (!find_id(t->c, id, req->arena, &found, &t->err)) {
        if (t->err.kind == ERR_NONE) (void)err_set(&t->err, ERR_INPUT, "no event of that id");
        return false;
    }
    sample_put(&t->sample, found.event.json);
    mapper_event(&t->mapper, &found.event);
    return true;
}

void post_try(void *ctx, struct http_request *req)
{
    struct trial t;
    struct err err;
    struct buf body = {0};
    yyjson_val *root = json_read(req->arena, req->body, &err);
    bool ok = begin(&t, ctx, root);
    if (ok) {
        t.mapper.explain = explain_new(false);
        ok = run_one(&t, req, root);
    }
    if (ok) {
        put_result(&t, &body);
        api_answer(req, 200, &body);
    } else {
        answer_refused(req, &t);
    }
    end(&t);
}

/* --- the last events ------------------------------------------------------------------------------ */

static void compare_last(struct changes *changes, struct journal *journal, uint64_t count)
{
    uint64_t next = journal_next_seq(journal), oldest = journal_oldest_seq(journal);
    uint64_t seq = next - oldest > count ? next - count : oldest;
    (void)changes_scan(changes, journal, seq, next, count);
}

/* The rules in force of the destination that the candidate is compared with. */
static bool begin_present(struct trial *t, struct mapper *now, struct str name)
{
    struct trial present = {.c = t->c, .g = generation_acquire(t->c->generations)};
    now->generation = present.g;
    now->run = run_new();
    bool ok = pick(&present, name);
    now->destination = present.mapper.destination;
    if (!ok) t->err = present.err;
    return ok;
}

void post_try_last(void *ctx, struct http_request *req)
{
    struct trial t;
    struct err err;
    struct mapper now = {0};
    struct changes changes = {.before = &now, .after = &t.mapper};
    struct buf body = {0};
    uint64_t count = LIMIT_TRY_EVENTS;
    yyjson_val *root = json_read(req->arena, req->body, &err);
    (void)str_to_u64(json_str(json_get(root, "count")), &count); /* absent: all that may be */
    if (count > LIMIT_TRY_EVENTS) count = LIMIT_TRY_EVENTS;
    bool ok = begin(&t, ctx, root) && begin_present(&t, &now, json_str(json_get(root, "compare")));
    if (ok) {
        compare_last(&changes, t.c->journal, count);
        buf_putc(&body, '{');
        changes_put(&changes, &body);
        buf_putc(&body, '}');
        api_answer(req, 200, &body);
    } else {
        answer_refused(req, &t);
    }
    mapper_close(&now);
    changes_fini(&changes);
    end(&t);
}
