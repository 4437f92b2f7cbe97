/* SPDX-License-Identifier: Apache-2.0 */
/* Filters on lists. They look at no more than LIMIT_EACH_ITEMS items, which also bounds the square
 * in unique. */
#include "core/limits.h"
#include "map/decimal.h"
#include "map/filter.h"

#include <math.h>

/* A bounded walk over the input. */
struct items {
    struct value_walk walk;
    size_t count;
};

static struct items items_of(const struct value *list)
{
    return (struct items){.walk = value_walk(list)};
}

static bool next(struct items *items, struct value *item)
{
    return items->count++ < LIMIT_EACH_ITEMS && value_next(&items->walk, item);
}

/* An empty list with room for all items of the input. */
static struct value *room_for(struct filter_call *call, const struct value *list)
{
    size_t count = value_length(list);
    return arena_array(call->ev->scratch, struct value,
                       count < LIMIT_EACH_ITEMS ? count : LIMIT_EACH_ITEMS);
}

static struct value list_of(const struct value *items, size_t count)
{
    return (struct value){.kind = VALUE_LIST, .items = items, .count = count};
}

struct value apply_first(struct filter_call *call, struct value in)
{
    (void)call;
    return value_item(&in, 0);
}

struct value apply_last(struct filter_call *call, struct value in)
{
    size_t count = value_length(&in);
    (void)call;
    return count ? value_item(&in, count - 1) : value_missing();
}

struct value apply_count(struct filter_call *call, struct value in)
{
    size_t mark = call->ev->text->n;
    buf_put_u64(call->ev->text, value_length(&in));
    return value_number(filter_made(call, mark).text);
}

/* As a double: sums are of a few prices or quantities. */
static bool read_number(const struct value *v, double *out)
{
    struct decimal d;
    char digits[DECIMAL_TEXT_BYTES];
    if (v->kind == VALUE_NUMBER) return str_to_double(v->text, out);
    if (v->kind != VALUE_TEXT || !decimal_read_amount(v->text, &d)) return false;
    decimal_round(&d, 12); /* str_to_double takes no long text */
    return str_to_double(decimal_print(&d, digits), out);
}

struct value apply_sum(struct filter_call *call, struct value in)
{
    struct items items = items_of(&in);
    struct value item;
    double sum = 0, number;
    bool any = false;
    while (next(&items, &item)) {
        if (!read_number(&item, &number)) continue;
        sum += number;
        any = true;
    }
    if (!any || !isfinite(sum)) return value_missing();
    /* 15 digits: what decimals added as doubles agree in, so that 0.1 and 0.2 make 0.3. */
    return value_number(arena_printf(call->ev->scratch, "%.15g", sum));
}

struct value apply_join(struct filter_call *call, struct value in)
{
    struct items items = items_of(&in);
    struct value item;
    struct str part;
    size_t mark = call->ev->text->n, parts = 0;
    while (next(&items, &item)) {
        if (!value_scalar_text(&item, &part)) continue;
        if (parts++) buf_put(call->ev->text, call->use->args[0].text);
        buf_put(call->ev->text, part);
    }
    struct value joined = filter_made(call, mark);
    return parts ? joined : value_missing();
}

static bool is_same(const struct value *a, const struct value *b)
{
    struct str x, y;
    if (a->kind != b->kind) return false;
    if (value_is_null(a)) return true;
    return value_scalar_text(a, &x) && value_scalar_text(b, &y) && str_eq(x, y);
}

/* What an object has under a name. */
static struct value member(const struct value *object, struct str name)
{
    const struct path_step step = {name, 0};
    return paths_walk(*object, &step, 1);
}

static bool has_name(const struct value *item, struct str key, struct str name)
{
    struct str text;
    struct value v = member(item, key);
    return value_scalar_text(&v, &text) && str_eq(text, name);
}

struct value apply_named(struct filter_call *call, struct value in)
{
    for (size_t i = 0; i < call->use->arg_count; i++) {
        struct items items = items_of(&in);
        struct str name = call->use->args[i].text;
        for (struct value item; next(&items, &item);) {
            if (!has_name(&item, S("name"), name) && !has_name(&item, S("key"), name)) continue;
            struct value v = member(&item, S("value"));
            if (!value_is_empty(&v)) return v;
        }
    }
    return value_missing();
}

struct value apply_unique(struct filter_call *call, struct value in)
{
    struct items items = items_of(&in);
    struct value *kept = room_for(call, &in), item;
    size_t count = 0;
    while (next(&items, &item)) {
        size_t i = 0;
        while (i < count && !is_same(&kept[i], &item)) i++;
        if (i == count) kept[count++] = item;
    }
    return list_of(kept, count);
}

struct value apply_compact(struct filter_call *call, struct value in)
{
    struct items items = items_of(&in);
    struct value *kept = room_for(call, &in), item;
    size_t count = 0;
    while (next(&items, &item)) {
        if (!value_is_empty(&item)) kept[count++] = item;
    }
    return list_of(kept, count);
}
