/* SPDX-License-Identifier: Apache-2.0 */
/* See quality.h. */
#include "report/quality.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "meta/fields.h"

/* The order is Meta's own: keys that name a person first, then those of the browser, then what many share
 * (developers.facebook.com/docs/marketing-api/conversions-api/best-practices). The numbers are ours. */
const struct quality_weight quality_weights[] = {
    {S_INIT("em"), 2.8, S_INIT("send the e-mail address, from forms and sign-ins too")},
    {S_INIT("ph"), 1.8, S_INIT("send the phone number, with its country's code")},
    {S_INIT("fbc"), 1.4,
     S_INIT("send Meta's click id: use the browser pixel, or the cookie _fbc or the fbclid of the "
            "address")},
    {S_INIT("external_id"), 1.2, S_INIT("send your own id of the person, the same everywhere")},
    {S_INIT("fbp"), 1.0,
     S_INIT("send the browser's id: use the browser pixel, or the cookie _fbp")},
    {S_INIT("client_ip_address"), 0.5,
     S_INIT("send the address of the person's browser as context.ip, not your server's")},
    {S_INIT("client_user_agent"), 0.3,
     S_INIT("send the browser's own User-Agent as context.userAgent")},
    {S_INIT("fn"), 0.25, S_INIT("send the first name")},
    {S_INIT("ln"), 0.25, S_INIT("send the last name")},
    {S_INIT("db"), 0.2, S_INIT("send the date of birth, if you have it")},
    {S_INIT("zp"), 0.1, S_INIT("send the postal code")},
    {S_INIT("ct"), 0.1, S_INIT("send the city")},
    {S_INIT("st"), 0.05, S_INIT("send the state or province")},
    {S_INIT("country"), 0.05, S_INIT("send the country")},
};
const size_t quality_weight_count = countof(quality_weights);

struct str quality_formula(void)
{
    return S(
        "An estimate of ours, not Meta's Event Match Quality: the sum over all keys of how many "
        "of the events have the key, times what the key is worth (em 2.8, ph 1.8, fbc 1.4, "
        "external_id 1.2, fbp 1, address 0.5, User-Agent 0.3, names 0.25 each, date of birth "
        "0.2, place 0.3).");
}

void quality_fini(struct quality *q)
{
    mem_free(q->rows);
    mem_free(q->slots);
    *q = (struct quality){0};
}

void quality_turn(struct quality *q, int64_t now_ms)
{
    int64_t day = now_ms / MS_PER_DAY, former = q->day;
    if (day == former || day == former - 1) return; /* a clock that went back a little */
    q->day = day;
    q->changed = true;
    for (size_t i = 0; i < q->count; i++) {
        struct quality_row *row = &q->rows[i];
        row->days[1] = day == former + 1 ? row->days[0] : (struct quality_day){0};
        row->days[0] = (struct quality_day){0};
    }
}

/* --- rows ---------------------------------------------------------------------------------------- */

static size_t add_row(struct quality *q, struct str destination, struct str event, size_t slot)
{
    if (!q->rows) q->rows = mem_new(LIMIT_QUALITY_ROWS * sizeof *q->rows);
    struct quality_row *row = &q->rows[q->count++];
    *row = (struct quality_row){.destination_n = (unsigned char)destination.n,
                                .event_n = (unsigned char)event.n};
    if (destination.n) memcpy(row->destination, destination.p, destination.n);
    if (event.n) memcpy(row->event, event.p, event.n);
    q->slots[slot] = (uint16_t)q->count;
    return q->count - 1;
}

size_t quality_row(struct quality *q, struct str destination, struct str event)
{
    destination = str_head(destination, LIMIT_NAME_BYTES);
    event = text_head(event, LIMIT_NAME_BYTES);
    if (!q->slots) q->slots = mem_new(QUALITY_SLOTS * sizeof *q->slots);
    size_t at = (size_t)((str_hash(event) + 31 * str_hash(destination)) % QUALITY_SLOTS);
    for (; q->slots[at]; at = (at + 1) % QUALITY_SLOTS) {
        const struct quality_row *row = &q->rows[q->slots[at] - 1];
        if (str_eq(quality_destination(row), destination) && str_eq(quality_event(row), event))
            return q->slots[at] - 1;
    }
    if (q->count < LIMIT_QUALITY_ROWS) return add_row(q, destination, event, at);
    q->left_out++;
    return SIZE_MAX;
}

void quality_note(struct quality *q, size_t row, uint64_t keys, uint32_t times)
{
    struct quality_day *day = &q->rows[row].days[0];
    day->count += times;
    for (size_t i = 0; keys; i++, keys >>= 1)
        if (keys & 1) day->keys[i] += times;
    q->changed = true;
}

