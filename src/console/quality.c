/* SPDX-License-Identifier: Apache-2.0 */
/* How well Meta can match what it gets, and what would help most. */
#include "console/api.h"

#include "base/json.h"
#include "meta/fields.h"

enum { ADVICE_SHOWN = 5 };
#define ADVICE_GAIN_MIN 0.1 /* less is not worth anybody's time */

static void put_number(struct buf *out, struct str key, double value, double digits)
{
    json_key(out, key);
    json_put_double(out, (double)(int64_t)(value * digits + 0.5) / digits);
}

static void put_keys(struct buf *out, const struct quality_row *row)
{
    size_t count;
    const struct meta_field *fields = meta_section_fields(META_USER, &count);
    json_key(out, S("keys"));
    buf_putc(out, '{');
    for (size_t i = 0; i < count; i++) {
        double share = quality_share(row, i);
        if (share > 0) put_number(out, fields[i].name, share, 10000);
    }
    buf_putc(out, '}');
}

/* The largest gain first; a few passes over a short table. */
static void put_advice(struct buf *out, const struct quality_row *row)
{
    bool told[QUALITY_KEYS] = {false};
    json_key(out, S("advice"));
    buf_putc(out, '[');
    for (size_t shown = 0; shown < ADVICE_SHOWN; shown++) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < quality_weight_count; i++)
            if (!told[i] && (best == SIZE_MAX || quality_gain(row, &quality_weights[i]) >
                                                     quality_gain(row, &quality_weights[best])))
                best = i;
        double gain = best == SIZE_MAX ? 0 : quality_gain(row, &quality_weights[best]);
        if (gain < ADVICE_GAIN_MIN) break;
        told[best] = true;
        json_comma(out);
        buf_putc(out, '{');
        json_kv_str(out, S("key"), quality_weights[best].key);
        put_number(out, S("gain"), gain, 100);
        json_kv_str(out, S("text"), quality_weights[best].advice);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

static void put_row(struct buf *out, const struct quality_row *row)
{
    json_comma(out);
    buf_putc(out, '{');
    json_kv_str(out, S("destination"), quality_destination(row));
    json_kv_str(out, S("event"), quality_event(row));
    json_kv_u64(out, S("count"), quality_count(row));
    put_keys(out, row);
    put_number(out, S("estimate"), quality_estimate(row), 10);
    put_advice(out, row);
    buf_putc(out, '}');
}

void get_quality(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct buf body = {0};
    buf_put(&body, S("{\"events\":["));
    struct report_tables *t = report_tables(c->report);
    for (size_t i = 0; i < t->quality.count; i++)
        if (quality_count(&t->quality.rows[i])) put_row(&body, &t->quality.rows[i]);
    report_done(c->report);
    buf_putc(&body, ']');
    json_kv_str(&body, S("formula"), quality_formula());
    json_kv_u64(&body, S("left_out"), report_left_out(c->report));
    buf_putc(&body, '}');
    api_answer(req, 200, &body);
}
