/* SPDX-License-Identifier: Apache-2.0 */
/* See alias.h. Per protocol the places are paths of a set of their own, filled by one walk like any
 * other; then each slot takes the first of its places that has a value. */
#include "map/alias.h"

#include "core/limits.h"
#include "map/alias_table.h"
#include "map/decimal.h"

#include <assert.h>

/* A place of one path, compiled. */
struct source {
    const struct alias *row;
    size_t slot;   /* in the protocol's own paths */
    size_t factor; /* likewise; SIZE_MAX: none */
};

/* One slot of the plan and where it is filled from: count of the protocol's sources, from first on. */
struct choice {
    size_t slot, first, count;
};

/* A growing list in the arena. */
struct sources {
    struct source *items;
    size_t count, capacity;
};

struct choices {
    struct choice *items;
    size_t count, capacity;
};

struct spelling {
    struct paths *paths;
    struct sources sources;
    struct choices choices;
};

struct alias_set {
    struct arena *arena;
    struct spelling *by_protocol[PROTOCOL_COUNT]; /* NULL: Segment's names */
};

struct alias_set *alias_set_new(struct arena *arena)
{
    struct alias_set *set = arena_new(arena, struct alias_set);
    set->arena = arena;
    for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
        if (!alias_lists[i].items) continue;
        set->by_protocol[i] = arena_new(arena, struct spelling);
        set->by_protocol[i]->paths = paths_new_native(arena);
    }
    return set;
}

bool alias_exists(enum protocol protocol)
{
    return alias_lists[protocol].items != NULL;
}

/* --- compiling ---------------------------------------------------------------------------------- */

/* The rest of path behind a step, when it begins with it; p = NULL when not. */
static struct str behind_step(struct str path, const struct path_step *step)
{
    struct str name = step->key, rest;
    uint64_t index;
    if (!name.p) {
        (void)str_cut(path, '/', &name, &rest); /* no slash: the last one */
        if (!str_to_u64(name, &index) || index != step->index) return str_of(NULL, 0);
    }
    if (!str_starts(path, name)) return str_of(NULL, 0);
    rest = str_from(path, name.n);
    if (rest.n && rest.p[0] != '/') return str_of(NULL, 0);
    if (str_find_char(name, '/', 0) != SIZE_MAX) return str_of(NULL, 0); /* one step, not two */
    return rest.n ? str_from(rest, 1) : rest;
}

/* How many steps path has when the steps begin with it, else 0. */
static size_t match(struct str path, const struct path_step *steps, size_t count)
{
    size_t n = 0;
    while (path.n) {
        if (n == count) return 0;
        path = behind_step(path, &steps[n++]);
        if (!path.p) return 0;
    }
    return n;
}

/* The slot of a place, with the steps that follow it. */
static size_t place_slot(struct spelling *s, struct str place, const struct path_step *rest,
                         size_t rest_count)
{
    struct path_step steps[2 * LIMIT_JSON_DEPTH];
    size_t n = 0;
    for (struct str name; place.n; n++) {
        (void)str_cut(place, '/', &name, &place);
        steps[n] = (struct path_step){name, 0};
    }
    assert(n + rest_count <= countof(steps));
    memcpy(steps + n, rest, rest_count * sizeof *rest);
    return paths_add(s->paths, steps, n + rest_count);
}

static void add_source(struct alias_set *set, struct spelling *s, struct source source)
{
    struct sources *list = &s->sources;
    if (list->count == list->capacity) {
        size_t more = list->capacity ? list->capacity * 2 : 64;
        list->items = arena_grow(set->arena, list->items, list->capacity * sizeof *list->items,
                                 more * sizeof *list->items);
        list->capacity = more;
    }
    list->items[list->count++] = source;
}

static void add_choice(struct alias_set *set, struct spelling *s, struct choice choice)
{
    struct choices *list = &s->choices;
    if (list->count == list->capacity) {
        size_t more = list->capacity ? list->capacity * 2 : 64;
        list->items = arena_grow(set->arena, list->items, list->capacity * sizeof *list->items,
                                 more * sizeof *list->items);
        list->capacity = more;
    }
    list->items[list->count++] = choice;
}

