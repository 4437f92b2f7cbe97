/* SPDX-License-Identifier: Apache-2.0 */
/* See sent.h. */
#include "report/sent.h"

#include "base/mem.h"

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

static void put(struct sent_half *half, const struct deliver_confirmed *c)
{
    size_t destination_at = half->text.n;
    buf_put(&half->text, c->destination);
    for (size_t i = 0; i < c->count; i++) {
        const struct confirmed_event *e = &c->events[i];
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
            .from_browser = e->from_browser,
        };
        buf_put(&half->text, e->json);
    }
}

void sent_put(void *sent, const struct deliver_confirmed *confirmed)
{
    struct sent *s = sent;
    lock_take(&s->lock);
    if (s->filling.text.n < LIMIT_SENT_BYTES)
        put(&s->filling, confirmed);
    else
        s->left_out += confirmed->count;
    lock_give(&s->lock);
}

const struct sent_half *sent_take(struct sent *s)
{
    buf_clear(&s->reading.text);
    s->reading.count = 0;
    lock_take(&s->lock);
    struct sent_half full = s->filling;
    s->filling = s->reading;
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
