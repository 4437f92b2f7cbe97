/* SPDX-License-Identifier: Apache-2.0 */
/* plan_compile: finds each rule's layers, compiles what it needs and builds the tables by which an
 * event finds its rules without looking at all of them. */
#include "map/hold.h"
#include "map/pii.h"

#include "base/buf.h"
#include "base/text.h"
#include "meta/compat.h"

#include <assert.h>

static bool is_otherwise(const struct action_conf *a)
{
    return str_eq(str_trim(a->trigger.text), S("otherwise"));
}

/* The action whose mappings fill a `send` of this name. */
static const struct action_conf *find_action(const struct destination_conf *d, struct str send,
                                             bool or_otherwise)
{
    const struct action_conf *otherwise = NULL;
    for (size_t i = 0; d && i < d->action_count; i++) {
        const struct action_conf *a = &d->actions[i];
        if (!a->enabled) continue;
        if (send.p && str_eq(a->send.text, send)) return a;
        if (!otherwise && is_otherwise(a)) otherwise = a;
    }
    return or_otherwise ? otherwise : NULL;
}

static struct layer destination_layer(const struct destination_conf *d)
{
    return (struct layer){&d->fields, &d->user_data, &d->custom_data, &d->properties, {{0}, {0}}};
}

static struct layer action_layer(const struct action_conf *a)
{
    return (struct layer){&a->fields, &a->user_data, &a->custom_data, &a->properties, a->send};
}

/* The four layers and, for a row, its send. Either action may be NULL. */
static struct program *compile_layers(struct compiler *c, const struct action_conf *preset_action,
                                      const struct action_conf *own_action, struct text send)
{
    struct layer layers[LAYERS_MAX];
    size_t count = 0;
    if (c->preset) layers[count++] = destination_layer(c->preset);
    if (preset_action) layers[count++] = action_layer(preset_action);
    layers[count++] = destination_layer(c->own);
    if (own_action) layers[count++] = action_layer(own_action);
    if (send.text.p) layers[count++] = (struct layer){.send = send};
    return program_compile(c, layers, count);
}

static void indexes_add(struct compiler *c, struct indexes *list, size_t index)
{
    if (list->count == list->capacity) {
        size_t more = list->capacity ? list->capacity * 2 : 4;
        list->items = arena_grow(c->arena, list->items, list->capacity * sizeof *list->items,
                                 more * sizeof *list->items);
        list->capacity = more;
    }
    list->items[list->count++] = (uint32_t)index;
}

struct indexing {
    struct compiler *compiler;
    struct action_list *list;
    size_t index;
    struct indexes *first; /* of its names */
    bool several;
};

static void index_name(void *ctx, struct str name, bool lowered)
{
    struct indexing *of = ctx;
    struct compiler *c = of->compiler;
    struct table *by_name = lowered ? &of->list->by_lower : &of->list->by_name;
    struct indexes *named = table_get(by_name, name);
    if (!named) {
        named = arena_new(c->arena, struct indexes);
        table_put(by_name, c->arena, name, named);
    }
    bool has = named->count && named->items[named->count - 1] == of->index;
    if (!has) indexes_add(c, named, of->index);
    of->several |= of->first && of->first != named;
    of->first = named;
}

static void index_action(struct compiler *c, struct action_list *list, size_t index)
{
    const struct action *a = &list->items[index];
    struct indexing of = {.compiler = c, .list = list, .index = index};
    bool named = a->trigger && trigger_event_names(a->trigger, index_name, &of);
    if (!named) indexes_add(c, &list->always, index);
    if (!named || of.several) indexes_add(c, &list->told, index);
}

static void compile_action(struct compiler *c, const struct action_conf *conf, struct action *a)
{
    struct expr_scope scope = {c->plan->paths, false, c->arena, c->diags, NULL};
    a->name = conf->name.text;
    a->loc = conf->trigger.text.p ? conf->trigger.loc : conf->name.loc;
    a->pixel_id = conf->pixel_id.text;
    a->otherwise = is_otherwise(conf);
    if (!conf->trigger.text.p) {
        diag_add(c->diags, conf->name.loc, "action \"%.*s\" has no trigger", STR_ARG(a->name));
    } else if (!a->otherwise) {
        a->trigger = trigger_compile(&scope, conf->trigger);
    }
}