/* The place of a key, looked for from one place on and around. */
static size_t find_key(const struct meta_field *fields, size_t count, struct str name, size_t from)
{
    for (size_t i = 0, at = from; i < count; i++, at++) {
        if (at >= count) at = 0;
        if (str_eq(fields[at].name, name)) return at;
    }
    return SIZE_MAX;
}

static size_t key_index(struct str name)
{
    size_t count;
    const struct meta_field *fields = meta_section_fields(META_USER, &count);
    assert(count <= QUALITY_KEYS);
    return find_key(fields, count, name, 0);
}

/* Events are written in the order of Meta's table, so the next key is behind the one before: a look or two
 * for each instead of a walk over the whole table, which was a fifth of the thread's time. */
uint64_t quality_keys(yyjson_val *user_data)
{
    size_t i, n, count, next = 0;
    yyjson_val *key, *value;
    uint64_t keys = 0;
    const struct meta_field *fields = meta_section_fields(META_USER, &count);
    yyjson_obj_foreach (user_data, i, n, key, value) {
        size_t at = find_key(fields, count, json_str(key), next);
        if (at == SIZE_MAX) continue;
        keys |= UINT64_C(1) << at;
        next = at + 1;
    }
    return keys;
}

/* --- what it means ------------------------------------------------------------------------------- */

uint64_t quality_count(const struct quality_row *row)
{
    return (uint64_t)row->days[0].count + row->days[1].count;
}

double quality_share(const struct quality_row *row, size_t key)
{
    uint64_t count = quality_count(row);
    uint64_t had = (uint64_t)row->days[0].keys[key] + row->days[1].keys[key];
    return count ? (double)had / (double)count : 0;
}

static double share_of(const struct quality_row *row, struct str name)
{
    size_t index = key_index(name);
    assert(index != SIZE_MAX);
    return quality_share(row, index);
}

double quality_estimate(const struct quality_row *row)
{
    double sum = 0;
    for (size_t i = 0; i < quality_weight_count; i++)
        sum += quality_weights[i].worth * share_of(row, quality_weights[i].key);
    return sum;
}

double quality_gain(const struct quality_row *row, const struct quality_weight *weight)
{
    return weight->worth * (1 - share_of(row, weight->key));
}

/* --- keeping ------------------------------------------------------------------------------------- */

static void put_day(struct buf *out, struct str name, const struct quality_day *day)
{
    size_t count;
    const struct meta_field *fields = meta_section_fields(META_USER, &count);
    json_key(out, name);
    buf_putc(out, '{');
    json_kv_u64(out, S("count"), day->count);
    for (size_t i = 0; i < count; i++)
        if (day->keys[i]) json_kv_u64(out, fields[i].name, day->keys[i]);
    buf_putc(out, '}');
}

void quality_put(const struct quality *q, struct buf *out)
{
    buf_putc(out, '{');
    json_kv_i64(out, S("day"), q->day);
    json_key(out, S("rows"));
    buf_putc(out, '[');
    for (size_t i = 0; i < q->count; i++) {
        const struct quality_row *row = &q->rows[i];
        json_comma(out);
        buf_putc(out, '{');
        json_kv_str(out, S("destination"), quality_destination(row));
        json_kv_str(out, S("event"), quality_event(row));
        put_day(out, S("today"), &row->days[0]);
        put_day(out, S("yesterday"), &row->days[1]);
        buf_putc(out, '}');
    }
    buf_put(out, S("]}"));
}

/* Keys that this version does not know are passed over. */
static void take_day(struct quality_day *day, yyjson_val *v)
{
    size_t i, count;
    yyjson_val *key, *value;
    yyjson_obj_foreach (v, i, count, key, value) {
        uint64_t number = 0;
        size_t index = key_index(json_str(key));
        if (!str_to_u64(json_str(value), &number)) continue;
        if (str_eq(json_str(key), S("count"))) day->count = (uint32_t)number;
        if (index != SIZE_MAX) day->keys[index] = (uint32_t)number;
    }
}

bool quality_take(struct quality *q, struct str text, struct err *err)
{
    struct arena arena = {0};
    size_t i, count;
    yyjson_val *one, *root = json_read(&arena, text, err);
    bool ok = root && str_to_i64(json_str(json_get(root, "day")), &q->day);
    if (root && !ok) (void)err_set(err, ERR_INPUT, "the table of match keys is damaged");
    yyjson_arr_foreach (json_get(root, "rows"), i, count, one) {
        struct str destination = json_str(json_get(one, "destination"));
        size_t row = ok ? quality_row(q, destination, json_str(json_get(one, "event"))) : SIZE_MAX;
        if (row == SIZE_MAX) continue;
        take_day(&q->rows[row].days[0], json_get(one, "today"));
        take_day(&q->rows[row].days[1], json_get(one, "yesterday"));
    }
    q->changed = false;
    arena_fini(&arena);
    return ok;
}
