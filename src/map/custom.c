/* SPDX-License-Identifier: Apache-2.0 */
/* The event's own properties that go along into custom_data. First it is decided which ones, as a
 * list of names and values in which the last of two equal names wins; then they are written. Objects
 * become dotted names (address.kind), lists of scalars stay lists, lists of objects have no place in
 * custom_data. With PROPERTIES_FLAT lists become names too (tags[0], rows[1].kind).
 *
 * Of events of a frequent shape (shape.h) it is known which may go: then no name is looked up. (Preset standard:
 * 4 % less instructions an event.) */
#include "map/emit.h"

#include "base/sha256.h"
#include "base/text.h"
#include "core/limits.h"
#include "map/explain.h"
#include "map/pii.h"
#include "map/signs.h"

enum { FEW = 32 }; /* most events have no more, and then no slots */

struct property {
    struct str name; /* dotted */
    uint64_t hash;
    yyjson_val *node;
    const struct meta_field *field; /* written by its type; NULL: as it is */
    enum pii_rule rule;
    const struct known_name *known;
};

struct collected {
    struct emitter *emitter;
    bool all; /* also what is null or claimed here and may not be in another of its shape */
    bool odd; /* names are not those of the event's own, or not all different */
    struct property *items;
    size_t count, capacity;
    uint64_t seen;   /* a bit for the hash of each name so far; most names are new by that alone */
    uint32_t *slots; /* by hash of the name: place in items, plus one; NULL for a few */
    size_t slot_count;
};

/* What is known of a property from the objects that it is in. */
struct place {
    enum pii_rule rule;
    bool listed; /* `properties` lists it */
    bool free;   /* `pii.only` lists it, or there is no such list */
};

static uint32_t *find_slot(const struct collected *c, struct str name, uint64_t hash)
{
    size_t i = hash & (c->slot_count - 1);
    for (; c->slots[i]; i = (i + 1) & (c->slot_count - 1)) {
        const struct property *p = &c->items[c->slots[i] - 1];
        if (p->hash == hash && str_eq(p->name, name)) break;
    }
    return &c->slots[i];
}

static void grow(struct collected *c)
{
    struct arena *arena = &c->emitter->job->run->scratch;
    size_t more = c->capacity ? c->capacity * 2 : FEW;
    c->items = arena_grow(arena, c->items, c->capacity * sizeof *c->items, more * sizeof *c->items);
    c->capacity = more;
    if (more == FEW) return;
    c->slot_count = more * 2;
    c->slots = arena_array(arena, uint32_t, c->slot_count);
    for (size_t i = 0; i < c->count; i++) {
        *find_slot(c, c->items[i].name, c->items[i].hash) = (uint32_t)(i + 1);
    }
}

/* The property of that name so far, or NULL. */
static struct property *find_same(const struct collected *c, struct str name, uint64_t hash)
{
    if (c->slots) {
        uint32_t number = *find_slot(c, name, hash);
        return number ? &c->items[number - 1] : NULL;
    }
    for (size_t i = 0; i < c->count; i++) {
        if (c->items[i].hash == hash && str_eq(c->items[i].name, name)) return &c->items[i];
    }
    return NULL;
}

/* Where the property of that name goes: the last of equal names counts. NULL: there are enough. */
static struct property *place_of(struct collected *c, struct str name, uint64_t hash)
{
    uint64_t bit = (uint64_t)1 << (hash >> 58);
    struct property *same = c->seen & bit ? find_same(c, name, hash) : NULL;
    if (same || c->count >= LIMIT_CUSTOM_KEYS) return same;
    if (c->count == c->capacity) grow(c);
    c->seen |= bit;
    if (c->slots) *find_slot(c, name, hash) = (uint32_t)c->count + 1;
    return &c->items[c->count++];
}

/* Hands a property over to be written. */
static void put_in(struct collected *c, const struct property *p)
{
    size_t before = c->count;
    struct property *place = place_of(c, p->name, p->hash);
    c->odd |= c->count == before;
    if (place) *place = *p;
}

/* Does a mapping speak for this property? all: in all events. */
static bool is_claimed(const struct emitter *e, const struct known_name *known, bool all)
{
    size_t block = known ? known->number / CLAIM_BLOCK : SIZE_MAX;
    if (block >= e->fill->claim_blocks || !e->fill->claims[block]) return false;
    const struct claim *claim = &e->fill->claims[block][known->number % CLAIM_BLOCK];
    return claim->always || claim->reads ||
           (!all && claim->target != NO_TARGET && e->written[claim->target]);
}

static bool is_list_of_scalars(yyjson_val *list)
{
    size_t index, count;
    yyjson_val *item;
    yyjson_arr_foreach (list, index, count, item) {
        if (yyjson_is_ctn(item)) return false;
    }
    return count > 0;
}

static void collect(struct collected *c, yyjson_val *object, struct place above);

/* The items of a list under the name so far, with their numbers in brackets. Depth is bounded as that
 * of collect is. */
