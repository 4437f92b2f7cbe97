/* SPDX-License-Identifier: Apache-2.0 */
/* See rows.h. */
#include "console/rows.h"

#include "base/json.h"
#include "base/text.h"
#include "console/api.h"
#include "load/load.h"
#include "map/mask.h"
#include "sys/clock.h"

void row_filter_read(struct http_request *req, struct row_filter *out)
{
    out->source = http_query_get(req, S("source"));
    out->event = http_query_get(req, S("event"));
    out->person = http_query_get(req, S("person"));
    out->state = http_query_get(req, S("state"));
}

void rows_begin(struct rows *r, struct console *c, const struct row_filter *filter, uint64_t seq)
{
    *r = (struct rows){.console = c, .filter = *filter, .seq = seq};
    r->generation = generation_acquire(c->generations);
    fates_begin(&r->fates, c, r->generation);
}

void rows_end(struct rows *r)
{
    fates_end(&r->fates);
    generation_release(r->generation);
}

static bool is_wanted(const struct row_filter *f, const struct event *e, const struct str *facts)
{
    if (f->source.n && !str_eq(f->source, e->source)) return false;
    if (f->event.n && !str_eq(f->event, facts[FACT_EVENT])) return false;
    if (!f->person.n) return true;
    return str_eq(f->person, facts[FACT_USER]) || str_eq(f->person, facts[FACT_VISITOR]) ||
           str_eq_nocase(f->person, facts[FACT_EMAIL]);
}

/* Ids are the customer's own and telling for nobody else, unless they are an address. */
static void put_person(struct buf *out, const struct str *facts)
{
    struct str id = facts[FACT_USER].n ? facts[FACT_USER] : facts[FACT_VISITOR];
    struct buf masked = {0};
    json_key(out, S("person"));
    if (!id.n) id = facts[FACT_EMAIL];
    bool is_address = str_find_char(id, '@', 0) != SIZE_MAX;
    if (is_address) mask_put(&masked, id);
    json_put_str(out, is_address ? buf_str(&masked) : id);
    buf_fini(&masked);
}

static void put_facts(struct buf *out, uint64_t seq, const struct event *e, const struct str *facts)
{
    buf_putc(out, '{');
    json_kv_u64(out, S("seq"), seq);
    api_put_time(out, S("time"), e->received_ms);
    json_kv_str(out, S("source"), e->source);
    json_kv_str(out, S("protocol"), protocol_name(e->protocol));
    json_kv_str(out, S("type"), facts[FACT_TYPE]);
    json_kv_str(out, S("event"), facts[FACT_EVENT]);
    json_kv_str(out, S("message_id"), e->message_id);
    put_person(out, facts);
    json_kv_str(out, S("value"), facts[FACT_VALUE]);
    json_kv_str(out, S("currency"), facts[FACT_CURRENCY]);
    json_kv_bool(out, S("browser"), e->flags & EVENT_FROM_BROWSER);
    json_kv_bool(out, S("duplicate"), e->flags & EVENT_DUPLICATE);
    json_kv_u64(out, S("bytes"), e->json.n);
}

/* One record; true when it is wanted, with its row in row unless shown is false. */
static bool read_row(struct rows *r, uint64_t seq, struct str record, bool shown, struct buf *row)
{
    struct event e;
    struct parsed_event parsed;
    struct str facts[FACT_COUNT];
    if (!event_decode(record, &e)) return false;
    load_parse(r->generation, r->console->run, &e, e.received_ms, &parsed);
    facts_read(r->console->facts, &parsed, facts);
    if (!is_wanted(&r->filter, &e, facts)) return false;
    if (r->filter.state.n && !fates_has(&r->fates, seq, r->filter.state)) return false;
    if (!shown) return true;
    put_facts(row, seq, &e, facts);
    json_key(row, S("destinations"));
    fates_put(&r->fates, seq, &e, e.reject == REASON_NONE ? &parsed : NULL, row);
    buf_putc(row, '}');
    return true;
}

struct scan {
    size_t wanted, shown, most, every;
};

static bool is_enough(const struct rows *r, uint64_t end, const struct scan *s)
{
    return r->seq >= end || s->shown >= s->most || (r->until_us && clock_mono_us() >= r->until_us);
}

static void scan_view(struct rows *r, const struct journal_view *view, uint64_t end, struct scan *s,
                      struct buf *out, void (*put)(struct buf *out, uint64_t seq, struct str row))
{
    struct str rest = view->records;
    struct buf row = {0};
    for (uint64_t seq = view->first_seq; rest.n && !is_enough(r, end, s); seq++) {
        size_t n = event_record_size(rest);
        bool due = s->wanted % s->every == 0;
        buf_clear(&row);
        if (read_row(r, seq, str_head(rest, n), due, &row)) {
            s->wanted++;
            s->shown += due;
            if (due) put(out, seq, buf_str(&row));
        }
        rest = str_from(rest, n);
        r->seq = seq + 1;
    }
    buf_fini(&row);
}

size_t rows_scan(struct rows *r, uint64_t end, size_t most, size_t every, struct buf *out,
                 void (*put)(struct buf *out, uint64_t seq, struct str row))
{
    struct scan s = {.most = most, .every = every};
    while (!is_enough(r, end, &s)) {
        struct journal_view view;
        struct err err = {0};
        if (journal_read(r->console->journal, &r->reader, r->seq, &view, &err)) {
            scan_view(r, &view, end, &s, out, put);
            journal_release(r->console->journal, &view);
        } else if (err.kind == ERR_NONE || r->reader.skip_to <= r->seq) {
            break;
        } else {
            r->seq = r->reader.skip_to;
        }
    }
    return s.wanted;
}
