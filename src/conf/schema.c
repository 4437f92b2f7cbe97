/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON Schema (draft 2020-12) of the configuration file, for editors; made from the key tables. It
 * is about the shape: what only the reader can check (units, references) it leaves to the reader. */
#include "base/json.h"
#include "conf/keys_table.h"

#include <assert.h>

#define SCALAR "[\"string\",\"number\",\"boolean\"]"

static void put_reference(struct buf *out, struct str name)
{
    buf_printf(out, "\"$ref\":\"#/$defs/%.*s\"", STR_ARG(name));
}

/* The members of a schema object that say what values are right, without braces. */
static void put_type(struct buf *out, const struct key *key)
{
    struct str schema = key_type_schema(key->type == KEY_TEXTS ? key->item : key->type);
    if (key->type == KEY_OBJECT) {
        put_reference(out, key->object->name);
    } else if (key->type == KEY_OBJECTS) {
        buf_put(out, S("\"type\":[\"array\",\"null\"],\"items\":{"));
        put_reference(out, key->object->name);
        buf_printf(out, "},\"maxItems\":%llu", (unsigned long long)key->max);
    } else if (key->type == KEY_EVENTS) {
        buf_put(out, S("\"type\":[\"object\",\"null\"],\"additionalProperties\":{"));
        put_reference(out, key->object->name);
        buf_putc(out, '}');
    } else if (key->type == KEY_PROPERTIES) {
        buf_put(out, S("\"oneOf\":[{\"enum\":[\"all\",\"flat\",\"none\"]},"
                       "{\"type\":\"array\",\"items\":{\"type\":" SCALAR "}}]"));
    } else if (key->type == KEY_TEXTS) {
        buf_printf(out, "\"oneOf\":[%.*s,{\"type\":\"array\",\"items\":%.*s}]", STR_ARG(schema),
                   STR_ARG(schema));
    } else {
        buf_put(out, str_of(schema.p + 1, schema.n - 2));
    }
}

static void put_default(struct buf *out, const struct key *key)
{
    if (!key->fallback.n) return;
    if (key->type == KEY_BOOL || key->type == KEY_UINT)
        json_kv_raw(out, S("default"), key->fallback);
    else
        json_kv_str(out, S("default"), key->fallback);
}

static void put_key(struct buf *out, const struct key *key)
{
    json_key(out, key->name);
    buf_putc(out, '{');
    json_kv_str(out, S("description"), key->doc);
    buf_putc(out, ',');
    put_type(out, key);
    if (key->type == KEY_UINT) json_kv_u64(out, S("minimum"), key->min);
    if (key->type == KEY_UINT) json_kv_u64(out, S("maximum"), key->max);
    if (key->type == KEY_WORD) {
        json_key(out, S("enum"));
        buf_putc(out, '[');
        for (size_t i = 0; i < key->word_count; i++) {
            json_comma(out);
            json_put_str(out, key->words[i]);
        }
        buf_putc(out, ']');
    }
    put_default(out, key);
    buf_putc(out, '}');
}

static void put_fields(struct buf *out)
{
    for (size_t i = 0; i < meta_field_count; i++) {
        if (meta_fields[i].section != META_EVENT) continue;
        json_key(out, meta_fields[i].name);
        buf_putc(out, '{');
        json_kv_str(out, S("description"), meta_fields[i].doc);
        buf_putc(out, ',');
        put_reference(out, S("mapping"));
        buf_putc(out, '}');
    }
}

static void put_required(struct buf *out, const struct object *object)
{
    size_t mark = out->n;
    json_key(out, S("required"));
    buf_putc(out, '[');
    size_t empty = out->n;
    for (size_t i = 0; i < object->key_count; i++) {
        if (!object->keys[i].required) continue;
        json_comma(out);
        json_put_str(out, object->keys[i].name);
    }
    buf_putc(out, ']');
    if (out->n == empty + 1) buf_cut(out, mark);
}

static void put_needs(struct buf *out, const struct object *object)
{
    for (size_t i = 0; i < object->key_count; i++) {
        if (!object->keys[i].needs.n) continue;
        json_key(out, S("dependentRequired"));
        buf_printf(out, "{\"%.*s\":[\"%.*s\"]}", STR_ARG(object->keys[i].name),
                   STR_ARG(object->keys[i].needs));
    }
}

/* The members of an object's schema, without braces. */
static void put_members(struct buf *out, const struct object *object)
{
    json_kv_raw(out, S("type"), S("[\"object\",\"null\"]"));
    json_key(out, S("properties"));
    buf_putc(out, '{');
    for (size_t i = 0; i < object->key_count; i++) put_key(out, &object->keys[i]);
    if (object->has_fields) put_fields(out);
    buf_putc(out, '}');
    put_required(out, object);
    put_needs(out, object);
    json_kv_bool(out, S("additionalProperties"), false);
}

static void put_definition(struct buf *out, const struct object *object)
{
    json_key(out, object->name);
    buf_putc(out, '{');
    json_kv_str(out, S("description"), object->doc);
    if (object->shorthand.n) {
        json_key(out, S("oneOf"));
        buf_put(out, S("[{\"type\":" SCALAR "},{"));
        put_members(out, object);
        buf_put(out, S("}]"));
    } else {
        put_members(out, object);
    }
    buf_putc(out, '}');
}

/* One member a line; lists stay on one line unless they hold objects. */
static void put_indented(struct buf *out, struct str json)
{
    bool in_list[64] = {false};
    size_t depth = 0, braces = 0;
    for (size_t i = 0; i < json.n;) {
        size_t end = json.p[i] == '"' ? json_skip(json, i) : i + 1;
        char c = json.p[i];
        bool is_comma = c == ',' && !in_list[depth];
        if (c == '}') buf_printf(out, "\n%*s", (int)(2 * --braces), "");
        if (c == '}' || c == ']') depth--;
        buf_put(out, str_of(json.p + i, end - i));
        if (c == ':') buf_putc(out, ' ');
        if (c == ',' && !is_comma) buf_putc(out, ' ');
        if (c == '{' || c == '[') in_list[++depth] = c == '[';
        assert(depth + 1 < countof(in_list));
        braces += c == '{';
        if (c == '{' || is_comma) buf_printf(out, "\n%*s", (int)(2 * braces), "");
        i = end;
    }
    buf_putc(out, '\n');
}

void config_schema(struct buf *out)
{
    struct buf json = {0};
    buf_putc(&json, '{');
    json_kv_str(&json, S("$schema"), S("https://json-schema.org/draft/2020-12/schema"));
    json_kv_str(&json, S("title"), S("pixeld configuration"));
    put_members(&json, &config_object);
    json_key(&json, S("$defs"));
    buf_putc(&json, '{');
    for (size_t i = 0; i < key_object_count; i++)
        if (key_objects[i] != &config_object) put_definition(&json, key_objects[i]);
    json_kv_raw(&json, S("mapping"),
                S("{\"oneOf\":[{\"type\":[\"string\",\"number\",\"boolean\",\"null\"]},"
                  "{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/mapping\"}},"
                  "{\"type\":\"object\",\"minProperties\":1,"
                  "\"additionalProperties\":{\"$ref\":\"#/$defs/mapping\"}}]}"));
    json_kv_raw(&json, S("mappings"),
                S("{\"type\":[\"object\",\"null\"],"
                  "\"additionalProperties\":{\"$ref\":\"#/$defs/mapping\"}}"));
    buf_put(&json, S("}}"));
    put_indented(out, buf_str(&json));
    buf_fini(&json);
}
