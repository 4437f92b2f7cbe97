/* SPDX-License-Identifier: Apache-2.0 */
/* See target.h. */
#include "import/target.h"

enum { SHOWN_BYTES = 400 };

/* What the vendor's schema leaves in an entry of contents. */
static const struct str content_fields[] = {S_INIT("id"), S_INIT("quantity"), S_INIT("item_price"),
                                            S_INIT("delivery_category")};

/* --- making ------------------------------------------------------------------------------------- */

static void field_dropped(struct directives *d, struct str name, struct str why)
{
    directive_remark(d, arena_printf(d->arena, "the field %.*s is left out: %.*s",
                                     STR_ARG(writer_shown(d->arena, name, 40)), STR_ARG(why)));
}

static bool is_content_field(struct str name)
{
    for (size_t i = 0; i < countof(content_fields); i++)
        if (str_eq(content_fields[i], name)) return true;
    return false;
}

/* The fields of one item from a raw object; paths as d says. */
static void make_fields(struct directives *d, yyjson_val *shape, struct target_value *out)
{
    size_t index, count;
    yyjson_val *key, *value;
    out->fields = arena_array(d->arena, struct target_field, yyjson_obj_size(shape));
    yyjson_obj_foreach (shape, index, count, key, value) {
        struct target_field *field = &out->fields[out->field_count];
        struct str why;
        field->name = json_str(key);
        if (out->is_contents && !is_content_field(field->name)) {
            field_dropped(d, field->name, S("the vendor drops it"));
        } else if (!directive_translate(d, directive_unwrap(value), &field->expr)) {
            field_dropped(d, field->name, d->why);
        } else if (field->expr.kind == PIECE_NOTHING) {
            continue;
        } else if (!piece_check(d->arena, field->expr.text, true, &why)) {
            field_dropped(d, field->name, why);
        } else {
            out->field_count++;
        }
    }
}

/* What each item becomes: an object of fields, or a value. */
static bool make_item(struct directives *d, yyjson_val *shape, struct target_value *out)
{
    struct str name, why;
    yyjson_val *inside;
    shape = directive_unwrap(shape);
    out->is_list = true;
    if (yyjson_is_obj(shape) && !directive_of(shape, &name, &inside)) {
        make_fields(d, shape, out);
        return out->field_count || directive_refuse(d, "nothing of an item is left");
    }
    if (!directive_translate(d, shape, &out->value)) return false;
    return piece_check(d->arena, out->value.text, true, &why) ||
           directive_refuse(d, "%.*s", STR_ARG(why));
}

/* [path, shape] */
static bool make_each(struct directives *d, yyjson_val *path, yyjson_val *shape,
                      struct target_value *out)
{
    bool outer = d->in_each;
    if (outer) return directive_refuse(d, "a list inside a list");
    bool ok = yyjson_is_str(path) ? directive_path(d, json_str(path), &out->each)
                                  : directive_translate(d, path, &out->each);
    if (!ok) return false;
    d->in_each = true;
    ok = make_item(d, shape, out);
    d->in_each = outer;
    return ok;
}

/* One item that is written out, with values from all over the event. */
static bool make_single(struct directives *d, yyjson_val *item, struct target_value *out)
{
    out->each = (struct piece){PIECE_ATOM, S("true")};
    return make_item(d, item, out);
}

static bool make_listed(struct directives *d, yyjson_val *list, struct target_value *out)
{
    size_t index, count;
    yyjson_val *item, *inside;
    struct str name;
    yyjson_val *first = directive_unwrap(yyjson_arr_get_first(list));
    if (yyjson_arr_size(list) == 1 && yyjson_is_obj(first) && !directive_of(first, &name, &inside))
        return make_single(d, first, out);
    yyjson_arr_foreach (list, index, count, item) {
        struct piece next;
        bool is_single = directive_of(item, &name, &inside) || !yyjson_is_ctn(item);
        if (!is_single) return directive_refuse(d, "a list put together from several objects");
        if (!directive_translate(d, item, &next)) return false;
        out->expr = piece_else(d->arena, out->expr, S("||"), next);
    }
    if (yyjson_arr_size(list) > 1)
        directive_remark(d, S("there all of these go into the list, here the first that is "
                              "there"));
    return true;
}

