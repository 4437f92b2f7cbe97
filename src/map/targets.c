/* SPDX-License-Identifier: Apache-2.0 */
/* Layers of mappings -> the targets of one section. Mappings are laid over each other by name; an object
 * over an object member by member, anything else as a whole. A mapping that needs no merging is compiled
 * once, however many programs use it. Names are checked against Meta's tables: an unknown one is a
 * problem at its place, except in custom_data and in objects of any content. */
#include "map/field.h"
#include "map/program.h"
#include "map/signs.h"
#include "map/write.h"

#include <assert.h>

/* Where targets stand. */
struct place {
    enum meta_section section;
    bool any; /* an object without a table: every name is right */
    struct str path;
};

static struct targets compile_all(struct compiler *c, const struct place *at,
                                  const struct mappings *const *layers, const struct text *sends,
                                  size_t count);

/* --- one target --------------------------------------------------------------------------------- */

static bool is_open(const struct place *at)
{
    return at->any || at->section == META_CUSTOM || at->section == META_CONTENT;
}

static void unknown_target(struct compiler *c, const struct place *at, const struct text *target)
{
    size_t count;
    const struct meta_field *rows = meta_section_fields(at->section, &count);
    struct str *known = arena_array(c->arena, struct str, count);
    for (size_t i = 0; i < count; i++) known[i] = rows[i].name;
    struct str near = diag_suggest(target->text, known, count);
    struct str where = meta_section_name(at->section);
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

static struct target *target_new(struct compiler *c, const struct place *at,
                                 const struct text *name)
{
    struct target *t = arena_new(c->arena, struct target);
    t->name = name->text;
    t->loc = name->loc;
    t->key = escaped_key(c, name->text);
    t->path = name->text;
    if (at->path.n) {
        t->path = arena_printf(c->arena, "%.*s.%.*s", STR_ARG(at->path), STR_ARG(name->text));
    }
    t->field = at->any ? NULL : meta_field_find(at->section, name->text);
    t->address = at->section == META_EVENT && str_ends(name->text, S("_url"));
    if (!t->field && !is_open(at)) unknown_target(c, at, name);
    return t;
}

/* members: inside each, else NULL. */
static struct expr *compile_expr(struct compiler *c, const struct text *text,
                                 struct members *members)
{
    struct expr_scope scope = {c->plan->paths, members != NULL, c->arena, c->diags,
                               .members = members};
    return text->text.p ? expr_compile(&scope, *text) : NULL;
}

struct slot_range {
    size_t first, last; /* words */
};

static void note_range(void *ctx, size_t slot)
{
    struct slot_range *range = ctx;
    if (slot / 64 < range->first) range->first = slot / 64;
    if (slot / 64 > range->last) range->last = slot / 64;
}

struct slot_bits {
    uint64_t *bits;
    size_t first;
};

static void note_slot(void *ctx, size_t slot)
{
    struct slot_bits *of = ctx;
    of->bits[slot / 64 - of->first] |= (uint64_t)1 << (slot % 64);
}

static struct slot_set slots_of(struct compiler *c, const struct expr *e)
{
    struct slot_range range = {.first = SIZE_MAX};
    expr_slots(e, note_range, &range);
    if (range.first > range.last) range.first = range.last = 0; /* it reads nothing */
    struct slot_set set = {.first = range.first, .words = range.last - range.first + 1};
    struct slot_bits into = {arena_array(c->arena, uint64_t, set.words), set.first};
    expr_slots(e, note_slot, &into);
    set.bits = into.bits;
    return set;
}

/* The values of an event that has nothing. */
static const struct value *no_values(struct compiler *c)
{
    size_t slots = paths_count(c->plan->paths);
    if (slots > c->missing_count) {
        c->missing_count = slots * 2;
        c->missing = arena_array(c->arena, struct value, c->missing_count);
    }
    return c->missing;
}

/* Does the expression say these very words? What a filter put together of nothing is another thing with an event. */
static bool says(const struct expr *e, struct str words)
{
    struct str text = expr_text(e).text;
    for (size_t at = 0; (at = str_find(text, words, at)) != SIZE_MAX; at++) {
        char after = at + words.n < text.n ? text.p[at + words.n] : 0;
        if (at && text.p[at - 1] == after && (after == '"' || after == '\'')) return true;
    }
    return false;
}

/* A fixed action_source, or one by default, that Meta does not know would cost every such event: other words are
 * only left out (emit.c). */
static void check_word(struct compiler *c, const struct target *t, const struct value *v)
{
    const struct meta_field *field = t->field;
    struct str text;
    if (!field || field->section != META_EVENT || !str_eq(field->name, S("action_source"))) return;
    if (write_word(field, v) || !write_scalar(v, &text) || !text.n) return;
    if (!says(t->expr, text)) return;
    struct str near = diag_suggest(text, field->words, field->word_count);
    diag_add(c->diags, expr_text(t->expr).loc, "Meta knows no %.*s \"%.*s\"%s%.*s%s",
             STR_ARG(field->name), STR_ARG(str_head(text, LIMIT_SHOWN_BYTES)),
             near.n ? "; did you mean \"" : "", STR_ARG(near), near.n ? "\"?" : "");
}

/* Most parameters have no value in most events. An expression that is nothing and says nothing when
 * all that it reads is missing need not be evaluated then; whether it is such a one is simply tried. */
static void find_reads(struct compiler *c, struct target *t)
{
    static const struct event nothing;
    struct arena scratch = {0};
    struct buf text = {0};
    struct eval eval = {.event = &nothing, .scratch = &scratch, .text = &text};
    eval.slots = no_values(c);
    struct value v = expr_eval(t->expr, &eval);
    if (value_is_null(&v) && eval.verdict == EXPR_OK) {
        t->reads = slots_of(c, t->expr);
        t->plain = expr_plain(t->expr, &t->plain_count);
    } else if (eval.verdict == EXPR_OK) {
        check_word(c, t, &v);
    }
    buf_fini(&text);
    arena_fini(&scratch);
}

/* --- the forms ---------------------------------------------------------------------------------- */

static void wrong_form(struct compiler *c, const struct target *t, const char *what)
{
    diag_add(c->diags, t->loc, "\"%.*s\" takes %s", STR_ARG(t->name), what);
}

static bool takes_list(const struct meta_field *field)
{
    if (!field) return true;
    if (field->section == META_USER) return field->list;
    return field->type == META_TEXTS || field->type == META_SLOTS || field->type == META_CONTENTS ||
           field->type == META_JSON;
}

static bool takes_objects(const struct meta_field *field)
{
    return !field || field->type == META_CONTENTS || field->type == META_JSON;
}

static void compile_form(struct compiler *c, const struct mapping *m, struct target *t);

/* The fields of an item: those of contents for a target that holds contents, else of any name. */
static void compile_each(struct compiler *c, const struct mapping *m, struct target *t)
{
    bool objects = !m->each_value.text.p;
    t->form = objects ? FORM_EACH_OBJECT : FORM_EACH;
    struct members *asked = arena_new(c->arena, struct members);
    t->expr = compile_expr(c, &m->each, NULL);
    t->each_value = compile_expr(c, &m->each_value, asked);
    t->asked = asked;
    if (t->expr) find_reads(c, t);
    if (!objects && !takes_list(t->field)) wrong_form(c, t, "an expression, no list");
    if (!objects) return;
    if (!takes_objects(t->field)) wrong_form(c, t, "no list of objects");
    const struct place item = {.section = META_CONTENT};
    t->members.items = arena_array(c->arena, const struct target *, m->fields.count);
    for (size_t i = 0; i < m->fields.count; i++) {
        const struct mapping *field = &m->fields.items[i];
        struct target *member = target_new(c, &item, &field->target);
        member->form = FORM_EXPRESSION;
        member->expr = compile_expr(c, &field->expr, asked);
        t->members.items[t->members.count++] = member;
    }
}

static struct target *compile_item(struct compiler *c, const struct mapping *m,
                                   const struct target *list, const struct meta_field *slot,
                                   size_t index)
{
    struct target *t = arena_new(c->arena, struct target);
    enum meta_type type = list->field ? list->field->type : META_JSON;
    t->field = slot;
    t->loc = m->target.loc;
    t->name = slot ? slot->name : list->name;
    t->path = arena_printf(c->arena, "%.*s[%zu]", STR_ARG(list->path), index);
    t->entry = type == META_CONTENTS && m->form == MAPPING_OBJECT;
    if (type == META_TEXTS && field_is_plain_word(m->expr.text)) {
        t->form = FORM_FIXED;
        t->fixed = m->expr.text;
        return t;
    }
    compile_form(c, m, t);
    return t;
}

static void check_list(struct compiler *c, struct target *t, size_t count, size_t slots)
{
    if (!takes_list(t->field)) {
        wrong_form(c, t, "an expression, no list");
    } else if (t->form == FORM_ARRAY && !takes_objects(t->field)) {
        wrong_form(c, t, "a list of expressions, nothing deeper");
    } else if (slots && count > slots) {
        diag_add(c->diags, t->loc, "%.*s has %zu places; found %zu", STR_ARG(t->path), slots,
                 count);
    }
    bool entries = t->form == FORM_ARRAY && t->field && t->field->type == META_CONTENTS;
    for (size_t i = 0; entries && i < t->members.count; i++) {
        if (t->members.items[i]->entry) continue;
        diag_add(c->diags, t->members.items[i]->loc,
                 "an entry of contents is an object: { id: ... }");
    }
}

static void compile_list(struct compiler *c, const struct mapping *m, struct target *t)
{
    size_t slots = 0;
    const struct meta_field *slot = NULL;
    t->form = FORM_LIST;
    if (t->field && t->field->type == META_SLOTS) {
        slot = meta_section_fields(t->field->members, &slots);
    }
    t->members.items = arena_array(c->arena, const struct target *, m->fields.count);
    for (size_t i = 0; i < m->fields.count; i++) {
        const struct mapping *item = &m->fields.items[i];
        const struct target *member = NULL;
        if (item->removed && !slot) continue;
        if (!item->removed) member = compile_item(c, item, t, i < slots ? slot + i : NULL, i);
        if (item->form != MAPPING_EXPRESSION) t->form = FORM_ARRAY;
        t->members.items[t->members.count++] = member;
    }
    check_list(c, t, m->fields.count, slots);
}

/* The members by name of a list with fixed places, brought into these places. */
static void place_slots(struct compiler *c, struct target *t)
{
    size_t slots;
    const struct meta_field *rows = meta_section_fields(t->field->members, &slots);
    const struct target **items = arena_array(c->arena, const struct target *, slots);
    for (size_t i = 0; i < t->members.count; i++) {
        const struct target *member = t->members.items[i];
        if (!member->field) continue; /* unknown, and reported */
        size_t slot = (size_t)(member->field - rows);
        struct target *placed = arena_new(c->arena, struct target);
        *placed = *member;
        placed->path = arena_printf(c->arena, "%.*s[%zu]", STR_ARG(t->path), slot);
        items[slot] = placed;
    }
    t->form = FORM_LIST;
    t->members = (struct targets){.items = items, .count = slots};
}

/* An object from its layers, lowest first. */
static void compile_object(struct compiler *c, const struct mappings *const *layers, size_t count,
                           struct target *t)
{
    struct place at = {.any = true, .path = t->path};
    t->form = FORM_OBJECT;
    if (t->entry) {
        at = (struct place){.section = META_CONTENT, .path = t->path};
    } else if (t->field) {
        bool table = t->field->type == META_OBJECT || t->field->type == META_SLOTS;
        if (!table && t->field->type != META_JSON) wrong_form(c, t, "an expression, no object");
        if (table) at = (struct place){.section = t->field->members, .path = t->path};
    }
    t->members = compile_all(c, &at, layers, NULL, count);
    if (t->field && t->field->type == META_SLOTS) place_slots(c, t);
}

static void compile_form(struct compiler *c, const struct mapping *m, struct target *t)
{
    const struct mappings *members = &m->fields;
    switch (m->form) {
    case MAPPING_EXPRESSION:
        t->form = FORM_EXPRESSION;
        t->expr = compile_expr(c, &m->expr, NULL);
        if (t->expr) find_reads(c, t);
        break;
    case MAPPING_EACH: compile_each(c, m, t); break;
    case MAPPING_LIST: compile_list(c, m, t); break;
    case MAPPING_OBJECT: compile_object(c, &members, 1, t); break;
    }
}

static struct target *compile_mapping(struct compiler *c, const struct place *at,
                                      const struct mapping *m)
{
    uintptr_t number = (uintptr_t)m;
    struct str address = str_of((const char *)&number, sizeof number);
    struct target *t = table_get(&c->targets, address);
    if (t) return t;
    t = target_new(c, at, &m->target);
    compile_form(c, m, t);
    table_put(&c->targets, c->arena, arena_str(c->arena, address), t);
    return t;
}

/* --- merging ------------------------------------------------------------------------------------ */

/* What the layers say about one name, lowest first. */
struct entry {
    const struct mapping *stack[LAYERS_MAX];
    size_t count;
    const struct text *send; /* above the stack; NULL: none */
};

struct merge {
    struct table places; /* name -> its entry */
    struct entry **entries;
    size_t count, capacity;
};

static struct entry *entry_of(struct compiler *c, struct merge *m, struct str name)
{
    struct entry *e = table_get(&m->places, name);
    if (e) return e;
    if (m->count == m->capacity) {
        size_t more = m->capacity ? m->capacity * 2 : 32;
        m->entries =
            arena_grow(c->arena, m->entries, m->capacity * sizeof(void *), more * sizeof(void *));
        m->capacity = more;
    }
    e = arena_new(c->arena, struct entry);
    m->entries[m->count++] = e;
    table_put(&m->places, c->arena, name, e);
    return e;
}

/* Most names of events are letters alone, which leave as they are. */
static struct str ready_name(struct compiler *c, const struct target *t)
{
    struct buf text = {0};
    buf_put(&text, t->key);
    unsigned signs = signs_put(&text, t->fixed);
    struct str ready = signs ? S("") : arena_str(c->arena, buf_str(&text));
    buf_fini(&text);
    return ready;
}

static struct target *compile_send(struct compiler *c, const struct place *at,
                                   const struct text *send)
{
    struct text name = {S("event_name"), send->loc};
    struct target *t = target_new(c, at, &name);
    t->form = FORM_FIXED;
    t->fixed = send->text;
    if (t->fixed.n) t->ready = ready_name(c, t);
    return t;
}

/* The target that an entry comes to; NULL when it is taken away. */
static struct target *resolve(struct compiler *c, const struct place *at, const struct entry *e)
{
    if (e->send) return compile_send(c, at, e->send);
    const struct mapping *top = e->stack[e->count - 1];
    const struct mappings *layers[LAYERS_MAX];
    size_t first = e->count - 1;
    if (top->removed) return NULL;
    if (top->form != MAPPING_OBJECT) return compile_mapping(c, at, top);
    while (first && e->stack[first - 1]->form == MAPPING_OBJECT && !e->stack[first - 1]->removed) {
        first--;
    }
    if (first == e->count - 1) return compile_mapping(c, at, top);
    for (size_t i = first; i < e->count; i++) layers[i - first] = &e->stack[i]->fields;
    struct target *t = target_new(c, at, &top->target);
    compile_object(c, layers, e->count - first, t);
    return t;
}

static size_t rank(const struct target *t)
{
    return t->field ? meta_field_index(t->field) : meta_field_count;
}

/* Brings them into Meta's order; custom properties follow in theirs. */
static void insert(struct targets *list, const struct target *t)
{
    size_t at = list->count++;
    for (; at && rank(list->items[at - 1]) > rank(t); at--) list->items[at] = list->items[at - 1];
    list->items[at] = t;
}

static struct targets compile_all(struct compiler *c, const struct place *at,
                                  const struct mappings *const *layers, const struct text *sends,
                                  size_t count)
{
    struct merge m = {0};
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; layers[i] && j < layers[i]->count; j++) {
            const struct mapping *map = &layers[i]->items[j];
            struct entry *e = entry_of(c, &m, map->target.text);
            assert(e->count < LAYERS_MAX); /* YAML has no name twice in a map */
            e->send = NULL;
            e->stack[e->count++] = map;
        }
        if (sends && sends[i].text.p) entry_of(c, &m, S("event_name"))->send = &sends[i];
    }
    struct targets list = {.items = arena_array(c->arena, const struct target *, m.count)};
    for (size_t i = 0; i < m.count; i++) {
        const struct target *t = resolve(c, at, m.entries[i]);
        if (t) insert(&list, t);
    }
    return list;
}

struct targets targets_compile(struct compiler *c, enum meta_section section,
                               const struct mappings *const *layers, const struct text *sends,
                               size_t count)
{
    struct place at = {.section = section};
    if (section != META_EVENT) at.path = meta_section_name(section);
    return compile_all(c, &at, layers, sends, count);
}

/* --- looking ------------------------------------------------------------------------------------ */

const struct target *targets_find(const struct targets *list, struct str name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (str_eq(list->items[i]->name, name)) return list->items[i];
    }
    return NULL;
}

void targets_each_expr(const struct target *t, void (*fn)(void *ctx, const struct expr *e),
                       void *ctx)
{
    if (t->expr) fn(ctx, t->expr);
    if (t->each_value) fn(ctx, t->each_value);
    for (size_t i = 0; i < t->members.count; i++) {
        if (t->members.items[i]) targets_each_expr(t->members.items[i], fn, ctx);
    }
}
