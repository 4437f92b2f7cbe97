/* SPDX-License-Identifier: Apache-2.0 */
/* The API's dead letters: list, show, retry, discard. */
#include "console/api.h"
#include "console/errand.h"
#include "console/letters.h"

#include "base/json.h"
#include "base/time.h"

enum { DEAD_PAGE_MAX = 1000 };

static void put_record(struct buf *out, const struct dead_letter *letter)
{
    struct event event;
    struct arena arena = {0};
    struct err err;
    if (!event_decode(letter->record, &event)) return;
    json_kv_str(out, S("source"), event.source);
    json_kv_str(out, S("message_id"), event.message_id);
    json_kv_i64(out, S("received_ms"), event.received_ms);
    /* What arrived as broken JSON is shown as text. */
    if (json_read(&arena, event.json, &err)) {
        json_kv_raw(out, S("event"), event.json);
    } else {
        json_kv_str(out, S("raw"), event.json);
    }
    arena_fini(&arena);
}

static void put_letter(struct buf *out, struct letter_names *names,
                       const struct dead_letter *letter, bool with_event)
{
    json_comma(out);
    buf_putc(out, '{');
    json_kv_u64(out, S("seq"), letter->seq);
    json_kv_i64(out, S("died_ms"), letter->died_ms);
    json_kv_str(out, S("reason"), reason_name(letter->outcome.reason));
    json_kv_str(out, S("event_name"), letter_names_get(names, letter));
    json_kv_str(out, S("path"), str_z(letter->outcome.path));
    json_kv_str(out, S("message"), str_z(letter->outcome.message));
    if (letter->code) {
        json_kv_i64(out, S("code"), letter->code);
        json_kv_i64(out, S("subcode"), letter->subcode);
        json_kv_str(out, S("meta_text"), letter->meta_text);
        json_kv_str(out, S("fbtrace_id"), letter->fbtrace_id);
    }
    if (letter->pixel_id.n) json_kv_str(out, S("pixel_id"), letter->pixel_id);
    if (with_event) put_record(out, letter);
    buf_putc(out, '}');
}

static bool read_query_time(struct http_request *req, struct str name, int64_t *ms)
{
    struct str text = http_query_get(req, name);
    return !text.n || time_parse(text, ms);
}

static bool read_query(struct http_request *req, struct letter_selection *which)
{
    struct str reason = http_query_get(req, S("reason"));
    uint64_t limit = 100, code = 0;
    *which = (struct letter_selection){.destination = http_query_get(req, S("destination")),
                                       .source = http_query_get(req, S("source")),
                                       .reason = reason.n ? reason_find(reason) : REASON_COUNT,
                                       .patience_us = LIMIT_ANSWER_US};
    bool ok = api_query_u64(req, S("from"), &which->from_seq) &&
              api_query_u64(req, S("limit"), &limit) && api_query_u64(req, S("code"), &code) &&
              read_query_time(req, S("since"), &which->since_ms) &&
              read_query_time(req, S("until"), &which->until_ms);
    which->limit = limit < 1 ? 1 : limit < DEAD_PAGE_MAX ? limit : DEAD_PAGE_MAX;
    which->code = (int)code;
    return ok && code <= INT32_MAX && !(reason.n && which->reason == REASON_COUNT);
}

void get_dead(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct letter_selection which;
    struct dead_letter *letters;
    size_t count;
    uint64_t next;
    struct err err;
    struct buf body = {0};
    if (!read_query(req, &which)) {
        api_error(req, 400, S("bad_query"),
                  S("from, limit and code are numbers, since and until times, reason a reason "
                    "code"));
        return;
    }
    if (!api_has_destination(c, req, which.destination)) return;
    if (!store_letters_list(c->store, &which, req->arena, &letters, &count, &next, &err)) {
        api_error(req, 500, S("store"), str_z(err.text));
        return;
    }
    bool with_event = str_eq(http_query_get(req, S("events")), S("true"));
    buf_put(&body, S("{\"dead\":["));
    struct letter_names *names = letter_names_new(c);
    for (size_t i = 0; i < count; i++) put_letter(&body, names, &letters[i], with_event);
    letter_names_free(names);
    buf_putc(&body, ']');
    if (next) json_kv_u64(&body, S("next"), next);
    buf_putc(&body, '}');
    api_answer(req, 200, &body);
}

