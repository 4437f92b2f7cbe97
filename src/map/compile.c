/* SPDX-License-Identifier: Apache-2.0 */
/* Layers of mappings -> one program. A mapping is compiled once, however many programs use it, and
 * checked against Meta's tables: an unknown parameter of the event or of user_data is a problem at
 * its place, an unknown one of custom_data is a custom property. */
#include "map/program.h"

#include <assert.h>

/* Properties that never go along: what they say goes elsewhere in the event, or nowhere. */
static const struct str never_along[] = {
    S_INIT("opt_out"),   S_INIT("event_id"),   S_INIT("action_source"),
    S_INIT("products"),  S_INIT("fbc"),        S_INIT("fbp"),
    S_INIT("_fbc"),      S_INIT("_fbp"),       S_INIT("fbclid"),
    S_INIT("userAgent"), S_INIT("user_agent"), S_INIT("client_user_agent"),
    S_INIT("ip"),        S_INIT("ip_address"), S_INIT("client_ip_address"),
};

static void unknown_target(struct compiler *c, enum meta_section section, const struct text *target)
{
    struct str *known = arena_array(c->arena, struct str, meta_field_count);
    size_t count = 0;
    for (size_t i = 0; i < meta_field_count; i++) {
        if (meta_fields[i].section == section) known[count++] = meta_fields[i].name;
    }
    struct str near = diag_suggest(target->text, known, count);
    struct str where = meta_section_name(section);
    if (near.n) {
        diag_add(c->diags, target->loc, "unknown %.*s parameter \"%.*s\"; did you mean \"%.*s\"?",
                 STR_ARG(where), STR_ARG(target->text), STR_ARG(near));
    } else {
        diag_add(c->diags, target->loc, "unknown %.*s parameter \"%.*s\"", STR_ARG(where),
                 STR_ARG(target->text));
    }
}

static struct str escaped_key(struct compiler *c, struct str name)
{
    struct buf text = {0};
    json_put_str(&text, name);
    buf_putc(&text, ':');
    struct str key = arena_str(c->arena, buf_str(&text));
    buf_fini(&text);
    return key;
}

static struct target *target_new(struct compiler *c, enum meta_section section,
                                 const struct text *name)
{
    struct target *t = arena_new(c->arena, struct target);
    t->name = name->text;
    t->loc = name->loc;
    t->key = escaped_key(c, name->text);
    t->field = meta_field_find(section, name->text);
    t->address = section == META_EVENT && str_ends(name->text, S("_url"));
    if (!t->field && (section == META_EVENT || section == META_USER)) {
        unknown_target(c, section, name);
    }
    return t;
}

static struct expr *compile_expr(struct compiler *c, const struct text *text, bool in_each)
{
    struct expr_scope scope = {c->plan->paths, in_each, c->arena, c->diags};
    return text->text.p ? expr_compile(&scope, *text) : NULL;
}

/* The fields of an item: those of contents for a target that holds contents, else of any name. */
static struct targets *compile_items(struct compiler *c, const struct mapping *m)
{
    struct targets *list = arena_new(c->arena, struct targets);
    list->items = arena_array(c->arena, const struct target *, m->field_count);
    for (size_t i = 0; i < m->field_count; i++) {
        const struct mapping *field = &m->fields[i];
        if (field->removed) continue;
        struct target *t = target_new(c, META_CONTENT, &field->target);
        t->expr = compile_expr(c, &field->expr, true);
        list->items[list->count++] = t;
    }
    return list;
}

/* Does the parameter take what is written out? */
static bool takes_form(const struct meta_field *field, const struct mapping *m)
{
    if (!field || field->type == META_JSON) return true;
    if (m->is_object) return false;
    return field->list || field->type == META_TEXTS || field->type == META_CONTENTS;
}

static void compile_members(struct compiler *c, struct target *t, const struct mapping *m,
                            bool contents);

/* A member has no field of Meta's, but for the entries of contents. */
static struct target *compile_member(struct compiler *c, const struct mapping *m, bool content)
{
    struct target *t = arena_new(c->arena, struct target);
    t->name = m->target.text;
    t->loc = m->target.loc;
    t->key = escaped_key(c, t->name);
    t->field = content ? meta_field_find(META_CONTENT, t->name) : NULL;
    if (m->is_object || m->is_list) {
        compile_members(c, t, m, content);
    } else {
        t->expr = compile_expr(c, &m->expr, false);
    }
    return t;
}

