/* SPDX-License-Identifier: Apache-2.0 */
/* See target.h. Recursion: as deep as the JSON, which the import has bounded. */
#include "import/target.h"

#include "import/object.h"

enum {
    SHOWN_BYTES = 400,
    NAME_SHOWN_BYTES = 40,
    NAME_BYTES = 500, /* YAML takes 1,024 characters with their escapes */
    LEVELS_MAX = 6,   /* no mapping of Meta's parameters needs more; YAML has its own limit */
};

static bool make(struct directives *d, yyjson_val *v, bool contents, struct target *out);

struct target target_expr(struct str name, struct piece expr)
{
    return (struct target){.form = TARGET_EXPR, .name = name, .expr = expr};
}

bool target_is_nothing(const struct target *t)
{
    return t->form == TARGET_EXPR && t->expr.kind == PIECE_NOTHING;
}

/* --- making ------------------------------------------------------------------------------------- */

bool target_can_be_named(struct str name)
{
    return name.n && name.n <= NAME_BYTES && str_find_char(name, '\0', 0) == SIZE_MAX;
}

/* What the vendor's schema leaves in an entry of contents. */
static bool is_content_field(struct str name)
{
    static const struct str known[] = {S_INIT("id"), S_INIT("quantity"), S_INIT("item_price"),
                                       S_INIT("delivery_category")};
    for (size_t i = 0; i < countof(known); i++)
        if (str_eq(known[i], name)) return true;
    return false;
}

static void drop_field(struct directives *d, struct str name, struct str why)
{
    struct str shown = writer_shown(d->arena, name, NAME_SHOWN_BYTES);
    directive_remark(d, arena_printf(d->arena, "%.*s%.*s is left out: %.*s",
                                     STR_ARG(shown.n ? S("the field ") : S("an item")),
                                     STR_ARG(shown), STR_ARG(why)));
}

/* Adds a field; one without a value or an equal is left out. */
static void add_field(struct directives *d, struct target *to, struct str name, yyjson_val *v)
{
    struct target *field = &to->fields[to->count];
    if (!make(d, v, false, field)) {
        drop_field(d, name, d->why);
    } else if (!target_is_nothing(field)) {
        field->name = name;
        to->count++;
    }
}

/* `each` and `value` would be read as the list form. */
static bool is_field_name(const struct directives *d, struct str name)
{
    return target_can_be_named(name) && !str_eq(name, S("each")) &&
           !(d->in_each && str_eq(name, S("value")));
}

static bool make_object(struct directives *d, yyjson_val *v, bool content, struct target *out)
{
    size_t index, count;
    yyjson_val *key, *value;
    out->fields = arena_array(d->arena, struct target, yyjson_obj_size(v));
    yyjson_obj_foreach (v, index, count, key, value) {
        if (content && !is_content_field(json_str(key))) {
            drop_field(d, json_str(key), S("the vendor drops it"));
        } else if (!is_field_name(d, json_str(key))) {
            drop_field(d, json_str(key), S("a field cannot have this name here"));
        } else {
            add_field(d, out, json_str(key), value);
            bool odd = content && out->count && out->fields[out->count - 1].form != TARGET_EXPR;
            if (odd) { /* an entry of contents has plain values only */
                out->count--;
                drop_field(d, json_str(key), S("no single value"));
            }
        }
    }
    out->form = TARGET_OBJECT;
    return out->count || directive_refuse(d, "nothing of an object is left");
}

static bool make_list(struct directives *d, yyjson_val *v, bool contents, struct target *out)
{
    size_t index, count;
    yyjson_val *item;
    struct str name;
    yyjson_val *holds;
    out->fields = arena_array(d->arena, struct target, yyjson_arr_size(v));
    yyjson_arr_foreach (v, index, count, item) {
        item = directive_unwrap(item);
        if (contents && yyjson_is_obj(item) && !directive_of(item, &name, &holds)) {
            if (!make_object(d, item, true, &out->fields[out->count])) return false;
            out->count++;
        } else {
            add_field(d, out, S(""), item);
        }
        enum target_form form = out->count ? out->fields[out->count - 1].form : TARGET_EXPR;
        if (form != TARGET_EXPR && form != TARGET_OBJECT)
            return directive_refuse(d, "a list inside a list");
    }
    out->form = TARGET_LIST;
    return out->count || directive_refuse(d, "nothing of a list is left");
}

