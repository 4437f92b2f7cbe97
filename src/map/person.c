/* SPDX-License-Identifier: Apache-2.0 */
/* See person.h. The blocks lie behind each other in a ring, newer over the oldest; an index of a few places
 * for each hash says where. */
#include "map/person.h"

#include "base/mem.h"
#include "base/time.h"
#include "core/limits.h"
#include "sys/random.h"

#include <assert.h>
#include <stdatomic.h>

enum {
    KEY_WORDS = LIMIT_PERSON_KEY_BYTES / 8,
    PLACES = 4096, /* of 250 bytes, an id with address and user agent, the ring has as many */
    WAYS = 4,      /* places next to each other in which a block may be entered */
};

struct place {
    struct person_key key;
    uint64_t at; /* of the block, counted from the first that ever was */
    uint64_t n;  /* 0: free */
};

struct persons {
    uint64_t secret[KEY_WORDS];
    uint64_t end; /* of the latest block */
    struct place places[PLACES];
    char ring[LIMIT_PERSONS_BYTES];
};

struct persons *persons_new(void)
{
    struct persons *p = mem_new(sizeof *p);
    random_bytes(p->secret, sizeof p->secret);
    return p;
}

void persons_free(struct persons *p)
{
    if (p) mem_wipe(p->ring, p->end < sizeof p->ring ? (size_t)p->end : sizeof p->ring);
    mem_free(p);
}

/* --- which targets ------------------------------------------------------------------------------ */

static void note_slot(void *ctx, size_t slot)
{
    uint64_t *reads = ctx;
    reads[slot / 64] |= (uint64_t)1 << (slot % 64);
}

static void note_reads(const struct target *t, uint64_t *reads)
{
    if (t->form == FORM_EXPRESSION) expr_slots(t->expr, note_slot, reads);
}

/* Where there are problems field or expression is NULL; such a plan is never run. */
static bool is_settled(const struct target *t)
{
    return t->form == FORM_FIXED ||
           (t->form == FORM_EXPRESSION && t->expr && expr_is_settled(t->expr));
}

/* What of these targets is kept; the country may be withheld, but decides. */
static const struct person_part *part_of(struct compiler *c, const struct target **items,
                                         size_t count)
{
    static atomic_uint_least64_t parts;
    struct str same = str_of((const char *)items, count * sizeof(const struct target *));
    struct person_part *part = table_get(&c->persons, same);
    if (part) return part;
    part = arena_new(c->arena, struct person_part);
    part->number = atomic_fetch_add(&parts, 1);
    part->words = (paths_count(c->plan->paths) + 63) / 64;
    uint64_t *reads = arena_array(c->arena, uint64_t, part->words);
    for (size_t i = 0; i < count; i++) note_reads(items[i], reads);
    part->reads = reads;
    table_put(&c->persons, c->arena, same, part);
    return part;
}

void person_compile(struct compiler *c, struct program *fill)
{
    const struct targets *user = &fill->user;
    size_t count = 0, all;
    if (fill->country && !is_settled(fill->country)) return;
    while (count < user->count && is_settled(user->items[count])) count++;
    for (size_t i = count; i < user->count; i++) {
        const struct meta_field *field = user->items[i]->field;
        if (!field || field->hash == META_HASHED) return;
    }
    if (!count) return;
    const struct target **items = arena_array(c->arena, const struct target *, count + 1);
    for (all = 0; all < count; all++) items[all] = user->items[all];
    if (fill->country) items[all++] = fill->country;
    fill->person = part_of(c, items, all);
    fill->person_count = count;
}

/* --- the key ------------------------------------------------------------------------------------ */

/* What the block is made of, so written that no two different ones are written alike. */
struct writing {
    uint64_t words[KEY_WORDS];
    size_t n; /* bytes */
};

static bool add(struct writing *w, uint32_t what, struct str text)
{
    if (sizeof what + text.n > sizeof w->words - w->n) return false;
    char *at = (char *)w->words + w->n;
    what |= (uint32_t)text.n << 8;
    memcpy(at, &what, sizeof what);
    str_copy(at + sizeof what, text);
    w->n += sizeof what + text.n;
    return true;
}

static bool add_value(struct writing *w, const struct value *v)
{
    const struct str none = {NULL, 0};
    switch (v->kind) {
    case VALUE_NUMBER:
    case VALUE_TEXT: return add(w, v->kind, v->text);
    case VALUE_BOOL: return add(w, v->kind | (v->truth ? 0x80U : 0), none);
    case VALUE_NULL: return add(w, v->kind, none);
    case VALUE_MISSING:
    case VALUE_NODE:
    case VALUE_LIST: break;
    }
    return false;
}

