/* SPDX-License-Identifier: Apache-2.0 */
/* See sent.h. */
#include "report/sent.h"

#include "base/mem.h"

enum { SHARE_MAX = 16 };

void sent_init(struct sent *s)
{
    *s = (struct sent){.left_out = 0};
    lock_init(&s->lock);
}

static void half_fini(struct sent_half *half)
{
    buf_fini(&half->text);
    mem_free(half->marks);
}

void sent_fini(struct sent *s)
{
    half_fini(&s->filling);
    half_fini(&s->reading);
    lock_fini(&s->lock);
}

/* The first "event_id" is the event's own but for rules that make it very odd: a share is a share by any text. */
static bool is_taken(const struct sent *s, struct str json)
{
    static const struct str key = S_INIT("\"event_id\":\"");
    if (!s->share) return true;
    size_t at = str_find(json, key, 0);
    struct str id = json, rest;
    if (at != SIZE_MAX) (void)str_cut(str_from(json, at + key.n), '"', &id, &rest);
    /* str_hash is quick; this spreads it over all bits. */
    return str_hash(id) * UINT64_C(0x9E3779B97F4A7C15) >> (64 - s->share) == 0;
}

/* When there is no room for one event the rest is left out too. */
static void put(struct sent *s, const struct deliver_confirmed *c)
{
    struct sent_half *half = &s->filling;
    size_t destination_at = half->text.n;
    buf_put(&half->text, c->destination);
    for (size_t i = 0; i < c->count; i++) {
        const struct confirmed_event *e = &c->events[i];
        if (!is_taken(s, e->json)) continue;
        if (half->text.n + e->json.n > LIMIT_SENT_BYTES) {
            s->over = true;
            s->left_out += c->count - i;
            return;
        }
        if (half->count == half->capacity) {
            half->capacity = half->capacity ? 2 * half->capacity : 1024;
            half->marks = mem_grow(half->marks, half->capacity * sizeof *half->marks);
        }
        half->marks[half->count++] = (struct sent_mark){
            .destination_at = destination_at,
            .destination_n = c->destination.n,
            .json_at = half->text.n,
            .json_n = e->json.n,
            .received_ms = e->received_ms,
            .confirmed_ms = c->now_ms,
            .times = 1U << s->share,
            .from_browser = e->from_browser,
        };
        buf_put(&half->text, e->json);
    }
}

void sent_put(void *sent, const struct deliver_confirmed *confirmed)
{
    struct sent *s = sent;
    lock_take(&s->lock);
    if (s->over)
        s->left_out += confirmed->count;
    else
        put(s, confirmed);
    lock_give(&s->lock);
}

const struct sent_half *sent_take(struct sent *s)
{
    buf_clear(&s->reading.text);
    s->reading.count = 0;
    lock_take(&s->lock);
    struct sent_half full = s->filling;
    s->filling = s->reading;
    if (s->over && s->share < SHARE_MAX) s->share++;
    if (s->share && full.text.n < LIMIT_SENT_BYTES / 4) s->share--;
    s->over = false;
    lock_give(&s->lock);
    s->reading = full;
    return &s->reading;
}

uint64_t sent_left_out(struct sent *s)
{
    lock_take(&s->lock);
    uint64_t left_out = s->left_out;
    lock_give(&s->lock);
    return left_out;
}
