/* SPDX-License-Identifier: Apache-2.0 */
/* What a person should look at now, each with what to do. Made from the present numbers: an
 * alert is there as long as its cause is, by the configuration's `alerts` where these have a bound for it; and what
 * was raised with patience and told (alert/), see raised.h. */
#include "console/numbers.h"
#include "console/raised.h"

#include "base/json.h"
#include "sys/clock.h"
#include "sys/file.h"

struct advice {
    const char *kind, *severity; /* critical, warning, info */
    struct str destination;      /* empty: of the whole process */
    int64_t since_ms;            /* 0 = not known */
    struct str message, cure;
};

static void put(struct buf *out, const struct advice *a)
{
    json_comma(out);
    buf_putc(out, '{');
    api_put_time(out, S("since"), a->since_ms);
    json_kv_str(out, S("kind"), str_z(a->kind));
    json_kv_str(out, S("severity"), str_z(a->severity));
    json_kv_str(out, S("destination"), a->destination);
    json_kv_str(out, S("message"), a->message);
    json_kv_str(out, S("cure"), a->cure);
    buf_putc(out, '}');
}

static void put_disk(struct console *c, const struct alerts_conf *conf, struct arena *arena,
                     struct buf *out)
{
    uint64_t disk = file_disk_free(c->data_dir.p);
    if (!disk || disk >= conf->disk_free) return;
    put(out, &(struct advice){"disk_low", "warning", S(""), 0,
                              arena_printf(arena, "%llu MiB of disk are free.",
                                           (unsigned long long)(disk >> 20)),
                              S("Make room, or lower journal.max_size.")});
}

static void put_process(struct console *c, const struct numbers *n, const struct alerts_conf *conf,
                        struct arena *arena, struct buf *out)
{
    if (n->journal.failing)
        put(out, &(struct advice){"journal_failing", "critical", S(""), 0,
                                  S("The disk refuses writes: senders get 503 and must try again."),
                                  S("Make room on the disk, or repair it; see the log.")});
    if (deliver_state_lost(c->deliver))
        put(out,
            &(struct advice){"state_lost", "critical", S(""), 0,
                             S("The state store was removed while the journal was not: what had "
                               "not been delivered then is skipped."),
                             S("Give each destination a start: TIME to send it.")});
    if (!n->journal.failing) put_disk(c, conf, arena, out);
    if (n->journal.dedup_failed)
        put(out,
            &(struct advice){"dedup_failed", "warning", S(""), 0,
                             S("The table of message ids cannot be used: repeated events are "
                               "not recognised."),
                             S("See the log for the reason; the file is made anew at a start.")});
    if (n->journal.dedup_evicted)
        put(out,
            &(struct advice){
                "dedup_small", "warning", S(""), 0,
                arena_printf(arena,
                             "%llu message ids were forgotten before dedup.window was over: an "
                             "event sent again goes out again, with its event_id.",
                             (unsigned long long)n->journal.dedup_evicted),
                S("Raise dedup.size (16 bytes an id), then restart; or shorten dedup.window.")});
}

static void put_time_left(const struct deliver_status *d, const struct alerts_conf *conf,
                          struct arena *arena, struct buf *out)
{
    int64_t waits_ms = d->oldest_waiting_ms ? clock_now_ms() - d->oldest_waiting_ms : 0;
    bool long_ago = conf->backlog_ms && waits_ms >= conf->backlog_ms;
    if (d->states[STATE_WAITING] && d->at_risk)
        put(out,
            &(struct advice){
                "at_risk", "critical", d->name, d->oldest_waiting_ms,
                arena_printf(arena, "%llu waiting events are taken by Meta for less than a day.",
                             (unsigned long long)d->at_risk),
                S("Cure what holds the destination up; they go first then.")});
    if (long_ago && d->enabled && !d->paused && !d->paused_pixel_count)
        put(out, &(struct advice){"behind", "warning", d->name, d->oldest_waiting_ms,
                                  arena_printf(arena, "Events have been waiting for %lld min.",
                                               (long long)(waits_ms / MS_PER_MINUTE)),
                                  str_z(d->last_error[0] ? d->last_error
                                                         : "It goes on by itself; see Delivery.")});
}

static void put_destination(const struct deliver_status *d, const struct alerts_conf *conf,
                            struct arena *arena, struct buf *out)
{
    if (d->paused)
        put(out, &(struct advice){
                     "paused", "critical", d->name, d->oldest_waiting_ms, str_z(d->pause_reason),
                     S("Its events are kept. It is tried again hourly and at each reload.")});
    for (size_t i = 0; i < d->paused_pixel_count; i++)
        put(out, &(struct advice){"pixel_paused", "warning", d->name, 0,
                                  arena_printf(arena, "pixel %s: %s", d->paused_pixels[i].pixel_id,
                                               d->paused_pixels[i].reason),
                                  S("Its events are kept; the others go on.")});
    put_time_left(d, conf, arena, out);
    if (d->reasons[REASON_REFUSED])
        put(out,
            &(struct advice){"refused", "warning", d->name, 0,
                             arena_printf(arena, "Meta refused %llu events.",
                                          (unsigned long long)d->reasons[REASON_REFUSED]),
                             S("See the dead letters, correct the mapping and send them again.")});
    if (d->token)
        put(out, &(struct advice){"token", "warning", d->name, 0,
                                  S("An access token was refused; a later one is in use."),
                                  S("Replace the token that was refused.")});
    if (d->test_events)
        put(out, &(struct advice){
                     "test_events", "info", d->name, 0,
                     S("Events go out with a test code: they show in Test Events."),
                     S("Remove test_event_code, or let it expire, when you have seen them.")});
}

void get_alerts(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct numbers n;
    struct buf body = {0};
    struct generation *g = generation_acquire(c->generations);
    const struct alerts_conf *conf = &g->config->alerts;
    numbers_take(c, req->arena, &n);
    buf_put(&body, S("{\"alerts\":["));
    put_process(c, &n, conf, req->arena, &body);
    for (size_t i = 0; i < n.count; i++)
        put_destination(&n.destinations[i], conf, req->arena, &body);
    generation_release(g);
    buf_putc(&body, ']');
    raised_put(c, req->arena, &body);
    buf_putc(&body, '}');
    api_answer(req, 200, &body);
}
