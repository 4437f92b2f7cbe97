/* SPDX-License-Identifier: Apache-2.0 */
/* Mappings: a target of Meta's and where its value is found. The texts stay texts here; map/ compiles
 * them and reports into the same place. */
#include "conf/reader.h"

static void read_expression(struct reader *r, const struct yaml_node *key,
                            const struct yaml_node *value, struct text *out)
{
    struct key row = {.name = yaml_shown(key->text, r->arena), .type = KEY_EXPRESSION};
    (void)scalar_text(r, &row, KEY_EXPRESSION, value, out); /* reported there */
}

/* {each: PATH, field: expression, ...} or {each: PATH, value: expression} */
static void read_each(struct reader *r, const struct yaml_node *map, struct mapping *out)
{
    const struct yaml_node *value = NULL;
    out->form = MAPPING_EACH;
    out->fields.items = arena_array(r->arena, struct mapping, map->count);
    for (const struct yaml_node *key = map->first; key; key = key->next) {
        if (key->kind != YAML_SCALAR) continue;
        struct mapping *field = &out->fields.items[out->fields.count];
        if (str_eq(key->text, S("each"))) {
            read_expression(r, key, key->value, &out->each);
            continue;
        }
        if (str_eq(key->text, S("value"))) {
            value = key;
            read_expression(r, key, key->value, &out->each_value);
            continue;
        }
        field->target = (struct text){key->text, key->loc};
        read_expression(r, key, key->value, &field->expr);
        out->fields.count++;
    }
    if (value && out->fields.count)
        diag_add(r->diags, value->loc,
                 "\"value\" makes a list of plain values; it cannot stand "
                 "beside other fields");
    if (!value && !out->fields.count)
        diag_add(r->diags, map->loc,
                 "\"each\" needs what to take from each item: \"value\", or "
                 "fields such as \"id\"");
}

static bool has_key(const struct yaml_node *map, struct str name)
{
    for (const struct yaml_node *key = map->first; key; key = key->next)
        if (key->kind == YAML_SCALAR && str_eq(key->text, name)) return true;
    return false;
}

static void read_form(struct reader *r, const struct yaml_node *key, const struct yaml_node *node,
                      struct mapping *out);

/* The keys of a map, each a mapping. */
static void read_members(struct reader *r, const struct yaml_node *map, struct mappings *out)
{
    out->items = arena_array(r->arena, struct mapping, map->count);
    for (const struct yaml_node *key = map->first; key; key = key->next) {
        if (key->kind != YAML_SCALAR) continue;
        if (key->text.n)
            mapping_read(r, key, &out->items[out->count++]);
        else
            diag_add(r->diags, key->loc, "a parameter's name cannot be empty");
    }
}

static void read_object(struct reader *r, const struct yaml_node *key, const struct yaml_node *map,
                        struct mapping *out)
{
    out->form = MAPPING_OBJECT;
    read_members(r, map, &out->fields);
    if (!map->count)
        diag_add(r->diags, map->loc, "\"%.*s\" needs members, or null for nothing at all",
                 STR_ARG(yaml_shown(key->text, r->arena)));
}

/* [value, ...]; a null or an empty text says that there is nothing at this place. */
static void read_list(struct reader *r, const struct yaml_node *key, const struct yaml_node *list,
                      struct mapping *out)
{
    out->form = MAPPING_LIST;
    out->fields.items = arena_array(r->arena, struct mapping, list->count);
    for (const struct yaml_node *item = list->first; item; item = item->next) {
        struct mapping *one = &out->fields.items[out->fields.count++];
        one->target = (struct text){S(""), item->loc};
        if (yaml_is_null(item) || (item->kind == YAML_SCALAR && !item->text.n))
            one->removed = true;
        else if (item->kind == YAML_MAP && has_key(item, S("each")))
            diag_add(r->diags, item->loc, "\"each\" makes a list; it cannot stand inside of one");
        else
            read_form(r, key, item, one);
    }
}

/* key is the name in messages. Recursion: as deep as YAML may be. */
static void read_form(struct reader *r, const struct yaml_node *key, const struct yaml_node *node,
                      struct mapping *out)
{
    if (node->kind == YAML_MAP && has_key(node, S("each")))
        read_each(r, node, out);
    else if (node->kind == YAML_MAP)
        read_object(r, key, node, out);
    else if (node->kind == YAML_LIST)
        read_list(r, key, node, out);
    else
        read_expression(r, key, node, &out->expr);
}

void mapping_read(struct reader *r, const struct yaml_node *key, struct mapping *out)
{
    out->target = (struct text){key->text, key->loc};
    if (yaml_is_null(key->value))
        out->removed = true;
    else
        read_form(r, key, key->value, out);
}

void mapping_map(struct reader *r, const struct key *key, const struct yaml_node *node,
                 struct mappings *out)
{
    if (yaml_is_null(node)) return;
    if (node->kind != YAML_MAP) {
        scalar_expected(r, key, KEY_MAPPINGS, node);
        return;
    }
    read_members(r, node, out);
}
