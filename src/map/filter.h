/* SPDX-License-Identifier: Apache-2.0 */
/* Filters: `value | name(arguments)`. What each does is in filter_table.h; the functions are in
 * filter_kind.c, filter_text.c, filter_list.c, filter_money.c and filter_event.c. */
#ifndef MAP_FILTER_H
#define MAP_FILTER_H

#include "map/expr.h"
#include "map/filter_table.h"

struct trigger;

enum filter_input {
    FILTER_ANY,
    FILTER_SOME,
    FILTER_TEXT,
    FILTER_NUMBER,
    FILTER_LIST,
};

enum { FILTER_READS = 2 }; /* how many event fields one filter can look at */

/* One filter with its arguments, as it stands in an expression. */
struct use {
    const struct filter *filter;
    const struct value *args; /* checked against the table when compiled */
    size_t arg_count;
    const struct trigger *trigger; /* of an argument that is one; else NULL */
    size_t reads[FILTER_READS];    /* slots; SIZE_MAX: none */
    struct str written;
};

/* One call: everything a filter's function may use. */
struct filter_call {
    struct eval *ev;
    const struct use *use;
};

/* in fits the table's INPUT. For TEXT, in.text is the text and in.kind still says what it was; for
 * NUMBER, in.text is JSON number text. */
typedef struct value filter_fn(struct filter_call *call, struct value in);

struct filter {
    struct str name;
    enum filter_input input;
    const char *args;
    struct str arg_names;
    /* Event fields that it looks at beside its value, separated by blanks. Only such a filter may look at
     * the clock or at ev->event too (expr_is_settled). */
    struct str reads;
    struct str meaning;
    struct str example_in, example_call, example_out;
    filter_fn *apply;
};

/* The table, in its order. */
extern const struct filter filters[];
extern const size_t filter_count;

/* filter_find returns the filter or NULL; filter_suggest the nearest name, or an empty view. */
const struct filter *filter_find(struct str name);
struct str filter_suggest(struct str name);
/* filter_check_args: do these literals fit? Otherwise *wrong is the index of the argument that does
 * not (count when there are too few), and message (static or in the arena) says why. */
bool filter_check_args(const struct filter *f, const struct value *args, size_t count,
                       struct arena *arena, size_t *wrong, struct str *message);
/* filter_reference appends the Markdown page of expressions, filters and roots of paths. */
void filter_reference(struct buf *out);

/* --- for the filters' functions --- */
static inline struct value value_missing(void)
{
    return (struct value){.kind = VALUE_MISSING};
}
/* filter_fit turns v into what the filter takes; false when it cannot be. */
bool filter_fit(struct filter_call *call, struct value *v);
/* filter_apply fits the value to the filter's input and calls it; sets call->ev->verdict. Inline: a value is
 * handed on whole, and most fit as they are. */
static inline struct value filter_apply(struct filter_call *call, struct value in)
{
    const struct filter *f = call->use->filter;
    bool fits = in.kind == VALUE_TEXT && f->input <= FILTER_TEXT;
    return fits || filter_fit(call, &in) ? f->apply(call, in) : value_missing();
}
/* filter_read is the event's field that the filter looks at, by its place in the table. */
static inline const struct value *filter_read(const struct filter_call *call, size_t i)
{
    assert(call->use->reads[i] != SIZE_MAX);
    return &call->ev->slots[call->use->reads[i]];
}
/* filter_fail sets the verdict (message is static) and returns MISSING. */
struct value filter_fail(struct filter_call *call, enum expr_verdict verdict, const char *message)
    __attribute__((cold));
/* filter_time: is v the number that a filter just made of a time? Then *ms is what it says. */
bool filter_time(const struct eval *ev, const struct value *v, int64_t *ms);
/* filter_made takes what was written to ev->text since mark as the result: copied to scratch, the
 * buffer cut back. EXPR_INVALID beyond LIMIT_OUT_EVENT_BYTES. */
struct value filter_made(struct filter_call *call, size_t mark);

#define X(name, INPUT, args, arg_names, reads, meaning, in, text, out) filter_fn apply_##name;
FILTERS(X)
#undef X

#endif
