/* SPDX-License-Identifier: Apache-2.0 */
/* How delivery goes: times, sizes of requests, errors with what to do. Times are the report's; the rest comes
 * from the latest requests that the store remembers. */
#include "console/api.h"

#include "base/json.h"
#include "meta/reply.h"
#include "sys/clock.h"

/* All destinations together: decoding one takes about a microsecond. */
enum { ATTEMPTS_ALL = 20000, ERRORS_SHOWN = 20 };

static const struct {
    struct str name;
    uint64_t most;
} sizes[] = {{S_INIT("1"), 1},
             {S_INIT("2-10"), 10},
             {S_INIT("11-100"), 100},
             {S_INIT("101-1000"), UINT64_MAX}};

/* Requests that failed alike; the texts are the latest one's. */
struct failure {
    const struct attempt *latest;
    uint64_t count, events;
};

static uint64_t events_of(const struct attempt *a)
{
    uint64_t events = 0;
    for (size_t i = 0; i < a->event_ranges; i++) events += a->events[i].end - a->events[i].first;
    return events;
}

static void put_batches(struct buf *out, const struct attempt *list, size_t count)
{
    uint64_t counts[countof(sizes)] = {0};
    for (size_t i = 0; i < count; i++) {
        uint64_t events = events_of(&list[i]);
        size_t at = 0;
        while (events > sizes[at].most) at++;
        counts[at]++;
    }
    json_key(out, S("batches"));
    buf_putc(out, '[');
    for (size_t i = 0; i < countof(sizes); i++) {
        json_comma(out);
        buf_putc(out, '{');
        json_kv_str(out, S("size"), sizes[i].name);
        json_kv_u64(out, S("count"), counts[i]);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

static bool has_failed(const struct attempt *a)
{
    return a->code || a->text.n || a->status < 200 || a->status > 299; /* text: what went wrong */
}

/* The list is newest first. Of more than ERRORS_SHOWN kinds the oldest are left out. */
static size_t group(const struct attempt *list, size_t count, struct failure *out)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const struct attempt *a = &list[i];
        size_t at = 0;
        if (!has_failed(a)) continue;
        while (at < n &&
               (out[at].latest->code != a->code || out[at].latest->subcode != a->subcode ||
                out[at].latest->status != a->status))
            at++;
        if (at == ERRORS_SHOWN) continue;
        if (at == n) out[n++] = (struct failure){.latest = a};
        out[at].count++;
        out[at].events += events_of(a);
    }
    return n;
}

static void put_title(struct buf *out, struct arena *arena, const struct attempt *a)
{
    struct str title = S("no answer");
    if (a->code)
        title = arena_printf(arena, "code %d/%d", a->code, a->subcode);
    else if (a->status)
        title = arena_printf(arena, "HTTP %d", a->status);
    json_kv_str(out, S("title"), title);
}

static void put_failure(struct buf *out, struct arena *arena, const struct failure *f)
{
    const struct attempt *a = f->latest;
    const struct reply_code *code = a->code ? reply_code_find(a->code, a->subcode) : NULL;
    struct reply reply;
    reply_read(a->status, S(""), NULL, arena, &reply); /* what the bare status means */
    json_comma(out);
    buf_putc(out, '{');
    json_kv_i64(out, S("code"), a->code);
    json_kv_i64(out, S("subcode"), a->subcode);
    json_kv_i64(out, S("status"), a->status);
    json_kv_u64(out, S("count"), f->count);
    json_kv_u64(out, S("events"), f->events);
    put_title(out, arena, a);
    json_kv_str(out, S("cause"), code ? code->cause : reply.cause);
    json_kv_str(out, S("cure"), code ? code->cure : reply.cure);
    json_kv_str(out, S("text"), a->text);
    json_kv_str(out, S("fbtrace_id"), a->fbtrace_id);
    api_put_time(out, S("last"), a->sent_ms);
    buf_putc(out, '}');
}

static void put_errors(struct buf *out, struct arena *arena, const struct attempt *list,
                       size_t count)
{
    struct failure failures[ERRORS_SHOWN];
    size_t n = group(list, count, failures);
    json_key(out, S("errors"));
    buf_putc(out, '[');
    for (size_t i = 0; i < n; i++) put_failure(out, arena, &failures[i]);
    buf_putc(out, ']');
}

static void put_latency(struct console *c, struct str name, struct buf *out)
{
    static const struct {
        struct str name;
        double share;
    } shown[] = {{S_INIT("p50"), 0.5}, {S_INIT("p95"), 0.95}, {S_INIT("p99"), 0.99}};
    int64_t now_ms = clock_now_ms();
    struct report_tables *t = report_tables(c->report);
    json_key(out, S("latency_ms"));
    buf_putc(out, '{');
    for (size_t i = 0; i < countof(shown); i++) {
        int64_t ms = latency_percentile(&t->latency, name, shown[i].share, now_ms);
        if (ms >= 0) json_kv_i64(out, shown[i].name, ms);
    }
    buf_putc(out, '}');
    report_done(c->report);
}

static void put_destination(struct console *c, struct arena *arena, const struct deliver_status *d,
                            size_t most, struct buf *out)
{
    struct attempt_selection which = {d->name, UINT64_MAX, UINT64_MAX, most};
    struct attempt *list;
    size_t count = 0;
    struct err err;
    if (!store_attempts_list(c->store, &which, arena, &list, &count, &err)) count = 0;
    json_comma(out);
    buf_putc(out, '{');
    json_kv_str(out, S("name"), d->name);
    put_latency(c, d->name, out);
    put_batches(out, list, count);
    json_kv_u64(out, S("attempts"), d->requests);
    json_kv_u64(out, S("attempts_failed"), d->requests_failed);
    json_kv_i64(out, S("usage_percent"), d->usage_percent);
    api_put_time(out, S("slowed_until"), d->slowed_until_ms);
    api_put_time(out, S("first_loss"), d->first_loss_ms);
    json_kv_u64(out, S("at_risk"), d->at_risk);
    api_put_time(out, S("oldest_waiting"), d->oldest_waiting_ms);
    put_errors(out, arena, list, count);
    buf_putc(out, '}');
}

void get_delivery(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct deliver_status *all;
    struct buf body = {0};
    size_t count;
    deliver_status_all(c->deliver, req->arena, &all, &count);
    size_t most = count ? ATTEMPTS_ALL / count : 0;
    if (most > LIMIT_DELIVERY_ATTEMPTS) most = LIMIT_DELIVERY_ATTEMPTS;
    buf_put(&body, S("{\"destinations\":["));
    for (size_t i = 0; i < count; i++) put_destination(c, req->arena, &all[i], most, &body);
    buf_put(&body, S("]}"));
    api_answer(req, 200, &body);
}