/* Recursion: as deep as the configuration's YAML. */
static void compile_members(struct compiler *c, struct target *t, const struct mapping *m,
                            bool contents)
{
    t->is_list = t->is_plain_list = m->is_list;
    t->members = arena_new(c->arena, struct targets);
    t->members->items = arena_array(c->arena, const struct target *, m->field_count);
    for (size_t i = 0; i < m->field_count; i++) {
        const struct target *member = compile_member(c, &m->fields[i], contents);
        t->members->items[t->members->count++] = member;
        if (member->members) t->is_plain_list = false;
    }
}

/* An object or a list that the configuration writes out. */
static void compile_written(struct compiler *c, struct target *t, const struct mapping *m)
{
    bool contents = t->field && t->field->type == META_CONTENTS;
    compile_members(c, t, m, contents);
    bool flat = !t->field || contents || t->field->type == META_JSON || t->is_plain_list;
    bool fits = takes_form(t->field, m);
    if (fits && flat) return;
    diag_add(c->diags, m->target.loc, "\"%.*s\" takes %s", STR_ARG(t->name),
             m->is_object ? "an expression, no object"
             : fits       ? "a list of expressions, nothing deeper"
                          : "an expression, no list");
}

static void note_slot(void *ctx, size_t slot)
{
    uint64_t *reads = ctx;
    reads[slot / 64] |= (uint64_t)1 << (slot % 64);
}

/* Most parameters have no value in most events. An expression that is nothing and says nothing when
 * all that it reads is missing need not be evaluated then; whether it is such a one is simply tried. */
static void find_reads(struct compiler *c, struct target *t, const struct expr *expr)
{
    static const struct event nothing;
    struct arena scratch = {0};
    struct buf text = {0};
    struct eval eval = {.event = &nothing, .scratch = &scratch, .text = &text};
    eval.slots = arena_array(&scratch, struct value, paths_count(c->plan->paths));
    struct value v = expr_eval(expr, &eval);
    if (value_is_null(&v) && eval.verdict == EXPR_OK) {
        t->read_words = (paths_count(c->plan->paths) + 63) / 64;
        uint64_t *reads = arena_array(c->arena, uint64_t, t->read_words + 1);
        expr_slots(expr, note_slot, reads);
        t->reads = reads;
    }
    buf_fini(&text);
    arena_fini(&scratch);
}

static struct target *compile_mapping(struct compiler *c, enum meta_section section,
                                      const struct mapping *m)
{
    uintptr_t number = (uintptr_t)m;
    struct str address = str_of((const char *)&number, sizeof number);
    struct target *t = table_get(&c->targets, address);
    if (t) return t;
    t = target_new(c, section, &m->target);
    t->expr = compile_expr(c, &m->expr, false);
    t->each = compile_expr(c, &m->each, false);
    t->each_value = compile_expr(c, &m->each_value, true);
    if (m->each.text.p && !m->each_value.text.p) t->items = compile_items(c, m);
    const struct expr *first = t->each ? t->each : t->expr;
    if (first) find_reads(c, t, first);
    if (m->is_object || m->is_list) compile_written(c, t, m);
    table_put(&c->targets, c->arena, arena_str(c->arena, address), t);
    return t;
}

static struct target *compile_send(struct compiler *c, const struct text *send)
{
    struct text name = {S("event_name"), send->loc};
    struct target *t = target_new(c, META_EVENT, &name);
    t->literal = send->text;
    return t;
}

/* The winners so far, by target name; a removed one stays as NULL so that a higher layer may set it
 * again. */
struct merge {
    struct table places; /* name -> its place in items, plus one */
    struct targets list;
    size_t capacity;
};