static void check_action(struct compiler *c, const struct action_conf *conf, struct table *names,
                         const struct program *fill)
{
    if (conf->name.text.n) {
        if (table_get(names, conf->name.text)) {
            diag_add(c->diags, conf->name.loc, "a second action is named \"%.*s\"",
                     STR_ARG(conf->name.text));
        }
        table_put(names, c->arena, conf->name.text, names);
    }
    if (!program_has_name(fill)) {
        diag_add(c->diags, conf->name.loc,
                 "action \"%.*s\" can never send: it has neither send nor event_name",
                 STR_ARG(conf->name.text));
    }
}

static void compile_actions(struct compiler *c, const struct destination_conf *d,
                            struct action_list *list)
{
    bool own = d == c->own;
    struct table names = {0};
    list->items = arena_array(c->arena, struct action, d->action_count);
    for (size_t i = 0; i < d->action_count; i++) {
        const struct action_conf *conf = &d->actions[i];
        const struct action_conf *base = own ? find_action(c->preset, conf->send.text, true) : conf;
        const struct text no_send = {{0}, {0}};
        struct program *fill = compile_layers(c, base, own ? conf : NULL, no_send);
        check_action(c, conf, &names, fill);
        struct action *a = &list->items[list->count];
        *a = (struct action){.fill = fill};
        compile_action(c, conf, a);
        if (conf->enabled) index_action(c, list, list->count++);
    }
}

static const struct program *compile_row_fill(struct compiler *c, const struct event_rule *rule)
{
    struct program *fill = table_get(&c->rows, rule->send.text);
    if (fill) return fill;
    const struct action_conf *base = find_action(c->preset, rule->send.text, true);
    const struct action_conf *own = find_action(c->own, rule->send.text, false);
    fill = compile_layers(c, base, own, rule->send);
    table_put(&c->rows, c->arena, rule->send.text, fill);
    return fill;
}

static bool any_case(const struct compiler *c)
{
    struct str word = c->own->event_names.text;
    if (!word.n && c->preset) word = c->preset->event_names.text;
    return str_eq(word, S("any_case"));
}

static struct str lowered(const struct compiler *c, struct str name)
{
    struct buf text = {0};
    text_lower(&text, name);
    name = arena_str(c->arena, buf_str(&text));
    buf_fini(&text);
    return name;
}

/* Later ones take the place of earlier ones of the same name. */
static void compile_rows(struct compiler *c, const struct destination_conf *d)
{
    for (size_t i = 0; i < d->event_count; i++) {
        const struct event_rule *rule = &d->events[i];
        struct row *row = arena_new(c->arena, struct row);
        row->loc = rule->name.loc;
        row->drop = rule->drop;
        row->own = d == c->own;
        row->pixel_id = rule->pixel_id.text;
        table_put(&c->plan->rows, c->arena, rule->name.text, row);
        if (any_case(c)) {
            table_put(&c->plan->rows_lower, c->arena, lowered(c, rule->name.text), row);
        }
        if (rule->drop) continue;
        row->fill = compile_row_fill(c, rule);
        if (!program_has_name(row->fill)) {
            diag_add(c->diags, rule->name.loc, "the row \"%.*s\" can never send: it has no send",
                     STR_ARG(rule->name.text));
        }
    }
}

static size_t slot_of(struct plan *plan, struct str key)
{
    struct path_step step = {key, 0};
    return paths_add(plan->paths, &step, 1);
}

static size_t agent_slot_of(struct plan *plan)
{
    struct path_step steps[] = {{S("context"), 0}, {S("userAgent"), 0}};
    return paths_add(plan->paths, steps, countof(steps));
}

static void compile_filter(struct compiler *c, const struct destination_conf *d, struct gate *gate)
{
    struct expr_scope scope = {c->plan->paths, false, c->arena, c->diags, NULL};
    if (!d->filter.text.p) return;
    gate->loc = d->filter.loc;
    gate->trigger = trigger_compile(&scope, d->filter);
}

