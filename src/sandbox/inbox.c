/* SPDX-License-Identifier: Apache-2.0 */
/* See inbox.h. */
#include "sandbox/inbox.h"

#include "base/mem.h"

#include <assert.h>

/* One block of memory: this, then the texts. */
struct inbox_event {
    uint64_t n;
    int64_t received_ms;
    size_t bytes; /* of the block */
    bool duplicate, changed;
    struct str pixel_id, test_event_code, event_name, event_id, json, warnings;
};

void inbox_init(struct inbox *in, size_t events_max)
{
    assert(events_max > 0 && events_max <= LIMIT_SANDBOX_EVENTS_MAX);
    memset(in, 0, sizeof *in);
    in->capacity = events_max;
    in->ring = mem_new(events_max * sizeof(struct inbox_event *));
    in->bytes_max = events_max * LIMIT_SANDBOX_EVENT_BYTES;
    if (in->bytes_max < LIMIT_SANDBOX_BYTES) in->bytes_max = LIMIT_SANDBOX_BYTES;
    idset_init(&in->ids, LIMIT_SANDBOX_IDS);
}

static struct inbox_event **place_of(const struct inbox *in, uint64_t n)
{
    return &in->ring[(n - 1) % in->capacity];
}

static void drop_oldest(struct inbox *in)
{
    struct inbox_event **place = place_of(in, in->last - in->count + 1);
    in->bytes -= (*place)->bytes;
    in->count--;
    mem_free(*place);
    *place = NULL;
}

void inbox_reset(struct inbox *in)
{
    while (in->count) drop_oldest(in);
    in->last = 0;
    idset_fini(&in->ids);
    tally_fini(&in->tally);
}

void inbox_fini(struct inbox *in)
{
    inbox_reset(in);
    buf_fini(&in->scratch);
    mem_free(in->ring);
    in->ring = NULL;
}

static struct str copy_text(char **at, struct str text)
{
    struct str copy = str_of(*at, text.n);
    if (text.n) memcpy(*at, text.p, text.n);
    *at += text.n;
    return copy;
}

/* The event as it will be listed; json is its text. Not yet numbered nor compared. */
static struct inbox_event *make_event(const struct inbox_entry *entry, struct str json)
{
    struct str name = json_str(json_get(entry->event, "event_name"));
    struct str id = json_str(json_get(entry->event, "event_id"));
    size_t bytes = sizeof(struct inbox_event) + entry->pixel_id.n + entry->test_event_code.n +
                   name.n + id.n + json.n + entry->warnings.n;
    struct inbox_event *event = mem_new(bytes);
    char *at = (char *)(event + 1);
    event->bytes = bytes;
    event->received_ms = entry->received_ms;
    event->pixel_id = copy_text(&at, entry->pixel_id);
    event->test_event_code = copy_text(&at, entry->test_event_code);
    event->event_name = copy_text(&at, name);
    event->event_id = copy_text(&at, id);
    event->json = copy_text(&at, json);
    event->warnings = copy_text(&at, entry->warnings);
    return event;
}

/* Meta knows a copy by pixel, event name and event id. Without an id every event is new. */
static void compare(struct inbox *in, struct inbox_event *event)
{
    if (!event->event_id.n) return;
    buf_clear(&in->scratch);
    const struct str parts[] = {event->pixel_id, event->event_name, event->event_id};
    for (size_t i = 0; i < countof(parts); i++) {
        buf_put_u64(&in->scratch, parts[i].n); /* lengths keep ("ab", "c") apart from ("a", "bc") */
        buf_putc(&in->scratch, ':');
        buf_put(&in->scratch, parts[i]);
    }
    enum idset_answer answer = idset_add(&in->ids, buf_str(&in->scratch), event->json);
    event->duplicate = answer != IDSET_NEW;
    event->changed = answer == IDSET_CHANGED;
}

static void count(struct inbox *in, const struct inbox_event *event,
                  const struct inbox_entry *entry)
{
    struct tally_event e = {
        .pixel_id = event->pixel_id,
        .event_name = event->event_name,
        .warnings = entry->warning_count,
        .duplicate = event->duplicate,
        .changed = event->changed,
        .without_id = !event->event_id.n,
    };
    if (!event->duplicate && str_eq(event->event_name, S("Purchase")) &&
        json_number(json_get(entry->event, "custom_data.value"), &e.value)) {
        e.currency = json_str(json_get(entry->event, "custom_data.currency"));
    }
    tally_add(&in->tally, &e);
}

void inbox_put(struct inbox *in, const struct inbox_entry *entry)
{
    buf_clear(&in->scratch);
    json_put_val(&in->scratch, entry->event);
    struct inbox_event *event = make_event(entry, buf_str(&in->scratch));
    compare(in, event);
    count(in, event, entry);
    while (in->count == in->capacity || (in->count && in->bytes + event->bytes > in->bytes_max)) {
        drop_oldest(in);
    }
    event->n = ++in->last;
    *place_of(in, event->n) = event;
    in->count++;
    in->bytes += event->bytes;
}

static bool is_wanted(const struct inbox_event *event, const struct inbox_filter *filter)
{
    return (!filter->pixel_id.n || str_eq(filter->pixel_id, event->pixel_id)) &&
           (!filter->event_name.n || str_eq(filter->event_name, event->event_name)) &&
           (!filter->event_id.n || str_eq(filter->event_id, event->event_id));
}

static void print_event(const struct inbox_event *event, struct buf *out)
{
    json_comma(out);
    buf_putc(out, '{');
    json_kv_u64(out, S("n"), event->n);
    json_kv_str(out, S("pixel_id"), event->pixel_id);
    json_kv_raw(out, S("received_at"), S("\""));
    time_print(out, event->received_ms);
    buf_putc(out, '"');
    if (event->test_event_code.n) {
        json_kv_str(out, S("test_event_code"), event->test_event_code);
    }
    json_kv_raw(out, S("event"), event->json);
    json_kv_raw(out, S("warnings"), event->warnings);
    json_kv_bool(out, S("duplicate"), event->duplicate);
    json_kv_bool(out, S("changed"), event->changed);
    buf_putc(out, '}');
}

void inbox_print_events(const struct inbox *in, const struct inbox_filter *filter, struct buf *out)
{
    uint64_t forgotten = in->last - in->count;
    uint64_t next = filter->since <= in->last ? filter->since : 0; /* from before a reset */
    if (next < forgotten) next = forgotten;
    size_t mark = out->n, listed = 0;
    buf_putc(out, '{');
    json_kv_u64(out, S("total"), in->tally.events);
    json_kv_u64(out, S("dropped"), forgotten);
    json_kv_u64(out, S("duplicates"), in->tally.duplicates);
    json_kv_u64(out, S("refused"), in->tally.refused);
    json_kv_raw(out, S("events"), S("["));
    while (next < in->last && listed < filter->limit && out->n - mark < LIMIT_SANDBOX_PAGE_BYTES) {
        const struct inbox_event *event = *place_of(in, ++next);
        if (!is_wanted(event, filter)) continue;
        print_event(event, out);
        listed++;
    }
    buf_putc(out, ']');
    json_kv_u64(out, S("next"), next);
    buf_putc(out, '}');
}

void inbox_print_summary(const struct inbox *in, struct buf *out)
{
    buf_putc(out, '{');
    tally_print(&in->tally, out);
    json_kv_u64(out, S("dropped"), in->last - in->count);
    json_kv_u64(out, S("distinct_ids"), in->ids.count);
    json_kv_bool(out, S("distinct_ids_capped"), in->ids.full);
    buf_putc(out, '}');
}
