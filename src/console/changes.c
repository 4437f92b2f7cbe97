/* SPDX-License-Identifier: Apache-2.0 */
/* See changes.h. */
#include "console/changes.h"

#include "base/json.h"
#include "core/limits.h"

static struct str result_of(struct mapper *m, const struct event *event, struct buf *out)
{
    buf_clear(out);
    mapper_event(m, event);
    mapper_put(m, out);
    return buf_str(out);
}

static void put_sample(struct changes *c, uint64_t seq)
{
    json_comma(&c->samples);
    buf_putc(&c->samples, '{');
    json_kv_u64(&c->samples, S("seq"), seq);
    json_kv_raw(&c->samples, S("before"), buf_str(&c->was));
    json_kv_raw(&c->samples, S("after"), buf_str(&c->is));
    buf_putc(&c->samples, '}');
    c->shown++;
}

static void compare(struct changes *c, uint64_t seq, struct str record)
{
    struct event event;
    if (!event_decode(record, &event)) return;
    struct str before = result_of(c->before, &event, &c->was);
    struct str after = result_of(c->after, &event, &c->is);
    enum state was = c->before->translation.outcome.state;
    enum state is = c->after->translation.outcome.state;
    c->total++;
    if (str_eq(before, after)) {
        c->same++;
        return;
    }
    if (was == is) {
        c->changed++;
    } else {
        c->newly[is]++;
    }
    if (c->shown < LIMIT_TRY_SAMPLES) put_sample(c, seq);
}

static uint64_t compare_view(struct changes *c, const struct journal_view *view, uint64_t end)
{
    struct str rest = view->records;
    uint64_t seq = view->first_seq;
    for (; rest.n && seq < end; seq++) {
        size_t n = event_record_size(rest);
        compare(c, seq, str_head(rest, n));
        rest = str_from(rest, n);
    }
    return seq;
}

uint64_t changes_scan(struct changes *c, struct journal *journal, uint64_t seq, uint64_t end,
                      uint64_t most)
{
    struct journal_reader reader = {0};
    if (end - seq > most) end = seq + most;
    while (seq < end) {
        struct journal_view view;
        struct err err = {0};
        if (journal_read(journal, &reader, seq, &view, &err)) {
            seq = compare_view(c, &view, end);
            journal_release(journal, &view);
        } else if (err.kind == ERR_NONE || reader.skip_to <= seq) {
            break;
        } else {
            seq = reader.skip_to;
        }
    }
    return seq;
}

void changes_put(const struct changes *c, struct buf *out)
{
    json_kv_u64(out, S("total"), c->total);
    json_kv_u64(out, S("same"), c->same);
    json_kv_u64(out, S("changed"), c->changed);
    json_kv_u64(out, S("newly_sent"), c->newly[STATE_WAITING]);
    json_kv_u64(out, S("newly_filtered"), c->newly[STATE_FILTERED]);
    json_kv_u64(out, S("newly_dead"), c->newly[STATE_DEAD]);
    json_key(out, S("samples"));
    buf_putc(out, '[');
    buf_put(out, buf_str(&c->samples));
    buf_putc(out, ']');
}

void changes_fini(struct changes *c)
{
    buf_fini(&c->was);
    buf_fini(&c->is);
    buf_fini(&c->samples);
}
