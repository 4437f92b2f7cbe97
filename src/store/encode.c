/* SPDX-License-Identifier: Apache-2.0 */
/* See encode.h. */
#include "store/encode.h"

#include "core/limits.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>

enum {
    VERSION = 1,
    VERSION_HELD = 2, /* of what waits: for a hold, not a pixel */
    VERSION_DROPS = 2 /* of a cursor: of a destination with events left to drop */
};

static void put_number(struct buf *out, uint64_t n)
{
    for (; n >= 0x80; n >>= 7) buf_putc(out, (char)(n | 0x80));
    buf_putc(out, (char)n);
}

/* put_signed keeps small negative numbers short: 0, -1, 1, -2 become 0, 1, 2, 3. */
static void put_signed(struct buf *out, int64_t n)
{
    put_number(out, n < 0 ? ~((uint64_t)n << 1) : (uint64_t)n << 1);
}

static void put_text(struct buf *out, struct str s)
{
    put_number(out, s.n);
    buf_put(out, s);
}

static bool take_byte(struct str *in, unsigned char *out)
{
    if (!in->n) return false;
    *out = (unsigned char)*in->p;
    *in = str_from(*in, 1);
    return true;
}

static bool take_number(struct str *in, uint64_t *out)
{
    uint64_t n = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        unsigned char byte;
        if (!take_byte(in, &byte) || (shift == 63 && byte > 1)) return false;
        n |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *out = n;
            return true;
        }
    }
    return false;
}

static bool take_signed(struct str *in, int64_t *out)
{
    uint64_t n;
    if (!take_number(in, &n)) return false;
    *out = (int64_t)(n & 1 ? ~(n >> 1) : n >> 1);
    return true;
}

static bool take_int(struct str *in, int *out)
{
    int64_t n;
    if (!take_signed(in, &n) || n < INT_MIN || n > INT_MAX) return false;
    *out = (int)n;
    return true;
}

static bool take_text(struct str *in, struct str *out)
{
    uint64_t n;
    if (!take_number(in, &n) || n > in->n) return false;
    *out = str_head(*in, (size_t)n);
    *in = str_from(*in, (size_t)n);
    return true;
}

static bool take_version(struct str *in)
{
    unsigned char version = 0;
    return take_byte(in, &version) && version == VERSION;
}

void encode_cursor(struct buf *out, const struct cursor *c)
{
    uint64_t end = c->low, known = 0;
    assert(c->range_count <= LIMIT_CURSOR_RANGES);
    buf_putc(out, c->drop_end ? VERSION_DROPS : VERSION);
    if (c->drop_end) put_number(out, c->drop_end);
    put_number(out, c->start);
    put_number(out, c->low);
    put_number(out, c->retried);
    put_number(out, c->range_count);
    for (size_t i = 0; i < c->range_count; i++) {
        const struct seq_range *r = &c->ranges[i];
        assert(r->first >= end && r->end > r->first);
        put_number(out, r->first - end);
        put_number(out, r->end - r->first);
        end = r->end;
    }
    for (size_t i = 0; i < REASON_COUNT; i++) known += c->counts[i] != 0;
    put_number(out, known);
    for (size_t i = 0; i < REASON_COUNT; i++) {
        if (!c->counts[i]) continue;
        put_text(out, reason_name((enum reason)i));
        put_number(out, c->counts[i]);
    }
}

static bool decode_ranges(struct str *in, struct arena *arena, struct cursor *c)
{
    uint64_t count, end = c->low;
    if (!take_number(in, &count) || count > LIMIT_CURSOR_RANGES) return false;
    c->range_count = (size_t)count;
    c->ranges = arena_array(arena, struct seq_range, c->range_count);
    for (size_t i = 0; i < c->range_count; i++) {
        uint64_t gap, length;
        if (!take_number(in, &gap) || !take_number(in, &length) || !length) return false;
        if (gap > UINT64_MAX - end || length > UINT64_MAX - end - gap) return false;
        c->ranges[i].first = end + gap;
        c->ranges[i].end = end = end + gap + length;
    }
    return true;
}

