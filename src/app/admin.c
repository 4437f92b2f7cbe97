/* SPDX-License-Identifier: Apache-2.0 */
/* See admin.h. */
#include "app/admin.h"

#include "app/metrics.h"

#include "base/json.h"

enum { DEAD_PAGE_MAX = 1000 };

static void answer(struct http_request *req, int status, struct str content_type,
                   const struct buf *body)
{
    struct http_response response = {
        .status = status, .content_type = content_type, .body = buf_str(body)};
    http_respond(req, &response);
}

/* Answers with the JSON in body and frees it. */
static void answer_json(struct http_request *req, int status, struct buf *body)
{
    answer(req, status, S("application/json"), body);
    buf_fini(body);
}

static void answer_error(struct http_request *req, int status, struct str code, struct str message)
{
    struct buf body = {0};
    buf_put(&body, S("{\"error\":{"));
    json_kv_str(&body, S("code"), code);
    json_kv_str(&body, S("message"), message);
    buf_put(&body, S("}}"));
    answer_json(req, status, &body);
}

/* --- health --------------------------------------------------------------------------------------- */

static void get_healthz(void *ctx, struct http_request *req)
{
    struct buf body = {0};
    (void)ctx;
    buf_put(&body, S("{\"ok\":true}"));
    answer_json(req, 200, &body);
}

static void get_readyz(void *ctx, struct http_request *req)
{
    struct pipeline *p = ctx;
    struct journal_stats journal;
    if (!p->ready) {
        answer_error(req, 503, S("starting"), S("not ready yet, or stopping"));
        return;
    }
    journal_stats(p->journal, &journal);
    if (journal.failing) {
        answer_error(req, 503, S("journal_failing"), S("the disk refuses writes; see the log"));
        return;
    }
    get_healthz(ctx, req);
}

static void get_metrics(void *ctx, struct http_request *req)
{
    struct buf body = {0};
    metrics_print(ctx, req->arena, &body);
    answer(req, 200, S("application/openmetrics-text; version=1.0.0; charset=utf-8"), &body);
    buf_fini(&body);
}

static void get_status(void *ctx, struct http_request *req)
{
    struct buf body = {0};
    status_print(ctx, req->arena, &body);
    answer_json(req, 200, &body);
}

/* --- dead letters --------------------------------------------------------------------------------- */

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

static bool query_u64(struct http_request *req, struct str name, uint64_t *value)
{
    struct str text = http_query_get(req, name);
    return !text.p || str_to_u64(text, value);
}

static void get_dead(void *ctx, struct http_request *req)
{
    struct pipeline *p = ctx;
    struct str destination = http_query_get(req, S("destination"));
    struct str reason_text = http_query_get(req, S("reason"));
    enum reason reason = reason_text.n ? reason_find(reason_text) : REASON_COUNT;
    uint64_t from = 0, limit = 100;
    struct dead_letter *letters;
    size_t count;
    struct err err;
    struct buf body = {0};
    if (!query_u64(req, S("from"), &from) || !query_u64(req, S("limit"), &limit) ||
        (reason_text.n && reason == REASON_COUNT)) {
        answer_error(req, 400, S("bad_query"),
                     S("from and limit are numbers, reason a reason code"));
        return;
    }
    if (limit > DEAD_PAGE_MAX) limit = DEAD_PAGE_MAX;
    struct letter_selection which = {
        .destination = destination, .reason = reason, .from_seq = from, .limit = limit};
    if (!store_letters_list(p->store, &which, req->arena, &letters, &count, &err)) {
        answer_error(req, 500, S("store"), str_z(err.text));
        return;
    }
    bool with_event = str_eq(http_query_get(req, S("events")), S("true"));
    buf_put(&body, S("{\"dead\":["));
    for (size_t i = 0; i < count; i++) put_letter(&body, &letters[i], with_event);
    buf_putc(&body, ']');
    if (store_page_is_full(&which, letters, count))
        json_kv_u64(&body, S("next"), letters[count - 1].seq + 1);
    buf_putc(&body, '}');
    answer_json(req, 200, &body);
}

