/* SPDX-License-Identifier: Apache-2.0 */
/* See members.h. */
#include "map/members.h"

#include "map/paths.h"

/* By length and first letter, as keys of events differ most. An empty key has a NUL behind it. */
static size_t mark_of(struct str key)
{
    return (key.n + 4 * (size_t)(unsigned char)key.p[0]) % MEMBER_MARKS;
}

static uint32_t find(const struct members *m, struct str key)
{
    size_t i = m->first[mark_of(key)];
    while (i && !str_eq(m->names[i - 1], key)) i = m->next[i - 1];
    return (uint32_t)i - 1; /* 0 becomes NO_MEMBER */
}

uint32_t members_add(struct members *m, struct str name)
{
    if (!name.n) return NO_MEMBER; /* it may have no place to look at */
    uint32_t number = find(m, name);
    if (number != NO_MEMBER || m->count == MEMBERS_MAX) return number;
    unsigned char *first = &m->first[mark_of(name)];
    m->names[m->count] = name;
    m->next[m->count] = *first;
    *first = (unsigned char)++m->count;
    return m->count - 1;
}

static void fill_object(const struct members *m, yyjson_val *object, struct value *values)
{
    size_t index, count;
    yyjson_val *key, *value;
    yyjson_obj_foreach (object, index, count, key, value) {
        struct str name = str_of(unsafe_yyjson_get_str(key), unsafe_yyjson_get_len(key));
        uint32_t number = find(m, name);
        if (number != NO_MEMBER) value_set(&values[number], value);
    }
}

void members_fill(const struct members *m, const struct value *item, struct value *values)
{
    bool object = item->kind == VALUE_NODE && yyjson_is_obj(item->node);
    bool list = !object && (item->kind == VALUE_NODE || item->kind == VALUE_LIST);
    for (size_t i = 0; i < m->count; i++) values[i].kind = VALUE_MISSING;
    if (object) fill_object(m, item->node, values);
    for (size_t i = 0; list && i < m->count; i++) {
        const struct path_step step = {m->names[i], 0};
        values[i] = paths_walk(*item, &step, 1);
    }
}
