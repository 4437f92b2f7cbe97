/* SPDX-License-Identifier: Apache-2.0 */
/* The last events, page by page backwards. */
#include "console/api.h"
#include "console/rows.h"

#include "base/json.h"
#include "core/limits.h"
#include "sys/clock.h"

enum { STEP_FIRST = 4 };

static void put_in_list(struct buf *out, uint64_t seq, struct str row)
{
    (void)seq;
    json_comma(out);
    buf_put(out, row);
}

/* A page that grows towards older events; its rows are in the journal's order. */
struct page {
    struct buf rows, stretch;
    uint64_t before; /* where it begins */
    size_t found, scanned;
    int64_t until_us; /* 0: however long it takes */
};

static void put_in_front(struct page *page)
{
    if (!page->stretch.n) return;
    if (page->rows.n) buf_putc(&page->stretch, ',');
    buf_put(&page->stretch, buf_str(&page->rows));
    struct buf longer = page->stretch;
    page->stretch = page->rows;
    page->rows = longer;
}

/* Adds one stretch; false when the time was over before its end, and then nothing of it is there: what would
 * be left out is newer than what is not. */
static bool add_stretch(struct page *page, struct console *c, const struct row_filter *filter,
                        uint64_t start)
{
    struct rows rows;
    buf_clear(&page->stretch);
    rows_begin(&rows, c, filter, start);
    rows.until_us = page->until_us;
    size_t wanted = rows_scan(&rows, page->before, SIZE_MAX, 1, &page->stretch, put_in_list);
    bool whole = rows.seq >= page->before || !rows.until_us || clock_mono_us() < rows.until_us;
    rows_end(&rows);
    if (!whole) return false;
    put_in_front(page);
    page->found += wanted;
    page->scanned += (size_t)(page->before - start);
    page->before = start;
    return true;
}

/* Reads stretches backwards until the page is full or the time is over; the first one, which is short, in any
 * case. As long as every event is wanted, no more than wanted are looked at. */
static void read_page(struct console *c, const struct row_filter *filter, size_t limit,
                      struct page *page)
{
    uint64_t oldest = journal_oldest_seq(c->journal);
    int64_t until_us = clock_mono_us() + LIMIT_ANSWER_US;
    for (size_t step = STEP_FIRST; page->before > oldest && page->found < limit;) {
        size_t most = page->found == page->scanned ? limit - page->found : SIZE_MAX;
        size_t n = step < most ? step : most;
        uint64_t start = page->before > oldest + n ? page->before - n : oldest;
        if (!add_stretch(page, c, filter, start) || clock_mono_us() >= until_us) break;
        page->until_us = until_us;
        if (step < LIMIT_ROWS_STEP) step *= 2;
    }
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
    struct page page = {.before = before};
    read_page(c, &filter, (size_t)limit, &page);
    buf_put(&body, S("{\"events\":["));
    buf_put(&body, buf_str(&page.rows));
    buf_putc(&body, ']');
    if (page.before > journal_oldest_seq(c->journal)) json_kv_u64(&body, S("before"), page.before);
    json_kv_u64(&body, S("next"), next); /* where the live stream goes on without a gap */
    buf_putc(&body, '}');
    buf_fini(&page.rows);
    buf_fini(&page.stretch);
    api_answer(req, 200, &body);
}