static void collect_list(struct collected *c, yyjson_val *list, struct place at)
{
    struct run *run = c->emitter->job->run;
    size_t index, count;
    yyjson_val *item;
    if (run->name.n > LIMIT_CUSTOM_NAME_BYTES) return;
    yyjson_arr_foreach (list, index, count, item) {
        size_t mark = run->name.n;
        if (c->count >= LIMIT_CUSTOM_KEYS) return;
        buf_printf(&run->name, "[%zu]", index);
        if (yyjson_is_obj(item)) {
            collect(c, item, at);
        } else if (yyjson_is_arr(item)) {
            collect_list(c, item, at);
        } else if (!yyjson_is_null(item)) {
            struct str name = arena_str(&run->scratch, buf_str(&run->name));
            uint64_t hash = str_hash(name);
            put_in(c, &(struct property){name, hash, item, NULL, at.rule, NULL});
        }
        buf_cut(&run->name, mark);
    }
}

static bool is_flat(const struct emitter *e, const struct meta_field *field)
{
    bool stays = field && (field->type == META_CONTENTS || field->type == META_TEXTS);
    return e->fill->properties == PROPERTIES_FLAT && !stays;
}

/* name is the dotted name so far, in the run's buffer or the event. */
static void collect_one(struct collected *c, struct str key, yyjson_val *node, struct place at)
{
    struct emitter *e = c->emitter;
    struct run *run = e->job->run;
    bool nested = run->name.n > 0;
    size_t mark = run->name.n;
    uint64_t hash = str_hash(key);
    const struct table *names = &e->job->plan->names;
    const struct known_name *known = table_get_hashed(names, key, hash);
    if (known && known->rule != PII_NONE) at.rule = known->rule;
    if (at.rule == PII_DROP || (yyjson_is_null(node) && !c->all)) return;
    if (nested) buf_putc(&run->name, '.');
    if (nested || yyjson_is_ctn(node)) buf_put(&run->name, key);
    struct str name = nested ? buf_str(&run->name) : key;
    if (nested) {
        hash = str_hash(name);
        known = table_get_hashed(names, name, hash);
    }
    if (!at.listed) at.listed = table_get_hashed(&e->fill->listed, name, hash) != NULL;
    if (!at.free) at.free = pii_may_leave(e->job->plan, S("custom_data"), name);
    c->odd |= nested;
    if (!is_claimed(e, known, c->all)) {
        const struct meta_field *field = nested || !known ? NULL : known->field;
        bool flat = yyjson_is_arr(node) && is_flat(e, field);
        bool whole = field && (field->type == META_CONTENTS || field->type == META_OBJECT);
        bool goes =
            !yyjson_is_ctn(node) || whole || (yyjson_is_arr(node) && is_list_of_scalars(node));
        if (flat) {
            c->odd = true;
            collect_list(c, node, at);
        } else if (goes && at.listed && !at.free) {
            if (e->job->eval.explain) explain_withheld(e->job->eval.explain, S("properties"), name);
        } else if (goes && at.listed) {
            if (nested) name = arena_str(&run->scratch, name);
            put_in(c, &(struct property){name, hash, node, field, at.rule, known});
        } else if (yyjson_is_obj(node)) {
            collect(c, node, at);
        }
    }
    buf_cut(&run->name, mark);
}

/* Depth is bounded by LIMIT_JSON_DEPTH, which run_parse has checked. */
static void collect(struct collected *c, yyjson_val *object, struct place above)
{
    size_t index, count;
    yyjson_val *key, *node;
    if (c->emitter->job->run->name.n > LIMIT_CUSTOM_NAME_BYTES) return;
    yyjson_obj_foreach (object, index, count, key, node) {
        collect_one(c, json_text(key), node, above);
    }
}

/* False, with nothing appended, when it may not leave. */
static bool put_scalar(struct emitter *e, const struct property *p, yyjson_val *node)
{
    struct buf *out = e->job->out;
    struct value v = value_of(node);
    struct str text;
    if (p->rule == PII_HASH && value_scalar_text(&v, &text)) {
        buf_putc(out, '"');
        sha256_put_hex(out, text_trim(text));
        buf_putc(out, '"');
        return true;
    }
    return redact_put(e, p->name, &v);
}

static bool put_list(struct emitter *e, const struct property *p)
{
    struct buf *out = e->job->out;
    size_t index, count, mark = out->n;
    yyjson_val *item;
    buf_putc(out, '[');
    yyjson_arr_foreach (p->node, index, count, item) {
        size_t before = out->n;
        if (yyjson_is_null(item)) continue;
        json_comma(out);
        if (!put_scalar(e, p, item)) buf_cut(out, before);
    }
    buf_putc(out, ']');
    return out->n > mark + 2;
}

