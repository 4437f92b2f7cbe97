/* SPDX-License-Identifier: Apache-2.0 */
/* Events as they come, as server-sent events. Each answer is a stretch of the stream: what has come since
 * the last event the browser saw, or, when there is nothing yet, what comes within the next seconds; then
 * the browser asks again by itself with Last-Event-ID. So a client that goes away costs nothing, and what
 * waits is bounded. More than people can read is thinned out evenly, and the stream says so. */
#include "console/api.h"
#include "console/rows.h"

#include "core/limits.h"
#include "sys/clock.h"

struct watch {
    struct console *console;
    struct http_request *req;
    struct http_task task;
    struct row_filter filter;
    uint64_t after; /* the next event to show */
    int64_t until_us;
};

static void put_as_message(struct buf *out, uint64_t seq, struct str row)
{
    buf_printf(out, "id: %llu\ndata: ", (unsigned long long)seq + 1);
    buf_put(out, row);
    buf_put(out, S("\n\n"));
}

static void answer(struct watch *w, struct buf *body)
{
    struct http_response response = {.status = 200,
                                     .content_type = S("text/event-stream"),
                                     .extra_headers = S("Cache-Control: no-store\r\n"),
                                     .body = buf_str(body)};
    w->console->watchers--;
    http_respond(w->req, &response);
    buf_fini(body);
}

/* Rows from w->after on; what lies further back than one answer may hold is left out. */
static void put_rows(struct watch *w, uint64_t next, struct buf *out)
{
    struct rows rows;
    uint64_t start = w->after, waiting = next - w->after;
    if (waiting > LIMIT_LIVE_SCANNED) start = next - LIMIT_LIVE_SCANNED;
    size_t every = (size_t)((next - start + LIMIT_LIVE_ROWS - 1) / LIMIT_LIVE_ROWS);
    if (w->filter.source.n || w->filter.event.n || w->filter.person.n || w->filter.state.n)
        every = 1;
    rows_begin(&rows, w->console, &w->filter, start);
    rows.until_us = clock_mono_us() + LIMIT_ANSWER_US;
    size_t most = every > 1 ? SIZE_MAX : LIMIT_LIVE_ROWS;
    size_t wanted = rows_scan(&rows, next, most, every, out, put_as_message);
    w->after = rows.seq > start ? rows.seq : next;
    rows_end(&rows);
    size_t shown = (wanted + every - 1) / every;
    uint64_t seen = start - (next - waiting) + wanted;
    if (shown >= seen) return;
    buf_printf(out, "event: sampled\ndata: {\"shown\":%zu,\"seen\":%llu}\n\n", shown,
               (unsigned long long)seen);
}

static void look(void *arg)
{
    struct watch *w = arg;
    struct buf body = {0};
    uint64_t next = journal_next_seq(w->console->journal);
    bool over = clock_mono_us() >= w->until_us || !w->console->ready;
    buf_printf(&body, "retry: %d\n\n", LIMIT_LIVE_AGAIN_MS);
    size_t head = body.n;
    if (next > w->after) put_rows(w, next, &body);
    if (body.n == head && !over) {
        buf_fini(&body);
        http_after(http_server_of(w->req), LIMIT_LIVE_LOOK_MS, &w->task);
        return;
    }
    /* Where to go on, also when nothing of it was wanted. */
    buf_printf(&body, "id: %llu\nevent: ping\ndata: {}\n\n", (unsigned long long)w->after);
    answer(w, &body);
}

void get_live(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    uint64_t next = journal_next_seq(c->journal);
    struct watch *w = arena_new(req->arena, struct watch);
    struct str last = http_header(req, S("Last-Event-ID"));
    *w = (struct watch){.console = c, .req = req, .task = {.fn = look, .arg = w}, .after = next};
    w->until_us = clock_mono_us() + LIMIT_LIVE_WAIT_MS * 1000;
    row_filter_read(req, &w->filter);
    if (!api_query_u64(req, S("after"), &w->after) || (last.n && !str_to_u64(last, &w->after))) {
        api_error(req, 400, S("bad_query"), S("after is the number of an event"));
        return;
    }
    if (w->after > next) w->after = next;
    if (c->watchers == LIMIT_WATCHERS) {
        api_error(req, 503, S("too_many"), S("too many browsers watch at the same time"));
        return;
    }
    c->watchers++;
    look(w);
}
