/* SPDX-License-Identifier: Apache-2.0 */
/* See tally.h. */
#include "sandbox/tally.h"

#include <math.h>

enum { TEXT_BYTES = 100, SUM_PER_UNIT = 10000 };
/* One purchase's value is cut to this before it is added: larger ones are mistakes, and the sum must
 * not overflow because of them. */
#define VALUE_MAX 1e12

static const struct {
    size_t up_to;
    struct str name;
} sizes[TALLY_SIZES] = {
    {1, S_INIT("1")},
    {10, S_INIT("2-10")},
    {100, S_INIT("11-100")},
    {500, S_INIT("101-500")},
    {LIMIT_BATCH_SEND_EVENTS, S_INIT("501-1000")},
};

void tally_fini(struct tally *t)
{
    arena_fini(&t->arena);
    memset(t, 0, sizeof *t);
}

/* The row of pixel and name; the last row is "(other)" and takes what has no place. */
static struct tally_name *name_row(struct tally *t, struct str pixel_id, struct str event_name)
{
    pixel_id = str_head(pixel_id, TEXT_BYTES);
    event_name = str_head(event_name, TEXT_BYTES);
    for (size_t i = 0; i < t->name_count; i++) {
        struct tally_name *row = &t->names[i];
        if (str_eq(row->event_name, event_name) && str_eq(row->pixel_id, pixel_id)) return row;
    }
    if (t->name_count == countof(t->names)) return &t->names[t->name_count - 1];
    struct tally_name *row = &t->names[t->name_count++];
    if (t->name_count == countof(t->names)) pixel_id = event_name = S("(other)");
    row->pixel_id = arena_str(&t->arena, pixel_id);
    row->event_name = arena_str(&t->arena, event_name);
    return row;
}

static struct tally_money *money_row(struct tally *t, struct str currency)
{
    char upper[4] = {0};
    for (size_t i = 0; i < currency.n && i < 3; i++) {
        char c = currency.p[i];
        upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    for (size_t i = 0; i < t->money_count; i++) {
        if (!memcmp(t->money[i].currency, upper, sizeof upper)) return &t->money[i];
    }
    if (t->money_count == countof(t->money)) return &t->money[t->money_count - 1];
    struct tally_money *row = &t->money[t->money_count++];
    if (t->money_count < countof(t->money)) memcpy(row->currency, upper, sizeof upper);
    return row;
}

static void add_money(struct tally_money *row, double value)
{
    int64_t sum;
    value = fmax(fmin(value, VALUE_MAX), -VALUE_MAX);
    row->purchases++;
    if (!__builtin_add_overflow(row->sum, (int64_t)llround(value * SUM_PER_UNIT), &sum)) {
        row->sum = sum;
    }
}

void tally_add(struct tally *t, const struct tally_event *e)
{
    struct tally_name *row = name_row(t, e->pixel_id, e->event_name);
    row->events++;
    row->duplicates += e->duplicate;
    row->warnings += e->warnings;
    t->events++;
    t->duplicates += e->duplicate;
    t->changed += e->changed;
    t->without_id += e->without_id;
    if (e->currency.n) add_money(money_row(t, e->currency), e->value);
}

void tally_refuse(struct tally *t, int code, int subcode)
{
    for (size_t i = 0; i < t->refusal_count; i++) {
        struct tally_refusal *row = &t->refusals[i];
        if (row->code == code && row->subcode == subcode) {
            row->count++;
            return;
        }
    }
    if (t->refusal_count == countof(t->refusals)) return;
    t->refusals[t->refusal_count++] = (struct tally_refusal){code, subcode, 1};
}

void tally_batch(struct tally *t, size_t events)
{
    size_t i = 0;
    while (i + 1 < TALLY_SIZES && events > sizes[i].up_to) i++;
    t->sizes[i]++;
}

static void print_names(const struct tally *t, struct buf *out)
{
    json_kv_raw(out, S("by_event"), S("["));
    for (size_t i = 0; i < t->name_count; i++) {
        const struct tally_name *row = &t->names[i];
        json_comma(out);
        buf_putc(out, '{');
        json_kv_str(out, S("pixel_id"), row->pixel_id);
        json_kv_str(out, S("event_name"), row->event_name);
        json_kv_u64(out, S("events"), row->events);
        json_kv_u64(out, S("duplicates"), row->duplicates);
        json_kv_u64(out, S("warnings"), row->warnings);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

static void print_money(const struct tally *t, struct buf *out)
{
    json_kv_raw(out, S("purchases"), S("["));
    for (size_t i = 0; i < t->money_count; i++) {
        const struct tally_money *row = &t->money[i];
        json_comma(out);
        buf_putc(out, '{');
        json_kv_str(out, S("currency"), str_z(row->currency));
        json_kv_u64(out, S("count"), row->purchases);
        json_key(out, S("value"));
        json_put_double(out, (double)row->sum / SUM_PER_UNIT);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

static void print_refusals(const struct tally *t, struct buf *out)
{
    json_kv_raw(out, S("refusals"), S("["));
    for (size_t i = 0; i < t->refusal_count; i++) {
        json_comma(out);
        buf_putc(out, '{');
        json_kv_i64(out, S("code"), t->refusals[i].code);
        json_kv_i64(out, S("subcode"), t->refusals[i].subcode);
        json_kv_u64(out, S("count"), t->refusals[i].count);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

void tally_print(const struct tally *t, struct buf *out)
{
    json_kv_u64(out, S("total"), t->events);
    json_kv_u64(out, S("duplicates"), t->duplicates);
    json_kv_u64(out, S("changed"), t->changed);
    json_kv_u64(out, S("without_id"), t->without_id);
    json_kv_u64(out, S("refused"), t->refused);
    json_kv_u64(out, S("unstored"), t->unstored);
    json_kv_u64(out, S("requests"), t->requests);
    json_kv_u64(out, S("requests_ok"), t->requests_ok);
    json_kv_raw(out, S("batch_sizes"), S("{"));
    for (size_t i = 0; i < TALLY_SIZES; i++) json_kv_u64(out, sizes[i].name, t->sizes[i]);
    buf_putc(out, '}');
    print_names(t, out);
    print_money(t, out);
    print_refusals(t, out);
}
