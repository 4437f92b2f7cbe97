/* SPDX-License-Identifier: Apache-2.0 */
/* Mappings: a target of Meta's and where its value is found. The texts stay texts here; map/ compiles
 * them and reports into the same place. */
#include "conf/reader.h"

static void read_expression(struct reader *r, struct str name, const struct yaml_node *node,
                            struct text *out)
{
    struct key row = {.name = yaml_shown(name, r->arena), .type = KEY_EXPRESSION};
    (void)scalar_text(r, &row, KEY_EXPRESSION, node, out); /* reported there */
}

/* {each: PATH, field: expression, ...} or {each: PATH, value: expression} */
static void read_each(struct reader *r, const struct yaml_node *map, struct mapping *out)
{
    const struct yaml_node *value = NULL;
    out->fields = arena_array(r->arena, struct mapping, map->count);
    for (const struct yaml_node *key = map->first; key; key = key->next) {
        if (key->kind != YAML_SCALAR) continue;
        struct mapping *field = &out->fields[out->field_count];
        if (str_eq(key->text, S("each"))) {
            read_expression(r, key->text, key->value, &out->each);
            continue;
        }
        if (str_eq(key->text, S("value"))) {
            value = key;
            read_expression(r, key->text, key->value, &out->each_value);
            continue;
        }
        field->target = (struct text){key->text, key->loc};
        read_expression(r, key->text, key->value, &field->expr);
        out->field_count++;
    }
    if (value && out->field_count)
        diag_add(r->diags, value->loc,
                 "\"value\" makes a list of plain values; it cannot stand "
                 "beside other fields");
    if (!value && !out->field_count)
        diag_add(r->diags, map->loc,
                 "\"each\" needs what to take from each item: \"value\", or "
                 "fields such as \"id\"");
}

static bool has_key(const struct yaml_node *map, struct str name)
{
    if (map->kind != YAML_MAP) return false;
    for (const struct yaml_node *key = map->first; key; key = key->next)
        if (key->kind == YAML_SCALAR && str_eq(key->text, name)) return true;
    return false;
}

static void read_form(struct reader *r, struct str name, const struct yaml_node *node,
                      struct mapping *out);

/* {KEY: value, ...}; null is a member that is not there. */
static void read_object(struct reader *r, const struct yaml_node *map, struct mapping *out)
{
    out->is_object = true;
    out->fields = arena_array(r->arena, struct mapping, map->count);
    for (const struct yaml_node *key = map->first; key; key = key->next) {
        if (key->kind != YAML_SCALAR || yaml_is_null(key->value)) continue;
        struct mapping *field = &out->fields[out->field_count++];
        field->target = (struct text){key->text, key->loc};
        if (has_key(key->value, S("each"))) {
            diag_add(r->diags, key->value->loc, "\"each\" cannot stand inside another value");
        } else {
            read_form(r, key->text, key->value, field);
        }
    }
}

/* [value, ...] */
static void read_list(struct reader *r, struct str name, const struct yaml_node *list,
                      struct mapping *out)
{
    out->is_list = true;
    out->fields = arena_array(r->arena, struct mapping, list->count);
    for (const struct yaml_node *item = list->first; item; item = item->next) {
        struct mapping *field = &out->fields[out->field_count++];
        field->target = (struct text){S(""), item->loc};
        if (has_key(item, S("each"))) {
            diag_add(r->diags, item->loc, "\"each\" cannot stand inside another value");
        } else {
            read_form(r, name, item, field);
        }
    }
}

/* Recursion: as deep as the YAML, which has its limit. */
static void read_form(struct reader *r, struct str name, const struct yaml_node *node,
                      struct mapping *out)
{
    if (node->kind == YAML_LIST && node->count) {
        read_list(r, name, node, out);
    } else if (node->kind == YAML_MAP && node->count) {
        read_object(r, node, out);
    } else {
        read_expression(r, name, node, &out->expr);
    }
}

void mapping_read(struct reader *r, const struct yaml_node *key, struct mapping *out)
{
    const struct yaml_node *node = key->value;
    out->target = (struct text){key->text, key->loc};
    if (yaml_is_null(node)) {
        out->removed = true;
    } else if (has_key(node, S("each"))) {
        read_each(r, node, out);
    } else {
        read_form(r, key->text, node, out);
    }
}

void mapping_map(struct reader *r, const struct key *key, const struct yaml_node *node,
                 struct mappings *out)
{
    if (yaml_is_null(node)) return;
    if (node->kind != YAML_MAP) {
        scalar_expected(r, key, KEY_MAPPINGS, node);
        return;
    }
    out->items = arena_array(r->arena, struct mapping, node->count);
    for (const struct yaml_node *target = node->first; target; target = target->next) {
        if (target->kind != YAML_SCALAR) continue;
        if (target->text.n)
            mapping_read(r, target, &out->items[out->count++]);
        else
            diag_add(r->diags, target->loc, "a parameter's name cannot be empty");
    }
}
