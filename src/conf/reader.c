/* SPDX-License-Identifier: Apache-2.0 */
/* See reader.h. Walks a map by its object's table of keys; each type of value has one reader here. */
#include "conf/reader.h"

#include "core/limits.h"

#include <assert.h>

static void *member(void *base, const struct key *key)
{
    return (char *)base + key->at;
}

static size_t *member_count(void *base, const struct key *key)
{
    return (size_t *)(void *)((char *)base + key->count_at);
}

/* Beyond LIMIT_PROBLEMS messages are only counted: do not search for suggestions. */
static bool is_full(const struct reader *r)
{
    return r->diags->count >= LIMIT_PROBLEMS;
}

/* --- types of values ---------------------------------------------------------------------------- */

/* Reads node as key wants it, into the struct at base. */
typedef void read_fn(struct reader *r, const struct key *key, const struct yaml_node *node,
                     void *base);

static void read_text(struct reader *r, const struct key *key, const struct yaml_node *node,
                      void *base)
{
    struct text text = {S(""), node->loc}; /* stays so when it is wrong: given, but of no use */
    (void)scalar_text(r, key, key->type, node, &text);
    if (key->width == sizeof(struct text))
        *(struct text *)member(base, key) = text;
    else
        *(struct str *)member(base, key) = text.text;
    assert(key->width == sizeof(struct text) || key->width == sizeof(struct str));
}

static void read_number(struct reader *r, const struct key *key, const struct yaml_node *node,
                        void *base)
{
    uint64_t value;
    if (!scalar_number(r, key, node, &value)) return;
    if (key->width == sizeof(uint64_t))
        *(uint64_t *)member(base, key) = value;
    else if (key->width == sizeof(uint32_t))
        *(uint32_t *)member(base, key) = (uint32_t)value;
    else
        *(bool *)member(base, key) = value != 0;
    assert(key->width >= sizeof(uint32_t) || key->type == KEY_BOOL);
}

/* A word is kept as its text, or as its index in the row's list, which is an enum. */
static void read_word(struct reader *r, const struct key *key, const struct yaml_node *node,
                      void *base)
{
    struct text text;
    if (!scalar_text(r, key, KEY_WORD, node, &text)) return;
    if (key->width == sizeof(struct text)) {
        *(struct text *)member(base, key) = text;
        return;
    }
    assert(key->width == sizeof(unsigned));
    for (unsigned i = 0; i < key->word_count; i++)
        if (str_eq(key->words[i], text.text)) *(unsigned *)member(base, key) = i;
}

static void add_secret(struct reader *r, const struct key *key, struct str secret, void *base)
{
    struct str **items = member(base, key);
    size_t *count = member_count(base, key);
    if ((*count & (*count - 1)) ==
        0) { /* room for twice as many each time: there may be thousands */
        size_t room = *count ? 2 * *count : 1;
        *items = arena_grow(r->arena, *items, *count * sizeof **items, room * sizeof **items);
    }
    (*items)[(*count)++] = secret;
}

static void add_text(struct reader *r, const struct key *key, const struct yaml_node *node,
                     void *base)
{
    struct text text = {S(""), node->loc};
    (void)scalar_text(r, key, key->item, node, &text); /* reported there; the item stays, empty */
    if (key->item == KEY_SECRET) {
        add_secret(r, key, text.text, base);
    } else {
        struct texts *texts = member(base, key);
        texts->items[texts->count++] = text;
    }
}

/* One text or a list of them. */
static void read_texts(struct reader *r, const struct key *key, const struct yaml_node *node,
                       void *base)
{
    if (key->item == KEY_SECRET) {
        secret_hide(r, node);
    } else {
        struct texts *texts = member(base, key);
        texts->items = arena_array(r->arena, struct text, node->count + 1);
        texts->given = true;
    }
    if (node->kind == YAML_LIST) {
        for (const struct yaml_node *item = node->first; item; item = item->next)
            add_text(r, key, item, base);
    } else {
        add_text(r, key, node, base);
    }
}

