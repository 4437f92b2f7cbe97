/* SPDX-License-Identifier: Apache-2.0 */
/* A value inside an expression: a view of the event's JSON or something a filter made in the run's
 * arena. Numbers stay decimal text, so that 99.950 is rounded as written and nothing is lost beyond
 * 2^53; they become double only to be compared. */
#ifndef MAP_VALUE_H
#define MAP_VALUE_H

#include "base/json.h"

enum value_kind {
    VALUE_MISSING, /* this and NULL first */
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_NUMBER, /* text is JSON number text */
    VALUE_TEXT,
    VALUE_NODE, /* a JSON list or object of the event */
    VALUE_LIST, /* a list that an expression made; items may be anything but VALUE_LIST */
};

struct value {
    enum value_kind kind;
    bool truth; /* VALUE_BOOL */
    union {     /* small, because a plan has a hundred slots to clear and copy for each event */
        struct str text;  /* VALUE_TEXT, VALUE_NUMBER */
        yyjson_val *node; /* VALUE_NODE */
        struct {          /* VALUE_LIST */
            const struct value *items;
            size_t count;
        };
    };
};

/* value_set makes *v that JSON value (NULL is MISSING); scalars are unpacked. Inline, with value_of: they
 * are called for each member of each event. Without a branch for the kinds, which come in no order. */
static inline void value_set(struct value *v, yyjson_val *node)
{
    static const unsigned char kinds[YYJSON_TYPE_MASK + 1] = {
        [YYJSON_TYPE_RAW] = VALUE_NUMBER, [YYJSON_TYPE_NULL] = VALUE_NULL,
        [YYJSON_TYPE_BOOL] = VALUE_BOOL,  [YYJSON_TYPE_STR] = VALUE_TEXT,
        [YYJSON_TYPE_ARR] = VALUE_NODE,   [YYJSON_TYPE_OBJ] = VALUE_NODE,
    };
    *v = (struct value){.kind = VALUE_MISSING};
    if (!node) return;
    v->kind = (enum value_kind)kinds[unsafe_yyjson_get_type(node)];
    v->truth = unsafe_yyjson_get_tag(node) == (YYJSON_TYPE_BOOL | YYJSON_SUBTYPE_TRUE);
    v->text = str_of(unsafe_yyjson_get_str(node), unsafe_yyjson_get_len(node));
    if (v->kind == VALUE_NODE) v->node = node;
}
static inline struct value value_of(yyjson_val *node)
{
    struct value v = {.kind = VALUE_MISSING};
    value_set(&v, node);
    return v;
}
static inline struct value value_text(struct str text)
{
    return (struct value){.kind = VALUE_TEXT, .text = text};
}
static inline struct value value_number(struct str digits)
{
    return (struct value){.kind = VALUE_NUMBER, .text = digits};
}
static inline struct value value_bool(bool truth)
{
    return (struct value){.kind = VALUE_BOOL, .truth = truth};
}
/* value_is_null: MISSING or NULL; what `??` skips. */
static inline bool value_is_null(const struct value *v)
{
    return v->kind <= VALUE_NULL;
}
/* value_is_empty: also "", [] and {}; what `||` skips. 0 and false are values. */
static inline bool value_is_empty(const struct value *v)
{
    if (value_is_null(v)) return true;
    if (v->kind == VALUE_TEXT) return v->text.n == 0;
    if (v->kind == VALUE_NODE) return unsafe_yyjson_get_len(v->node) == 0;
    return v->kind == VALUE_LIST && v->count == 0;
}
/* value_scalar_text is the text of a scalar: text as it is, number digits, true/false. False for
 * null, missing, lists and objects. */
static inline bool value_scalar_text(const struct value *v, struct str *out)
{
    if (v->kind == VALUE_TEXT || v->kind == VALUE_NUMBER) {
        *out = v->text;
        return true;
    }
    if (v->kind != VALUE_BOOL) return false;
    *out = v->truth ? S("true") : S("false");
    return true;
}
/* value_length and value_item walk a list of either kind; an object or scalar is a list of one, null
 * and missing are empty. */
size_t value_length(const struct value *v);
struct value value_item(const struct value *v, size_t index);
/* The same in one pass, which is linear also for JSON lists:
 *     struct value_walk walk = value_walk(&v);
 *     for (struct value item; value_next(&walk, &item);) ... */
struct value_walk {
    const struct value *of;
    yyjson_val *node; /* the next item of a JSON list */
    size_t at, count;
};
struct value_walk value_walk(const struct value *v);
bool value_next(struct value_walk *walk, struct value *item);
/* value_says reads yes or no as forms and people write them, in any capitals: true, 1, yes, on (a ticked box of an
 * HTML form), false, 0, no, off. False, with *yes untouched, for anything else. */
bool value_says(struct str text, bool *yes);
/* value_put_json appends v as JSON (MISSING as null). */
void value_put_json(struct buf *out, const struct value *v);

#endif
