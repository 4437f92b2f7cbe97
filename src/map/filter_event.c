/* SPDX-License-Identifier: Apache-2.0 */
/* Filters about time, URLs, Meta's click id and what an event says for us alone. */
#include "base/sixteen.h"
#include "core/event.h"
#include "core/limits.h"
#include "map/filter.h"
#include "map/integrations.h"

#include <inttypes.h>

/* --- time --------------------------------------------------------------------------------------- */

static bool is_all_digits(struct str s)
{
    uint64_t ignored;
    return str_to_u64(s, &ignored);
}

/* Has this very text been read before? */
static bool is_known(const struct eval_time *t, struct str text)
{
    return t->text.p && t->text.p == text.p && t->text.n == text.n;
}

/* ISO text, or epoch seconds or milliseconds as a number or its text. */
static bool read_time(struct eval *ev, const struct value *v, int64_t *out_ms)
{
    double number;
    if (v->kind != VALUE_TEXT && v->kind != VALUE_NUMBER) return false;
    if (is_known(&ev->read, v->text)) {
        *out_ms = ev->read.ms;
        return true;
    }
    struct str s = str_trim(v->text);
    bool ok =
        time_parse(s, out_ms) || (str_to_double(s, &number) && time_parse_number(number, out_ms));
    if (ok) ev->read = (struct eval_time){v->text, *out_ms};
    return ok;
}

static struct value ms_value(struct filter_call *call, int64_t ms)
{
    enum { DIGITS = 20 };
    struct buf text = {.p = arena_alloc(call->ev->scratch, DIGITS), .capacity = DIGITS};
    buf_put_i64(&text, ms);
    call->ev->made = (struct eval_time){buf_str(&text), ms};
    return value_number(buf_str(&text));
}

bool filter_time(const struct eval *ev, const struct value *v, int64_t *ms)
{
    if (v->kind != VALUE_NUMBER || !is_known(&ev->made, v->text)) return false;
    return time_parse_number((double)ev->made.ms, ms); /* as whoever reads the number */
}

struct value apply_time(struct filter_call *call, struct value in)
{
    int64_t ms;
    if (value_is_empty(&in)) return value_missing();
    if (!read_time(call->ev, &in, &ms)) return filter_fail(call, EXPR_INVALID, "not a time");
    return ms_value(call, ms);
}

/* Only a client library stamps its request with sentAt as it leaves; what a server sends was often
 * stamped long ago. */
static bool is_from_client(const struct filter_call *call)
{
    const struct value *channel = filter_read(call, 0);
    if (call->ev->event->flags & EVENT_FROM_BROWSER) return true;
    return channel->kind == VALUE_TEXT &&
           (str_eq(channel->text, S("web")) || str_eq(channel->text, S("mobile")));
}

/* Segment's rule: timestamp = receivedAt - (sentAt - originalTimestamp). */
struct value apply_skew_corrected(struct filter_call *call, struct value in)
{
    const struct event *e = call->ev->event;
    double number;
    int64_t ms;
    bool known = filter_time(call->ev, &in, &ms);
    if (!known && (!str_to_double(in.text, &number) || !time_parse_number(number, &ms))) {
        return value_missing();
    }
    if (e->received_ms > 0 && e->sent_ms > 0 && is_from_client(call)) {
        ms += e->received_ms - e->sent_ms;
    }
    return known && ms == call->ev->made.ms ? in : ms_value(call, ms);
}

static bool read_compact_day(struct str s, int64_t *out_ms)
{
    char iso[10];
    if (s.n != 8 || !is_all_digits(s)) return false;
    memcpy(iso, s.p, 4);
    memcpy(iso + 5, s.p + 4, 2);
    memcpy(iso + 8, s.p + 6, 2);
    iso[4] = iso[7] = '-';
    return time_parse(str_of(iso, sizeof iso), out_ms);
}

struct value apply_date(struct filter_call *call, struct value in)
{
    struct buf *text = call->ev->text;
    size_t mark = text->n;
    int64_t ms;
    in.text = str_trim(in.text);
    bool is_day = read_compact_day(in.text, &ms);
    if (!is_day) {
        if (!read_time(call->ev, &in, &ms)) return value_missing();
        /* No clock, and no number of seconds either. */
        is_day = time_parse(in.text, &ms) && str_find_char(in.text, ':', 0) == SIZE_MAX;
    }
    time_print(text, ms);
    buf_cut(text, mark + (is_day ? S("2025-10-09").n : S("2025-10-09T14:30:00").n));
    return filter_made(call, mark);
}

/* --- URLs --------------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_coded(struct str s)
{
    sixteen found = {0};
    size_t i = 0;
    for (; s.n - i >= 16; i += 16) {
        sixteen bytes = sixteen_read(s.p + i);
        found |= bytes == '%';
        found |= bytes == '+';
    }
    sixteen bytes = sixteen_read_end(str_from(s, i));
    found |= bytes == '%';
    return sixteen_any(found | (bytes == '+'));
}

/* Appends s as a form decodes it: %41 and plus signs; anything that is no escape stays. */
static void put_decoded(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        int high = s.p[i] == '%' && i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(s.p[i + 2]) : -1;
        if (low >= 0) {
            buf_putc(out, (char)(high * 16 + low));
            i += 2;
        } else {
            buf_putc(out, s.p[i] == '+' ? ' ' : s.p[i]);
        }
    }
}