/* /api/v1/dead/DESTINATION/SEQ */
static void get_dead_one(void *ctx, struct http_request *req)
{
    struct pipeline *p = ctx;
    struct str destination, seq_text;
    uint64_t seq;
    struct dead_letter letter;
    struct err err = {0};
    struct buf body = {0};
    if (!str_cut(req->wildcard, '/', &destination, &seq_text) || !str_to_u64(seq_text, &seq)) {
        answer_error(req, 400, S("bad_path"), S("use /api/v1/dead/DESTINATION/NUMBER"));
        return;
    }
    if (!store_dead_get(p->store, destination, seq, req->arena, &letter, &err)) {
        bool missing = err.kind == ERR_NONE;
        answer_error(req, missing ? 404 : 500, S("not_found"),
                     missing ? S("there is no such dead letter") : str_z(err.text));
        return;
    }
    put_letter(&body, &letter, true);
    answer_json(req, 200, &body);
}

/* The body of retry and discard: {"destination":"name","seqs":[1,2]} or {"destination":"name",
 * "reason":"refused"} or {"destination":"name","all":true}. The texts are in the request's arena. */
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
    if (!seqs) return reason.n || yyjson_is_true(json_get(root, "all"));
    if (!yyjson_is_arr(seqs)) return false;
    uint64_t *list = arena_array(req->arena, uint64_t, yyjson_arr_size(seqs) + 1);
    yyjson_arr_foreach (seqs, index, count, item) {
        if (!str_to_u64(json_str(item), &list[which->seq_count++])) return false;
    }
    which->seqs = list;
    return true;
}

typedef bool dead_action_fn(struct store *s, const struct letter_selection *which, uint64_t *done,
                            struct err *err);

static void act_on_dead(struct pipeline *p, struct http_request *req, dead_action_fn *action)
{
    struct letter_selection which;
    uint64_t done = 0;
    struct err err;
    struct buf body = {0};
    /* A page of another site must not be able to do this through the operator's browser. */
    if (http_header(req, S("Origin")).p) {
        answer_error(req, 403, S("cross_site"), S("not from a web page"));
        return;
    }
    if (!read_selection(req, &which)) {
        answer_error(req, 400, S("bad_selection"),
                     S("wanted: {\"destination\":NAME} and one of \"seqs\":[...], \"reason\":CODE, "
                       "\"all\":true"));
        return;
    }
    if (!action(p->store, &which, &done, &err)) {
        answer_error(req, 500, S("store"), str_z(err.text));
        return;
    }
    deliver_wake(p->deliver);
    buf_putc(&body, '{');
    json_kv_u64(&body, S("done"), done);
    buf_putc(&body, '}');
    answer_json(req, 200, &body);
}

static void post_dead_retry(void *ctx, struct http_request *req)
{
    act_on_dead(ctx, req, store_letters_retry);
}

static void post_dead_discard(void *ctx, struct http_request *req)
{
    act_on_dead(ctx, req, store_letters_discard);
}

const struct http_route admin_routes[] = {
    {HTTP_GET_, "/healthz", get_healthz, false, 0},
    {HTTP_GET_, "/readyz", get_readyz, false, 0},
    {HTTP_GET_, "/metrics", get_metrics, false, 0},
    {HTTP_GET_, "/api/v1/status", get_status, false, 0},
    {HTTP_GET_, "/api/v1/dead", get_dead, false, 0},
    {HTTP_POST_, "/api/v1/dead/retry", post_dead_retry, false, 0},
    {HTTP_POST_, "/api/v1/dead/discard", post_dead_discard, false, 0},
    {HTTP_GET_, "/api/v1/dead/*", get_dead_one, false, 0},
};
const size_t admin_route_count = countof(admin_routes);