static void read_part(struct reader *r, const struct key *key, const struct yaml_node *node,
                      void *base)
{
    reader_object(r, key->object, node, node->loc, base);
}

/* Makes room for the items of a list of structs; NULL when there are too many. */
static char *make_items(struct reader *r, const struct key *key, const struct yaml_node *node,
                        void *base)
{
    if (node->count > key->max) {
        diag_add(r->diags, node->loc, "\"%.*s\" has at most %u items; found %zu",
                 STR_ARG(key->name), (unsigned)key->max, node->count);
        return NULL;
    }
    char *items = arena_zero(r->arena, node->count * key->object->size);
    memcpy(member(base, key), &items, sizeof items);
    return items;
}

static void read_objects(struct reader *r, const struct key *key, const struct yaml_node *node,
                         void *base)
{
    if (yaml_is_null(node)) return;
    if (node->kind != YAML_LIST) {
        secret_hide_of(r, key->object, node);
        scalar_expected(r, key, KEY_OBJECTS, node);
        return;
    }
    char *item = make_items(r, key, node, base);
    if (!item) return;
    for (const struct yaml_node *one = node->first; one; one = one->next) {
        reader_object(r, key->object, one, one->loc, item);
        item += key->object->size;
    }
    *member_count(base, key) = node->count;
}

static void read_event(struct reader *r, const struct object *object, const struct yaml_node *name,
                       struct event_rule *rule)
{
    const struct yaml_node *node = name->value;
    rule->name = (struct text){name->text, name->loc};
    if (name->text.n == 0) diag_add(r->diags, name->loc, "an event's name cannot be empty");
    if (node->kind == YAML_SCALAR && node->plain && str_eq(node->text, S("drop")))
        rule->drop = true;
    else
        reader_object(r, object, node, node->loc, rule);
}

static void read_events(struct reader *r, const struct key *key, const struct yaml_node *node,
                        void *base)
{
    if (yaml_is_null(node)) return;
    if (node->kind != YAML_MAP) {
        scalar_expected(r, key, KEY_EVENTS, node);
        return;
    }
    struct event_rule *rule = (struct event_rule *)(void *)make_items(r, key, node, base);
    if (!rule) return;
    for (const struct yaml_node *name = node->first; name; name = name->next)
        if (name->kind == YAML_SCALAR) read_event(r, key->object, name, rule++);
    *member_count(base, key) = (size_t)(rule - *(struct event_rule **)member(base, key));
}

static void read_mappings(struct reader *r, const struct key *key, const struct yaml_node *node,
                          void *base)
{
    mapping_map(r, key, node, member(base, key));
}

static void read_properties(struct reader *r, const struct key *key, const struct yaml_node *node,
                            void *base)
{
    struct properties_conf *out = member(base, key);
    if (node->kind == YAML_LIST) {
        struct key list = *key;
        list.item = KEY_TEXT;
        out->mode = PROPERTIES_LIST;
        list.at = key->at + offsetof(struct properties_conf, list);
        read_texts(r, &list, node, base);
    } else if (node->kind == YAML_SCALAR && str_eq(node->text, S("all"))) {
        out->mode = PROPERTIES_ALL;
    } else if (node->kind == YAML_SCALAR && str_eq(node->text, S("flat"))) {
        out->mode = PROPERTIES_FLAT;
    } else if (node->kind == YAML_SCALAR && str_eq(node->text, S("none"))) {
        out->mode = PROPERTIES_NONE;
    } else {
        scalar_expected(r, key, KEY_PROPERTIES, node);
    }
}

