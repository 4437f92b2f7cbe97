/* SPDX-License-Identifier: Apache-2.0 */
/* The event's own properties that go along into custom_data. First it is decided which ones, as a
 * list of names and values in which the last of two equal names wins; then they are written. Objects
 * become dotted names (address.kind), lists of scalars stay lists, lists of objects have no place in
 * custom_data. With PROPERTIES_FLAT lists become names too (tags[0], rows[1].kind). */
#include "map/emit.h"

#include "base/sha256.h"
#include "base/text.h"
#include "core/limits.h"
#include "map/explain.h"
#include "map/pii.h"

enum { FEW = 32 }; /* most events have no more, and then no slots */

struct property {
    struct str name; /* dotted */
    uint64_t hash;
    yyjson_val *node;
    const struct meta_field *field; /* written by its type; NULL: as it is */
    enum pii_rule rule;
};

struct collected {
    struct emitter *emitter;
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

/* Does a mapping speak for this property? */
static bool is_claimed(const struct emitter *e, const struct known_name *known)
{
    size_t block = known ? known->number / CLAIM_BLOCK : SIZE_MAX;
    if (block >= e->fill->claim_blocks || !e->fill->claims[block]) return false;
    const struct claim *claim = &e->fill->claims[block][known->number % CLAIM_BLOCK];
    return claim->always || claim->reads ||
           (claim->target != NO_TARGET && e->written[claim->target]);
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
            struct property *place = place_of(c, name, hash);
            if (place) *place = (struct property){name, hash, item, NULL, at.rule};
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
    if (at.rule == PII_DROP || yyjson_is_null(node)) return;
    if (nested) buf_putc(&run->name, '.');
    if (nested || yyjson_is_ctn(node)) buf_put(&run->name, key);
    struct str name = nested ? buf_str(&run->name) : key;
    if (nested) {
        hash = str_hash(name);
        known = table_get_hashed(names, name, hash);
    }
    if (!at.listed) at.listed = table_get_hashed(&e->fill->listed, name, hash) != NULL;
    if (!at.free) at.free = pii_may_leave(e->job->plan, S("custom_data"), name);
    if (!is_claimed(e, known)) {
        const struct meta_field *field = nested || !known ? NULL : known->field;
        bool flat = yyjson_is_arr(node) && is_flat(e, field);
        bool whole = field && (field->type == META_CONTENTS || field->type == META_OBJECT);
        bool goes =
            !yyjson_is_ctn(node) || whole || (yyjson_is_arr(node) && is_list_of_scalars(node));
        if (flat) {
            collect_list(c, node, at);
        } else if (goes && at.listed && !at.free) {
            if (e->job->eval.explain) explain_withheld(e->job->eval.explain, S("properties"), name);
        } else if (goes && at.listed) {
            if (nested) name = arena_str(&run->scratch, name);
            struct property *place = place_of(c, name, hash);
            if (place) *place = (struct property){name, hash, node, field, at.rule};
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

static void put_property(struct emitter *e, const struct property *p)
{
    struct buf *out = e->job->out;
    size_t mark = out->n;
    bool kept;
    if (!redact_put_key(e, p->name)) return;
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

bool custom_pass(struct emitter *e)
{
    const struct job *job = e->job;
    const struct value *properties = &job->eval.slots[job->plan->properties_slot];
    struct collected c = {.emitter = e};
    if (e->fill->properties == PROPERTIES_NONE) return true;
    if (properties->kind != VALUE_NODE || !yyjson_is_obj(properties->node)) return true;
    buf_clear(&job->run->name);
    struct place all = {PII_NONE, e->fill->properties != PROPERTIES_LIST, !job->plan->restricted};
    collect(&c, properties->node, all);
    for (size_t i = 0; i < c.count; i++) {
        size_t mark = job->out->n;
        if (job->eval.explain) {
            explain_target(job->eval.explain, S("properties"), c.items[i].name, (struct loc){0});
        }
        put_property(e, &c.items[i]);
        if (!emit_small(e)) return false;
        if (job->eval.explain) explain_written(job->eval.explain, buf_since(job->out, mark));
    }
    return true;
}
