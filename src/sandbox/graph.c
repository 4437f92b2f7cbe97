/* SPDX-License-Identifier: Apache-2.0 */
/* See graph.h. One request is a struct visit that walks down graph_post: address, body, faults,
 * token, judgement, storing, answer. The first thing that is wrong becomes the error; a fault takes
 * precedence over it, because a broken server does not read. */
#include "sandbox/graph.h"

#include "base/sha256.h"
#include "meta/reply.h"
#include "sandbox/answer.h"
#include "sandbox/judge.h"
#include "sandbox/late.h"
#include "sys/clock.h"

#include <assert.h>

/* The newest Graph version that Meta has switched off: v20.0, on 2026-09-24. */
enum { DEAD_VERSION = 20 };
/* What a request without a version gets. */
#define PRESENT_VERSION "v26.0"

struct visit {
    struct graph *g;
    struct http_request *req;
    struct str pixel_id;
    struct batch batch;
    struct fault_plan plan;
    struct verdict *verdicts;  /* of the batch's events; NULL: not judged */
    struct answer_error error; /* code 0: none yet */
    size_t fewer;              /* events that the answer does not confirm */
    struct request_note note;
};

/* One Graph error that is not about an event; the first one stands. */
static void fail(struct visit *v, int code, int subcode, struct str message)
{
    const struct reply_code *row = reply_code_find(code, subcode);
    if (v->error.code) return;
    v->error = (struct answer_error){
        .status = row && row->status ? row->status : 400,
        .code = code,
        .subcode = subcode,
        .is_transient = row && row->class == REPLY_RETRY,
        .type = row && row->type.n ? row->type : S("OAuthException"),
        .message = message,
        .index = -1,
    };
}

/* "v26.0": true, with the number before the dot. */
static bool read_version(struct str text, uint64_t *major)
{
    struct str left, right;
    uint64_t minor;
    return text.n > 1 && text.p[0] == 'v' && text.n < REQUEST_VERSION_BYTES &&
           str_cut(str_from(text, 1), '.', &left, &right) && str_to_u64(left, major) &&
           str_to_u64(right, &minor);
}

/* [/v26.0]/<pixel>/events */
static void read_path(struct visit *v)
{
    struct str piece, rest = str_from(v->req->path, 1);
    uint64_t major = DEAD_VERSION + 1, number;
    (void)str_cut(rest, '/', &piece, &rest); /* without '/' the checks below fail */
    if (read_version(piece, &major)) {
        request_text(v->note.version, sizeof v->note.version, piece);
        (void)str_cut(rest, '/', &piece, &rest); /* likewise */
    }
    v->pixel_id = piece;
    request_text(v->note.pixel_id, sizeof v->note.pixel_id, piece);
    if (major <= DEAD_VERSION) {
        fail(v, 2635, 0, S("(#2635) This version of the API is no longer available."));
    } else if (!str_eq(rest, S("events"))) {
        fail(v, 100, 33, S("Unsupported post request: only /<pixel id>/events is served here."));
    } else if (!str_to_u64(piece, &number)) {
        fail(v, 803, 0, S("(#803) The id in the address is not a number."));
    }
}

static void read_body(struct visit *v)
{
    struct err err = {.kind = ERR_NONE};
    struct str type = http_header(v->req, S("Content-Type"));
    v->note.bytes = v->req->body.n;
    if (!batch_read(&v->batch, type, v->req->body, v->req->arena, &err)) {
        fail(v, 100, 0, arena_printf(v->req->arena, "(#100) %s", err.text));
    }
    v->note.events = v->batch.count;
    request_text(v->note.unknown, sizeof v->note.unknown, v->batch.unknown);
    request_text(v->note.test_event_code, sizeof v->note.test_event_code, v->batch.test_event_code);
    request_text(v->note.partner_agent, sizeof v->note.partner_agent, v->batch.partner_agent);
}

/* appsecret_proof is the HMAC of the token under the app's secret. When the sandbox knows the secret, it
 * wants one with every request, as Meta does for apps that require it. */
static void check_proof(struct visit *v, struct str token)
{
    struct buf wanted = {0};
    struct str query = http_query_get(v->req, S("appsecret_proof"));
    if (!v->g->app_secret.n) return;
    hmac_sha256_put_hex(&wanted, v->g->app_secret, token);
    if (!str_eq(buf_str(&wanted), query.n ? query : v->batch.proof))
        fail(v, 104, 0, S("(#104) The appsecret_proof provided in the API argument is invalid."));
    buf_fini(&wanted);
}

static void check_token(struct visit *v)
{
    struct str header = http_header(v->req, S("Authorization"));
    struct str query = http_query_get(v->req, S("access_token"));
    struct str token = v->batch.access_token;
    v->note.token = token.n ? "body" : "none";
    if (query.n) {
        token = query;
        v->note.token = "query";
    }
    if (header.n > 7 && str_eq_nocase(str_head(header, 7), S("Bearer "))) {
        token = str_trim(str_from(header, 7));
        v->note.token = "header";
    }
    if (v->g->token.n ? !str_eq(token, v->g->token) : v->g->token_required && !token.n) {
        v->error = (struct answer_error){.code = 0}; /* Meta looks at the token before the events */
        fail(v, 190, 0, S("Invalid OAuth access token - it cannot be read or is missing."));
    }
    check_proof(v, token);
}