/* before?query#after. */
struct url {
    struct str before, query, after;
};

static struct url url_of(struct str s)
{
    struct url url = {0};
    size_t hash = str_find_char(s, '#', 0);
    url.after = hash == SIZE_MAX ? str_from(s, s.n) : str_from(s, hash);
    (void)str_cut(str_head(s, s.n - url.after.n), '?', &url.before, &url.query);
    return url;
}

/* Takes the next "name=value" off *query; false at the end. */
static bool next_parameter(struct str *query, struct str *parameter)
{
    if (!query->n) return false;
    (void)str_cut(*query, '&', parameter, query); /* the last one has no & behind it */
    return true;
}

/* Most are called otherwise, as the first letter says. */
static inline bool may_have_name(struct str parameter, struct str name)
{
    char first = parameter.n ? parameter.p[0] : '%';
    return !name.n || first == name.p[0] || first == '%' || first == '+';
}

static bool has_name(struct filter_call *call, struct str parameter, struct str name)
{
    struct buf *text = call->ev->text;
    size_t mark = text->n;
    struct str raw, value;
    (void)str_cut(parameter, '=', &raw, &value); /* without = it is all name */
    if (raw.n < name.n) return false;            /* decoding makes nothing longer */
    if (!is_coded(raw)) return str_eq(raw, name);
    put_decoded(text, raw);
    bool same = str_eq(buf_since(text, mark), name);
    buf_cut(text, mark);
    return same;
}

struct value apply_query(struct filter_call *call, struct value in)
{
    struct str query = url_of(in.text).query, parameter, name, value;
    size_t mark = call->ev->text->n;
    while (next_parameter(&query, &parameter)) {
        struct str wanted = call->use->args[0].text;
        if (!may_have_name(parameter, wanted) || !has_name(call, parameter, wanted)) continue;
        (void)str_cut(parameter, '=', &name, &value);
        if (value.n <= LIMIT_OUT_EVENT_BYTES && !is_coded(value)) return value_text(value);
        put_decoded(call->ev->text, value);
        return filter_made(call, mark);
    }
    return value_missing();
}

static bool is_dropped(struct filter_call *call, struct str parameter)
{
    for (size_t i = 0; i < call->use->arg_count; i++) {
        if (has_name(call, parameter, call->use->args[i].text)) return true;
    }
    return false;
}

struct value apply_drop_query(struct filter_call *call, struct value in)
{
    struct url url = url_of(in.text);
    struct buf *text = call->ev->text;
    struct str parameter;
    size_t mark = text->n, kept = 0;
    buf_put(text, url.before);
    while (next_parameter(&url.query, &parameter)) {
        if (is_dropped(call, parameter)) continue;
        buf_putc(text, kept++ ? '&' : '?');
        buf_put(text, parameter);
    }
    buf_put(text, url.after);
    return filter_made(call, mark);
}

/* --- Meta --------------------------------------------------------------------------------------- */

/* The time of the click is at the latest the time of the event that brought it. */
static int64_t event_ms(const struct filter_call *call)
{
    int64_t ms;
    for (size_t i = 0; i < FILTER_READS; i++) {
        if (read_time(call->ev, filter_read(call, i), &ms)) return ms;
    }
    return call->ev->event->received_ms > 0 ? call->ev->event->received_ms : call->ev->now_ms;
}

/* The event's time has most often been written before. */
static void put_ms(const struct eval *ev, struct buf *out, int64_t ms)
{
    if (ev->made.text.p && ev->made.ms == ms) {
        buf_put(out, ev->made.text);
    } else {
        buf_put_i64(out, ms);
    }
}

/* Meta, "ClickID and the fbp and fbc parameters": version.subdomainIndex.creationTime.fbclid, with 1
 * for the subdomain index when it is made on a server without a cookie; fbclid is case sensitive. */
struct value apply_fbc(struct filter_call *call, struct value in)
{
    struct str click = str_trim(in.text);
    if (!click.n) return value_missing();
    if (str_starts(click, S("fb."))) return value_text(click);
    enum { REST = 32 }; /* what is before the click's own id, at most */
    struct buf text = {.p = arena_alloc(call->ev->scratch, REST + click.n),
                       .capacity = REST + click.n};
    buf_put(&text, S("fb.1."));
    put_ms(call->ev, &text, event_ms(call));
    buf_putc(&text, '.');
    buf_put(&text, click);
    return value_text(buf_str(&text));
}

struct value apply_our_option(struct filter_call *call, struct value in)
{
    if (in.kind != VALUE_NODE) return value_missing();
    return value_of(integrations_option(in.node, call->use->args[0].text));
}