static bool add_values(struct writing *w, const struct person_part *part, const struct value *slots,
                       const uint64_t *present)
{
    for (size_t i = 0; i < part->words; i++) {
        uint64_t bits = part->reads[i] & present[i];
        if (!part->reads[i]) continue;
        if (!add(w, 0, str_of((const char *)&bits, sizeof bits))) return false;
        for (; bits; bits &= bits - 1) {
            if (!add_value(w, &slots[i * 64 + (size_t)__builtin_ctzll(bits)])) return false;
        }
    }
    return true;
}

/* NH (Black, Halevi, Krawczyk, Krovetz, Rogaway: UMAC, 1999) with words of 64 bits: for any two texts the
 * chance, over the secret, that they meet is below 2^-63. The texts say themselves how long they are. */
__extension__ typedef unsigned __int128 product;

static struct person_key hash(const struct persons *p, struct writing *w)
{
    struct person_key key;
    product sum = 0;
    memset((char *)w->words + w->n, 0, -w->n % 16);
    for (size_t i = 0; i < (w->n + 15) / 16; i++) {
        uint64_t a = w->words[2 * i] + p->secret[2 * i];
        uint64_t b = w->words[2 * i + 1] + p->secret[2 * i + 1];
        sum += (product)a * b;
    }
    key.words[0] = (uint64_t)sum;
    key.words[1] = (uint64_t)(sum >> 64);
    return key;
}

/* The first of the places for this key. */
static size_t ways_of(const struct person_key *key)
{
    uint64_t mixed = (key->words[0] ^ key->words[1]) * 0x9E3779B97F4A7C15U;
    return (mixed >> 32) % (PLACES / WAYS) * WAYS;
}

bool person_key_of(const struct persons *p, const struct program *fill, const struct value *slots,
                   const uint64_t *present, const struct meta_context *who, struct person_key *key)
{
    const struct person_part *part = fill->person;
    struct writing w;
    if (!part) return false;
    w.words[0] = part->number;
    w.words[1] = (uint64_t)(who->now_ms / MS_PER_DAY); /* nobody is born in the future */
    w.n = 2 * sizeof w.words[0];
    if (!add(&w, 0, who->default_country) || !add_values(&w, part, slots, present)) return false;
    *key = hash(p, &w);
    __builtin_prefetch(&p->places[ways_of(key)]);
    __builtin_prefetch(&p->places[ways_of(key) + WAYS - 1]);
    return true;
}

/* --- the blocks --------------------------------------------------------------------------------- */

static bool is_same(const struct person_key *a, const struct person_key *b)
{
    return a->words[0] == b->words[0] && a->words[1] == b->words[1];
}

/* Where the block is; NULL: there is none. */
static const struct place *find_place(const struct persons *p, const struct person_key *key)
{
    const struct place *place = &p->places[ways_of(key)], *last = place + WAYS - 1;
    while (place < last && !is_same(&place->key, key)) place++;
    bool there = place->n && p->end - place->at <= sizeof p->ring;
    return there && is_same(&place->key, key) ? place : NULL;
}

void persons_fetch(const struct persons *p, const struct person_key *key)
{
    enum { LINE = 64 };
    const struct place *place = find_place(p, key);
    if (!place) return;
    const char *block = p->ring + place->at % sizeof p->ring;
    for (size_t i = 0; i < place->n; i += LINE) __builtin_prefetch(block + i);
}

bool persons_get(const struct persons *p, const struct person_key *key, struct buf *out,
                 struct meta_facts *facts)
{
    uint64_t fields[META_FIELD_WORDS];
    const struct place *place = find_place(p, key);
    if (!place) return false;
    const char *block = p->ring + place->at % sizeof p->ring;
    memcpy(fields, block, sizeof fields);
    for (size_t i = 0; i < META_FIELD_WORDS; i++) facts->present[i] |= fields[i];
    buf_put(out, str_of(block + sizeof fields, place->n - sizeof fields));
    return true;
}

/* Where the key is, for there is one of each, or else the oldest of its places. */
static struct place *place_for(struct persons *p, const struct person_key *key)
{
    struct place *ways = &p->places[ways_of(key)], *oldest = ways;
    for (size_t i = 0; i < WAYS; i++) {
        if (is_same(&ways[i].key, key)) return &ways[i];
        if (ways[i].at < oldest->at) oldest = &ways[i];
    }
    return oldest;
}

void persons_keep(struct persons *p, const struct person_key *key, struct str json,
                  const uint64_t fields[META_FIELD_WORDS])
{
    size_t head = META_FIELD_WORDS * sizeof *fields, n = head + json.n;
    if (n > LIMIT_PERSON_BYTES) return;
    size_t left = sizeof p->ring - p->end % sizeof p->ring;
    if (left < n) p->end += left; /* a block is in one piece */
    char *block = p->ring + p->end % sizeof p->ring;
    memcpy(block, fields, head);
    str_copy(block + head, json);
    *place_for(p, key) = (struct place){*key, p->end, n};
    p->end += n;
}
