/* SPDX-License-Identifier: Apache-2.0 */
/* See state.h. Reads confirmed events as they were sent. */
#include "report/state.h"

#include "base/json.h"

static void note_purchase(struct series_table *t, struct str destination,
                          const struct sent_mark *mark, yyjson_val *root)
{
    struct series_key key = {.metric = S("purchases"),
                             .destination = destination,
                             .currency = json_str(json_get(root, "custom_data.currency"))};
    double value;
    series_add(t, &key, mark->confirmed_ms, mark->times);
    key.metric = S("value");
    if (json_number(json_get(root, "custom_data.value"), &value))
        series_add(t, &key, mark->confirmed_ms, value * mark->times);
}

static void digest(struct report *r, struct str destination, const struct sent_mark *mark,
                   yyjson_val *root)
{
    struct report_tables *t = &r->tables;
    struct str event = json_str(json_get(root, "event_name"));
    struct str path = mark->from_browser ? S("browser") : S("server");
    size_t row = quality_row(&t->quality, destination, event);
    series_add(&t->series, &(struct series_key){S("sent"), destination, event, path, S("")},
               mark->confirmed_ms, mark->times);
    if (str_eq(event, S("Purchase"))) note_purchase(&t->series, destination, mark, root);
    if (row == SIZE_MAX) return;
    quality_note(&t->quality, row, quality_keys(json_get(root, "user_data")), mark->times);
    struct pair_seen seen = {.destination = destination,
                             .event = event,
                             .event_id = json_str(json_get(root, "event_id")),
                             .order_id = json_str(json_get(root, "custom_data.order_id")),
                             .row = row,
                             .browser = mark->from_browser,
                             .now_ms = mark->confirmed_ms};
    if (seen.event_id.n) pairs_note(&t->pairs, &seen);
}

static void digest_one(struct report *r, const struct sent_half *half, const struct sent_mark *mark)
{
    struct err err;
    struct str destination = str_of(half->text.p + mark->destination_at, mark->destination_n);
    arena_reset(&r->arena);
    yyjson_val *root =
        json_read(&r->arena, str_of(half->text.p + mark->json_at, mark->json_n), &err);
    lock_take(&r->lock);
    if (root) digest(r, destination, mark, root);
    if (mark->received_ms)
        latency_note(&r->tables.latency, destination, mark->confirmed_ms - mark->received_ms,
                     mark->times, mark->confirmed_ms);
    lock_give(&r->lock);
}

void digest_confirmed(struct report *r)
{
    const struct sent_half *half = sent_take(&r->sent);
    for (size_t i = 0; i < half->count; i++) digest_one(r, half, &half->marks[i]);
}