/* /api/v1/dead/DESTINATION/SEQ */
void get_dead_one(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct str destination, seq_text;
    uint64_t seq;
    struct dead_letter letter;
    struct err err = {0};
    struct buf body = {0};
    if (!str_cut(req->wildcard, '/', &destination, &seq_text) || !str_to_u64(seq_text, &seq)) {
        api_error(req, 400, S("bad_path"), S("use /api/v1/dead/DESTINATION/NUMBER"));
        return;
    }
    if (!api_has_destination(c, req, destination)) return;
    if (!store_dead_get(c->store, destination, seq, req->arena, &letter, &err)) {
        bool missing = err.kind == ERR_NONE;
        api_error(req, missing ? 404 : 500, S("not_found"),
                  missing ? S("there is no such dead letter") : str_z(err.text));
        return;
    }
    struct letter_names *names = letter_names_new(c);
    put_letter(&body, names, &letter, true);
    letter_names_free(names);
    api_answer(req, 200, &body);
}

/* By what else letters may be chosen. */
static const char *const limits[] = {"code", "source", "event", "since", "until"};

static bool is_limited(yyjson_val *root)
{
    for (size_t i = 0; i < countof(limits); i++)
        if (json_get(root, limits[i])) return true;
    return false;
}

static bool read_time(yyjson_val *v, int64_t *ms)
{
    return !v || time_parse(json_str(v), ms);
}

static bool read_limits(yyjson_val *root, struct letter_selection *which)
{
    uint64_t code = 0;
    struct str text = json_str(json_get(root, "code"));
    if (text.p && (!str_to_u64(text, &code) || code > INT32_MAX)) return false;
    which->code = (int)code;
    which->source = json_str(json_get(root, "source"));
    text = json_str(json_get(root, "from"));
    if (text.p && !str_to_u64(text, &which->from_seq)) return false;
    return read_time(json_get(root, "since"), &which->since_ms) &&
           read_time(json_get(root, "until"), &which->until_ms);
}

/* The body of retry and discard: {"destination":"name","seqs":[1,2]} or {"destination":"name",
 * "reason":"refused"} or {"destination":"name","all":true}, or one of limits. The texts are in the
 * request's arena. */
static bool read_selection(struct http_request *req, struct letter_selection *which)
{
    struct err err;
    yyjson_val *root = json_read(req->arena, req->body, &err), *item;
    yyjson_val *seqs = json_get(root, "seqs");
    struct str reason = json_str(json_get(root, "reason"));
    size_t index, count;
    *which = (struct letter_selection){.destination = json_str(json_get(root, "destination"))};
    which->reason = reason.n ? reason_find(reason) : REASON_COUNT;
    if (!which->destination.n || (reason.n && which->reason == REASON_COUNT)) return false;
    if (!read_limits(root, which)) return false;
    if (!seqs) return reason.n || is_limited(root) || yyjson_is_true(json_get(root, "all"));
    if (!yyjson_is_arr(seqs)) return false;
    uint64_t *list = arena_array(req->arena, uint64_t, yyjson_arr_size(seqs) + 1);
    yyjson_arr_foreach (seqs, index, count, item) {
        if (!str_to_u64(json_str(item), &list[which->seq_count++])) return false;
    }
    which->seqs = list;
    return true;
}

/* --- acting on a selection: on an errand's thread, because it may be a million ------------------------ */

typedef bool dead_action_fn(struct store *s, const struct letter_selection *which, uint64_t *done,
                            struct err *err);

struct action {
    struct letter_selection which;
    struct str event; /* an event's name to choose by */
    bool dry_run;
    dead_action_fn *run;
    struct str what; /* for the audit log */
    bool ok;
    struct generation *rules; /* of the dry run; NULL: those in force */
    uint64_t done, next;      /* next: where to go on, when all at once was too much */
    struct letters_trial trial;
    struct err err;
};

static void act(struct errand *e)
{
    struct action *a = e->ctx;
    struct console *c = e->console;
    /* What goes again to one that was removed would wait for ever. */
    a->ok = (a->run != store_letters_retry || api_is_configured(c, a->which.destination) ||
             err_set(&a->err, ERR_INPUT, "the destination is not configured")) &&
            (!a->event.n || a->which.seqs ||
             letters_sift(c, &a->which, a->event, e->req->arena, &a->next, &a->err));
    struct generation *rules = a->rules ? a->rules : generation_acquire(c->generations);
    if (a->ok && a->dry_run)
        a->ok = letters_try(c, rules, &a->which, &a->trial, &a->next, &a->err);
    else
        generation_release(rules);
    if (a->ok && !a->dry_run) a->ok = a->run(c->store, &a->which, &a->done, &a->err);
    if (a->ok && !c->ready)
        a->ok = err_set(&a->err, ERR_LIMIT, "pixeld stops; %llu were done, ask again",
                        (unsigned long long)a->done);
}