static bool decode_counts(struct str *in, struct cursor *c, struct err *err)
{
    uint64_t pairs;
    if (!take_number(in, &pairs)) return err_set(err, ERR_IO, "damaged");
    for (uint64_t i = 0; i < pairs; i++) {
        struct str name;
        uint64_t n;
        if (!take_text(in, &name) || !take_number(in, &n)) return err_set(err, ERR_IO, "damaged");
        enum reason reason = reason_find(name);
        if (reason == REASON_COUNT)
            return err_set(err, ERR_INPUT,
                           "counts events by a reason that this version does not know (%.*s): was "
                           "a newer pixeld running here?",
                           STR_ARG(str_head(name, LIMIT_NAME_BYTES)));
        c->counts[reason] += n;
    }
    return in->n == 0 || err_set(err, ERR_IO, "damaged");
}

bool decode_cursor(struct str bytes, struct arena *arena, struct cursor *out, struct err *err)
{
    struct cursor c = {0};
    unsigned char version = 0;
    if (!take_byte(&bytes, &version) || (version != VERSION && version != VERSION_DROPS))
        return err_set(err, ERR_INPUT, "not in this version's format: was a newer pixeld running?");
    if ((version == VERSION_DROPS && !take_number(&bytes, &c.drop_end)) ||
        !take_number(&bytes, &c.start) || !take_number(&bytes, &c.low) ||
        !take_number(&bytes, &c.retried) || !decode_ranges(&bytes, arena, &c))
        return err_set(err, ERR_IO, "damaged");
    if (!decode_counts(&bytes, &c, err)) return false;
    *out = c;
    return true;
}

void encode_parked(struct buf *out, const struct parked *p)
{
    buf_putc(out, p->held ? VERSION_HELD : VERSION);
    put_signed(out, p->deadline_ms);
    if (p->held) {
        put_signed(out, p->since_ms);
        put_signed(out, p->until_ms);
        put_signed(out, p->within_ms);
        put_text(out, hold_then_name(p->then));
        put_number(out, p->rules);
        buf_put(out, str_of((const char *)p->key.bytes, sizeof p->key.bytes));
    }
    buf_put(out, p->held ? p->name : p->pixels); /* the rest */
}

static bool take_key(struct str *in, struct hold_key *out)
{
    if (in->n < sizeof out->bytes) return false;
    memcpy(out->bytes, in->p, sizeof out->bytes);
    *in = str_from(*in, sizeof out->bytes);
    return true;
}

static bool take_then(struct str *in, enum hold_then *out)
{
    struct str name;
    if (!take_text(in, &name)) return false;
    for (*out = 0; *out < HOLD_THEN_COUNT; ++*out)
        if (str_eq(name, hold_then_name(*out))) return true;
    return false;
}

static bool take_held(struct str *in, struct parked *p)
{
    p->held = true;
    return take_signed(in, &p->since_ms) && take_signed(in, &p->until_ms) &&
           take_signed(in, &p->within_ms) && take_then(in, &p->then) &&
           take_number(in, &p->rules) && take_key(in, &p->key);
}

bool decode_parked(struct str bytes, struct parked *out, struct err *err)
{
    struct parked p = {.seq = out->seq};
    unsigned char version = 0;
    bool ok = take_byte(&bytes, &version) && (version == VERSION || version == VERSION_HELD) &&
              take_signed(&bytes, &p.deadline_ms) && (version == VERSION || take_held(&bytes, &p));
    if (!ok) return err_set(err, ERR_IO, "a waiting event's entry is damaged");
    *(p.held ? &p.name : &p.pixels) = bytes;
    *out = p;
    return true;
}

void encode_confirmation(struct buf *out, const struct confirmation *c)
{
    buf_putc(out, VERSION);
    put_number(out, c->seq);
    put_signed(out, c->time_ms);
    put_signed(out, c->within_ms);
    buf_putc(out, c->cancels);
}

bool decode_confirmation(struct str bytes, struct confirmation *out, struct err *err)
{
    struct confirmation c = {.key = out->key};
    unsigned char cancels = 0;
    if (!take_version(&bytes) || !take_number(&bytes, &c.seq) || !take_signed(&bytes, &c.time_ms) ||
        !take_signed(&bytes, &c.within_ms) || !take_byte(&bytes, &cancels) || bytes.n)
        return err_set(err, ERR_IO, "a hold's confirmation is damaged");
    c.cancels = cancels;
    *out = c;
    return true;
}

void encode_dead(struct buf *out, const struct dead_letter *d)
{
    buf_putc(out, VERSION);
    put_text(out, reason_name(d->outcome.reason));
    put_signed(out, d->died_ms);
    put_signed(out, d->code);
    put_signed(out, d->subcode);
    put_text(out, str_z(d->outcome.path));
    put_text(out, str_z(d->outcome.message));
    put_text(out, d->meta_text);
    put_text(out, d->fbtrace_id);
    put_text(out, d->pixel_id);
    buf_put(out, d->record); /* the rest */
}