/* --- judging ----------------------------------------------------------------------------------- */

static bool is_poison(const struct visit *v, yyjson_val *event)
{
    const struct fault *fault = &v->plan.decision;
    return v->plan.has_decision && fault->kind == FAULT_ERROR && fault->code == 100 &&
           fault_names(fault, event);
}

static bool is_named(const struct visit *v, int subcode)
{
    if (v->g->naming != SANDBOX_NAME_SOME) return v->g->naming == SANDBOX_NAME_ALWAYS;
    return subcode == verdict_subcode(VERDICT_PARAMETER);
}

/* The error of the event at index, in the words of Meta's answers about events. */
static void refuse(struct visit *v, size_t index, int subcode)
{
    const struct verdict *verdict = &v->verdicts[index];
    struct str text = verdict_text(verdict->rule), title = verdict_title(verdict->rule);
    fail(v, 100, subcode, S("Invalid parameter"));
    v->error.status = 400;
    v->error.type = S("OAuthException");
    v->error.is_transient = false;
    v->error.title = title.n ? title : S("Invalid event");
    v->error.text = arena_printf(v->req->arena, "%.*s%s%.*s", STR_ARG(text),
                                 verdict->detail.n ? " " : "", STR_ARG(verdict->detail));
    request_text(v->note.error, sizeof v->note.error,
                 arena_printf(v->req->arena, "%.*s: data[%zu]%.*s", STR_ARG(v->error.title), index,
                              STR_ARG(verdict->path)));
    if (!is_named(v, subcode)) return;
    v->error.index = (int64_t)index;
    v->error.text = arena_printf(v->req->arena, "%.*s At $['data'][%zu]%.*s.",
                                 STR_ARG(v->error.text), index, STR_ARG(verdict->path));
}

/* Every event is judged, also behind a bad one: the counts want to know. */
static void judge_batch(struct visit *v)
{
    v->verdicts = arena_array(v->req->arena, struct verdict, v->batch.count);
    for (size_t i = 0; i < v->batch.count; i++) {
        struct verdict *verdict = &v->verdicts[i];
        int subcode;
        judge_event(v->batch.events[i], v->note.received_ms, v->req->arena, verdict);
        subcode = verdict_subcode(verdict->rule);
        if (verdict->rule == VERDICT_OK && is_poison(v, v->batch.events[i])) {
            verdict->rule = VERDICT_PARAMETER;
            verdict->detail = S("A fault of the sandbox says so.");
            subcode = v->plan.decision.subcode;
        }
        if (verdict->rule == VERDICT_OK) continue;
        v->note.refused++;
        if (!v->error.code) refuse(v, i, subcode);
    }
}

/* --- storing ----------------------------------------------------------------------------------- */

/* With an error only BATCH_RULE_VALID keeps anything: the valid events that carry an id, and none at
 * all when one event of the batch is too old. */
static bool may_store(const struct visit *v, size_t index)
{
    if (v->verdicts[index].rule != VERDICT_OK) return false;
    if (!v->error.code) return true;
    return v->g->rule == BATCH_RULE_VALID && v->error.code == 100 &&
           judge_has(json_get(v->batch.events[index], "event_id"));
}

static void store_one(struct visit *v, size_t index, struct buf *warnings)
{
    const struct verdict *verdict = &v->verdicts[index];
    buf_clear(warnings);
    verdict_put_warnings(warnings, verdict);
    const struct inbox_entry entry = {
        .pixel_id = v->pixel_id,
        .test_event_code = v->batch.test_event_code,
        .event = v->batch.events[index],
        .warnings = buf_str(warnings),
        .warning_count = verdict->warning_count,
        .received_ms = v->note.received_ms,
    };
    inbox_put(&v->g->inbox, &entry);
}

static void store_batch(struct visit *v)
{
    struct tally *tally = &v->g->inbox.tally;
    bool has_old = false;
    for (size_t i = 0; i < v->batch.count; i++) {
        has_old = has_old || v->verdicts[i].rule == VERDICT_TOO_OLD;
    }
    for (size_t i = 0; i < v->batch.count; i++) {
        if (has_old || !may_store(v, i)) continue;
        store_one(v, i, &v->g->headers); /* free until the answer is written */
        v->note.stored++;
    }
    tally->refused += v->note.refused;
    tally->unstored += v->batch.count - v->note.refused - v->note.stored;
}

/* --- answering --------------------------------------------------------------------------------- */

static void note_visit(struct visit *v, int status)
{
    struct tally *tally = &v->g->inbox.tally;
    v->note.status = status;
    v->note.code = v->error.code;
    v->note.subcode = v->error.subcode;
    if (v->error.code && !v->note.error[0]) {
        request_text(v->note.error, sizeof v->note.error, v->error.message);
    }
    tally->requests++;
    if (status == 200 && !v->error.code) tally->requests_ok++;
    if (v->error.code) tally_refuse(tally, v->error.code, v->error.subcode);
    requests_add(&v->g->requests, &v->note);
}