static void merge_set(struct compiler *c, struct merge *m, struct str name, struct target *t)
{
    size_t place = (size_t)(uintptr_t)table_get(&m->places, name);
    if (!place) {
        if (m->list.count == m->capacity) {
            size_t more = m->capacity ? m->capacity * 2 : 32;
            m->list.items = arena_grow(c->arena, m->list.items, m->capacity * sizeof(void *),
                                       more * sizeof(void *));
            m->capacity = more;
        }
        place = ++m->list.count;
        table_put(&m->places, c->arena, name, (void *)(uintptr_t)place);
    }
    m->list.items[place - 1] = t;
}

static void merge_layer(struct compiler *c, struct merge *m, enum meta_section section,
                        const struct mappings *layer)
{
    for (size_t i = 0; layer && i < layer->count; i++) {
        const struct mapping *map = &layer->items[i];
        struct target *t = map->removed ? NULL : compile_mapping(c, section, map);
        merge_set(c, m, map->target.text, t);
    }
}

static size_t rank(const struct target *t)
{
    return t->field ? meta_field_index(t->field) : meta_field_count;
}

/* Drops the removed and brings the rest into Meta's order; custom properties follow in theirs. */
static struct targets merge_end(struct merge *m)
{
    struct targets *list = &m->list;
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct target *t = list->items[i];
        if (!t) continue;
        size_t at = count++;
        for (; at && rank(list->items[at - 1]) > rank(t); at--) {
            list->items[at] = list->items[at - 1];
        }
        list->items[at] = t;
    }
    list->count = count;
    return *list;
}

struct claims {
    struct compiler *compiler;
    struct program *program;
    size_t target;   /* SIZE_MAX: a user_data mapping */
    struct str name; /* of that target */
};

static struct claim *claim_of(struct compiler *c, struct program *p, struct str name)
{
    struct claim *claim = table_get(&p->claims, name);
    if (claim) return claim;
    claim = arena_new(c->arena, struct claim);
    claim->target = SIZE_MAX;
    table_put(&p->claims, c->arena, name, claim);
    return claim;
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

/* Recursion: as deep as the configuration's YAML. */
static void claim_reads(struct claims *of, const struct target *t)
{
    const struct expr *exprs[] = {t->expr, t->each, t->each_value};
    for (size_t i = 0; i < countof(exprs); i++) {
        if (exprs[i]) expr_paths(exprs[i], claim_path, of);
    }
    for (size_t i = 0; t->members && i < t->members->count; i++) {
        claim_reads(of, t->members->items[i]);
    }
}

static void claim_target(struct claims *of, const struct target *t)
{
    of->name = t->name;
    claim_reads(of, t);
}

static void claim_all(struct compiler *c, struct program *p)
{
    for (size_t i = 0; i < countof(never_along); i++) claim_of(c, p, never_along[i])->always = true;
    for (size_t i = 0; i < p->user.count; i++) {
        struct claims of = {c, p, SIZE_MAX, S("")};
        claim_target(&of, p->user.items[i]);
    }
    for (size_t i = 0; i < p->custom.count; i++) {
        struct claims of = {c, p, i, S("")};
        claim_of(c, p, p->custom.items[i]->name)->target = i;
        claim_target(&of, p->custom.items[i]);
    }
}

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

static const struct target *find_target(const struct targets *list, struct str name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (str_eq(list->items[i]->name, name)) return list->items[i];
    }
    return NULL;
}

struct program *program_compile(struct compiler *c, const struct layer *layers, size_t count)
{
    assert(count <= LAYERS_MAX);
    struct program *p = arena_new(c->arena, struct program);
    struct merge event = {0}, user = {0}, custom = {0};
    p->properties = PROPERTIES_ALL;
    for (size_t i = 0; i < count; i++) {
        const struct layer *layer = &layers[i];
        merge_layer(c, &event, META_EVENT, layer->fields);
        if (layer->send.text.p) {
            merge_set(c, &event, S("event_name"), compile_send(c, &layer->send));
        }
        merge_layer(c, &user, META_USER, layer->user_data);
        merge_layer(c, &custom, META_CUSTOM, layer->custom_data);
        take_properties(c, p, layer->properties);
    }
    p->event = merge_end(&event);
    p->user = merge_end(&user);
    p->custom = merge_end(&custom);
    p->country = find_target(&p->user, S("country"));
    claim_all(c, p);
    return p;
}

bool program_has_name(const struct program *p)
{
    return find_target(&p->event, S("event_name")) != NULL;
}