static void put_counts(struct buf *out, struct str key, const uint64_t counts[REASON_COUNT],
                       enum reason first)
{
    json_key(out, key);
    buf_putc(out, '{');
    for (enum reason r = first; r < REASON_COUNT; r++)
        if (counts[r]) json_kv_u64(out, r == REASON_NONE ? S("send") : reason_name(r), counts[r]);
    buf_putc(out, '}');
}

/* What the rules would make of them, in all and by what they had died of; nothing was changed. */
static void put_trial(struct buf *out, const struct letters_trial *trial)
{
    uint64_t all[REASON_COUNT] = {0}, died[REASON_COUNT] = {0};
    for (size_t former = 0; former < REASON_COUNT; former++) {
        for (size_t r = 0; r < REASON_COUNT; r++) {
            all[r] += trial->counts[former][r];
            died[former] += trial->counts[former][r];
        }
    }
    json_kv_u64(out, S("would_send"), all[REASON_NONE]);
    put_counts(out, S("would_stay"), all, REASON_NONE + 1);
    json_key(out, S("by_reason"));
    buf_putc(out, '{');
    for (enum reason former = 0; former < REASON_COUNT; former++)
        if (died[former]) put_counts(out, reason_name(former), trial->counts[former], REASON_NONE);
    buf_putc(out, '}');
}

static void tell(struct errand *e)
{
    struct action *a = e->ctx;
    struct buf body = {0};
    if (!a->dry_run) {
        deliver_wake(e->console->deliver);
        api_note(e->console, e->req, a->what, a->which.destination);
    }
    if (!a->ok) {
        api_error(e->req,
                  a->err.kind == ERR_INPUT   ? 400
                  : a->err.kind == ERR_LIMIT ? 503
                                             : 500,
                  a->dry_run ? S("try") : S("store"), str_z(a->err.text));
        return;
    }
    buf_putc(&body, '{');
    json_kv_u64(&body, S("done"), a->done);
    if (a->next) json_kv_u64(&body, S("next"), a->next);
    if (a->dry_run) put_trial(&body, &a->trial);
    buf_putc(&body, '}');
    api_answer(e->req, 200, &body);
}

/* Other rules for a dry run; false and answered when they are wrong. */
static bool take_rules(struct console *c, struct http_request *req, struct action *a,
                       struct str text)
{
    if (!text.n) return true;
    if (a->dry_run)
        a->rules = api_load(c, req, text);
    else
        api_error(req, 400, S("bad_selection"), S("text is for a dry run"));
    return a->rules != NULL;
}

static void act_on_dead(struct console *c, struct http_request *req, dead_action_fn *run,
                        struct str what)
{
    struct err err;
    struct action *a = arena_new(req->arena, struct action);
    struct errand *e = arena_new(req->arena, struct errand);
    if (!read_selection(req, &a->which)) {
        api_error(req, 400, S("bad_selection"),
                  S("wanted: {\"destination\":NAME} and one of \"seqs\":[...], \"reason\":CODE, "
                    "\"code\":NUMBER, \"source\", \"event\", \"since\", \"until\", \"all\":true"));
        return;
    }
    if (!api_has_destination(c, req, a->which.destination)) return;
    yyjson_val *root = json_read(req->arena, req->body, &err);
    a->event = json_str(json_get(root, "event"));
    a->dry_run = yyjson_is_true(json_get(root, "dry_run"));
    a->which.going = &c->ready;
    a->run = run;
    a->what = what;
    if (!take_rules(c, req, a, json_str(json_get(root, "text")))) return;
    *e = (struct errand){.console = c, .req = req, .ctx = a, .work = act, .finish = tell};
    if (!errand_start(e)) generation_release(a->rules);
}

void post_dead_retry(void *ctx, struct http_request *req)
{
    act_on_dead(ctx, req, store_letters_retry, S("retried dead letters"));
}

void post_dead_discard(void *ctx, struct http_request *req)
{
    act_on_dead(ctx, req, store_letters_discard, S("discarded dead letters"));
}
