/* SPDX-License-Identifier: Apache-2.0 */
/* See object.h. Recursion: as deep as the JSON, which the import has bounded. */
#include "import/object.h"

static bool read(struct directives *d, yyjson_val *v, struct object *out);

const struct member *object_find(const struct object *o, struct str name)
{
    for (size_t i = 0; i < o->count; i++)
        if (str_eq(o->members[i].name, name)) return &o->members[i];
    return NULL;
}

static void put(struct directives *d, struct object *o, const struct member *member)
{
    for (size_t i = 0; i < o->count; i++) {
        if (!str_eq(o->members[i].name, member->name)) continue;
        o->members[i] = *member;
        return;
    }
    if (o->count == o->capacity) {
        size_t more = o->capacity ? o->capacity * 2 : 16;
        o->members = arena_grow(d->arena, o->members, o->capacity * sizeof *o->members,
                                more * sizeof *o->members);
        o->capacity = more;
    }
    o->members[o->count++] = *member;
}

static bool put_base(struct directives *d, struct object *o, struct piece base)
{
    if (o->base.kind != PIECE_NOTHING && !str_eq(o->base.text, base.text))
        return directive_refuse(d, "several objects of the event in one");
    o->base = base;
    for (size_t i = 0; i < o->count; i++) o->members[i].under = true;
    return true;
}

static bool read_members(struct directives *d, yyjson_val *v, struct object *out)
{
    size_t index, count;
    yyjson_val *key, *value;
    yyjson_obj_foreach (v, index, count, key, value) {
        struct member member = {json_str(key), value, d->apply, false};
        put(d, out, &member);
    }
    return true;
}

static bool read_merge(struct directives *d, yyjson_val *holds, struct object *out)
{
    yyjson_val *objects = yyjson_obj_get(holds, "objects");
    bool left = str_eq(json_str(yyjson_obj_get(holds, "direction")), S("left"));
    size_t count = yyjson_arr_size(objects);
    if (!count) return directive_refuse(d, "@merge without objects");
    if (count > DIRECTIVE_STEPS) return directive_refuse(d, "@merge of too many objects");
    for (size_t i = 0; i < count; i++)
        if (!read(d, yyjson_arr_get(objects, left ? count - 1 - i : i), out)) return false;
    return true;
}

static bool read_flatten(struct directives *d, yyjson_val *holds, struct object *out)
{
    if (!str_eq(json_str(yyjson_obj_get(holds, "separator")), S(".")))
        directive_remark(d, S("nested names are joined by dots here, whatever the separator was"));
    return read(d, yyjson_obj_get(holds, "value"), out);
}

static bool read_transform(struct directives *d, yyjson_val *holds, struct object *out)
{
    struct str name;
    yyjson_val *apply = yyjson_obj_get(holds, "apply"), *inside;
    if (d->apply || !yyjson_is_obj(apply) || directive_of(apply, &name, &inside))
        return directive_refuse(d, "this @transform");
    d->apply = apply;
    bool ok = read(d, yyjson_obj_get(holds, "mapping"), out);
    d->apply = NULL;
    return ok;
}

static bool read_path(struct directives *d, yyjson_val *holds, struct object *out)
{
    struct piece base;
    struct str why;
    if (!yyjson_is_str(holds)) return directive_refuse(d, "a path that is not a fixed text");
    if (!directive_path(d, json_str(holds), &base)) return false;
    if (!piece_check(d->arena, base.text, false, &why))
        return directive_refuse(d, "%.*s", STR_ARG(why));
    return put_base(d, out, base);
}

static bool read(struct directives *d, yyjson_val *v, struct object *out)
{
    struct str name;
    yyjson_val *holds;
    v = directive_unwrap(v);
    if (!v || yyjson_is_null(v)) return true;
    if (!yyjson_is_obj(v)) return directive_refuse(d, "not an object");
    if (!directive_of(v, &name, &holds)) return read_members(d, v, out);
    if (str_eq(name, S("@path"))) return read_path(d, holds, out);
    if (str_eq(name, S("@merge"))) return read_merge(d, holds, out);
    if (str_eq(name, S("@flatten"))) return read_flatten(d, holds, out);
    if (str_eq(name, S("@transform"))) return read_transform(d, holds, out);
    return directive_refuse(d, "an object made by %.*s", STR_ARG(str_head(name, 40)));
}

bool object_read(struct directives *d, yyjson_val *v, struct object *out)
{
    *out = (struct object){.base = {PIECE_NOTHING, S_INIT("")}};
    return read(d, v, out);
}
