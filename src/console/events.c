/* SPDX-License-Identifier: Apache-2.0 */
/* The last events, page by page backwards. */
#include "console/api.h"
#include "console/rows.h"

#include "base/json.h"
#include "core/limits.h"

static void put_in_list(struct buf *out, uint64_t seq, struct str row)
{
    (void)seq;
    json_comma(out);
    buf_put(out, row);
}

/* Reads stretches backwards until the page is full. Within a stretch the order is the journal's; pages put
 * the newest stretch first, and the page's reader sorts by seq. */
static uint64_t read_page(struct console *c, const struct row_filter *filter, uint64_t before,
                          size_t limit, struct buf *out)
{
    uint64_t oldest = journal_oldest_seq(c->journal);
    size_t found = 0, scanned = 0, step = limit;
    while (before > oldest && found < limit && scanned < LIMIT_ROWS_SCANNED) {
        struct rows rows;
        uint64_t start = before > oldest + step ? before - step : oldest;
        rows_begin(&rows, c, filter, start);
        found += rows_scan(&rows, before, SIZE_MAX, 1, out, put_in_list);
        rows_end(&rows);
        scanned += (size_t)(before - start);
        before = start;
        if (step < LIMIT_ROWS_STEP) step *= 2;
    }
    return before;
}

/* Just these, as they are now. Numbers that the journal does not have are left out. */
static bool read_asked(struct console *c, struct str seqs, struct buf *out)
{
    struct rows rows;
    bool more = true, ok = true;
    size_t asked = 0;
    rows_begin(&rows, c, &(struct row_filter){.source = S("")}, 0);
    while (ok && more) {
        struct str number;
        more = str_cut(seqs, ',', &number, &seqs);
        ok = ++asked <= LIMIT_ROWS_ASKED && str_to_u64(number, &rows.seq);
        if (ok && rows.seq < UINT64_MAX)
            (void)rows_scan(&rows, rows.seq + 1, 1, 1, out, put_in_list);
    }
    rows_end(&rows);
    return ok;
}

static void answer_asked(struct console *c, struct http_request *req, struct str seqs)
{
    struct buf body = {0};
    buf_put(&body, S("{\"events\":["));
    if (read_asked(c, seqs, &body)) {
        buf_put(&body, S("]}"));
        api_answer(req, 200, &body);
        return;
    }
    buf_fini(&body);
    api_error(req, 400, S("bad_query"), S("seqs are at most 100 numbers with commas between"));
}

void get_events(void *ctx, struct http_request *req)
{
    struct str seqs = http_query_get(req, S("seqs"));
    struct console *c = ctx;
    struct row_filter filter;
    struct buf body = {0};
    uint64_t limit = 100, next = journal_next_seq(c->journal), before = next;
    if (seqs.n) {
        answer_asked(c, req, seqs);
        return;
    }
    row_filter_read(req, &filter);
    if (!api_query_u64(req, S("limit"), &limit) || !api_query_u64(req, S("before"), &before)) {
        api_error(req, 400, S("bad_query"), S("limit and before are numbers"));
        return;
    }
    if (limit > LIMIT_ROWS) limit = LIMIT_ROWS;
    if (limit < 1) limit = 1;
    if (before > next) before = next;
    buf_put(&body, S("{\"events\":["));
    uint64_t reached = read_page(c, &filter, before, limit, &body);
    buf_putc(&body, ']');
    if (reached > journal_oldest_seq(c->journal)) json_kv_u64(&body, S("before"), reached);
    json_kv_u64(&body, S("next"), next); /* where the live stream goes on without a gap */
    buf_putc(&body, '}');
    api_answer(req, 200, &body);
}
