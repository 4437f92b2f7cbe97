/* SPDX-License-Identifier: Apache-2.0 */
/* See paths.h. During a fill each object first notes the last value of every key that is asked for and
 * only then goes deeper, so that of duplicate keys the last one wins as a whole. */
#include "map/paths.h"

#include "base/table.h"
#include "map/alias.h"

#include <assert.h>

enum envelope_field {
#define X(FIELD, name, meaning) ENVELOPE_##FIELD,
    ENVELOPE_FIELDS(X)
#undef X
        ENVELOPE_COUNT
};

#define NO_SLOT SIZE_MAX
#define NO_INDEX SIZE_MAX

struct node {
    struct str key; /* p = NULL: only an index */
    size_t index;   /* also of a key that is all digits; NO_INDEX for other keys */
    size_t number;  /* among its parent's children */
    size_t slot;    /* NO_SLOT: only a step on the way */
    struct node *children, *next;
    size_t child_count;
    struct table by_key; /* children with a key */
    uint64_t key_marks;  /* a bit for the length and first letter of each of these keys */
};

struct paths {
    struct arena *arena;
    struct node root;
    size_t slot_count;
    struct alias_set *aliases;       /* NULL: native */
    size_t envelope[ENVELOPE_COUNT]; /* NO_SLOT: not asked for */
};

struct paths *paths_new_native(struct arena *arena)
{
    struct paths *p = arena_new(arena, struct paths);
    p->arena = arena;
    p->root.slot = NO_SLOT;
    for (size_t i = 0; i < ENVELOPE_COUNT; i++) p->envelope[i] = NO_SLOT;
    return p;
}

struct paths *paths_new(struct arena *arena)
{
    struct paths *p = paths_new_native(arena);
    p->aliases = alias_set_new(arena);
    return p;
}

bool paths_are_native(const struct paths *p)
{
    return !p->aliases;
}

size_t paths_count(const struct paths *p)
{
    return p->slot_count;
}

/* The index that a step means on a list. */
static size_t step_index(const struct path_step *step)
{
    uint64_t number;
    if (!step->key.p) return step->index;
    return str_to_u64(step->key, &number) && number < NO_INDEX ? (size_t)number : NO_INDEX;
}

/* Both are looked at before a key is hashed: most keys of an event that nobody asks for end here. Keys
 * are followed by a NUL, so there is a first byte. */
static uint64_t key_mark(struct str key)
{
    return (uint64_t)1 << ((key.n + 4 * (size_t)(unsigned char)key.p[0]) % 64);
}

static struct node *add_child(struct paths *p, struct node *parent, const struct path_step *step)
{
    struct node *child;
    if (step->key.p) {
        child = table_get(&parent->by_key, step->key);
        if (child) return child;
    } else {
        for (child = parent->children; child; child = child->next) {
            if (!child->key.p && child->index == step->index) return child;
        }
    }
    child = arena_new(p->arena, struct node);
    child->index = step_index(step);
    child->number = parent->child_count++;
    child->slot = NO_SLOT;
    child->next = parent->children;
    parent->children = child;
    if (step->key.p) {
        child->key = arena_str(p->arena, step->key);
        table_put(&parent->by_key, p->arena, child->key, child);
        parent->key_marks |= key_mark(child->key);
    }
    return child;
}

static size_t *envelope_slot(struct paths *p, const struct path_step *steps, size_t count)
{
    static const struct str names[] = {
#define X(FIELD, name, meaning) S_INIT(name),
        ENVELOPE_FIELDS(X)
#undef X
    };
    if (count != 2 || !steps[0].key.p || !str_eq(steps[0].key, S("envelope"))) return NULL;
    for (size_t i = 0; steps[1].key.p && i < countof(names); i++) {
        if (str_eq(steps[1].key, names[i])) return &p->envelope[i];
    }
    return NULL;
}

size_t paths_add(struct paths *p, const struct path_step *steps, size_t count)
{
    size_t *envelope = envelope_slot(p, steps, count), *slot = envelope;
    if (!slot) {
        struct node *node = &p->root;
        for (size_t i = 0; i < count; i++) node = add_child(p, node, &steps[i]);
        slot = &node->slot;
    }
    if (*slot != NO_SLOT) return *slot;
    *slot = p->slot_count++;
    if (p->aliases && !envelope) alias_add(p->aliases, *slot, steps, count);
    return *slot;
}

/* --- filling ------------------------------------------------------------------------------------ */

struct fill {
    struct value *slots;
    uint64_t *present; /* which slots were set, a bit each */
    struct arena *scratch;
};

/* The value that was seen for a child, and the child that was seen before it. */
struct sight {
    yyjson_val *item;
    const struct node *before;
};

static void note(const struct fill *f, size_t slot)
{
    f->present[slot / 64] |= (uint64_t)(f->slots[slot].kind != VALUE_MISSING) << (slot % 64);
}

static void fill_node(const struct fill *f, const struct node *n, yyjson_val *v);

