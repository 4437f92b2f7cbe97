/* SPDX-License-Identifier: Apache-2.0 */
/* See envelope.h. An event's text is changed in two cases only, both because a later reader of the
 * journal has nothing but the record: a type that only the route says is put in front, and what the
 * batch says for all its events (context, integrations) is put into each. */
#include "ingest/envelope.h"

#include "base/time.h"
#include "core/limits.h"
#include "sys/random.h"

#include <assert.h>

/* --- walking ----------------------------------------------------------------------------------- */

/* Takes the text of v, whose place is at or behind white space at *at, and moves behind it. */
static struct str take_value(const struct json_text *t, yyjson_val *v, size_t *at)
{
    size_t start = json_skip_space(t->text, *at);
    *at = json_end(t, v, start);
    return str_of(t->text.p + start, *at - start);
}

/* Moves behind the next comma or colon. */
static void skip_mark(struct str text, size_t *at)
{
    *at = json_skip_space(text, *at);
    assert(*at < text.n && (text.p[*at] == ',' || text.p[*at] == ':'));
    *at += 1;
}

/* The offset behind a key's colon. */
static size_t behind_key(const struct json_text *t, yyjson_val *key)
{
    size_t at = json_skip(t->text, json_place(t, key) - 1);
    skip_mark(t->text, &at);
    return at;
}

/* The text of a string or number in an object; p = NULL without. */
static struct str text_at(yyjson_val *object, struct str key)
{
    return json_str(yyjson_obj_getn(object, key.p, key.n));
}

/* --- the body ---------------------------------------------------------------------------------- */

/* A field that the batch has for all its events. */
static yyjson_val *shared_field(struct envelope *e, yyjson_val *key, yyjson_val *value)
{
    if (!yyjson_is_obj(value) || !yyjson_obj_size(value)) return NULL;
    size_t at = behind_key(&e->body, key);
    struct str text = take_value(&e->body, value, &at);
    if (text.n > LIMIT_SHARED_BYTES || yyjson_obj_size(value) > LIMIT_SHARED_FIELDS ||
        !json_depth_ok(value, LIMIT_JSON_DEPTH - 1)) {
        e->too_much = true;
        return NULL;
    }
    return value;
}

/* Looks at the fields around the batch. A name that comes twice counts the first time, as it does for
 * everybody who looks it up in the parsed tree. */
static void read_batch(struct envelope *e)
{
    size_t index, count;
    yyjson_val *key, *value, *context = NULL, *integrations = NULL;
    yyjson_obj_foreach (e->body.root, index, count, key, value) {
        struct str name = json_str(key);
        if (!e->items && str_eq(name, e->form->batch) && yyjson_is_arr(value)) {
            e->items = value;
            e->items_at = json_skip_space(e->body.text, behind_key(&e->body, key));
        } else if (!context && str_eq(name, S("context"))) {
            context = shared_field(e, key, value);
        } else if (!integrations && str_eq(name, S("integrations"))) {
            integrations = shared_field(e, key, value);
        }
    }
    if (!e->items || !e->form->shares) return; /* one event: these are its own */
    e->context = context;
    e->integrations = integrations;
}

bool envelope_parse(struct envelope *e, struct str body, struct arena *arena, struct err *err)
{
    *e = (struct envelope){.form = e->form,
                           .route_type = e->route_type,
                           .id_paths = e->id_paths,
                           .is_batch = e->is_batch};
    if (!json_read_text(arena, body, &e->body, err)) return false;
    if (!yyjson_is_obj(e->body.root))
        return err_set(err, ERR_INPUT, "the body is not a JSON object");
    if (e->form->key.n) e->key = text_at(e->body.root, e->form->key);
    if (e->is_batch) read_batch(e);
    return true;
}

yyjson_val *envelope_first(const struct envelope *e)
{
    return e->items ? yyjson_arr_get_first(e->items) : e->body.root;
}

