/* SPDX-License-Identifier: Apache-2.0 */
/* Layers of mappings -> one program: its targets (targets.c), and which of the event's own properties
 * these speak for, so that nothing goes twice and nothing personal beside its hash. */
#include "map/person.h"
#include "map/pii.h"

#include <assert.h>

/* Properties that never go along: what they say goes elsewhere in the event, or nowhere. */
static const struct str never_along[] = {
    S_INIT("opt_out"),   S_INIT("event_id"),   S_INIT("action_source"),
    S_INIT("products"),  S_INIT("fbc"),        S_INIT("fbp"),
    S_INIT("_fbc"),      S_INIT("_fbp"),       S_INIT("fbclid"),
    S_INIT("userAgent"), S_INIT("user_agent"), S_INIT("client_user_agent"),
    S_INIT("ip"),        S_INIT("ip_address"), S_INIT("client_ip_address"),
};

struct claims {
    struct compiler *compiler;
    struct program *program;
    size_t target;   /* SIZE_MAX: a user_data mapping */
    struct str name; /* of that target */
};

struct known_name *program_name(struct compiler *c, struct str name)
{
    struct table *names = &c->plan->names;
    struct known_name *known = table_get(names, name);
    if (known) return known;
    known = arena_new(c->arena, struct known_name);
    known->number = names->count;
    if (!(known->number & (known->number - 1))) { /* room for a power of two is full */
        size_t each = sizeof(struct known_name *), size = known->number * each;
        c->plan->known = arena_grow(c->arena, c->plan->known, size, size ? 2 * size : each);
    }
    c->plan->known[known->number] = known;
    table_put(names, c->arena, name, known);
    return known;
}

static struct claim *claim_of(struct compiler *c, struct program *p, struct str name)
{
    size_t number = program_name(c, name)->number, block = number / CLAIM_BLOCK;
    if (block >= p->claim_blocks) {
        size_t old = p->claim_blocks, size = sizeof(struct claim *);
        p->claim_blocks = block + 1 + old / 2;
        p->claims = arena_grow(c->arena, p->claims, old * size, p->claim_blocks * size);
        for (size_t i = old; i < p->claim_blocks; i++) p->claims[i] = NULL;
    }
    struct claim **claims = &p->claims[block];
    if (!*claims) {
        *claims = arena_array(c->arena, struct claim, CLAIM_BLOCK);
        for (size_t i = 0; i < CLAIM_BLOCK; i++) (*claims)[i].target = NO_TARGET;
    }
    return *claims + number % CLAIM_BLOCK;
}

/* The dotted name below `properties` that a path reads, up to its first index; empty for others. */
static struct str property_name(struct arena *arena, const struct path_step *steps, size_t count)
{
    if (count < 2 || !str_eq(steps[0].key, S("properties"))) return S("");
    struct str name = steps[1].key.p ? steps[1].key : S("");
    for (size_t i = 2; i < count && steps[i].key.p; i++) {
        name = arena_printf(arena, "%.*s.%.*s", STR_ARG(name), STR_ARG(steps[i].key));
    }
    return name;
}

static void claim_path(void *ctx, const struct path_step *steps, size_t count)
{
    struct claims *of = ctx;
    struct str name = property_name(of->compiler->arena, steps, count);
    if (!name.n) return;
    if (of->target == SIZE_MAX) {
        claim_of(of->compiler, of->program, name)->always = true;
    } else if (str_eq(name, of->name)) {
        claim_of(of->compiler, of->program, name)->reads = true;
    }
}

static void claim_expr(void *ctx, const struct expr *e)
{
    expr_paths(e, claim_path, ctx);
}

static void claim_target(struct claims *of, const struct target *t)
{
    of->name = t->name;
    targets_each_expr(t, claim_expr, of);
}

static void claim_all(struct compiler *c, struct program *p)
{
    for (size_t i = 0; i < countof(never_along); i++) claim_of(c, p, never_along[i])->always = true;
    for (size_t i = 0; i < p->user.count; i++) {
        struct claims of = {c, p, SIZE_MAX, S("")};
        claim_target(&of, p->user.items[i]);
    }
}

static void claim_custom(struct compiler *c, struct program *p)
{
    for (size_t i = 0; i < p->custom.count; i++) {
        struct claims of = {c, p, i, S("")};
        claim_of(c, p, p->custom.items[i]->name)->target = (uint32_t)i;
        claim_target(&of, p->custom.items[i]);
    }
}

/* --- only what may leave ------------------------------------------------------------------------ */

/* What an event is nothing without, and what asks Meta for less. */
static const struct str always_leave[] = {
    S_INIT("event_name"),
    S_INIT("event_time"),
    S_INIT("event_id"),
    S_INIT("action_source"),
    S_INIT("event_source_url"),
    S_INIT("referrer_url"),
    S_INIT("opt_out"),
    S_INIT("data_processing_options"),
    S_INIT("data_processing_options_country"),
    S_INIT("data_processing_options_state"),
};

static bool leaves_always(const struct target *t)
{
    for (size_t i = 0; i < countof(always_leave); i++) {
        if (str_eq(t->name, always_leave[i])) return true;
    }
    return false;
}

/* The same target as one that shows only the page. */
static const struct target *page_only(struct compiler *c, const struct target *t)
{
    struct target *cut = arena_new(c->arena, struct target);
    *cut = *t;
    cut->page_only = true;
    return cut;
}

