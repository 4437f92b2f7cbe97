/* SPDX-License-Identifier: Apache-2.0 */
/* The parser's tree is the simpler form of an outline and of nodes: whatever text is given, all must say the same. */
#ifndef SUPPORT_OUTLINE_H
#define SUPPORT_OUTLINE_H

#include "base/json.h"
#include "base/nodes.h"
#include "base/outline.h"

#include <assert.h>

static inline enum outline_kind outline_kind_of(yyjson_val *v)
{
    if (yyjson_is_obj(v)) return OUTLINE_OBJECT;
    if (yyjson_is_arr(v)) return OUTLINE_LIST;
    if (yyjson_is_str(v)) return OUTLINE_STRING;
    return yyjson_is_raw(v) ? OUTLINE_NUMBER : OUTLINE_OTHER;
}

/* Both mean the same text, byte for byte: also NUL, which a string may have. */
static inline void outline_same_str(const struct outline *o, const struct outline_node *node,
                                    yyjson_val *v, struct arena *arena)
{
    struct str mine = outline_str(o, node, arena), its = json_str(v);
    assert(!mine.p == !its.p && str_eq(mine, its));
}

/* node and v are the same value with the same in it, and node's text is all of it. */
static inline void outline_same(const struct outline *o, const struct outline_node *node,
                                yyjson_val *v, struct arena *arena)
{
    size_t index, count;
    yyjson_val *key, *item;
    struct str text = outline_text(o, node);
    const struct outline_node *mine = node + 1;
    assert(node->kind == outline_kind_of(v));
    assert(json_skip(o->text, (size_t)(text.p - o->text.p)) ==
           (size_t)(text.p - o->text.p) + text.n);
    for (unsigned max = 0; max < 4; max++) assert((node->height <= max) == json_depth_ok(v, max));
    outline_same_str(o, node, v, arena);
    assert(outline_count(node) == (yyjson_is_ctn(v) ? yyjson_get_len(v) : 0));
    yyjson_arr_foreach (v, index, count, item) {
        outline_same(o, mine, item, arena);
        const struct outline_node *behind = outline_behind(node, mine);
        if (!index) assert(mine == outline_first(node));
        mine += mine->nodes;
        assert(behind == (index + 1 < count ? mine : NULL));
    }
    yyjson_obj_foreach (v, index, count, key, item) {
        struct str name = json_str(key);
        outline_same_str(o, mine, key, arena);
        outline_same(o, mine + 1, item, arena);
        const struct outline_node *found = outline_find(o, node, name);
        assert(found && (json_member(v, name) == item) == (found == mine + 1));
        mine += 1 + mine[1].nodes;
    }
    assert(mine == node + node->nodes);
}

/* Two trees of the same: nodes come one behind the other as yyjson has them. */
static inline void nodes_same(yyjson_val *mine, yyjson_val *its, yyjson_val *end)
{
    for (; its < end; mine++, its++) {
        assert(yyjson_get_type(mine) == yyjson_get_type(its));
        assert(unsafe_yyjson_get_len(mine) == unsafe_yyjson_get_len(its));
        assert(yyjson_is_true(mine) == yyjson_is_true(its));
        if (yyjson_is_ctn(its)) assert(mine->uni.ofs == its->uni.ofs);
        assert(!json_str(mine).p == !json_str(its).p && str_eq(json_str(mine), json_str(its)));
    }
}

/* nodes_agree holds the nodes of a text against its tree; NULL: there is none. */
static inline void nodes_agree(struct str text, yyjson_val *root, struct arena *arena)
{
    static const struct nodes_secret secret;
    struct nodes nodes;
    if (!nodes_read(arena, text, &secret, &nodes)) {
        assert(!root || str_find_char(text, '\\', 0) != SIZE_MAX);
        return;
    }
    assert(root && str_find_char(text, '\\', 0) == SIZE_MAX);
    nodes_same(nodes.root, root, unsafe_yyjson_get_next(root));
    for (unsigned max = 1; max < 4; max++)
        assert((nodes.height <= max) == json_depth_ok(root, max));
}

/* outline_agrees holds the outline of a text against its tree; true when both take it. */
static inline bool outline_agrees(struct str text, struct arena *arena)
{
    struct err err;
    struct outline o;
    yyjson_val *root = json_read(arena, text, &err);
    bool ok = outline_read(arena, text, &o);
    assert(ok == (root != NULL));
    nodes_agree(text, root, arena);
    if (ok) outline_same(&o, o.nodes, root, arena);
    return ok;
}

#endif