static bool has_type(const struct envelope *e, yyjson_val *event)
{
    if (!e->form->type.n) return yyjson_is_obj(event);
    yyjson_val *type = yyjson_obj_getn(event, e->form->type.p, e->form->type.n);
    return yyjson_is_str(type) && yyjson_get_len(type);
}

bool envelope_is_event(const struct envelope *e)
{
    return !e->form->list_only && (e->route_type.n || has_type(e, e->body.root));
}

/* --- one event --------------------------------------------------------------------------------- */

struct encoder {
    const struct envelope *envelope;
    const struct event *common;
    struct buf *out;
    struct buf text; /* an event that had to be changed */
    struct buf id;   /* a message id that had to be made */
    struct envelope_count *count;
};

/* Appends mine with those fields of below that it lacks. */
static void put_merged(struct buf *out, yyjson_val *mine, yyjson_val *below)
{
    size_t index, count;
    yyjson_val *key, *value;
    buf_putc(out, '{');
    yyjson_obj_foreach (mine, index, count, key, value) {
        json_key(out, json_str(key));
        json_put_val(out, value);
    }
    yyjson_obj_foreach (below, index, count, key, value) {
        if (yyjson_obj_getn(mine, yyjson_get_str(key), yyjson_get_len(key))) continue;
        json_key(out, json_str(key));
        json_put_val(out, value);
    }
    buf_putc(out, '}');
}

static yyjson_val *shared_of(const struct envelope *e, struct str key)
{
    if (str_eq(key, S("context"))) return e->context;
    return str_eq(key, S("integrations")) ? e->integrations : NULL;
}

static void put_shared(struct buf *out, yyjson_val *event, struct str key, yyjson_val *shared)
{
    if (!shared || yyjson_obj_getn(event, key.p, key.n)) return;
    json_key(out, key);
    json_put_val(out, shared);
}

/* Appends the fields of event and what the batch says for all of them. */
static void put_fields(struct buf *out, const struct envelope *e, yyjson_val *event)
{
    size_t index, count;
    yyjson_val *key, *value;
    yyjson_obj_foreach (event, index, count, key, value) {
        yyjson_val *shared = shared_of(e, json_str(key));
        json_key(out, json_str(key));
        if (shared && yyjson_is_obj(value)) {
            put_merged(out, value, shared);
        } else {
            json_put_val(out, value);
        }
    }
    put_shared(out, event, S("context"), e->context);
    put_shared(out, event, S("integrations"), e->integrations);
}

/* The event's text for the record: as it came, unless it is told something by its route or batch. */
static struct str complete(struct encoder *enc, yyjson_val *event, struct str json)
{
    const struct envelope *e = enc->envelope;
    bool shared = e->context || e->integrations, typed = has_type(e, event);
    if (typed && !shared) return json;
    buf_clear(&enc->text);
    buf_putc(&enc->text, '{');
    if (!typed) json_kv_str(&enc->text, e->form->type, e->route_type);
    if (shared) {
        put_fields(&enc->text, e, event);
        buf_putc(&enc->text, '}');
    } else {
        if (yyjson_obj_size(event)) buf_putc(&enc->text, ',');
        buf_put(&enc->text, str_from(json, 1));
    }
    return buf_str(&enc->text);
}

/* What is at the first of the paths that leads to a text or number. */
static struct str id_at(yyjson_val *event, const struct texts *paths)
{
    struct str found = {0}, step;
    for (size_t i = 0; !found.n && i < paths->count; i++) {
        yyjson_val *at = event;
        for (struct str rest = paths->items[i].text; rest.n;) {
            if (!str_cut(rest, '.', &step, &rest)) rest = S("");
            at = yyjson_obj_getn(at, step.p, step.n);
        }
        found = json_str(at);
    }
    return found;
}