static void add_to(struct alias_set *set, enum protocol protocol, size_t slot,
                   const struct path_step *steps, size_t count)
{
    const struct alias_list *list = &alias_lists[protocol];
    struct spelling *s = set->by_protocol[protocol];
    size_t longest = 0, first = s->sources.count;
    for (size_t i = 0; i < list->count; i++) {
        size_t n = match(list->items[i].path, steps, count);
        if (n > longest) longest = n;
    }
    for (size_t i = 0; longest && i < list->count; i++) {
        const struct alias *row = &list->items[i];
        if (match(row->path, steps, count) != longest) continue;
        struct source source = {row, 0, SIZE_MAX};
        source.slot = place_slot(s, row->place, steps + longest, count - longest);
        if (row->factor.n) source.factor = place_slot(s, row->factor, steps, 0);
        add_source(set, s, source);
    }
    if (longest) add_choice(set, s, (struct choice){slot, first, s->sources.count - first});
}

void alias_add(struct alias_set *set, size_t slot, const struct path_step *steps, size_t count)
{
    for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
        if (set->by_protocol[i]) add_to(set, (enum protocol)i, slot, steps, count);
    }
}

/* --- filling ------------------------------------------------------------------------------------ */

static const struct value missing = {.kind = VALUE_MISSING};

/* A number times a whole number; without one it is taken once. */
static struct value times(const struct value *v, const struct value *factor, struct arena *scratch)
{
    char text[DECIMAL_TEXT_BYTES];
    struct decimal number;
    struct str a, b;
    uint64_t count;
    if (value_is_null(factor)) return *v;
    if (!value_scalar_text(v, &a) || !value_scalar_text(factor, &b)) return missing;
    if (!decimal_read(a, &number) || !str_to_u64(b, &count)) return missing;
    if (!decimal_multiply(&number, count)) return missing;
    return value_number(arena_str(scratch, decimal_print(&number, text)));
}

static struct value word_of(const struct alias *row, const struct value *v)
{
    if (v->kind != VALUE_TEXT || !v->text.n) return missing;
    for (size_t i = 0; i < row->word_count; i++) {
        const struct alias_word *word = &row->words[i];
        if (!word->there.n || str_eq(word->there, v->text)) return value_text(word->here);
    }
    return missing;
}

static struct value read_source(const struct source *s, const struct value *native,
                                struct arena *scratch)
{
    const struct value *v = &native[s->slot];
    if (value_is_null(v)) return *v;
    if (s->row->words) return word_of(s->row, v);
    if (s->factor != SIZE_MAX) return times(v, &native[s->factor], scratch);
    if (v->kind == VALUE_TEXT && s->row->except.n && str_eq(v->text, s->row->except)) {
        return missing;
    }
    return *v;
}

bool alias_fill(const struct alias_set *set, const struct parsed_event *event,
                struct arena *scratch, struct value *slots)
{
    const struct spelling *s = set->by_protocol[event->event->protocol];
    if (!s) return false;
    struct value *native = arena_array(scratch, struct value, paths_count(s->paths));
    (void)paths_fill_cleared(s->paths, event, NULL, scratch,
                             native); /* which are there shows itself */
    for (size_t i = 0; i < s->choices.count; i++) {
        const struct choice *choice = &s->choices.items[i];
        struct value v = missing;
        for (size_t k = 0; k < choice->count && value_is_null(&v); k++) {
            struct value next = read_source(&s->sources.items[choice->first + k], native, scratch);
            if (next.kind != VALUE_MISSING) v = next;
        }
        slots[choice->slot] = v;
    }
    return true;
}

bool alias_asks_for_address(const struct parsed_event *event)
{
    const struct alias_word *address = &alias_lists[event->event->protocol].address;
    if (!address->there.n) return false;
    yyjson_val *v = json_member(event->root, address->there);
    return str_eq(json_str(v), address->here);
}