static bool make_entry(struct directives *d, yyjson_val *v, struct target *out)
{
    out->form = TARGET_LIST;
    out->fields = arena_array(d->arena, struct target, 1);
    out->count = 1;
    return make_object(d, v, true, out->fields);
}

/* Will the configuration's compiler take it? */
static bool check(struct directives *d, struct piece p)
{
    struct str why;
    return p.kind == PIECE_NOTHING || piece_check(d->arena, p.text, d->in_each, &why) ||
           directive_refuse(d, "%.*s", STR_ARG(why));
}

/* What becomes of each item. */
static bool make_item(struct directives *d, yyjson_val *shape, bool contents, struct target *out)
{
    struct str name;
    yyjson_val *holds;
    struct target item = {0};
    shape = directive_unwrap(shape);
    bool is_object = yyjson_is_obj(shape) && !directive_of(shape, &name, &holds);
    if (is_object ? !make_object(d, shape, contents, &item) : !make(d, shape, false, &item))
        return false;
    for (size_t i = 0; i < item.count; i++)
        if (item.fields[i].form != TARGET_EXPR)
            return directive_refuse(d, "more than plain values in the items of a list");
    if (!is_object && (item.form != TARGET_EXPR || target_is_nothing(&item)))
        return directive_refuse(d, "a list of what are no plain values");
    out->form = is_object ? TARGET_EACH_OBJECTS : TARGET_EACH_VALUES;
    out->fields =
        is_object ? item.fields : memcpy(arena_new(d->arena, struct target), &item, sizeof item);
    out->count = is_object ? item.count : 1;
    return true;
}

/* @arrayPath with a shape. */
static bool make_each(struct directives *d, yyjson_val *holds, bool contents, struct target *out)
{
    struct str name;
    yyjson_val *path = directive_unwrap(yyjson_arr_get(holds, 0)), *inside;
    if (d->in_each) return directive_refuse(d, "a list inside a list");
    if (!yyjson_is_str(path) && !directive_of(path, &name, &inside))
        return directive_refuse(d, "a list without a path");
    bool ok = yyjson_is_str(path) ? directive_path(d, json_str(path), &out->expr)
                                  : directive_translate(d, path, &out->expr);
    if (!ok || !check(d, out->expr)) return false;
    yyjson_val *apply = d->apply;
    d->in_each = true;
    d->apply = NULL; /* paths are the item's now */
    ok = make_item(d, yyjson_arr_get(holds, 1), contents, out);
    d->in_each = false;
    d->apply = apply;
    return ok;
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
    return yyjson_is_str(list) && str_eq(json_str(list), json_str(test)) ? then : v;
}

/* Is there a null, or something empty, anywhere in it? Written out it would be lost. */
static bool has_gaps(yyjson_val *v)
{
    size_t index, count;
    yyjson_val *key, *item;
    if (yyjson_is_ctn(v) && !yyjson_get_len(v)) return true;
    if (yyjson_is_obj(v)) {
        yyjson_obj_foreach (v, index, count, key, item)
            if (has_gaps(item)) return true;
    } else if (yyjson_is_arr(v)) {
        yyjson_arr_foreach (v, index, count, item)
            if (has_gaps(item) || yyjson_is_arr(item)) return true; /* nor lists in lists */
    }
    return yyjson_is_null(v);
}

static bool make_plain(struct directives *d, yyjson_val *v, struct target *out)
{
    return directive_translate(d, v, &out->expr) && check(d, out->expr);
}

/* An object that @merge or @transform puts together from others that are written out. */
static bool make_joined(struct directives *d, yyjson_val *v, struct target *out)
{
    struct object o;
    yyjson_val *apply = d->apply;
    if (d->level == LEVELS_MAX) return directive_refuse(d, "too many objects in objects");
    if (!object_read(d, v, &o)) return false;
    if (o.base.kind != PIECE_NOTHING)
        return directive_refuse(d, "an object of the event put together with others");
    out->fields = arena_array(d->arena, struct target, o.count);
    d->level++;
    for (size_t i = 0; i < o.count; i++) {
        d->apply = o.members[i].apply;
        if (is_field_name(d, o.members[i].name)) {
            add_field(d, out, o.members[i].name, o.members[i].value);
        } else {
            drop_field(d, o.members[i].name, S("a field cannot have this name here"));
        }
    }
    d->level--;
    d->apply = apply;
    out->form = TARGET_OBJECT;
    return out->count || directive_refuse(d, "nothing of an object is left");
}