static struct str message_id(struct encoder *enc, yyjson_val *event)
{
    const struct envelope_form *form = enc->envelope->form;
    const struct texts *paths = enc->envelope->id_paths;
    struct str given = paths ? id_at(event, paths) : text_at(event, form->id);
    buf_clear(&enc->id);
    if (given.n) return event_known_id(given, &enc->id);
    if (!form->make_id || !form->make_id(&enc->id, event)) {
        unsigned char random[16];
        random_bytes(random, sizeof random);
        buf_put(&enc->id, S("px-"));
        buf_put_hex(&enc->id, random, sizeof random);
    }
    return buf_str(&enc->id);
}

/* As text, or as milliseconds since 1970; smaller numbers are no time of our age. */
static bool parse_time(struct str text, int64_t *ms)
{
    const int64_t least = (int64_t)100000 * MS_PER_SECOND * 1000; /* 1973 */
    int64_t number;
    if (time_parse(text, ms)) return true;
    if (!str_to_i64(text, &number) || number < least) return false;
    *ms = number;
    return true;
}

static int64_t sent_ms(const struct encoder *enc, yyjson_val *event)
{
    int64_t ms = 0;
    struct str name = enc->envelope->form->sent;
    if (parse_time(text_at(event, name), &ms)) return ms;
    (void)parse_time(text_at(enc->envelope->body.root, name), &ms); /* 0 if not */
    return ms;
}

static enum reason judge(const struct encoder *enc, yyjson_val *event, struct str json)
{
    if (json.n > LIMIT_EVENT_BYTES) return REASON_EVENT_TOO_LARGE;
    if (!yyjson_is_obj(event)) return REASON_BAD_EVENT;
    if (!has_type(enc->envelope, event) && !enc->envelope->route_type.n) return REASON_BAD_EVENT;
    if (!json_depth_ok(event, LIMIT_JSON_DEPTH)) return REASON_EVENT_TOO_DEEP;
    return REASON_NONE;
}

static void encode(struct encoder *enc, yyjson_val *event, struct str json, bool beyond)
{
    struct event record = *enc->common;
    record.reject = beyond ? REASON_BATCH_TOO_LONG : judge(enc, event, json);
    record.json = str_head(json, LIMIT_EVENT_BYTES);
    if (record.reject == REASON_NONE) {
        struct str whole = complete(enc, event, json);
        if (whole.n > LIMIT_EVENT_BYTES) {
            record.reject = REASON_EVENT_TOO_LARGE;
        } else {
            record.json = whole;
        }
    }
    record.message_id = message_id(enc, event);
    record.sent_ms = sent_ms(enc, event);
    event_encode(enc->out, &record);
    enc->count->events++;
    enc->count->rejected += record.reject != REASON_NONE;
}

/* Takes the batch's items one after the other; false when their records exceed limit bytes. */
static bool encode_batch(struct encoder *enc, size_t limit)
{
    const struct envelope *e = enc->envelope;
    size_t mark = enc->out->n, at = e->items_at + 1, index, size; /* behind '[' */
    yyjson_val *item;
    yyjson_arr_foreach (e->items, index, size, item) {
        if (index) skip_mark(e->body.text, &at);
        encode(enc, item, take_value(&e->body, item, &at), index >= LIMIT_BATCH_EVENTS);
        if (enc->out->n - mark > limit) return false;
    }
    return true;
}

bool envelope_encode(const struct envelope *e, const struct event *common, size_t limit,
                     struct buf *out, struct envelope_count *count)
{
    struct encoder enc = {.envelope = e, .common = common, .out = out, .count = count};
    size_t mark = out->n;
    bool fits = true;
    *count = (struct envelope_count){0};
    size_t most = e->form->all_or_none ? LIMIT_BATCH_EVENTS : LIMIT_BATCH_ITEMS;
    if (e->too_much || (e->items && yyjson_arr_size(e->items) > most)) return false;
    if (e->items) {
        fits = encode_batch(&enc, limit);
    } else {
        size_t at = 0;
        encode(&enc, e->body.root, take_value(&e->body, e->body.root, &at), false);
    }
    if (!fits) buf_cut(out, mark);
    buf_fini(&enc.text);
    buf_fini(&enc.id);
    return fits;
}
