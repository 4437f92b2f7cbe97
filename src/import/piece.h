/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions of ours as text in the making: knows when parentheses are needed, how paths and texts
 * are written, and whether the map room would take the result. */
#ifndef IMPORT_PIECE_H
#define IMPORT_PIECE_H

#include "base/json.h"

enum piece_kind {
    PIECE_NOTHING, /* no value, ever */
    PIECE_ATOM,    /* a path or a fixed value */
    PIECE_CHAIN,   /* joined by || or ?? */
    PIECE_PIPE,    /* ends with filters */
};

struct piece {
    enum piece_kind kind;
    struct str text;
};

/* piece_text is a fixed text; false when it holds NUL, which expressions cannot. */
bool piece_text(struct arena *arena, struct str text, struct piece *out);
/* piece_scalar is a fixed text, number or truth; null is PIECE_NOTHING. False for lists and objects,
 * and for what no literal can say. */
bool piece_scalar(struct arena *arena, yyjson_val *v, struct piece *out);
/* piece_json is any fixed JSON, by from_json where it is no scalar. */
bool piece_json(struct arena *arena, yyjson_val *v, struct piece *out);
/* piece_is_word: may a step stand in a path without quotes? */
bool piece_is_word(struct str s);
/* piece_path writes steps as a path; relative: of the item of `each`. No steps: the item itself. */
struct piece piece_path(struct arena *arena, bool relative, const struct str *steps, size_t count);
/* piece_filter puts a filter behind p, e.g. "lower", "default(0)". */
struct piece piece_filter(struct arena *arena, struct piece p, struct str filter);
/* piece_filter_text is the same for a filter of one text, e.g. prefix. False as piece_text. */
bool piece_filter_text(struct arena *arena, struct piece *p, struct str name, struct str text);
/* piece_else joins two with "||" or "??"; either may be PIECE_NOTHING. */
struct piece piece_else(struct arena *arena, struct piece a, struct str join, struct piece b);

/* piece_check compiles an expression, as the configuration's reader will; false and why (one line, in
 * the arena). */
bool piece_check(struct arena *arena, struct str text, bool in_each, struct str *why);
/* piece_check_trigger is the same for a trigger. */
bool piece_check_trigger(struct arena *arena, struct str text, struct str *why);

#endif
