/* SPDX-License-Identifier: Apache-2.0 */
/* See names.h. */
#include "report/names.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

void names_fini(struct names *t)
{
    mem_free(t->rows);
    mem_free(t->slots);
    *t = (struct names){0};
}

static struct name_row *add_row(struct names *t, struct str source, struct str event, size_t slot)
{
    if (!t->rows) t->rows = mem_new(LIMIT_EVENT_NAMES * sizeof *t->rows);
    struct name_row *row = &t->rows[t->count++];
    *row =
        (struct name_row){.source_n = (unsigned char)source.n, .event_n = (unsigned char)event.n};
    if (source.n) memcpy(row->source, source.p, source.n);
    if (event.n) memcpy(row->event, event.p, event.n);
    t->slots[slot] = (uint16_t)t->count;
    return row;
}

static struct name_row *find_row(struct names *t, struct str source, struct str event)
{
    source = text_head(source, LIMIT_NAME_BYTES);
    event = text_head(event, LIMIT_NAME_BYTES);
    if (!t->slots) t->slots = mem_new(NAMES_SLOTS * sizeof *t->slots);
    size_t at = (size_t)((str_hash(event) + 31 * str_hash(source)) % NAMES_SLOTS);
    for (; t->slots[at]; at = (at + 1) % NAMES_SLOTS) {
        struct name_row *row = &t->rows[t->slots[at] - 1];
        if (str_eq(name_source(row), source) && str_eq(name_event(row), event)) return row;
    }
    return t->count < LIMIT_EVENT_NAMES ? add_row(t, source, event, at) : NULL;
}

struct name_row *names_note(struct names *t, const struct name_seen *seen)
{
    struct name_row *row = find_row(t, seen->source, seen->event);
    if (!row) {
        t->left_out += seen->times;
        return NULL;
    }
    row->count += seen->times;
    if (seen->from_browser) row->from_browser += seen->times;
    if (!row->first_ms || seen->received_ms < row->first_ms) row->first_ms = seen->received_ms;
    if (seen->received_ms > row->last_ms) row->last_ms = seen->received_ms;
    row->last_seq = seen->seq;
    t->changed = true;
    return row;
}

/* --- keeping ------------------------------------------------------------------------------------- */

void names_put(const struct names *t, struct buf *out)
{
    buf_putc(out, '[');
    for (size_t i = 0; i < t->count; i++) {
        const struct name_row *row = &t->rows[i];
        json_comma(out);
        buf_putc(out, '{');
        json_kv_str(out, S("source"), name_source(row));
        json_kv_str(out, S("event"), name_event(row));
        json_kv_u64(out, S("count"), row->count);
        json_kv_u64(out, S("from_browser"), row->from_browser);
        json_kv_i64(out, S("first"), row->first_ms);
        json_kv_i64(out, S("last"), row->last_ms);
        json_kv_u64(out, S("last_seq"), row->last_seq);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

static bool take_row(struct names *t, yyjson_val *v)
{
    struct name_seen seen = {.source = json_str(json_get(v, "source")),
                             .event = json_str(json_get(v, "event"))};
    int64_t first_ms;
    uint64_t from_browser;
    bool ok = seen.source.p && seen.event.p &&
              str_to_u64(json_str(json_get(v, "count")), &seen.times) &&
              str_to_u64(json_str(json_get(v, "from_browser")), &from_browser) &&
              str_to_i64(json_str(json_get(v, "first")), &first_ms) &&
              str_to_i64(json_str(json_get(v, "last")), &seen.received_ms) &&
              str_to_u64(json_str(json_get(v, "last_seq")), &seen.seq);
    struct name_row *row = ok ? names_note(t, &seen) : NULL;
    if (!row) return ok;
    row->from_browser = from_browser;
    row->first_ms = first_ms;
    return true;
}

bool names_take(struct names *t, struct str text, struct err *err)
{
    struct arena arena = {0};
    size_t i, count;
    yyjson_val *one, *root = json_read(&arena, text, err);
    bool ok = root && yyjson_is_arr(root);
    yyjson_arr_foreach (root, i, count, one) ok = ok && take_row(t, one);
    if (root && !ok) (void)err_set(err, ERR_INPUT, "the table of event names is damaged");
    arena_fini(&arena);
    t->changed = false;
    return ok;
}
