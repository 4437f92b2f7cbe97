/* SPDX-License-Identifier: Apache-2.0 */
/* See notify.h. */
#include "alert/notify.h"

#include "base/json.h"
#include "base/sha256.h"
#include "base/time.h"
#include "deliver/send.h"
#include "sys/clock.h"
#include "sys/process.h"

unsigned notify_ways(const struct alerts_conf *conf)
{
    return (conf->webhook_url.text.n ? NOTIFY_WEBHOOK : 0U) |
           (conf->command.count ? NOTIFY_COMMAND : 0U);
}

void notify_body(struct buf *out, const struct alert *alert, struct str state)
{
    struct buf text = {0}, when = {0};
    struct str rule = alert_rule_name(alert->rule), subject = str_z(alert->subject);
    time_print(&when, alert->changed_ms);
    buf_printf(&text, "pixeld: %.*s%s%.*s %.*s: %s", STR_ARG(rule), subject.n ? " of " : "",
               STR_ARG(subject), STR_ARG(state), alert->message);
    buf_putc(out, '{');
    json_kv_str(out, S("alert"), rule);
    json_kv_str(out, S("subject"), subject);
    json_kv_str(out, S("state"), state);
    json_kv_str(out, S("message"), str_z(alert->message));
    json_kv_str(out, S("time"), buf_str(&when));
    json_kv_str(out, S("text"), buf_str(&text));
    buf_putc(out, '}');
    buf_fini(&text);
    buf_fini(&when);
}

static void sign(struct buf *header, struct str secret, struct str body)
{
    struct buf content = {0};
    long long now_s = (long long)(clock_now_ms() / MS_PER_SECOND);
    buf_printf(&content, "%lld.%.*s", now_s, STR_ARG(body));
    buf_printf(header, "X-Pixeld-Signature: t=%lld,v1=", now_s);
    hmac_sha256_put_hex(header, secret, buf_str(&content));
    buf_fini(&content);
}

static bool call_webhook(const struct alerts_conf *conf, struct str body, struct err *err)
{
    struct sender *sender = sender_new();
    struct transfer *transfer = send_begin(sender);
    struct buf header = {0};
    struct answer answer;
    if (conf->webhook_secret.n) sign(&header, conf->webhook_secret, body);
    struct post post = {.url = conf->webhook_url.text,
                        .header = buf_str(&header),
                        .timeout_ms = LIMIT_ALERT_SEND_MS};
    buf_put(send_body(transfer), body);
    send_start(sender, transfer, &post);
    while (!send_next(sender, &answer)) send_wait(sender, LIMIT_ALERT_SEND_MS);
    bool ok = answer.status >= 200 && answer.status < 300;
    if (!ok && answer.status)
        (void)err_set(err, ERR_NET, "the webhook answered %d", answer.status);
    else if (!ok)
        (void)err_set(err, ERR_NET, "the webhook did not answer: %.*s", STR_ARG(answer.body));
    send_finish(sender, answer.transfer);
    sender_free(sender);
    buf_fini(&header);
    return ok;
}

static bool run_command(const struct alerts_conf *conf, struct str body, struct err *err)
{
    struct arena arena = {0};
    struct buf said = {0};
    size_t count = conf->command.count;
    const char **argv = arena_array(&arena, const char *, count + 2);
    for (size_t i = 0; i < count; i++) argv[i] = arena_str(&arena, conf->command.items[i].text).p;
    argv[count] = arena_str(&arena, body).p;
    int code = process_run(argv, LIMIT_ALERT_SEND_MS, &said, err);
    if (code > 0)
        (void)err_set(err, ERR_IO, "the command ended with %d: %.*s", code,
                      STR_ARG(str_head(str_trim(buf_str(&said)), 120)));
    buf_fini(&said);
    arena_fini(&arena);
    return code == 0;
}

unsigned notify_send(const struct alerts_conf *conf, unsigned ways, struct str body,
                     struct err *err)
{
    unsigned failed = 0;
    ways &= notify_ways(conf);
    if ((ways & NOTIFY_WEBHOOK) && !call_webhook(conf, body, err)) failed |= NOTIFY_WEBHOOK;
    if ((ways & NOTIFY_COMMAND) && !run_command(conf, body, err)) failed |= NOTIFY_COMMAND;
    return failed;
}
