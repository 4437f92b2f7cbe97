/* SPDX-License-Identifier: Apache-2.0 */
/* See raised.h; and a test of the ways by which alerts are told. */
#include "console/raised.h"

#include "console/errand.h"

#include "alert/notify.h"
#include "base/json.h"
#include "sys/clock.h"

void raised_put(struct console *c, struct arena *arena, struct buf *out)
{
    struct alert *list;
    size_t count;
    alerts_list(c->alerts, arena, &list, &count);
    json_key(out, S("raised"));
    buf_putc(out, '[');
    for (size_t i = 0; i < count; i++) {
        json_comma(out);
        buf_putc(out, '{');
        json_kv_str(out, S("alert"), alert_rule_name(list[i].rule));
        json_kv_str(out, S("subject"), str_z(list[i].subject));
        json_kv_str(out, S("message"), str_z(list[i].message));
        api_put_time(out, S("since"), list[i].changed_ms);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

/* --- a test ------------------------------------------------------------------------------------- */

struct trial {
    struct generation *generation;
    unsigned ways, failed;
    struct err err;
};

static void tell(struct errand *e)
{
    struct trial *trial = e->ctx;
    struct buf body = {0};
    struct alert alert = {.rule = ALERT_JOURNAL,
                          .changed_ms = clock_now_ms(),
                          .message = "a test of the alerts; nothing is wrong"};
    notify_body(&body, &alert, S("test"));
    trial->failed =
        notify_send(&trial->generation->config->alerts, trial->ways, buf_str(&body), &trial->err);
    buf_fini(&body);
}

static void finish(struct errand *e)
{
    struct trial *trial = e->ctx;
    struct buf body = {0};
    buf_putc(&body, '{');
    json_kv_bool(&body, S("ok"), !trial->failed);
    json_kv_bool(&body, S("webhook"), (trial->ways & ~trial->failed & NOTIFY_WEBHOOK) != 0);
    json_kv_bool(&body, S("command"), (trial->ways & ~trial->failed & NOTIFY_COMMAND) != 0);
    json_kv_str(&body, S("error"), trial->failed ? str_z(trial->err.text) : S(""));
    buf_putc(&body, '}');
    generation_release(trial->generation);
    api_answer(e->req, 200, &body);
}

void post_alerts_test(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct trial *trial = arena_new(req->arena, struct trial);
    struct errand *e = arena_new(req->arena, struct errand);
    if (c->errands == LIMIT_ERRANDS) {
        api_error(req, 503, S("busy"), S("several of these are under way; try again in a moment"));
        return;
    }
    trial->generation = generation_acquire(c->generations);
    trial->ways = notify_ways(&trial->generation->config->alerts);
    if (!trial->ways) {
        generation_release(trial->generation);
        api_error(req, 409, S("no_way"),
                  S("the configuration's `alerts` has no webhook and no "
                    "command"));
        return;
    }
    *e = (struct errand){.console = c, .req = req, .ctx = trial, .work = tell, .finish = finish};
    errand_start(e);
}
