/* SPDX-License-Identifier: Apache-2.0 */
/* Filters that make text of text, and hashes. */
#include "base/sha256.h"
#include "base/text.h"
#include "core/limits.h"
#include "map/filter.h"

struct value apply_lower(struct filter_call *call, struct value in)
{
    size_t mark = call->ev->text->n;
    text_lower(call->ev->text, in.text);
    return filter_made(call, mark);
}

struct value apply_upper(struct filter_call *call, struct value in)
{
    size_t mark = call->ev->text->n;
    text_upper(call->ev->text, in.text);
    return filter_made(call, mark);
}

struct value apply_trim(struct filter_call *call, struct value in)
{
    (void)call;
    return value_text(text_trim(in.text));
}

struct value apply_truncate(struct filter_call *call, struct value in)
{
    uint64_t count = 0;
    size_t at = 0;
    (void)str_to_u64(call->use->args[0].text, &count); /* checked when compiled */
    while (count-- && at < in.text.n) (void)text_next(in.text, &at);
    return value_text(str_head(in.text, at));
}

static struct value glued(struct filter_call *call, struct str a, struct str b)
{
    size_t mark = call->ev->text->n;
    buf_put(call->ev->text, a);
    buf_put(call->ev->text, b);
    return filter_made(call, mark);
}

struct value apply_prefix(struct filter_call *call, struct value in)
{
    return glued(call, call->use->args[0].text, in.text);
}

struct value apply_append(struct filter_call *call, struct value in)
{
    return glued(call, in.text, call->use->args[0].text);
}

struct value apply_replace(struct filter_call *call, struct value in)
{
    struct str from = call->use->args[0].text, to = call->use->args[1].text;
    struct buf *text = call->ev->text;
    size_t mark = text->n, done = 0, hit;
    while ((hit = str_find(in.text, from, done)) != SIZE_MAX &&
           text->n - mark <= LIMIT_OUT_EVENT_BYTES) {
        buf_put(text, str_of(in.text.p + done, hit - done));
        buf_put(text, to);
        done = hit + from.n;
    }
    buf_put(text, str_from(in.text, done));
    return filter_made(call, mark);
}

struct value apply_replace_first(struct filter_call *call, struct value in)
{
    struct str from = call->use->args[0].text, to = call->use->args[1].text;
    size_t mark = call->ev->text->n, hit = str_find(in.text, from, 0);
    if (hit == SIZE_MAX) return value_text(in.text);
    buf_put(call->ev->text, str_head(in.text, hit));
    buf_put(call->ev->text, to);
    buf_put(call->ev->text, str_from(in.text, hit + from.n));
    return filter_made(call, mark);
}

/* --- template ----------------------------------------------------------------------------------- */

/* Appends a single value, or the single values of a list. */
static void put_values(struct buf *out, const struct value *v)
{
    struct value_walk walk = value_walk(v);
    struct str text, comma = S("");
    for (struct value item; value_next(&walk, &item);) {
        if (!value_scalar_text(&item, &text)) continue;
        buf_put(out, comma);
        buf_put(out, text);
        comma = S(",");
    }
}

static struct value walk_path(struct value from, struct str path)
{
    struct path_step step = {0};
    while (path.n) {
        (void)str_cut(path, '.', &step.key, &path);
        from = paths_walk(from, &step, 1);
    }
    return from;
}

struct value apply_template(struct filter_call *call, struct value in)
{
    struct str text = call->use->args[0].text;
    struct buf *out = call->ev->text;
    size_t mark = out->n, at = 0, open, close;
    while ((open = str_find(text, S("{{"), at)) != SIZE_MAX &&
           (close = str_find(text, S("}}"), open)) != SIZE_MAX &&
           out->n - mark <= LIMIT_OUT_EVENT_BYTES) {
        struct value v = walk_path(in, str_trim(str_of(text.p + open + 2, close - open - 2)));
        buf_put(out, str_of(text.p + at, open - at));
        put_values(out, &v);
        at = close + 2;
    }
    buf_put(out, str_from(text, at));
    return filter_made(call, mark);
}

/* --- words -------------------------------------------------------------------------------------- */

struct value apply_first_word(struct filter_call *call, struct value in)
{
    struct str s = text_trim(in.text);
    size_t at = 0;
    (void)call;
    while (at < s.n) {
        size_t start = at;
        if (!text_is_space(text_next(s, &at))) continue;
        at = start;
        break;
    }
    return s.n ? value_text(str_head(s, at)) : value_missing();
}

struct value apply_last_word(struct filter_call *call, struct value in)
{
    struct str s = text_trim(in.text);
    size_t word = 0, at = 0;
    (void)call;
    while (at < s.n) {
        if (text_is_space(text_next(s, &at))) word = at;
    }
    return word ? value_text(str_from(s, word)) : value_missing();
}

struct value apply_split(struct filter_call *call, struct value in)
{
    struct str separator = call->use->args[0].text;
    size_t count = 1, at = 0, hit;
    while (count < LIMIT_EACH_ITEMS && (hit = str_find(in.text, separator, at)) != SIZE_MAX) {
        at = hit + separator.n;
        count++;
    }
    struct value *items = arena_array(call->ev->scratch, struct value, count);
    at = 0;
    for (size_t i = 0; i < count; i++) {
        hit = str_find(in.text, separator, at);
        size_t end = hit == SIZE_MAX ? in.text.n : hit;
        items[i] = value_text(str_of(in.text.p + at, end - at));
        at = end + separator.n;
    }
    return (struct value){.kind = VALUE_LIST, .items = items, .count = count};
}

/* --- hashes ------------------------------------------------------------------------------------- */

struct value apply_sha256(struct filter_call *call, struct value in)
{
    size_t mark = call->ev->text->n;
    sha256_put_hex(call->ev->text, in.text);
    return filter_made(call, mark);
}

struct value apply_sha256_unless_hashed(struct filter_call *call, struct value in)
{
    return sha256_is_hex(in.text) ? apply_lower(call, in) : apply_sha256(call, in);
}
