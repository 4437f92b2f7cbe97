/* SPDX-License-Identifier: Apache-2.0 */
/* The event names that sources send, with what Meta gets of them and, where that is nothing, which standard
 * event is probably meant. */
#include "console/api.h"

#include "base/json.h"
#include "report/suggest.h"

static void put_name(struct buf *out, const struct name_row *row)
{
    json_comma(out);
    buf_putc(out, '{');
    json_kv_str(out, S("source"), name_source(row));
    json_kv_str(out, S("event"), name_event(row));
    json_kv_u64(out, S("count"), row->count);
    json_kv_u64(out, S("from_browser"), row->from_browser);
    api_put_time(out, S("first"), row->first_ms);
    api_put_time(out, S("last"), row->last_ms);
    json_kv_str(out, S("meta_event"), str_z(row->meta_event));
    json_kv_str(out, S("reason"), str_z(row->reason));
    json_kv_str(out, S("suggestion"), suggest_event(name_event(row)));
    buf_putc(out, '}');
}

void get_names(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct str source = http_query_get(req, S("source"));
    struct buf body = {0};
    struct report_tables *t = report_tables(c->report);
    buf_put(&body, S("{\"names\":["));
    for (size_t i = 0; i < t->names.count; i++)
        if (!source.n || str_eq(source, name_source(&t->names.rows[i])))
            put_name(&body, &t->names.rows[i]);
    buf_putc(&body, ']');
    json_kv_u64(&body, S("left_out"), t->names.left_out);
    report_done(c->report);
    buf_putc(&body, '}');
    api_answer(req, 200, &body);
}