static read_fn *reader_of(enum key_type type)
{
    switch (type) {
    case KEY_BOOL:
    case KEY_UINT:
    case KEY_DURATION:
    case KEY_SIZE:
    case KEY_TIME: return read_number;
    case KEY_WORD: return read_word;
    case KEY_TEXTS: return read_texts;
    case KEY_OBJECT: return read_part;
    case KEY_OBJECTS: return read_objects;
    case KEY_EVENTS: return read_events;
    case KEY_MAPPINGS: return read_mappings;
    case KEY_PROPERTIES: return read_properties;
    case KEY_TEXT:
    case KEY_NAME:
    case KEY_SECRET:
    case KEY_PIXEL:
    case KEY_ADDRESS:
    case KEY_URL:
    case KEY_ORIGIN:
    case KEY_NETWORK:
    case KEY_COUNTRY:
    case KEY_EXPRESSION:
    case KEY_TRIGGER:
    case KEY_TYPE_COUNT: break;
    }
    return read_text;
}

/* --- unknown keys ------------------------------------------------------------------------------- */

static struct str suggest(struct reader *r, const struct object *object, struct str wrong)
{
    size_t count = 0;
    struct str *known = arena_array(r->arena, struct str, object->key_count + meta_field_count);
    for (size_t i = 0; i < object->key_count; i++) known[count++] = object->keys[i].name;
    for (size_t i = 0; object->has_fields && i < meta_field_count; i++)
        if (meta_fields[i].section == META_EVENT) known[count++] = meta_fields[i].name;
    return diag_suggest(wrong, known, count);
}

static struct str list_keys(struct reader *r, const struct object *object)
{
    struct buf list = {0};
    for (size_t i = 0; i < object->key_count; i++) {
        if (i) buf_put(&list, i + 1 == object->key_count ? S(" and ") : S(", "));
        buf_put(&list, object->keys[i].name);
    }
    struct str text = arena_str(r->arena, buf_str(&list));
    buf_fini(&list);
    return text;
}

/* Where else a key of this name would be right; an empty view when nowhere. */
static struct str find_home(const struct object *object, struct str name)
{
    if (object->has_fields && meta_field_find(META_USER, name)) return S("user_data");
    if (object->has_fields && meta_field_find(META_CUSTOM, name)) return S("custom_data");
    for (size_t i = 0; i < key_object_count; i++)
        if (key_find(key_objects[i], name)) return key_objects[i]->path;
    return S("");
}

/* Returns the row of the key that was probably meant, or NULL. */
static const struct key *report_unknown(struct reader *r, const struct object *object,
                                        const struct yaml_node *key)
{
    if (is_full(r)) {
        diag_add(r->diags, key->loc, "unknown key"); /* only counted */
        return NULL;
    }
    struct str name = yaml_shown(key->text, r->arena), home = find_home(object, key->text);
    struct str meant = suggest(r, object, key->text);
    if (home.n && meant.n && str_distance(meant, key->text) == 1) home = S("");
    if (home.n) meant = S("");
    secret_hide_unknown(r, key, meant);
    if (home.n)
        diag_add(r->diags, key->loc, "unknown key \"%.*s\" here; it belongs to %.*s", STR_ARG(name),
                 STR_ARG(home));
    else if (meant.n)
        diag_add(r->diags, key->loc, "unknown key \"%.*s\"; did you mean \"%.*s\"?", STR_ARG(name),
                 STR_ARG(meant));
    else
        diag_add(r->diags, key->loc, "unknown key \"%.*s\"; known here are %.*s", STR_ARG(name),
                 STR_ARG(list_keys(r, object)));
    return key_find(object, meant);
}

/* --- objects ------------------------------------------------------------------------------------ */

static bool is_known_field(const struct object *object, struct str name)
{
    return object->has_fields && meta_field_find(META_EVENT, name);
}

static void add_field(struct reader *r, const struct object *object, const struct yaml_node *key,
                      size_t room, void *base)
{
    struct mappings *fields = (struct mappings *)(void *)((char *)base + object->fields_at);
    if (!fields->items) fields->items = arena_array(r->arena, struct mapping, room);
    mapping_read(r, key, &fields->items[fields->count++]);
}

