/* SPDX-License-Identifier: Apache-2.0 */
/* See value.h. */
#include "map/value.h"

size_t value_length(const struct value *v)
{
    if (value_is_null(v)) return 0;
    if (v->kind == VALUE_LIST) return v->count;
    return v->kind == VALUE_NODE && yyjson_is_arr(v->node) ? yyjson_arr_size(v->node) : 1;
}

struct value value_item(const struct value *v, size_t index)
{
    if (index >= value_length(v)) return (struct value){.kind = VALUE_MISSING};
    if (v->kind == VALUE_LIST) return v->items[index];
    if (v->kind == VALUE_NODE && yyjson_is_arr(v->node)) {
        return value_of(yyjson_arr_get(v->node, index));
    }
    return *v;
}

struct value_walk value_walk(const struct value *v)
{
    struct value_walk walk = {.of = v, .count = value_length(v)};
    if (walk.count && v->kind == VALUE_NODE && yyjson_is_arr(v->node)) {
        walk.node = yyjson_arr_get_first(v->node);
    }
    return walk;
}

bool value_next(struct value_walk *walk, struct value *item)
{
    if (walk->at == walk->count) return false;
    if (walk->node) {
        value_set(item, walk->node);
        walk->node = unsafe_yyjson_get_next(walk->node);
    } else {
        *item = value_item(walk->of, walk->at);
    }
    walk->at++;
    return true;
}

static void put_list(struct buf *out, const struct value *list)
{
    buf_putc(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i) buf_putc(out, ',');
        value_put_json(out, &list->items[i]);
    }
    buf_putc(out, ']');
}

void value_put_json(struct buf *out, const struct value *v)
{
    switch (v->kind) {
    case VALUE_MISSING:
    case VALUE_NULL: buf_put(out, S("null")); break;
    case VALUE_BOOL: buf_put(out, v->truth ? S("true") : S("false")); break;
    case VALUE_NUMBER: buf_put(out, v->text); break;
    case VALUE_TEXT: json_put_str(out, v->text); break;
    case VALUE_NODE: json_put_val(out, v->node); break;
    case VALUE_LIST: put_list(out, v); break;
    }
}

bool value_says(struct str text, bool *yes)
{
    static const struct {
        struct str word;
        bool yes;
    } words[] = {{S_INIT("true"), true}, {S_INIT("false"), false}, {S_INIT("1"), true},
                 {S_INIT("0"), false},   {S_INIT("yes"), true},    {S_INIT("no"), false},
                 {S_INIT("on"), true},   {S_INIT("off"), false}};
    text = str_trim(text);
    for (size_t i = 0; i < countof(words); i++) {
        if (!str_eq_nocase(text, words[i].word)) continue;
        *yes = words[i].yes;
        return true;
    }
    return false;
}