/* The value, behind its key, which was written from mark on. */
static void put_value(struct emitter *e, const struct property *p, size_t mark)
{
    struct buf *out = e->job->out;
    bool kept;
    if (p->field && p->rule == PII_NONE) {
        struct value v = value_of(p->node);
        kept = emit_value(e, p->field, p->name, &v);
    } else if (p->rule == PII_NONE && yyjson_is_str(p->node)) { /* most */
        kept = redact_put_text(e, p->name, json_text(p->node));
    } else {
        kept = yyjson_is_arr(p->node) ? put_list(e, p) : put_scalar(e, p, p->node);
    }
    if (!kept) buf_cut(out, mark);
}

static void collect_all(struct collected *c, yyjson_val *properties)
{
    const struct job *job = c->emitter->job;
    bool listed = c->emitter->fill->properties != PROPERTIES_LIST;
    buf_clear(&job->run->name);
    collect(c, properties, (struct place){PII_NONE, listed, !job->plan->restricted});
}

static bool pass_collected(struct emitter *e, yyjson_val *properties)
{
    const struct job *job = e->job;
    struct collected c = {.emitter = e};
    collect_all(&c, properties);
    for (size_t i = 0; i < c.count; i++) {
        size_t mark = job->out->n;
        if (job->eval.explain) {
            explain_target(job->eval.explain, S("properties"), c.items[i].name, (struct loc){0});
        }
        if (redact_put_key(e, c.items[i].name)) put_value(e, &c.items[i], mark);
        if (!emit_small(e)) return false;
        if (job->eval.explain) explain_written(job->eval.explain, buf_since(job->out, mark));
    }
    return true;
}

/* --- of a shape that is known ------------------------------------------------------------------- */

enum { NO_NAME = UINT16_MAX };

/* Keeps which properties may go in events of this shape: the object that they are in, then each with the number
 * of what is known of its name. Nothing unless all their names are the event's own, and nothing is in them that
 * may have to be taken out or escaped. */
static void learn(struct emitter *e, yyjson_val *properties)
{
    const struct job *job = e->job;
    yyjson_val *root = job->event->root;
    struct collected c = {.emitter = e, .all = true};
    struct shape_link links[SHAPE_SLOTS] = {{NO_NAME, (uint16_t)(properties - root)}};
    size_t count = 1;
    collect_all(&c, properties);
    for (size_t i = 0; i < c.count && !c.odd; i++) {
        const struct property *p = &c.items[i];
        size_t number = p->known ? p->known->number : NO_NAME, node = (size_t)(p->node - root);
        c.odd = number > NO_NAME - !!p->known || count == SHAPE_SLOTS || signs_of(p->name);
        if (!c.odd) links[count++] = (struct shape_link){(uint16_t)number, (uint16_t)node};
    }
    if (c.odd) count = SHAPE_SLOTS + 1; /* not to be kept */
    shapes_keep(job->run->shapes, &job->event->shape, e->fill->number, links, count);
}

/* Of a name without signs: there is nothing to escape in it. */
static void put_key(struct buf *out, struct str name)
{
    json_comma(out);
    buf_putc(out, '"');
    buf_put(out, name);
    buf_put(out, S("\":"));
}

static bool pass_known(struct emitter *e, const struct shape_link *link,
                       const struct shape_link *end)
{
    const struct job *job = e->job;
    for (; link < end; link++) {
        yyjson_val *node = job->event->root + link->node;
        const struct known_name *known =
            link->slot == NO_NAME ? NULL : job->plan->known[link->slot];
        if (yyjson_is_null(node) || is_claimed(e, known, false)) continue;
        struct property p = {.name = json_text(node - 1), .node = node};
        size_t mark = job->out->n;
        if (known) {
            p.field = known->field;
            p.rule = known->rule;
        }
        put_key(job->out, p.name);
        put_value(e, &p, mark);
        if (!emit_small(e)) return false;
    }
    return true;
}

/* Is the node of the tree that has a shape? What an alias made is not. */
static bool is_shaped(const struct parsed_event *event, const yyjson_val *node)
{
    uintptr_t at = (uintptr_t)node - (uintptr_t)event->root;
    return at < event->shape.count * sizeof *node;
}

bool custom_pass(struct emitter *e)
{
    const struct job *job = e->job;
    const struct parsed_event *event = job->event;
    const struct value *properties = &job->eval.slots[job->plan->properties_slot];
    if (e->fill->properties == PROPERTIES_NONE) return true;
    if (properties->kind != VALUE_NODE || !yyjson_is_obj(properties->node)) return true;
    if (!job->eval.explain && is_shaped(event, properties->node)) {
        size_t count;
        bool unknown;
        const struct shape *shape =
            shapes_find(job->run->shapes, &event->shape, e->fill->number, &unknown);
        const struct shape_link *links = shape ? shape_links(shape, &count) : NULL;
        if (shape && event->root + links->node == properties->node) {
            return pass_known(e, links + 1, links + count);
        }
        if (unknown) learn(e, properties->node);
    }
    return pass_collected(e, properties->node);
}
