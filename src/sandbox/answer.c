/* SPDX-License-Identifier: Apache-2.0 */
/* See answer.h. */
#include "sandbox/answer.h"

#include "base/json.h"
#include "sys/random.h"

enum { TRACE_BYTES = 22 };

/* Meta's trace ids look like AbC1...: an A and more of base64url. */
static void put_trace(struct buf *out)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char bytes[TRACE_BYTES];
    random_bytes(bytes, sizeof bytes);
    json_kv_raw(out, S("fbtrace_id"), S("\"A"));
    for (size_t i = 0; i < sizeof bytes; i++) buf_putc(out, letters[bytes[i] % 64]);
    buf_putc(out, '"');
}

void answer_put_received(struct buf *out, size_t events)
{
    buf_putc(out, '{');
    json_kv_u64(out, S("events_received"), events);
    json_kv_raw(out, S("messages"), S("[]"));
    put_trace(out);
    buf_putc(out, '}');
}

void answer_put_error(struct buf *out, const struct answer_error *e)
{
    buf_put(out, S("{\"error\":{"));
    json_kv_str(out, S("message"), e->message);
    json_kv_str(out, S("type"), e->type);
    json_kv_i64(out, S("code"), e->code);
    if (e->index >= 0) {
        json_key(out, S("error_data"));
        buf_printf(out, "{\"blame_field_specs\":[[\"data\",\"%lld\"]]}", (long long)e->index);
    }
    if (e->subcode) json_kv_i64(out, S("error_subcode"), e->subcode);
    json_kv_bool(out, S("is_transient"), e->is_transient);
    if (e->title.n) json_kv_str(out, S("error_user_title"), e->title);
    if (e->text.n) json_kv_str(out, S("error_user_msg"), e->text);
    put_trace(out);
    buf_put(out, S("}}"));
}

void answer_put_usage(struct buf *out, struct str business_id, int percent, int minutes)
{
    buf_printf(out, "X-App-Usage: {\"call_count\":%d,\"total_time\":%d,\"total_cputime\":%d}\r\n",
               percent, percent, percent);
    buf_printf(out,
               "X-Ad-Account-Usage: {\"acc_id_util_pct\":%d,\"reset_time_duration\":%d,"
               "\"ads_api_access_tier\":\"standard_access\"}\r\n",
               percent, minutes * 60);
    buf_printf(out,
               "X-Business-Use-Case-Usage: {\"%.*s\":[{\"type\":\"ads_management\","
               "\"call_count\":%d,\"total_cputime\":%d,\"total_time\":%d,"
               "\"estimated_time_to_regain_access\":%d,"
               "\"ads_api_access_tier\":\"standard_access\"}]}\r\n",
               STR_ARG(business_id), percent, percent, percent, minutes);
}
