/* SPDX-License-Identifier: Apache-2.0 */
/* Where the values are in events of frequent shapes (base/nodes.h). What a site sends is of a few shapes, each from one
 * place in its code, and in all events of one shape a path ends at the same node: instead of a walk through the names
 * of an event, each looked up, there is one over the paths that it is known to have. (Preset standard: 5 % less time an
 * event, because a walk that does not branch by what it finds is foreseen by the processor.)
 *
 * A shape is learned when it comes for the second time, so that those that come once do not cost their learning; one
 * that is not known costs time alone. So are the properties that go along into custom_data (custom.c). */
#ifndef MAP_SHAPE_H
#define MAP_SHAPE_H

#include "base/nodes.h"
#include "map/value.h"

/* One thread's own. */
struct shapes;
struct shapes *shapes_new(void);
void shapes_free(struct shapes *s);

/* shapes_number is a number for who asks about shapes, a set of paths or a program: no other in the process has or
 * had it. */
uint64_t shapes_number(void);

/* What is known of one shape for who asks. */
struct shape;

/* shapes_find returns what is known of a shape for who has that number. NULL: nothing; then *learn says whether
 * shapes_learn or shapes_keep is to be told what will be found. */
const struct shape *shapes_find(struct shapes *s, const struct nodes_shape *of, uint64_t number,
                                bool *learn);
/* shapes_learn keeps from which nodes of an event of that shape the slots were set that are present; nothing of
 * more than SHAPE_SLOTS of them, or when there are more than SHAPE_SLOTS_END in all. */
enum { SHAPE_SLOTS = 96, SHAPE_SLOTS_END = 512 };
struct shape_found {
    const yyjson_val *root;
    yyjson_val *const *from; /* a node for each slot that is present */
    const uint64_t *present; /* a bit for each slot */
    size_t slot_count;
    const yyjson_val *direct; /* context.direct; NULL: there is none */
};
void shapes_learn(struct shapes *s, const struct nodes_shape *of, uint64_t number,
                  const struct shape_found *found);
/* shapes_keep keeps a list of nodes, each with a word of the caller's; nothing of more than SHAPE_SLOTS.
 * shape_links is that list. */
struct shape_link {
    uint16_t slot, node; /* node: its number from the root on */
};
void shapes_keep(struct shapes *s, const struct nodes_shape *of, uint64_t number,
                 const struct shape_link *links, size_t count);
const struct shape_link *shape_links(const struct shape *shape, size_t *count);
/* shape_fill sets the slots from the nodes of an event of that shape, and their bits in present. Returns
 * context.direct, or NULL. */
yyjson_val *shape_fill(const struct shape *shape, yyjson_val *root, struct value *slots,
                       uint64_t *present);

#endif
