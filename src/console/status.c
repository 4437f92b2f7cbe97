/* SPDX-License-Identifier: Apache-2.0 */
/* How everything is, as the JSON of /api/v1/status. */
#include "console/numbers.h"
#include "console/removed.h"

#include "base/json.h"
#include "sys/file.h"

static void put_reasons(const uint64_t reasons[REASON_COUNT], struct buf *out)
{
    buf_putc(out, '{');
    for (enum reason reason = REASON_NONE + 1; reason < REASON_COUNT; reason++) {
        if (reasons[reason]) json_kv_u64(out, reason_name(reason), reasons[reason]);
    }
    buf_putc(out, '}');
}

static void put_paused_pixels(const struct deliver_status *d, struct buf *out)
{
    json_key(out, S("paused_pixels"));
    buf_putc(out, '[');
    for (size_t i = 0; i < d->paused_pixel_count; i++) {
        const struct paused_pixel *p = &d->paused_pixels[i];
        json_comma(out);
        buf_putc(out, '{');
        json_kv_str(out, S("pixel_id"), str_z(p->pixel_id));
        json_kv_i64(out, S("code"), p->code);
        json_kv_i64(out, S("subcode"), p->subcode);
        json_kv_str(out, S("reason"), str_z(p->reason));
        api_put_time(out, S("next_try"), p->probe_ms);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

/* What delivery does about time, limits and tokens. */
static void put_delivery(const struct deliver_status *d, struct buf *out)
{
    api_put_time(out, S("next_try"), d->probe_ms);
    put_paused_pixels(d, out);
    json_kv_u64(out, S("at_risk"), d->at_risk);
    api_put_time(out, S("first_loss"), d->first_loss_ms);
    json_kv_i64(out, S("usage_percent"), d->usage_percent);
    api_put_time(out, S("slowed_until"), d->slowed_until_ms);
    json_kv_u64(out, S("token"), d->token + 1);
    json_kv_u64(out, S("tokens"), d->token_count);
    json_kv_u64(out, S("test_events"), d->test_events);
    json_kv_u64(out, S("skipped"), d->skipped);
}

static void print_destination(const struct deliver_status *d, struct buf *out)
{
    json_comma(out);
    buf_putc(out, '{');
    json_kv_str(out, S("name"), d->name);
    json_kv_bool(out, S("enabled"), d->enabled);
    json_kv_bool(out, S("paused"), d->paused);
    json_kv_str(out, S("pause_reason"), str_z(d->pause_reason));
    json_kv_u64(out, S("received"), d->received);
    json_key(out, S("states"));
    buf_putc(out, '{');
    for (enum state state = 0; state < STATE_COUNT; state++) {
        json_kv_u64(out, state_name(state), d->states[state]);
    }
    buf_putc(out, '}');
    json_key(out, S("reasons"));
    put_reasons(d->reasons, out);
    json_kv_u64(out, S("in_flight_events"), d->in_flight_events);
    json_kv_u64(out, S("requests"), d->requests);
    json_kv_u64(out, S("requests_failed"), d->requests_failed);
    json_kv_u64(out, S("redacted"), d->redacted);
    api_put_time(out, S("oldest_waiting"), d->oldest_waiting_ms);
    api_put_time(out, S("oldest_held"), d->held_since_ms);
    api_put_time(out, S("last_delivered"), d->last_delivered_ms);
    api_put_time(out, S("backoff_until"), d->backoff_until_ms);
    put_delivery(d, out);
    json_kv_str(out, S("last_error"), str_z(d->last_error));
    buf_putc(out, '}');
}

/* The write key only of a start without configuration: it was made up here and is nobody's secret. */
static void put_addresses(struct console *c, struct buf *out)
{
    json_key(out, S("public"));
    buf_printf(out, "\"http://127.0.0.1:%u\"", http_server_port(c->public_loops[0]));
    if (c->sandbox) {
        json_key(out, S("sandbox"));
        buf_printf(out, "\"http://127.0.0.1:%u\"", sandbox_port(c->sandbox));
    }
    if (c->write_key.n) json_kv_str(out, S("write_key"), c->write_key);
}

void get_breakdown(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct deliver_breakdown *rows;
    struct buf body = {0};
    size_t count;
    deliver_breakdown_all(c->deliver, req->arena, &rows, &count);
    buf_put(&body, S("{\"rows\":["));
    for (size_t i = 0; i < count; i++) {
        json_comma(&body);
        buf_putc(&body, '{');
        json_kv_str(&body, S("destination"), rows[i].destination);
        json_kv_str(&body, S("source"), rows[i].source);
        json_kv_str(&body, S("event"), rows[i].event);
        json_kv_u64(&body, S("delivered"), rows[i].reasons[REASON_NONE]);
        json_key(&body, S("reasons"));
        put_reasons(rows[i].reasons, &body);
        buf_putc(&body, '}');
    }
    buf_put(&body, S("]}"));
    api_answer(req, 200, &body);
}

static void put_dedup(const struct journal_stats *j, struct buf *out)
{
    json_key(out, S("dedup"));
    buf_putc(out, '{');
    json_kv_u64(out, S("duplicates"), j->duplicates);
    json_kv_u64(out, S("changed"), j->changed_duplicates);
    json_kv_u64(out, S("forgotten"), j->dedup_evicted);
    json_kv_bool(out, S("failed"), j->dedup_failed);
    buf_putc(out, '}');
}

void status_print(struct console *c, struct arena *arena, struct buf *out)
{
    struct numbers s;
    numbers_take(c, arena, &s);
    buf_putc(out, '{');
    json_kv_str(out, S("version"), S(PIXELD_VERSION));
    api_put_time(out, S("started"), c->started_ms);
    json_kv_u64(out, S("events"), s.next_seq);
    json_kv_u64(out, S("journal_bytes"), s.journal.bytes);
    json_kv_bool(out, S("journal_failing"), s.journal.failing);
    json_kv_bool(out, S("state_lost"), deliver_state_lost(c->deliver));
    json_kv_u64(out, S("disk_free_bytes"), file_disk_free(c->data_dir.p));
    put_addresses(c, out);
    json_key(out, S("ingest"));
    buf_putc(out, '{');
    json_kv_u64(out, S("requests"), s.ingest.requests);
    json_kv_u64(out, S("events"), s.ingest.events);
    json_kv_u64(out, S("rejected"), s.ingest.rejected);
    buf_putc(out, '}');
    put_dedup(&s.journal, out);
    json_key(out, S("destinations"));
    buf_putc(out, '[');
    for (size_t i = 0; i < s.count; i++) print_destination(&s.destinations[i], out);
    buf_putc(out, ']');
    removed_put(c, arena, out);
    buf_putc(out, '}');
}
