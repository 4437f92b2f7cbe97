/* SPDX-License-Identifier: Apache-2.0 */
/* Segment's mapping kit, which Customer.io's Data Pipelines share: JSON in which an object with one
 * "@..." key computes a value from the event. Here such values become expressions. What the language
 * of map/ cannot say is refused with the reason; what it says a little differently gets a remark.
 * Nothing is guessed. */
#ifndef IMPORT_DIRECTIVE_H
#define IMPORT_DIRECTIVE_H

#include "core/limits.h"
#include "import/piece.h"

enum { DIRECTIVE_REMARKS = 8, DIRECTIVE_STEPS = LIMIT_JSON_DEPTH };

struct directives {
    struct arena *arena;
    bool in_each;      /* paths are those of the item */
    yyjson_val *apply; /* inside @transform: the raw object that paths lead into; else NULL */
    unsigned depth;    /* of directives in directives */
    unsigned level;    /* of objects and lists in each other */
    struct str why;    /* set when something is refused */
    struct str remarks[DIRECTIVE_REMARKS];
    size_t remark_count; /* beyond the array: counted, not kept */
};

void directives_init(struct directives *d, struct arena *arena);
/* directive_translate makes an expression of v: a directive or fixed JSON. False: d->why. */
bool directive_translate(struct directives *d, yyjson_val *v, struct piece *out);
/* directive_path translates a path of the kit, "$.properties.products[0].id". False: d->why. */
bool directive_path(struct directives *d, struct str path, struct piece *out);
/* directive_steps takes a path of the kit apart; steps has room for DIRECTIVE_STEPS. False: d->why. */
bool directive_steps(struct directives *d, struct str path, struct str *steps, size_t *count);
/* directive_of: when v is a directive, its name ("@path") and what it holds; false otherwise. */
bool directive_of(yyjson_val *v, struct str *name, yyjson_val **holds);
/* directive_unwrap takes the wrappers off that change nothing here: @literal, @excludeWhenNull. */
yyjson_val *directive_unwrap(yyjson_val *v);
/* directive_is_fixed: is there no directive in v, at any depth? */
bool directive_is_fixed(yyjson_val *v);
/* directive_place writes steps as a path from the event or, inside each, the item. Refuses a first name that
 * would need quotes: no part of an event has one, and there it would be a fixed text. */
bool directive_place(struct directives *d, const struct str *steps, size_t count,
                     struct piece *out);
/* directive_refuse sets d->why and returns false. */
bool directive_refuse(struct directives *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void directive_remark(struct directives *d, struct str remark);

/* template.c: @template, and of @liquid what is just that. */
bool directive_template(struct directives *d, struct str text, struct piece *out);

#endif
