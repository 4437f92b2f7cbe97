/* SPDX-License-Identifier: Apache-2.0 */
/* Do the copies of the browser and of the server meet at Meta, and which of our senders repeat themselves? */
#include "console/api.h"

#include "base/json.h"

static void put_row(struct buf *out, const struct quality_row *row, const struct pair_counts *n)
{
    json_comma(out);
    buf_putc(out, '{');
    json_kv_str(out, S("destination"), quality_destination(row));
    json_kv_str(out, S("event"), quality_event(row));
    json_kv_u64(out, S("both"), n->both);
    json_kv_u64(out, S("server_only"), n->server_only);
    json_kv_u64(out, S("browser_only"), n->browser_only);
    json_key(out, S("reasons"));
    buf_putc(out, '{');
    if (n->other_name) json_kv_u64(out, S("other_name"), n->other_name);
    if (n->other_id) json_kv_u64(out, S("other_id"), n->other_id);
    if (n->too_late) json_kv_u64(out, S("too_late"), n->too_late);
    buf_put(out, S("}}"));
}

static void put_repeated(struct buf *out, const struct repeats *r)
{
    size_t count = r->total < LIMIT_REPEATED ? (size_t)r->total : LIMIT_REPEATED;
    json_key(out, S("repeated"));
    buf_putc(out, '[');
    for (size_t i = 0; i < count; i++) {
        const struct repeat *row = &r->rows[(r->total - 1 - i) % LIMIT_REPEATED];
        json_comma(out);
        buf_putc(out, '{');
        json_kv_str(out, S("source"), str_of(row->source, row->source_n));
        json_kv_str(out, S("message_id"), str_of(row->message_id, row->message_id_n));
        json_kv_u64(out, S("times"), row->times);
        json_kv_u64(out, S("first_seq"), row->first_seq);
        json_kv_u64(out, S("last_seq"), row->last_seq);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

void get_pairing(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct buf body = {0};
    struct journal_stats journal;
    struct pair_counts *counts = arena_array(req->arena, struct pair_counts, LIMIT_QUALITY_ROWS);
    journal_stats(c->journal, &journal);
    struct report_tables *t = report_tables(c->report);
    pairs_count(&t->pairs, counts, t->quality.count);
    buf_put(&body, S("{\"events\":["));
    for (size_t i = 0; i < t->quality.count; i++)
        if (counts[i].both || counts[i].server_only || counts[i].browser_only)
            put_row(&body, &t->quality.rows[i], &counts[i]);
    buf_putc(&body, ']');
    json_kv_u64(&body, S("one_in"), UINT64_C(1) << t->pairs.ids.share);
    put_repeated(&body, &t->repeats);
    report_done(c->report);
    json_kv_u64(&body, S("suppressed"), journal.duplicates);
    buf_putc(&body, '}');
    api_answer(req, 200, &body);
}
