/* SPDX-License-Identifier: Apache-2.0 */
/* See shape.h. A table with a few places for each hash. */
#include "map/shape.h"

#include "base/mem.h"

#include <stdatomic.h>

enum {
    SETS =
        64, /* a site has ten to fifty shapes, and each destination with rules of its own needs them all */
    WAYS = 4, /* places of a set */
    PLACES = SETS * WAYS,
    WORDS = SHAPE_SLOTS_END / 64,
};

enum state { SEEN, LEARNED, TOO_LARGE };

/* Apart from the rest, so that a set's are two lines of the cache. */
struct key {
    struct nodes_shape of; /* count = 0: the place is free */
    uint64_t number;
};

struct shape {
    enum state state;
    uint32_t count, words;
    uint16_t direct; /* 0, which is the root: there is none */
    uint64_t present[WORDS];
    struct shape_link links[SHAPE_SLOTS];
};

_Static_assert(NODES_SHAPED <= UINT16_MAX && SHAPE_SLOTS_END <= UINT16_MAX,
               "for struct shape_link");

struct shapes {
    struct key keys[PLACES];
    struct shape places[PLACES];
    size_t turn; /* whose turn it is to go */
};

struct shapes *shapes_new(void)
{
    return mem_new(sizeof(struct shapes));
}

void shapes_free(struct shapes *s)
{
    mem_free(s);
}

uint64_t shapes_number(void)
{
    static atomic_uint_least64_t numbers;
    return atomic_fetch_add(&numbers, 1);
}

/* The first place of the set. */
static size_t set_of(const struct nodes_shape *of, uint64_t number)
{
    uint64_t mixed = (of->words[0] ^ of->words[1]) + number * 0x9E3779B97F4A7C15U;
    return (mixed ^ mixed >> 32) % SETS * WAYS;
}

static bool is_same(const struct key *key, const struct nodes_shape *of, uint64_t number)
{
    return key->of.words[0] == of->words[0] && key->of.words[1] == of->words[1] &&
           key->of.count == of->count && key->number == number;
}

/* The place of the shape; NULL: it has none. */
static struct shape *find_place(struct shapes *s, const struct nodes_shape *of, uint64_t number)
{
    size_t first = set_of(of, number);
    for (size_t i = first; i < first + WAYS; i++) {
        if (is_same(&s->keys[i], of, number)) return &s->places[i];
    }
    return NULL;
}

/* One that was not learned goes before others. */
static void note_seen(struct shapes *s, const struct nodes_shape *of, uint64_t number)
{
    size_t first = set_of(of, number), place = first + s->turn++ % WAYS;
    for (size_t i = first; i < first + WAYS; i++) {
        if (s->places[i].state == SEEN) place = i;
    }
    s->keys[place] = (struct key){*of, number};
    s->places[place].state = SEEN;
}

const struct shape *shapes_find(struct shapes *s, const struct nodes_shape *of, uint64_t number,
                                bool *learn)
{
    *learn = false;
    if (!of->count) return NULL;
    struct shape *place = find_place(s, of, number);
    if (!place) {
        note_seen(s, of, number);
        return NULL;
    }
    *learn = place->state == SEEN;
    return place->state == LEARNED ? place : NULL;
}

void shapes_learn(struct shapes *s, const struct nodes_shape *of, uint64_t number,
                  const struct shape_found *found)
{
    struct shape *place = find_place(s, of, number);
    if (!place) return;
    place->state = TOO_LARGE;
    place->count = 0;
    place->words = (uint32_t)(found->slot_count + 63) / 64;
    place->direct = found->direct ? (uint16_t)(found->direct - found->root) : 0;
    if (found->slot_count > SHAPE_SLOTS_END) return;
    for (size_t slot = 0; slot < found->slot_count; slot++) {
        if (!(found->present[slot / 64] >> (slot % 64) & 1)) continue;
        if (place->count == SHAPE_SLOTS) return;
        place->links[place->count++] =
            (struct shape_link){(uint16_t)slot, (uint16_t)(found->from[slot] - found->root)};
    }
    memcpy(place->present, found->present, place->words * sizeof *place->present);
    place->state = LEARNED;
}

void shapes_keep(struct shapes *s, const struct nodes_shape *of, uint64_t number,
                 const struct shape_link *links, size_t count)
{
    struct shape *place = find_place(s, of, number);
    if (!place) return;
    bool fits = count <= SHAPE_SLOTS;
    place->state = fits ? LEARNED : TOO_LARGE;
    place->count = fits ? (uint32_t)count : 0;
    memcpy(place->links, links, place->count * sizeof *links);
}

const struct shape_link *shape_links(const struct shape *shape, size_t *count)
{
    *count = shape->count;
    return shape->links;
}

yyjson_val *shape_fill(const struct shape *shape, yyjson_val *root, struct value *slots,
                       uint64_t *present)
{
    const struct shape_link *link = shape->links, *end = link + shape->count;
    for (; link < end; link++) value_set(&slots[link->slot], root + link->node);
    for (size_t i = 0; i < shape->words; i++) present[i] = shape->present[i];
    return shape->direct ? root + shape->direct : NULL;
}