static void read_key(struct reader *r, const struct key *row, const struct yaml_node *key,
                     void *base)
{
    if (r->in_preset && row->not_in_preset) {
        if (row->type == KEY_SECRET || row->item == KEY_SECRET) secret_hide(r, key->value);
        diag_add(r->diags, key->loc, "\"%.*s\" is not for presets", STR_ARG(row->name));
    } else {
        reader_of(row->type)(r, row, key->value, base);
    }
}

/* A misspelled secret was given, but is of no use; what needs one can tell. */
static void note_given(struct reader *r, const struct key *row, void *base)
{
    if (row->type == KEY_SECRET) *(struct str *)member(base, row) = S("");
    if (row->type == KEY_TEXTS && row->item == KEY_SECRET) add_secret(r, row, S(""), base);
}

/* Reads the keys that are there; returns them as bits by row. */
static uint64_t read_keys(struct reader *r, const struct object *object,
                          const struct yaml_node *node, void *base)
{
    uint64_t seen = 0;
    assert(object->key_count <= 64);
    for (const struct yaml_node *key = node->first; key; key = key->next) {
        if (key->kind != YAML_SCALAR) continue;
        const struct key *row = key_find(object, key->text);
        if (row) {
            uint64_t bit = (uint64_t)1 << (row - object->keys);
            if (seen & bit) continue; /* a duplicate, reported before */
            seen |= bit;
            read_key(r, row, key, base);
        } else if (is_known_field(object, key->text)) {
            add_field(r, object, key, node->count, base);
        } else {
            const struct key *meant = report_unknown(r, object, key);
            if (!meant) continue;
            seen |= (uint64_t)1 << (meant - object->keys); /* not to be reported as missing too */
            note_given(r, meant, base);
        }
    }
    return seen;
}

static void check_needs(struct reader *r, const struct object *object, const struct yaml_node *node,
                        uint64_t seen)
{
    for (const struct yaml_node *key = node->first; key; key = key->next) {
        const struct key *row = key_find(object, key->text);
        if (!row || !row->needs.n) continue;
        if (seen >> (key_find(object, row->needs) - object->keys) & 1) continue;
        diag_add(r->diags, key->loc, "\"%.*s\" needs \"%.*s\" beside it", STR_ARG(row->name),
                 STR_ARG(row->needs));
    }
}

static void read_default(struct reader *r, const struct key *row, struct loc loc, void *base)
{
    if (row->type == KEY_OBJECT) {
        reader_object(r, row->object, NULL, loc, base);
    } else if (row->fallback.n) {
        struct yaml_node node = {
            .kind = YAML_SCALAR, .plain = true, .text = row->fallback, .loc = loc};
        reader_of(row->type)(r, row, &node, base);
    }
}

void reader_object(struct reader *r, const struct object *object, const struct yaml_node *node,
                   struct loc loc, void *base)
{
    uint64_t seen = 0;
    bool is_scalar = node && node->kind == YAML_SCALAR && !yaml_is_null(node);
    if (node && node->kind == YAML_MAP) {
        seen = read_keys(r, object, node, base);
        check_needs(r, object, node, seen);
    } else if (is_scalar && object->shorthand.n) {
        const struct key *row = key_find(object, object->shorthand);
        seen = (uint64_t)1 << (row - object->keys);
        reader_of(row->type)(r, row, node, base);
    } else if (is_scalar || (node && node->kind == YAML_LIST)) {
        secret_hide_of(r, object, node);
        diag_add(r->diags, node->loc, "expected a map with the keys %.*s",
                 STR_ARG(list_keys(r, object)));
        return;
    } else if (node && node->kind == YAML_BROKEN) {
        return;
    }
    for (size_t i = 0; i < object->key_count; i++) {
        const struct key *row = &object->keys[i];
        if (seen >> i & 1) continue;
        if (!row->required)
            read_default(r, row, loc, base);
        else if (node && !(r->in_preset && row->not_in_preset))
            diag_add(r->diags, loc, "the %.*s has no \"%.*s\"", STR_ARG(object->name),
                     STR_ARG(row->name));
    }
}
