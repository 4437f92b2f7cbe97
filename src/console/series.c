/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers over time: of one metric, summed over all that the query does not tell apart. */
#include "console/api.h"

#include "base/json.h"
#include "sys/clock.h"

/* What there is of the metric, so that a page can offer it. */
static void put_keys(struct buf *out, const struct series_table *t, struct str metric)
{
    json_key(out, S("of"));
    buf_putc(out, '[');
    for (size_t i = 0; i < t->count; i++) {
        struct series_key key = series_key_of(&t->rows[i]);
        if (metric.n && !str_eq(metric, key.metric)) continue;
        json_comma(out);
        buf_putc(out, '{');
        json_kv_str(out, S("metric"), key.metric);
        json_kv_str(out, S("destination"), key.destination);
        json_kv_str(out, S("event"), key.event);
        json_kv_str(out, S("path"), key.path);
        json_kv_str(out, S("currency"), key.currency);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

/* A destination that is forgotten may still have numbers. */
static bool has_series(struct console *c, struct str destination)
{
    const struct series_table *t = &report_tables(c->report)->series;
    bool found = false;
    for (size_t i = 0; i < t->count && !found; i++)
        found = str_eq(series_key_of(&t->rows[i]).destination, destination);
    report_done(c->report);
    return found;
}

static void answer(struct console *c, struct http_request *req, const struct series_key *key,
                   enum series_range range)
{
    struct buf body = {0};
    int64_t now_ms = clock_now_ms();
    struct series_shape shape = series_shape(range);
    double *points = arena_array(req->arena, double, shape.points);
    struct report_tables *t = report_tables(c->report);
    series_read(&t->series, key, range, now_ms, points);
    buf_putc(&body, '{');
    put_keys(&body, &t->series, key->metric);
    report_done(c->report);
    json_kv_str(&body, S("metric"), key->metric);
    json_kv_i64(&body, S("step_s"), shape.step_s);
    int64_t step_ms = shape.step_s * 1000;
    api_put_time(&body, S("end"), now_ms / step_ms * step_ms);
    json_key(&body, S("points"));
    buf_putc(&body, '[');
    for (size_t i = 0; i < shape.points; i++) {
        json_comma(&body);
        json_put_double(&body, points[i]);
    }
    buf_put(&body, S("]}"));
    api_answer(req, 200, &body);
}

void get_series(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct str range_name = http_query_get(req, S("range"));
    enum series_range range = range_name.n ? series_range_find(range_name) : SERIES_24H;
    const struct series_key key = {
        .metric = http_query_get(req, S("metric")),
        .destination = http_query_get(req, S("destination")),
        .event = http_query_get(req, S("event")),
        .path = http_query_get(req, S("path")),
        .currency = http_query_get(req, S("currency")),
    };
    if (range == SERIES_RANGE_COUNT || !key.metric.n) {
        api_error(req, 400, S("bad_query"),
                  S("metric is received, sent, purchases, value or a state of events; range is 1h, "
                    "24h, 7d or 30d"));
        return;
    }
    bool known = !key.destination.n || has_series(c, key.destination);
    if (known || api_has_destination(c, req, key.destination)) answer(c, req, &key, range);
}