static void put_headers(struct visit *v)
{
    struct buf *headers = &v->g->headers;
    buf_clear(headers);
    buf_printf(headers, "facebook-api-version: %s\r\n",
               v->note.version[0] ? v->note.version : PRESENT_VERSION);
    if (v->plan.usage_percent >= 0) {
        uint64_t number; /* anything but a number must not get into a header */
        answer_put_usage(headers, str_to_u64(v->pixel_id, &number) ? v->pixel_id : S("0"),
                         v->plan.usage_percent, v->plan.usage_minutes);
    }
}

/* The answer in JSON: the error if there is one. Of its body halves (1 or 2) go out. */
static void answer_json(struct visit *v, size_t halves)
{
    struct buf *body = &v->g->body;
    put_headers(v);
    buf_clear(body);
    if (v->error.code) {
        answer_put_error(body, &v->error);
    } else {
        answer_put_received(body, v->batch.count - v->fewer);
    }
    const struct http_response response = {
        .status = v->error.code ? v->error.status : 200,
        .content_type = S("application/json; charset=UTF-8"),
        .body = str_head(buf_str(body), body->n * halves / 2),
        .extra_headers = buf_str(&v->g->headers),
        .retry_after_s = v->plan.has_decision ? v->plan.decision.retry_after_s : 0,
    };
    note_visit(v, response.status);
    late_answer(v->req, &response, v->plan.delay_ms);
}

static void answer_page(struct visit *v, int status)
{
    put_headers(v);
    const struct http_response response = {
        .status = status,
        .content_type = S("text/html; charset=utf-8"),
        .body = S("<!DOCTYPE html><html><head><title>Error</title></head>"
                  "<body><h1>Sorry, something went wrong.</h1></body></html>"),
        .extra_headers = buf_str(&v->g->headers),
        .retry_after_s = v->plan.decision.retry_after_s,
    };
    note_visit(v, status);
    late_answer(v->req, &response, v->plan.delay_ms);
}

static void hang_up(struct visit *v, int64_t delay_ms)
{
    note_visit(v, 0);
    late_answer(v->req, NULL, delay_ms);
}

/* The right answer, when no fault takes its place. */
static void serve(struct visit *v)
{
    check_token(v);
    if (!v->error.code) {
        tally_batch(&v->g->inbox.tally, v->batch.count);
        judge_batch(v);
        store_batch(v);
    }
}

static void serve_error(struct visit *v)
{
    const struct fault *fault = &v->plan.decision;
    const struct reply_code *row = reply_code_find(fault->code, fault->subcode);
    v->error = (struct answer_error){.code = 0};
    fail(v, fault->code, fault->subcode, row ? row->cause : S("An error made by the sandbox."));
    if (fault->status) v->error.status = fault->status;
    answer_json(v, 2);
}

static void play(struct visit *v)
{
    const struct fault *fault = &v->plan.decision;
    v->note.fault = fault_kind_name(fault->kind);
    switch (fault->kind) {
    case FAULT_STATUS: answer_page(v, fault->status); return;
    case FAULT_GARBAGE: answer_page(v, 200); return;
    case FAULT_HANG: hang_up(v, v->plan.delay_ms + fault->ms); return;
    case FAULT_RESET: hang_up(v, v->plan.delay_ms); return;
    case FAULT_ERROR:
        if (!fault->event[0] || fault->code != 100) {
            serve_error(v);
            return;
        }
        serve(v);
        answer_json(v, 2);
        return;
    case FAULT_TRUNCATE:
        serve(v);
        answer_json(v, 1);
        return;
    case FAULT_FEWER:
        serve(v);
        v->fewer = v->batch.count ? 1 : 0;
        answer_json(v, 2);
        return;
    case FAULT_LOST_ANSWER:
        serve(v);
        hang_up(v, v->plan.delay_ms);
        return;
    case FAULT_SLOW:
    case FAULT_USAGE:
    case FAULT_KIND_COUNT: assert(false); /* these never decide */
    }
}

static void start_visit(struct visit *v, struct graph *g, struct http_request *req)
{
    *v = (struct visit){.g = g, .req = req, .plan.usage_percent = -1};
    v->note.received_ms = clock_now_ms();
    v->note.token = "none";
}

void graph_post(struct graph *g, struct http_request *req)
{
    struct visit v;
    start_visit(&v, g, req);
    read_path(&v);
    read_body(&v);
    faults_plan(&g->faults, v.pixel_id, &v.batch, &v.plan);
    if (v.plan.has_decision) {
        play(&v);
        return;
    }
    if (v.plan.delay_ms) v.note.fault = fault_kind_name(FAULT_SLOW);
    if (v.plan.usage_percent >= 0) v.note.fault = fault_kind_name(FAULT_USAGE);
    serve(&v);
    answer_json(&v, 2);
}

void graph_refuse(struct graph *g, struct http_request *req)
{
    struct visit v;
    start_visit(&v, g, req);
    fail(&v, 100, 33, S("Unsupported request: only POST /<pixel id>/events is served here."));
    answer_json(&v, 2);
}