/* @if that asks for a list and then gives a list made of it: without the list there is nothing
 * anyway. */
static yyjson_val *skip_if(yyjson_val *v)
{
    struct str name;
    yyjson_val *holds, *test, *path;
    if (!directive_of(v, &name, &holds) || !str_eq(name, S("@if"))) return v;
    yyjson_val *then = directive_unwrap(yyjson_obj_get(holds, "then"));
    yyjson_val *asked = yyjson_obj_get(holds, "exists");
    if (!asked) asked = yyjson_obj_get(holds, "blank");
    if (yyjson_obj_get(holds, "else") || !directive_of(asked, &name, &test) ||
        !directive_of(then, &name, &path) || !str_eq(name, S("@arrayPath")))
        return v;
    yyjson_val *list = yyjson_arr_get_first(path);
    if (directive_of(list, &name, &path)) list = path;
    return yyjson_equals(list, test) ? then : v;
}

bool target_make(struct directives *d, yyjson_val *v, bool contents, struct target_value *out)
{
    struct str name, why;
    yyjson_val *holds;
    *out = (struct target_value){.is_contents = contents};
    v = skip_if(directive_unwrap(v));
    bool is_directive = directive_of(v, &name, &holds);
    if (is_directive && str_eq(name, S("@arrayPath")) && yyjson_get_len(yyjson_arr_get(holds, 1)))
        return make_each(d, yyjson_arr_get(holds, 0), yyjson_arr_get(holds, 1), out);
    if (yyjson_is_arr(v) && !directive_is_fixed(v)) {
        if (!make_listed(d, v, out)) return false;
    } else if (contents && yyjson_is_obj(v) && !is_directive) {
        return make_single(d, v, out);
    } else if (!directive_translate(d, v, &out->expr)) {
        return false;
    }
    return out->is_list || out->expr.kind == PIECE_NOTHING ||
           piece_check(d->arena, out->expr.text, d->in_each, &why) ||
           directive_refuse(d, "%.*s", STR_ARG(why));
}

bool target_is_nothing(const struct target_value *t)
{
    return !t->is_list && t->expr.kind == PIECE_NOTHING;
}

/* --- writing ------------------------------------------------------------------------------------ */

void target_refused(struct import *im, struct str what, struct str why, yyjson_val *was)
{
    struct buf json = {0};
    if (was) json_put_val(&json, was);
    struct str shown = writer_shown(im->arena, buf_str(&json), SHOWN_BYTES);
    writer_note(&im->w, "%.*s is left out: %.*s.%s%.*s", STR_ARG(what), STR_ARG(why),
                shown.n ? " It was " : "", STR_ARG(shown));
    buf_fini(&json);
}

static void write_list(struct writer *w, const struct target_value *t)
{
    writer_pair(w, S("each"), t->each.text);
    if (!t->field_count) writer_pair(w, S("value"), t->value.text);
    for (size_t i = 0; i < t->field_count; i++)
        writer_pair(w, t->fields[i].name, t->fields[i].expr.text);
}

void target_write(struct import *im, const struct directives *d, struct str name, struct str what,
                  const struct target_value *t)
{
    for (size_t i = 0; i < d->remark_count && i < DIRECTIVE_REMARKS; i++)
        writer_note(&im->w, "%.*s: %.*s.", STR_ARG(what), STR_ARG(d->remarks[i]));
    if (!t->is_list) {
        writer_pair(&im->w, name, t->expr.text);
        return;
    }
    writer_open(&im->w, name);
    write_list(&im->w, t);
    writer_close(&im->w);
}
