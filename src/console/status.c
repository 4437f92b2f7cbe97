/* SPDX-License-Identifier: Apache-2.0 */
/* How everything is, as the JSON of /api/v1/status. */
#include "console/numbers.h"

#include "base/json.h"
#include "sys/file.h"

static void put_destination(const struct deliver_status *d, struct buf *out)
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
    buf_putc(out, '{');
    for (enum reason reason = REASON_NONE + 1; reason < REASON_COUNT; reason++) {
        if (d->reasons[reason]) json_kv_u64(out, reason_name(reason), d->reasons[reason]);
    }
    buf_putc(out, '}');
    json_kv_u64(out, S("in_flight_events"), d->in_flight_events);
    json_kv_u64(out, S("requests"), d->requests);
    json_kv_u64(out, S("requests_failed"), d->requests_failed);
    json_kv_u64(out, S("redacted"), d->redacted);
    api_put_time(out, S("oldest_waiting"), d->oldest_waiting_ms);
    api_put_time(out, S("last_delivered"), d->last_delivered_ms);
    api_put_time(out, S("backoff_until"), d->backoff_until_ms);
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
    json_kv_u64(out, S("disk_free_bytes"), file_disk_free(c->data_dir.p));
    put_addresses(c, out);
    json_key(out, S("ingest"));
    buf_putc(out, '{');
    json_kv_u64(out, S("requests"), s.ingest.requests);
    json_kv_u64(out, S("events"), s.ingest.events);
    json_kv_u64(out, S("rejected"), s.ingest.rejected);
    buf_putc(out, '}');
    json_key(out, S("destinations"));
    buf_putc(out, '[');
    for (size_t i = 0; i < s.count; i++) put_destination(&s.destinations[i], out);
    buf_put(out, S("]}"));
}
