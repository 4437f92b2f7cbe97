/* SPDX-License-Identifier: Apache-2.0 */
/* The same run with a recorder: which action was chosen and by which line, for every target which
 * source won and what each filter made of it, and the verdict. Personal data is masked unless asked
 * for. For people (text) and for the console (JSON). */
#ifndef MAP_EXPLAIN_H
#define MAP_EXPLAIN_H

#include "map/plan.h"
#include "map/value.h"

struct explain;

/* What the evaluator of expressions reports while it computes one target, in this order; x is never
 * NULL. explain_source: the alternative that won, as written ("traits.email", "\"USD\""), and its
 * value (MISSING when none did). explain_filter: one filter as written, and its value before and
 * after. Values are copied. */
void explain_source(struct explain *x, struct str written, const struct value *value)
    __attribute__((cold));
void explain_filter(struct explain *x, struct str written, const struct value *before,
                    const struct value *after) __attribute__((cold));

/* What the runner reports, in the order of the run; x is never NULL. */
/* explain_start begins a new story: one event for one destination. */
void explain_start(struct explain *x, struct str destination, const struct parsed_event *event)
    __attribute__((cold));
/* explain_note is a sentence about the choice of rules, with its place (file NULL: none). */
void explain_note(struct explain *x, struct loc loc, const char *format, ...)
    __attribute__((cold, format(printf, 3, 4)));
/* explain_target begins one parameter; sources and filters that follow belong to it. */
void explain_target(struct explain *x, struct str section, struct str name, struct loc loc)
    __attribute__((cold));
/* explain_member: the sources and filters that follow are of this part of it. */
void explain_member(struct explain *x, struct str name) __attribute__((cold));
/* explain_redacted: something personal was taken out of the present target, as described. */
void explain_redacted(struct explain *x, struct str what) __attribute__((cold));
/* explain_withheld: this may not leave, by `pii.only`. */
void explain_withheld(struct explain *x, struct str section, struct str name) __attribute__((cold));
/* explain_written ends it with what went into the event, key and all; empty: it was left out. */
void explain_written(struct explain *x, struct str json) __attribute__((cold));

/* explain_failed ends it, and the event with it: no usable value. */
void explain_failed(struct explain *x) __attribute__((cold));

struct explain *explain_new(bool reveal_personal_data);
void explain_free(struct explain *x);
/* explain_print appends the steps of the last plan_run with x, the verdict and the JSON. */
void explain_print(const struct explain *x, const struct translation *t, struct str json_out,
                   struct buf *out);

#endif
