/* SPDX-License-Identifier: Apache-2.0 */
/* See envelope.h. An event's text is changed in two cases only, both because a later reader of the
 * journal has nothing but the record: a type that only the route says is put into it, and what the
 * batch says for all its events (context, integrations) is put into each. */
#include "ingest/envelope.h"

#include "base/time.h"
#include "core/limits.h"
#include "journal/content.h"
#include "sys/random.h"

#include <assert.h>

/* --- the body ---------------------------------------------------------------------------------- */

static const struct outline_node *field_of(const struct envelope *e,
                                           const struct outline_node *object, struct str key)
{
    return key.n ? outline_find(&e->body, object, key) : NULL;
}

/* The text of a string or number in an object; p = NULL without. */
static struct str text_at(const struct envelope *e, const struct outline_node *object,
                          struct str key)
{
    return outline_str(&e->body, field_of(e, object, key), e->arena);
}

/* A field that the batch has for all its events. */
static const struct outline_node *shared_field(struct envelope *e, struct str name)
{
    const struct outline_node *value = outline_find(&e->body, e->body.nodes, name);
    if (!value || value->kind != OUTLINE_OBJECT || !outline_first(value)) return NULL;
    if (value->n > LIMIT_SHARED_BYTES || value->height > LIMIT_JSON_DEPTH - 1 ||
        outline_count(value) > LIMIT_SHARED_FIELDS) {
        e->too_much = true;
        return NULL;
    }
    return value;
}

/* Looks at the fields around the batch. */
static void read_batch(struct envelope *e)
{
    const struct outline_node *items = field_of(e, e->body.nodes, e->form->batch);
    if (!items || items->kind != OUTLINE_LIST) return;
    e->items = items;
    if (!e->form->shares) return;
    e->context = shared_field(e, S("context"));
    e->integrations = shared_field(e, S("integrations"));
}

bool envelope_parse(struct envelope *e, struct str body, struct arena *arena, struct err *err)
{
    *e = (struct envelope){.form = e->form,
                           .route_type = e->route_type,
                           .id_paths = e->id_paths,
                           .is_batch = e->is_batch,
                           .arena = arena};
    if (!outline_read(arena, body, &e->body)) return err_set(err, ERR_INPUT, "invalid JSON");
    if (e->body.nodes->kind != OUTLINE_OBJECT)
        return err_set(err, ERR_INPUT, "the body is not a JSON object");
    e->key = text_at(e, e->body.nodes, e->form->key);
    if (e->is_batch) read_batch(e);
    return true;
}

struct str envelope_str(const struct envelope *e, struct str path)
{
    const struct outline_node *event = e->items ? outline_first(e->items) : e->body.nodes;
    return outline_str(&e->body, outline_get(&e->body, event, path), e->arena);
}

static bool has_type(const struct envelope *e, const struct outline_node *event)
{
    if (!e->form->type.n) return event->kind == OUTLINE_OBJECT;
    const struct outline_node *type = outline_find(&e->body, event, e->form->type);
    return type && type->kind == OUTLINE_STRING && type->n;
}

bool envelope_is_event(const struct envelope *e)
{
    return !e->form->list_only && (e->route_type.n || has_type(e, e->body.nodes));
}

/* --- one event --------------------------------------------------------------------------------- */

struct encoder {
    const struct envelope *envelope;
    const struct event *common;
    struct buf *out;
    struct buf text;                    /* an event that had to be changed */
    struct buf id;                      /* a message id that had to be made */
    yyjson_val *context, *integrations; /* the envelope's */
    int64_t sent_ms;                    /* what the batch says for all its events; 0: nothing */
    struct envelope_count *count;
    uint32_t *contents; /* count's */
};

/* The tree of a piece of the body; NULL for NULL. */
static yyjson_val *tree_of(const struct envelope *e, const struct outline_node *node)
{
    struct err err;
    yyjson_val *tree = node ? json_read(e->arena, outline_text(&e->body, node), &err) : NULL;
    assert(!node == !tree); /* the outline took it */
    return tree;
}

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

static yyjson_val *shared_of(const struct encoder *enc, struct str key)
{
    if (str_eq(key, S("context"))) return enc->context;
    return str_eq(key, S("integrations")) ? enc->integrations : NULL;
}

static void put_shared(struct buf *out, yyjson_val *event, struct str key, yyjson_val *shared)
{
    if (!shared || yyjson_obj_getn(event, key.p, key.n)) return;
    json_key(out, key);
    json_put_val(out, shared);
}

/* Appends the fields of event and what the batch says for all of them. */
static void put_fields(struct buf *out, const struct encoder *enc, yyjson_val *event)
{
    size_t index, count;
    yyjson_val *key, *value;
    yyjson_obj_foreach (event, index, count, key, value) {
        yyjson_val *shared = shared_of(enc, json_str(key));
        json_key(out, json_str(key));
        if (shared && yyjson_is_obj(value)) {
            put_merged(out, value, shared);
        } else {
            json_put_val(out, value);
        }
    }
    put_shared(out, event, S("context"), enc->context);
    put_shared(out, event, S("integrations"), enc->integrations);
}