static void fill_members(const struct fill *f, const struct node *n, yyjson_val *object)
{
    size_t index, count;
    yyjson_val *key, *item;
    struct sight *sights = arena_array(f->scratch, struct sight, n->child_count);
    const struct node *last = NULL;
    yyjson_obj_foreach (object, index, count, key, item) {
        struct str name = str_of(unsafe_yyjson_get_str(key), unsafe_yyjson_get_len(key));
        if (!(n->key_marks & key_mark(name))) continue;
        const struct node *child = table_get(&n->by_key, name);
        if (!child) continue;
        struct sight *sight = &sights[child->number];
        if (!sight->item) {
            sight->before = last;
            last = child;
        }
        sight->item = item;
    }
    for (; last; last = sights[last->number].before) {
        fill_node(f, last, sights[last->number].item);
    }
}

/* Recursion: as deep as the paths are, which field.c bounds. */
static void fill_node(const struct fill *f, const struct node *n, yyjson_val *v)
{
    if (n->slot != NO_SLOT) {
        value_set(&f->slots[n->slot], v);
        note(f, n->slot);
    }
    if (!n->children) return;
    if (yyjson_is_obj(v)) {
        fill_members(f, n, v);
    } else if (yyjson_is_arr(v)) {
        for (const struct node *child = n->children; child; child = child->next) {
            yyjson_val *item = yyjson_arr_get(v, child->index);
            if (item) fill_node(f, child, item);
        }
    }
}

static struct value text_or_missing(struct str s)
{
    return s.n ? value_text(s) : (struct value){.kind = VALUE_MISSING};
}

/* Is the connection's address the person's own? A browser's is; a server may say so itself with
 * Segment's context.direct. */
static bool is_direct(const struct parsed_event *event)
{
    return (event->event->flags & EVENT_FROM_BROWSER) ||
           yyjson_is_true(json_get(event->root, "context.direct"));
}

static struct value received_at(int64_t ms, struct arena *scratch)
{
    enum { DIGITS = 20 };
    char *text = arena_alloc(scratch, DIGITS);
    size_t at = DIGITS;
    for (uint64_t rest = (uint64_t)ms; rest; rest /= 10) text[--at] = (char)('0' + rest % 10);
    return value_number(str_of(text + at, DIGITS - at));
}

static struct value envelope_value(enum envelope_field field, const struct parsed_event *event,
                                   bool direct, struct arena *scratch)
{
    const struct event *e = event->event;
    switch (field) {
    case ENVELOPE_CLIENT_IP:
        return text_or_missing(direct || alias_asks_for_address(event) ? e->address : S(""));
    case ENVELOPE_USER_AGENT: return text_or_missing(direct ? e->user_agent : S(""));
    case ENVELOPE_MESSAGE_ID: return text_or_missing(e->message_id);
    case ENVELOPE_SOURCE: return text_or_missing(e->source);
    case ENVELOPE_FROM_BROWSER: return value_bool((e->flags & EVENT_FROM_BROWSER) != 0);
    case ENVELOPE_RECEIVED_AT:
        if (e->received_ms <= 0) break;
        return received_at(e->received_ms, scratch);
    case ENVELOPE_COUNT: break;
    }
    return (struct value){.kind = VALUE_MISSING};
}

static void fill_envelope(const struct fill *f, const struct paths *p,
                          const struct parsed_event *event)
{
    bool personal =
        p->envelope[ENVELOPE_CLIENT_IP] != NO_SLOT || p->envelope[ENVELOPE_USER_AGENT] != NO_SLOT;
    bool direct = personal && is_direct(event);
    for (size_t i = 0; i < ENVELOPE_COUNT; i++) {
        if (p->envelope[i] == NO_SLOT) continue;
        f->slots[p->envelope[i]] =
            envelope_value((enum envelope_field)i, event, direct, f->scratch);
        note(f, p->envelope[i]);
    }
}

const uint64_t *paths_fill(const struct paths *p, const struct parsed_event *event,
                           struct arena *scratch, struct value *slots)
{
    struct fill f = {slots, arena_array(scratch, uint64_t, p->slot_count / 64 + 1), scratch};
    for (size_t i = 0; i < p->slot_count; i++) slots[i] = (struct value){.kind = VALUE_MISSING};
    if (event->root && p->aliases && alias_fill(p->aliases, event, scratch, slots)) {
        for (size_t i = 0; i < p->slot_count; i++) note(&f, i);
    } else if (event->root) {
        fill_node(&f, &p->root, event->root);
    }
    fill_envelope(&f, p, event);
    return f.present;
}

/* --- walking ------------------------------------------------------------------------------------ */

static yyjson_val *last_member(yyjson_val *object, struct str name)
{
    size_t index, count;
    yyjson_val *key, *item, *last = NULL;
    yyjson_obj_foreach (object, index, count, key, item) {
        if (str_eq(json_str(key), name)) last = item;
    }
    return last;
}

struct value paths_walk(struct value from, const struct path_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t index = step_index(&steps[i]);
        if (from.kind == VALUE_LIST) {
            from = value_item(&from, index);
        } else if (from.kind == VALUE_NODE && yyjson_is_arr(from.node)) {
            from = value_of(yyjson_arr_get(from.node, index));
        } else if (from.kind == VALUE_NODE && steps[i].key.p) {
            from = value_of(last_member(from.node, steps[i].key));
        } else {
            return (struct value){.kind = VALUE_MISSING};
        }
    }
    return from;
}