static void restrict_to_listed(struct compiler *c, struct program *p, enum meta_section section,
                               struct targets *list)
{
    struct str where = section == META_EVENT ? S("") : meta_section_name(section);
    struct targets kept = {.items = arena_array(c->arena, const struct target *, list->count)};
    for (size_t i = 0; i < list->count; i++) {
        const struct target *t = list->items[i];
        bool listed = pii_may_leave(c->plan, where, t->name);
        if (listed || (section == META_EVENT && leaves_always(t))) {
            kept.items[kept.count++] = t->address && !listed ? page_only(c, t) : t;
        } else {
            p->withheld.items[p->withheld.count++] = t;
        }
    }
    *list = kept;
}

static void restrict_all(struct compiler *c, struct program *p)
{
    size_t all = p->event.count + p->user.count + p->custom.count;
    p->withheld.items = arena_array(c->arena, const struct target *, all);
    restrict_to_listed(c, p, META_EVENT, &p->event);
    restrict_to_listed(c, p, META_USER, &p->user);
    restrict_to_listed(c, p, META_CUSTOM, &p->custom);
}

/* --- programs ----------------------------------------------------------------------------------- */

static void take_properties(struct compiler *c, struct program *p,
                            const struct properties_conf *conf)
{
    if (!conf || conf->mode == PROPERTIES_DEFAULT) return;
    p->properties = conf->mode;
    p->listed = (struct table){0};
    for (size_t i = 0; i < conf->list.count; i++) {
        table_put(&p->listed, c->arena, conf->list.items[i].text, p);
    }
}

/* --- readers ------------------------------------------------------------------------------------ */

/* What one word of slots comes to while it is gathered. */
struct gathered {
    uint64_t some;
    size_t first, end; /* words of targets */
    uint64_t *rows;
};

typedef void gather_fn(struct gathered *g, uint64_t slots, size_t number);

static void widen(struct gathered *g, uint64_t slots, size_t number)
{
    size_t word = number / 128 * 2;
    if (!g->some || word < g->first) g->first = word;
    if (word + 2 > g->end) g->end = word + 2;
    g->some |= slots;
}

static void add_reader(struct gathered *g, uint64_t slots, size_t number)
{
    for (; slots; slots &= slots - 1) {
        size_t row = (size_t)__builtin_ctzll(slots) * (g->end - g->first);
        g->rows[row + number / 64 - g->first] |= (uint64_t)1 << (number % 64);
    }
}

static void gather_target(const struct compiler *c, const struct target *t, size_t number,
                          struct gathered *all, gather_fn *fn)
{
    size_t type = c->plan->type_slot;
    if (!t->reads.bits) fn(&all[type / 64], (uint64_t)1 << (type % 64), number);
    for (size_t i = 0; t->reads.bits && i < t->reads.words; i++) {
        if (t->reads.bits[i]) fn(&all[t->reads.first + i], t->reads.bits[i], number);
    }
}

static void gather_targets(const struct compiler *c, const struct program *p, struct gathered *all,
                           gather_fn *fn)
{
    const struct targets *lists[] = {&p->event, &p->user, &p->custom};
    for (size_t i = 0; i < countof(lists); i++) {
        for (size_t k = 0; k < lists[i]->count; k++) {
            gather_target(c, lists[i]->items[k], lists[i]->number + k, all, fn);
        }
    }
}

static void number_targets(struct program *p)
{
    p->user.number = p->event.count;
    p->custom.number = p->event.count + p->user.count;
    p->target_words = (p->custom.number + p->custom.count + 63) / 64;
}

static void gather_readers(struct compiler *c, struct program *p)
{
    struct arena scratch = {0};
    size_t words = paths_count(c->plan->paths) / 64 + 1, used = 0;
    struct gathered *all = arena_array(&scratch, struct gathered, words);
    gather_targets(c, p, all, widen);
    for (size_t i = 0; i < words; i++) {
        if (!all[i].some) continue;
        all[i].rows = arena_array(c->arena, uint64_t, 64 * (all[i].end - all[i].first));
        used++;
    }
    gather_targets(c, p, all, add_reader);
    struct readers *readers = arena_array(c->arena, struct readers, used);
    for (size_t i = 0; i < words; i++) {
        const struct gathered *g = &all[i];
        if (!g->some) continue;
        readers[p->reader_count++] =
            (struct readers){g->rows, g->some, i, g->first, g->end - g->first};
    }
    p->readers = readers;
    arena_fini(&scratch);
}

struct program *program_compile(struct compiler *c, const struct layer *layers, size_t count)
{
    assert(count <= LAYERS_MAX);
    struct program *p = arena_new(c->arena, struct program);
    const struct mappings *event[LAYERS_MAX], *user[LAYERS_MAX], *custom[LAYERS_MAX];
    struct text sends[LAYERS_MAX];
    p->properties = PROPERTIES_ALL;
    p->number = shapes_number();
    for (size_t i = 0; i < count; i++) {
        event[i] = layers[i].fields;
        user[i] = layers[i].user_data;
        custom[i] = layers[i].custom_data;
        sends[i] = layers[i].send;
        take_properties(c, p, layers[i].properties);
    }
    p->event = targets_compile(c, META_EVENT, event, sends, count);
    p->user = targets_compile(c, META_USER, user, NULL, count);
    p->custom = targets_compile(c, META_CUSTOM, custom, NULL, count);
    p->country = targets_find(&p->user, S("country"));
    claim_all(c, p);
    if (c->plan->restricted) restrict_all(c, p);
    claim_custom(c, p); /* by its final places */
    number_targets(p);
    gather_readers(c, p);
    person_compile(c, p);
    return p;
}

bool program_has_name(const struct program *p)
{
    return targets_find(&p->event, S("event_name")) != NULL;
}
