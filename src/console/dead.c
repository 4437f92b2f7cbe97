/* SPDX-License-Identifier: Apache-2.0 */
/* The API's dead letters: list, show, retry, discard. */
#include "console/api.h"
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

static void put_letter(struct buf *out, const struct dead_letter *letter, bool with_event)
{
    json_comma(out);
    buf_putc(out, '{');
    json_kv_u64(out, S("seq"), letter->seq);
    json_kv_i64(out, S("died_ms"), letter->died_ms);
    json_kv_str(out, S("reason"), reason_name(letter->outcome.reason));
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

void get_dead(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct str destination = http_query_get(req, S("destination"));
    struct str reason_text = http_query_get(req, S("reason"));
    enum reason reason = reason_text.n ? reason_find(reason_text) : REASON_COUNT;
    uint64_t from = 0, limit = 100;
    struct dead_letter *letters;
    size_t count;
    struct err err;
    struct buf body = {0};
    if (!api_query_u64(req, S("from"), &from) || !api_query_u64(req, S("limit"), &limit) ||
        (reason_text.n && reason == REASON_COUNT)) {
        api_error(req, 400, S("bad_query"), S("from and limit are numbers, reason a reason code"));
        return;
    }
    if (limit > DEAD_PAGE_MAX) limit = DEAD_PAGE_MAX;
    struct letter_selection which = {
        .destination = destination, .reason = reason, .from_seq = from, .limit = limit};
    if (!store_letters_list(c->store, &which, req->arena, &letters, &count, &err)) {
        api_error(req, 500, S("store"), str_z(err.text));
        return;
    }
    bool with_event = str_eq(http_query_get(req, S("events")), S("true"));
    buf_put(&body, S("{\"dead\":["));
    for (size_t i = 0; i < count; i++) put_letter(&body, &letters[i], with_event);
    buf_putc(&body, ']');
    if (store_page_is_full(&which, letters, count))
        json_kv_u64(&body, S("next"), letters[count - 1].seq + 1);
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
    if (!store_dead_get(c->store, destination, seq, req->arena, &letter, &err)) {
        bool missing = err.kind == ERR_NONE;
        api_error(req, missing ? 404 : 500, S("not_found"),
                  missing ? S("there is no such dead letter") : str_z(err.text));
        return;
    }
    put_letter(&body, &letter, true);
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

/* What the present rules would make of them; nothing is changed. */
static void answer_trial(struct console *c, struct http_request *req,
                         const struct letter_selection *which)
{
    struct letters_trial trial;
    struct err err;
    struct buf body = {0};
    if (!letters_try(c, which, req->arena, &trial, &err)) {
        api_error(req, err.kind == ERR_INPUT ? 400 : 500, S("try"), str_z(err.text));
        return;
    }
    buf_put(&body, S("{\"done\":0"));
    json_kv_u64(&body, S("would_send"), trial.counts[STATE_WAITING]);
    json_key(&body, S("would_stay"));
    buf_putc(&body, '{');
    for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++)
        if (trial.reasons[r]) json_kv_u64(&body, reason_name(r), trial.reasons[r]);
    buf_put(&body, S("}}"));
    api_answer(req, 200, &body);
}

typedef bool dead_action_fn(struct store *s, const struct letter_selection *which, uint64_t *done,
                            struct err *err);

static void act_on_dead(struct console *c, struct http_request *req, dead_action_fn *action,
                        struct str what)
{
    struct letter_selection which;
    uint64_t done = 0;
    struct err err;
    struct buf body = {0};
    if (!read_selection(req, &which)) {
        api_error(req, 400, S("bad_selection"),
                  S("wanted: {\"destination\":NAME} and one of \"seqs\":[...], \"reason\":CODE, "
                    "\"code\":NUMBER, \"source\", \"event\", \"since\", \"until\", \"all\":true"));
        return;
    }
    yyjson_val *root = json_read(req->arena, req->body, &err);
    struct str event = json_str(json_get(root, "event"));
    if (event.n && !which.seqs && !letters_sift(c, &which, event, req->arena, &err)) {
        api_error(req, 500, S("store"), str_z(err.text));
        return;
    }
    if (yyjson_is_true(json_get(root, "dry_run"))) {
        answer_trial(c, req, &which);
        return;
    }
    if (!action(c->store, &which, &done, &err)) {
        api_error(req, 500, S("store"), str_z(err.text));
        return;
    }
    deliver_wake(c->deliver);
    api_note(c, req, what, which.destination);
    buf_putc(&body, '{');
    json_kv_u64(&body, S("done"), done);
    buf_putc(&body, '}');
    api_answer(req, 200, &body);
}

void post_dead_retry(void *ctx, struct http_request *req)
{
    act_on_dead(ctx, req, store_letters_retry, S("retried dead letters"));
}

void post_dead_discard(void *ctx, struct http_request *req)
{
    act_on_dead(ctx, req, store_letters_discard, S("discarded dead letters"));
}