/* The event's text for the record: as it came, unless it is told something by its route or batch. */
static struct str complete(struct encoder *enc, const struct outline_node *event, bool typed,
                           struct str json)
{
    const struct envelope *e = enc->envelope;
    bool shared = enc->context || enc->integrations;
    if (typed && !shared) return json;
    struct buf *text = &enc->text;
    bool behind = field_of(e, event, e->form->type); /* what is no type would count as the last */
    buf_clear(text);
    buf_putc(text, '{');
    if (!typed && !behind) json_kv_str(text, e->form->type, e->route_type);
    if (shared) {
        put_fields(text, enc, tree_of(e, event));
    } else {
        if (outline_first(event)) json_comma(text);
        buf_put(text, str_from(str_head(json, json.n - 1), 1));
    }
    if (!typed && behind) json_kv_str(text, e->form->type, e->route_type);
    buf_putc(text, '}');
    return buf_str(text);
}

/* What is at the first of the paths that leads to a text or number. */
static struct str id_at(const struct envelope *e, const struct outline_node *event)
{
    struct str found = {0};
    for (size_t i = 0; !found.n && i < e->id_paths->count; i++) {
        const struct outline_node *at = outline_get(&e->body, event, e->id_paths->items[i].text);
        found = outline_str(&e->body, at, e->arena);
    }
    return found;
}

/* Makes the id of an event without in enc->id, if its protocol can. What is nested too deep is not walked over
 * without a bound. */
static bool make_id(struct encoder *enc, const struct outline_node *event)
{
    const struct envelope *e = enc->envelope;
    return e->form->make_id && event->height <= LIMIT_JSON_DEPTH &&
           e->form->make_id(&enc->id, tree_of(e, event));
}

static struct str message_id(struct encoder *enc, const struct outline_node *event)
{
    const struct envelope *e = enc->envelope;
    struct str given = e->id_paths ? id_at(e, event) : text_at(e, event, e->form->id);
    buf_clear(&enc->id);
    if (given.n) return event_known_id(given, &enc->id);
    if (!make_id(enc, event)) {
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

static int64_t sent_ms(const struct envelope *e, const struct outline_node *object,
                       int64_t otherwise)
{
    int64_t ms;
    return parse_time(text_at(e, object, e->form->sent), &ms) ? ms : otherwise;
}

static enum reason judge(const struct envelope *e, const struct outline_node *event, bool typed)
{
    if (outline_text(&e->body, event).n > LIMIT_EVENT_BYTES) return REASON_EVENT_TOO_LARGE;
    if (event->kind != OUTLINE_OBJECT) return REASON_BAD_EVENT;
    if (!typed && !e->route_type.n) return REASON_BAD_EVENT;
    return event->height > LIMIT_JSON_DEPTH ? REASON_EVENT_TOO_DEEP : REASON_NONE;
}

static uint32_t content_of(const struct envelope *e, const struct outline_node *event,
                           const struct event *record)
{
    if (record->reject != REASON_NONE) return 0;
    bool as_it_came = record->json.p == outline_text(&e->body, event).p;
    return as_it_came ? content_sum_outlined(record, &e->body, event) : content_sum(record);
}

static void encode(struct encoder *enc, const struct outline_node *event, bool beyond)
{
    const struct envelope *e = enc->envelope;
    struct str json = outline_text(&e->body, event);
    struct event record = *enc->common;
    bool typed = has_type(e, event);
    record.reject = beyond ? REASON_BATCH_TOO_LONG : judge(e, event, typed);
    record.json = str_head(json, LIMIT_EVENT_BYTES);
    if (record.reject == REASON_NONE) {
        struct str whole = complete(enc, event, typed, json);
        if (whole.n > LIMIT_EVENT_BYTES) {
            record.reject = REASON_EVENT_TOO_LARGE;
        } else {
            record.json = whole;
        }
    }
    record.message_id = message_id(enc, event);
    record.sent_ms = sent_ms(e, event, enc->sent_ms);
    event_encode(enc->out, &record);
    enc->contents[enc->count->events++] = content_of(e, event, &record);
    enc->count->rejected += record.reject != REASON_NONE;
}

/* Takes the batch's items one after the other; false when their records exceed limit bytes. */
static bool encode_batch(struct encoder *enc, size_t limit)
{
    const struct outline_node *items = enc->envelope->items, *item;
    size_t mark = enc->out->n;
    uint32_t left = LIMIT_BATCH_EVENTS;
    for (item = outline_first(items); item; item = outline_behind(items, item)) {
        encode(enc, item, !left);
        if (left) left--;
        if (enc->out->n - mark > limit) return false;
    }
    return true;
}

bool envelope_encode(const struct envelope *e, const struct event *common, size_t limit,
                     struct buf *out, struct envelope_count *count)
{
    size_t mark = out->n;
    bool fits = true;
    *count = (struct envelope_count){0};
    size_t most = e->form->all_or_none ? LIMIT_BATCH_EVENTS : LIMIT_BATCH_ITEMS;
    size_t events = e->items ? outline_count(e->items) : 1;
    if (e->too_much || events > most) return false;
    uint32_t *contents = arena_alloc(e->arena, events * sizeof *contents);
    count->contents = contents;
    struct encoder enc = {.envelope = e,
                          .common = common,
                          .out = out,
                          .context = tree_of(e, e->context),
                          .integrations = tree_of(e, e->integrations),
                          .count = count,
                          .contents = contents};
    if (e->items) {
        /* Once and not for each event: the body may be long and so may be the text, which the arena gets
         * without its escapes. */
        enc.sent_ms = sent_ms(e, e->body.nodes, 0);
        fits = encode_batch(&enc, limit);
    } else {
        encode(&enc, e->body.nodes, false);
    }
    if (!fits) buf_cut(out, mark);
    buf_fini(&enc.text);
    buf_fini(&enc.id);
    return fits;
}
