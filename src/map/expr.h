/* SPDX-License-Identifier: Apache-2.0 */
/* One-line expressions: paths, `||`, `??`, then filters.
 *
 *     expression  = alternative ( "|" filter )*
 *     alternative = primary ( ( "||" | "??" ) primary )*         left to right; "??" and "||" alike
 *     primary     = path | .path | string | number | true | false | null | "(" expression ")"
 *     filter      = name [ "(" literal ( "," literal )* ")" ]
 *
 * `a || b` is a unless it is missing, null, "", [] or {}, else b unless it is such too, else nothing;
 * `a ?? b` is a unless it is missing or null, else b. A filter applies to the whole chain of
 * alternatives before it; parentheses narrow it. `.path` begins at the present item of `each`, `.` is
 * the item itself. `a[*].b` is the list of b of all items. No loops, no recursion:
 * the cost is known when compiled. A compiled expression belongs to a set of paths and lives in the
 * generation's arena. */
#ifndef MAP_EXPR_H
#define MAP_EXPR_H

#include "core/diag.h"
#include "map/members.h"
#include "map/paths.h"

struct expr;

/* Where an expression may look. */
struct expr_scope {
    struct paths *paths;
    bool in_each;        /* `.path` is allowed */
    struct arena *arena; /* generation */
    struct diags *diags;
    struct members
        *members; /* in each: what is asked of the item; NULL: each path looks for itself */
};

/* expr_compile parses and checks; NULL and a diag with the place (inside the text) when wrong. */
struct expr *expr_compile(const struct expr_scope *scope, struct text text);

/* What a filter said besides a value. */
enum expr_verdict {
    EXPR_OK,
    EXPR_MISSING,   /* `| required` and nothing was left: the event is dead, MISSING_FIELD */
    EXPR_INVALID,   /* a filter that must convert could not (`| money`): dead, INVALID_VALUE */
    EXPR_SKIP_ITEM, /* `| or_skip` in an each: leave this item out */
};

/* A text of the event, or one that a filter made of it in scratch, and the time that it says. */
struct eval_time {
    struct str text;
    int64_t ms;
};

/* One evaluation. Filled by the runner once per event; item changes within `each`. */
struct eval {
    const struct value *slots;
    struct value item;           /* the present item of `each`; MISSING outside */
    const struct value *members; /* what it has of the scope's members, if the scope had any */
    const struct event *event;
    int64_t now_ms;
    struct arena *scratch;     /* the run's; reset per event */
    struct buf *text;          /* the run's; filters may use it and must leave its n as it was */
    enum expr_verdict verdict; /* EXPR_OK, or the first other one; evaluation stops there */
    const char *message;       /* static words with the verdict, e.g. "not a number" */
    struct explain *explain;   /* NULL in normal operation */
    /* The time that was last read, and the number that was last made of one: the time of the event is asked
     * for several times, and reading it takes a hundred times as long as looking here. */
    struct eval_time read, made;
};

/* expr_get computes the value: borrowed from the event or the expression, or *made. Sets ev->verdict; the
 * value is MISSING unless it stays EXPR_OK. expr_eval is the same and returns a copy. */
const struct value *expr_get(const struct expr *e, struct eval *ev, struct value *made);
struct value expr_eval(const struct expr *e, struct eval *ev);
/* expr_plain returns the slots of an expression that is nothing but a path or paths with || between them,
 * and how many; 0 for all others. Of more than one the first that is not empty is the value. */
const uint32_t *expr_plain(const struct expr *e, size_t *count);
/* expr_text is the source text and place, for explain. */
struct text expr_text(const struct expr *e);
/* expr_is_settled: does the value depend on nothing but the slots that expr_slots tells? Not with filters
 * that look at the clock, or at when and how the event came. */
bool expr_is_settled(const struct expr *e);
/* expr_slots calls fn for every slot the expression reads absolutely (used to know which source
 * properties were mapped into user_data). */
void expr_slots(const struct expr *e, void (*fn)(void *ctx, size_t slot), void *ctx);
/* expr_paths calls fn with the steps of every absolute path, `[*]` cut off (same use, by name). */
void expr_paths(const struct expr *e,
                void (*fn)(void *ctx, const struct path_step *steps, size_t count), void *ctx);

#endif
