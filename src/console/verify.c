/* SPDX-License-Identifier: Apache-2.0 */
/* Does a destination work? Asks Meta (or what stands at api_url) with a request that carries no event, so
 * that nothing is counted anywhere: what it is refused for tells whether address, token and pixel are right.
 * Meta looks at the token first, then at the pixel, and then misses the events (code 100). */
#include "console/api.h"
#include "console/errand.h"

#include "base/json.h"
#include "base/sha256.h"
#include "core/limits.h"
#include "deliver/send.h"

enum { CODE_NO_DATA = 100, SUBCODE_NO_PIXEL = 33, CODE_TOKEN = 190 };

struct verify {
    struct str url, token, proof;
    int status;
    struct reply reply;
    struct buf body;
};

/* --- the question --------------------------------------------------------------------------------- */

static void ask(struct errand *e)
{
    struct verify *v = e->ctx;
    struct sender *sender = sender_new();
    struct transfer *transfer = send_begin(sender);
    struct post post = {.url = v->url, .token = v->token, .timeout_ms = LIMIT_VERIFY_MS};
    struct answer answer;
    buf_put(send_body(transfer), S("{\"data\":[]"));
    if (v->proof.n) {
        buf_putc(send_body(transfer), ',');
        json_key(send_body(transfer), S("appsecret_proof"));
        json_put_str(send_body(transfer), v->proof);
    }
    buf_putc(send_body(transfer), '}');
    send_start(sender, transfer, &post);
    while (!send_next(sender, &answer)) send_wait(sender, LIMIT_VERIFY_MS);
    v->status = answer.status;
    buf_put(&v->body, answer.body);
    send_finish(sender, answer.transfer);
    sender_free(sender);
}

/* --- the answer ----------------------------------------------------------------------------------- */

struct verdict {
    const char *check;
    bool ok;
    struct str message, cause, cure;
};

static void put_check(struct buf *out, const struct verdict *verdict)
{
    json_comma(out);
    buf_putc(out, '{');
    json_kv_str(out, S("check"), str_z(verdict->check));
    json_kv_bool(out, S("ok"), verdict->ok);
    json_kv_str(out, S("message"), verdict->message);
    json_kv_str(out, S("cause"), verdict->cause);
    json_kv_str(out, S("cure"), verdict->cure);
    buf_putc(out, '}');
}

/* Each check stands for the one before it as well, so the first that fails is the last that is told. */
static bool put_checks(struct buf *out, const struct verify *v)
{
    const struct reply *r = &v->reply;
    struct verdict reach = {"address", v->status > 0, S("the API answers"), S(""), S("")};
    struct verdict token = {"token", r->code && r->class != REPLY_TOKEN && r->code != CODE_TOKEN,
                            S("the access token is taken"), r->cause, r->cure};
    bool no_data = r->code == CODE_NO_DATA && r->subcode != SUBCODE_NO_PIXEL;
    struct verdict pixel = {"pixel", no_data, S("the pixel takes events from this token"), r->cause,
                            r->cure};
    struct verdict *all[] = {&reach, &token, &pixel};
    if (!reach.ok) {
        reach.message = buf_str(&v->body);
        reach.cause = S("no answer from api_url");
        reach.cure = S("check the address, the network and the proxy settings");
    }
    if (!token.ok) token.message = r->text;
    if (!pixel.ok) pixel.message = r->text;
    for (size_t i = 0; i < countof(all); i++) {
        if (all[i]->ok) all[i]->cause = all[i]->cure = S("");
        put_check(out, all[i]);
        if (!all[i]->ok) return false;
    }
    return true;
}

static void tell(struct errand *e)
{
    struct verify *v = e->ctx;
    struct buf body = {0};
    reply_read(v->status, buf_str(&v->body), NULL, e->req->arena, &v->reply);
    buf_put(&body, S("{\"checks\":["));
    bool ok = put_checks(&body, v);
    buf_putc(&body, ']');
    json_kv_bool(&body, S("ok"), ok);
    buf_putc(&body, '}');
    buf_fini(&v->body);
    api_answer(e->req, 200, &body);
}

/* --- the operation -------------------------------------------------------------------------------- */

/* A configured destination by its name; what the body gives besides stands in its place. */
static bool read_subject(struct console *c, struct http_request *req, struct verify *v)
{
    struct err err;
    yyjson_val *root = json_read(req->arena, req->body, &err);
    struct str name = json_str(json_get(root, "destination"));
    struct str pixel = json_str(json_get(root, "pixel_id")),
               url = json_str(json_get(root, "api_url"));
    struct str token = json_str(json_get(root, "access_token")), secret = S("");
    struct generation *g = generation_acquire(c->generations);
    const struct destination_conf *d = config_destination(g->config, name);
    bool typed_url = url.n > 0, typed_token = token.n && !str_eq(token, S("***"));
    if (d) {
        if (!pixel.n) pixel = d->pixel_id.text;
        if (!typed_url) url = d->api_url.text;
        /* A stored token goes only where it goes anyway. */
        bool same = str_eq(url, d->api_url.text);
        if (!typed_token) token = same && d->access_token_count ? d->access_tokens[0] : S("");
        if (!typed_token && same) secret = d->app_secret;
    }
    if (!url.n) url = S(CONFIG_API_URL);
    v->token = arena_str(req->arena, token);
    v->url = arena_printf(req->arena, "%.*s/%.*s/events", STR_ARG(url), STR_ARG(pixel));
    if (secret.n && token.n) {
        struct buf proof = {0};
        hmac_sha256_put_hex(&proof, secret, token);
        v->proof = arena_str(req->arena, buf_str(&proof));
        buf_fini(&proof);
    }
    bool ok = pixel.n > 0 && (!name.n || d || pixel.n);
    generation_release(g);
    return ok;
}

void post_verify(void *ctx, struct http_request *req)
{
    struct verify *v = arena_new(req->arena, struct verify);
    struct errand *e = arena_new(req->arena, struct errand);
    if (!read_subject(ctx, req, v)) {
        api_error(req, 400, S("bad_body"),
                  S("wanted: a \"destination\" that exists, or \"pixel_id\" and \"access_token\""));
        return;
    }
    *e = (struct errand){.console = ctx, .req = req, .ctx = v, .work = ask, .finish = tell};
    (void)errand_start(e); /* it answers, one way or the other */
}
