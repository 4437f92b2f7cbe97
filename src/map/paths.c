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
    struct str key;         /* p = NULL: only an index */
    size_t index;           /* also of a key that is all digits; NO_INDEX for other keys */
    size_t number;          /* among its parent's children */
    size_t slot;            /* NO_SLOT: only a step on the way */
    struct node **children; /* by number */
    size_t child_count, child_capacity;
    struct table by_key;   /* children with a key */
    struct node **by_mark; /* the same by length and first letter, first of a list; NULL: none */
    struct node *same_mark;
};

struct paths {
    struct arena *arena;
    struct node root;
    size_t slot_count;
    uint64_t number;                 /* among all that the process ever made */
    struct alias_set *aliases;       /* NULL: native */
    size_t envelope[ENVELOPE_COUNT]; /* NO_SLOT: not asked for */
};

struct paths *paths_new_native(struct arena *arena)
{
    struct paths *p = arena_new(arena, struct paths);
    p->arena = arena;
    p->number = shapes_number();
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

enum { MARKS = 64 };

/* Most keys of an event that nobody asks for end here, and the others need no hash. Keys are followed by
 * a NUL, so there is a first byte. */
static size_t key_mark(struct str key)
{
    return (key.n + 4 * (size_t)(unsigned char)key.p[0]) % MARKS;
}

/* The child of that key, or NULL. Lists by mark are short as long as there are not many children. */
static const struct node *find_child(const struct node *n, struct str key)
{
    if (n->child_count > MARKS) return table_get(&n->by_key, key);
    const struct node *child = n->by_mark ? n->by_mark[key_mark(key)] : NULL;
    while (child && !str_eq(child->key, key)) child = child->same_mark;
    return child;
}

static void list_child(struct paths *p, struct node *parent, struct node *child)
{
    if (parent->child_count == parent->child_capacity) {
        size_t more = parent->child_capacity ? parent->child_capacity * 2 : 8;
        size_t pointer = sizeof(struct node *);
        parent->children = arena_grow(p->arena, parent->children, parent->child_capacity * pointer,
                                      more * pointer);
        parent->child_capacity = more;
    }
    parent->children[parent->child_count++] = child;
}

static void index_child(struct paths *p, struct node *parent, struct node *child)
{
    table_put(&parent->by_key, p->arena, child->key, child);
    if (!parent->by_mark) parent->by_mark = arena_array(p->arena, struct node *, MARKS);
    struct node **first = &parent->by_mark[key_mark(child->key)];
    child->same_mark = *first;
    *first = child;
}

static struct node *add_child(struct paths *p, struct node *parent, const struct path_step *step)
{
    struct node *child;
    if (step->key.p) {
        child = table_get(&parent->by_key, step->key);
        if (child) return child;
    } else {
        for (size_t i = 0; i < parent->child_count; i++) {
            child = parent->children[i];
            if (!child->key.p && child->index == step->index) return child;
        }
    }
    child = arena_new(p->arena, struct node);
    child->index = step_index(step);
    child->number = parent->child_count;
    child->slot = NO_SLOT;
    list_child(p, parent, child);
    if (step->key.p) {
        child->key = arena_str(p->arena, step->key);
        index_child(p, parent, child);
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
    yyjson_val **from; /* what each slot was set from, for who learns it; or NULL */
};

static void note(const struct fill *f, size_t slot)
{
    f->present[slot / 64] |= (uint64_t)(f->slots[slot].kind != VALUE_MISSING) << (slot % 64);
}

static void fill_node(const struct fill *f, const struct node *n, yyjson_val *v);

static void fill_slot(const struct fill *f, size_t slot, yyjson_val *v)
{
    value_set(&f->slots[slot], v);
    if (f->from) f->from[slot] = v;
    f->present[slot / 64] |= (uint64_t)1 << (slot % 64);
}

/* What nothing is asked of below it is taken as it is met, and a later one of the same name takes its
 * place; most members are so. */
static void fill_members(const struct fill *f, const struct node *n, yyjson_val *object)
{
    size_t index, count, words = n->child_count / 64 + 1;
    yyjson_val *key, *item;
    yyjson_val **items = arena_alloc(f->scratch, n->child_count * sizeof(yyjson_val *));
    uint64_t few = 0, *seen = words == 1 ? &few : arena_array(f->scratch, uint64_t, words);
    yyjson_obj_foreach (object, index, count, key, item) {
        const struct node *child = find_child(n, json_text(key));
        if (!child) continue;
        if (!child->child_count) {
            fill_slot(f, child->slot, item);
            continue;
        }
        items[child->number] = item;
        seen[child->number / 64] |= (uint64_t)1 << (child->number % 64);
    }
    for (size_t i = 0; i < words; i++) {
        for (uint64_t bits = seen[i]; bits; bits &= bits - 1) {
            size_t number = i * 64 + (size_t)__builtin_ctzll(bits);
            fill_node(f, n->children[number], items[number]);
        }
    }
}

/* Recursion: as deep as the paths are, which field.c bounds. */
static void fill_node(const struct fill *f, const struct node *n, yyjson_val *v)
{
    if (n->slot != NO_SLOT) fill_slot(f, n->slot, v);
    if (!n->child_count) return;
    if (yyjson_is_obj(v)) {
        fill_members(f, n, v);
    } else if (yyjson_is_arr(v)) {
        for (size_t i = 0; i < n->child_count; i++) {
            yyjson_val *item = yyjson_arr_get(v, n->children[i]->index);
            if (item) fill_node(f, n->children[i], item);
        }
    }
}

static struct value text_or_missing(struct str s)
{
    return s.n ? value_text(s) : (struct value){.kind = VALUE_MISSING};
}

/* Segment's context.direct, or NULL. */
static yyjson_val *find_direct(yyjson_val *root)
{
    return json_get(root, "context.direct");
}

static struct value received_at(int64_t ms, struct arena *scratch)
{
    enum { DIGITS = 20 };
    struct buf text = {.p = arena_alloc(scratch, DIGITS), .capacity = DIGITS}; /* never grows */
    buf_put_u64(&text, (uint64_t)ms);
    return value_number(buf_str(&text));
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

/* The connection's address is the person's own if it is a browser's; and a server may say so itself. */
static void fill_envelope(const struct fill *f, const struct paths *p,
                          const struct parsed_event *event, bool says_direct)
{
    bool direct = says_direct || (event->event->flags & EVENT_FROM_BROWSER);
    for (size_t i = 0; i < ENVELOPE_COUNT; i++) {
        if (p->envelope[i] == NO_SLOT) continue;
        f->slots[p->envelope[i]] =
            envelope_value((enum envelope_field)i, event, direct, f->scratch);
        note(f, p->envelope[i]);
    }
}

/* As fill_node does it, or did with an event of this shape. Returns find_direct's node. */
static yyjson_val *fill_shaped(const struct fill *f, const struct paths *p,
                               const struct parsed_event *event, struct shapes *shapes)
{
    yyjson_val *direct;
    bool learn = false;
    const struct shape *known =
        shapes ? shapes_find(shapes, &event->shape, p->number, &learn) : NULL;
    if (known) return shape_fill(known, event->root, f->slots, f->present);
    direct = find_direct(event->root);
    if (learn) {
        struct fill noting = *f;
        noting.from = arena_alloc(f->scratch, p->slot_count * sizeof(yyjson_val *));
        fill_node(&noting, &p->root, event->root);
        struct shape_found found = {event->root, noting.from, f->present, p->slot_count, direct};
        shapes_learn(shapes, &event->shape, p->number, &found);
    } else {
        fill_node(f, &p->root, event->root);
    }
    return direct;
}

void paths_fill(const struct paths *p, const struct parsed_event *event, struct arena *scratch,
                struct value *slots)
{
    for (size_t i = 0; i < p->slot_count; i++) slots[i].kind = VALUE_MISSING;
    (void)paths_fill_cleared(p, event, NULL, scratch, slots); /* which are there shows itself */
}

const uint64_t *paths_fill_cleared(const struct paths *p, const struct parsed_event *event,
                                   struct shapes *shapes, struct arena *scratch,
                                   struct value *slots)
{
    struct fill f = {slots, arena_array(scratch, uint64_t, p->slot_count / 64 + 1), scratch, NULL};
    yyjson_val *direct = NULL;
    if (event->root && p->aliases && alias_fill(p->aliases, event, scratch, slots)) {
        for (size_t i = 0; i < p->slot_count; i++) note(&f, i);
        direct = find_direct(event->root);
    } else if (event->root) {
        direct = fill_shaped(&f, p, event, shapes);
    }
    fill_envelope(&f, p, event, yyjson_is_true(direct));
    return f.present;
}

void paths_clear(const struct paths *p, const uint64_t *present, struct value *slots)
{
    for (size_t i = 0; i < p->slot_count; i += 64) {
        for (uint64_t bits = present[i / 64]; bits; bits &= bits - 1) {
            slots[i + (size_t)__builtin_ctzll(bits)].kind = VALUE_MISSING;
        }
    }
}

/* --- walking ------------------------------------------------------------------------------------ */

struct value paths_walk(struct value from, const struct path_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool is_node = from.kind == VALUE_NODE;
        if (is_node && steps[i].key.p && !yyjson_is_arr(from.node)) {
            value_set(&from, json_member(from.node, steps[i].key));
        } else if (is_node && yyjson_is_arr(from.node)) {
            from = value_of(yyjson_arr_get(from.node, step_index(&steps[i])));
        } else if (from.kind == VALUE_LIST) {
            from = value_item(&from, step_index(&steps[i]));
        } else {
            return (struct value){.kind = VALUE_MISSING};
        }
    }
    return from;
}