/* The destination's own, else the preset's. */
static struct text pick_country(const struct compiler *c)
{
    if (c->own->default_country.text.n || !c->preset) return c->own->default_country;
    return c->preset->default_country;
}

static void take_identity(struct plan *plan, const struct destination_conf *d)
{
    plan->name = d->name.text;
    plan->pixel_id = d->pixel_id.text;
}

/* Does a property that is called like a field of Meta's go out as that? Other known names, and objects,
 * go along like any property. */
static bool is_typed(enum meta_type type)
{
    switch (type) {
    case META_MONEY:
    case META_CURRENCY:
    case META_TEXTS:
    case META_CONTENTS:
    case META_DATE:
    case META_OBJECT:
    case META_ENUM: return true;
    case META_TEXT:
    case META_NUMBER:
    case META_INTEGER:
    case META_BOOL:
    case META_FLAG:
    case META_TIME:
    case META_SLOTS:
    case META_JSON: break;
    }
    return false;
}

static void compile_basics(struct compiler *c)
{
    struct plan *plan = c->plan;
    struct buf country = {0};
    take_identity(plan, c->own);
    text_lower(&country, pick_country(c).text);
    plan->default_country = arena_str(c->arena, buf_str(&country));
    buf_fini(&country);
    struct str compat = c->own->compat.text;
    if (!compat.n && c->preset) compat = c->preset->compat.text;
    (void)compat_find(compat, &plan->compat); /* checked when read; none is docs */
    plan->type_slot = slot_of(plan, S("type"));
    plan->event_slot = slot_of(plan, S("event"));
    plan->properties_slot = slot_of(plan, S("properties"));
    plan->integrations_slot = slot_of(plan, S("integrations"));
    plan->agent_slot = agent_slot_of(plan);
    plan->keep_bots = c->own->bots == BOTS_KEEP;
    if (c->preset) compile_filter(c, c->preset, &plan->filters[0]);
    compile_filter(c, c->own, &plan->filters[1]);
    for (size_t i = 0; i < meta_field_count; i++) {
        const struct meta_field *field = &meta_fields[i];
        if (field->section == META_CUSTOM && is_typed(field->type)) {
            program_name(c, field->name)->field = field;
        }
    }
}

static const struct meta_field *find_parameter(struct str name)
{
    const struct meta_field *field = meta_field_find(META_USER, name);
    return field ? field : meta_field_find(META_EVENT, name);
}

static void compile_website_needs(struct compiler *c)
{
    struct plan *plan = c->plan;
    const struct texts *names = &c->own->website_needs;
    if (!names->given && c->preset) names = &c->preset->website_needs;
    plan->website_needs = arena_array(c->arena, const struct meta_field *, names->count);
    for (size_t i = 0; i < names->count; i++) {
        const struct meta_field *field = find_parameter(names->items[i].text);
        if (!field) {
            diag_add(c->diags, names->items[i].loc,
                     "there is no parameter \"%.*s\" of events or user_data",
                     STR_ARG(names->items[i].text));
        } else {
            plan->website_needs[plan->website_need_count++] = field;
        }
    }
}

struct plan *plan_compile(const struct destination_conf *destination,
                          const struct destination_conf *preset, struct arena *arena,
                          struct diags *diags)
{
    size_t problems = diags->count + diags->dropped;
    struct plan *plan = arena_new(arena, struct plan);
    struct compiler c = {
        .plan = plan, .arena = arena, .diags = diags, .own = destination, .preset = preset};
    plan->paths = paths_new(arena);
    compile_basics(&c);
    pii_compile(&c);
    compile_website_needs(&c);
    compile_actions(&c, destination, &plan->own);
    if (preset) compile_actions(&c, preset, &plan->preset);
    if (preset) compile_rows(&c, preset);
    compile_rows(&c, destination);
    holds_compile(&c);
    return diags->count + diags->dropped == problems ? plan : NULL;
}

struct plan *plan_twin(const struct plan *plan, const struct destination_conf *destination,
                       const struct table *twins, struct arena *arena)
{
    struct plan *twin = arena_new(arena, struct plan);
    *twin = *plan;
    take_identity(twin, destination);
    twin->twins = twins;
    return twin;
}
