/* SPDX-License-Identifier: Apache-2.0 */
/* The demo shop, sent from here to the public address, just as its SDKs would. */
#include "console/demo.h"
#include "console/api.h"
#include "console/errand.h"

#include "base/json.h"
#include "core/limits.h"
#include "deliver/send.h"
#include "sys/random.h"

struct demo {
    struct str base, key;
    size_t sent;
};

static void put_event(struct buf *out, const struct demo *demo, const struct demo_event *event)
{
    unsigned char random[8];
    random_bytes(random, sizeof random);
    buf_putc(out, '{');
    json_kv_str(out, S("writeKey"), demo->key);
    buf_put(out, S(",\"messageId\":\"demo-"));
    buf_put_hex(out, random, sizeof random);
    buf_printf(out, "\",%s", event->json + 1);
}

static void send_all(struct errand *e)
{
    struct demo *demo = e->ctx;
    struct sender *sender = sender_new();
    for (size_t i = 0; i < demo_event_count; i++) {
        struct buf url = {0};
        struct answer answer;
        struct transfer *transfer = send_begin(sender);
        buf_printf(&url, "%.*s%s", STR_ARG(demo->base), demo_events[i].path);
        struct post post = {.url = buf_str(&url), .timeout_ms = LIMIT_VERIFY_MS};
        put_event(send_body(transfer), demo, &demo_events[i]);
        send_start(sender, transfer, &post);
        while (!send_next(sender, &answer)) send_wait(sender, LIMIT_VERIFY_MS);
        demo->sent += answer.status == 200;
        send_finish(sender, answer.transfer);
        buf_fini(&url);
    }
    sender_free(sender);
}

static void tell(struct errand *e)
{
    const struct demo *demo = e->ctx;
    struct buf body = {0};
    if (!demo->sent) {
        api_error(e->req, 502, S("not_taken"), S("the public address did not take the events"));
        return;
    }
    buf_putc(&body, '{');
    json_kv_u64(&body, S("done"), demo->sent);
    buf_putc(&body, '}');
    api_answer(e->req, 200, &body);
}

/* The first source that SDKs send to with a key. */
static struct str first_key(struct console *c, struct arena *arena)
{
    struct generation *g = generation_acquire(c->generations);
    struct str key = {0};
    for (size_t i = 0; i < g->config->source_count && !key.n; i++) {
        const struct source_conf *s = &g->config->sources[i];
        bool sdk = s->protocol == PROTOCOL_SEGMENT || s->protocol == PROTOCOL_RUDDERSTACK;
        if (sdk && s->enabled && s->write_key_count) key = arena_str(arena, s->write_keys[0]);
    }
    generation_release(g);
    return key;
}

void post_demo(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct demo *demo = arena_new(req->arena, struct demo);
    struct errand *e = arena_new(req->arena, struct errand);
    demo->key = first_key(c, req->arena);
    demo->base =
        arena_printf(req->arena, "http://127.0.0.1:%u", http_server_port(c->public_loops[0]));
    if (!demo->key.n) {
        api_error(req, 409, S("no_source"), S("there is no source with a write key yet"));
        return;
    }
    api_note(c, req, S("sent the demo shop"), S(""));
    *e = (struct errand){.console = c, .req = req, .ctx = demo, .work = send_all, .finish = tell};
    (void)errand_start(e); /* it answers, one way or the other */
}