/* A directive that gives an object. */
static bool is_joined(struct str name, yyjson_val *holds)
{
    struct str inner;
    yyjson_val *mapping = directive_unwrap(yyjson_obj_get(holds, "mapping")), *inside;
    if (str_eq(name, S("@merge"))) return true;
    return str_eq(name, S("@transform")) && yyjson_is_obj(mapping) &&
           !directive_of(mapping, &inner, &inside);
}

static bool make_written(struct directives *d, yyjson_val *v, bool contents, struct target *out)
{
    bool fixed = directive_is_fixed(v);
    if (!yyjson_get_len(v)) return make_plain(d, v, out);
    if (contents && yyjson_is_obj(v)) return make_entry(d, v, out);
    if (contents) return make_list(d, v, true, out);
    if (fixed && (has_gaps(v) || d->level == LEVELS_MAX)) return make_plain(d, v, out);
    if (d->level == LEVELS_MAX) return directive_refuse(d, "too many objects in objects");
    d->level++;
    bool ok = yyjson_is_obj(v) ? make_object(d, v, false, out) : make_list(d, v, false, out);
    d->level--;
    return ok;
}

static bool make(struct directives *d, yyjson_val *v, bool contents, struct target *out)
{
    struct str name;
    yyjson_val *holds;
    *out = target_expr(S(""), (struct piece){PIECE_NOTHING, S("")});
    v = skip_if(directive_unwrap(v));
    if (directive_of(v, &name, &holds)) {
        bool shaped = str_eq(name, S("@arrayPath")) && yyjson_get_len(yyjson_arr_get(holds, 1)) > 0;
        if (shaped) return make_each(d, holds, contents, out);
        return is_joined(name, holds) ? make_joined(d, v, out) : make_plain(d, v, out);
    }
    return yyjson_is_ctn(v) ? make_written(d, v, contents, out) : make_plain(d, v, out);
}

bool target_make(struct directives *d, yyjson_val *v, bool contents, struct target *out)
{
    return make(d, v, contents, out);
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

static void put(struct writer *w, struct str name, const struct target *t);

static void put_fields(struct writer *w, const struct target *t)
{
    for (size_t i = 0; i < t->count; i++) put(w, t->fields[i].name, &t->fields[i]);
}

static void put_items(struct writer *w, const struct target *t)
{
    for (size_t i = 0; i < t->count; i++) {
        if (t->fields[i].form == TARGET_EXPR) {
            writer_element(w, t->fields[i].expr.text);
            continue;
        }
        writer_item(w);
        put_fields(w, &t->fields[i]);
        writer_close(w);
    }
}

static void put(struct writer *w, struct str name, const struct target *t)
{
    if (t->form == TARGET_EXPR) {
        writer_pair(w, name, t->expr.text);
        return;
    }
    writer_open(w, name);
    bool each = t->form == TARGET_EACH_OBJECTS || t->form == TARGET_EACH_VALUES;
    if (each) writer_pair(w, S("each"), t->expr.text);
    if (t->form == TARGET_EACH_VALUES) {
        writer_pair(w, S("value"), t->fields[0].expr.text);
    } else if (t->form == TARGET_LIST) {
        put_items(w, t);
    } else {
        put_fields(w, t);
    }
    writer_close(w);
}

void target_write(struct import *im, const struct directives *d, struct str what,
                  const struct target *t)
{
    struct str why;
    if (t->form == TARGET_EXPR && !piece_check(im->arena, t->expr.text, false, &why)) {
        target_refused(im, what, why, NULL);
        return;
    }
    for (size_t i = 0; i < d->remark_count && i < DIRECTIVE_REMARKS; i++)
        writer_note(&im->w, "%.*s: %.*s.", STR_ARG(what), STR_ARG(d->remarks[i]));
    put(&im->w, t->name, t);
}