enum reason decode_dead_reason(struct str bytes)
{
    struct str name;
    if (!take_version(&bytes) || !take_text(&bytes, &name)) return REASON_COUNT;
    return reason_find(name);
}

void encode_attempt(struct buf *out, const struct attempt *a)
{
    uint64_t end = 0;
    buf_putc(out, VERSION);
    put_signed(out, a->sent_ms);
    put_signed(out, a->took_ms);
    put_signed(out, a->status);
    put_signed(out, a->code);
    put_signed(out, a->subcode);
    put_text(out, a->pixel_id);
    put_text(out, a->fbtrace_id);
    put_text(out, a->text);
    put_number(out, a->event_ranges);
    for (size_t i = 0; i < a->event_ranges; i++) { /* a batch of retries may go back in numbers */
        put_signed(out, (int64_t)(a->events[i].first - end));
        put_number(out, a->events[i].end - a->events[i].first);
        end = a->events[i].end;
    }
}

/* take_ranges reads the ranges into out, if it is not NULL; *carried says whether seq is in one. */
static bool take_ranges(struct str in, uint64_t seq, struct seq_range *out, size_t count,
                        bool *carried)
{
    uint64_t end = 0;
    *carried = seq == UINT64_MAX;
    for (size_t i = 0; i < count; i++) {
        int64_t gap;
        uint64_t length;
        if (!take_signed(&in, &gap) || !take_number(&in, &length)) return false;
        uint64_t first = end + (uint64_t)gap;
        end = first + length;
        if (out) out[i] = (struct seq_range){first, end};
        if (seq >= first && seq < end) *carried = true;
    }
    return true;
}

bool decode_attempt(struct str bytes, uint64_t seq, struct arena *arena, struct attempt *out,
                    bool *carried)
{
    struct attempt a = {.number = out->number};
    uint64_t count;
    if (!take_version(&bytes) || !take_signed(&bytes, &a.sent_ms) ||
        !take_signed(&bytes, &a.took_ms) || !take_int(&bytes, &a.status) ||
        !take_int(&bytes, &a.code) || !take_int(&bytes, &a.subcode) ||
        !take_text(&bytes, &a.pixel_id) || !take_text(&bytes, &a.fbtrace_id) ||
        !take_text(&bytes, &a.text) || !take_number(&bytes, &count) || count > bytes.n)
        return false;
    a.event_ranges = (size_t)count;
    if (!take_ranges(bytes, seq, NULL, a.event_ranges, carried)) return false;
    if (!*carried) return true;
    struct seq_range *ranges = arena_array(arena, struct seq_range, a.event_ranges);
    a.events = ranges;
    *out = a;
    return take_ranges(bytes, seq, ranges, a.event_ranges, carried);
}

/* copy_text fills one of outcome's arrays, which were cut to fit before. */
static void copy_text(char *out, size_t room, struct str s)
{
    size_t n = s.n < room ? s.n : room - 1;
    memcpy(out, s.p, n);
    out[n] = '\0';
}

bool decode_dead(struct str bytes, struct dead_letter *out, struct err *err)
{
    struct dead_letter d = {.seq = out->seq};
    struct str name, path, message;
    if (!take_version(&bytes))
        return err_set(err, ERR_INPUT, "not in this version's format: was a newer pixeld running?");
    if (!take_text(&bytes, &name) || !take_signed(&bytes, &d.died_ms) ||
        !take_int(&bytes, &d.code) || !take_int(&bytes, &d.subcode) || !take_text(&bytes, &path) ||
        !take_text(&bytes, &message) || !take_text(&bytes, &d.meta_text) ||
        !take_text(&bytes, &d.fbtrace_id) || !take_text(&bytes, &d.pixel_id))
        return err_set(err, ERR_IO, "damaged");
    d.outcome.reason = reason_find(name);
    if (d.outcome.reason == REASON_COUNT)
        return err_set(err, ERR_INPUT, "died of a reason that this version does not know (%.*s)",
                       STR_ARG(str_head(name, LIMIT_NAME_BYTES)));
    d.outcome.state = reason_state(d.outcome.reason);
    copy_text(d.outcome.path, sizeof d.outcome.path, path);
    copy_text(d.outcome.message, sizeof d.outcome.message, message);
    d.record = bytes;
    *out = d;
    return true;
}
