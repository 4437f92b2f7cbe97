/* SPDX-License-Identifier: Apache-2.0 */
/* One Meta event written from one program: the event's own fields, user_data, custom_data. What the
 * files run.c, emit.c, user.c and custom.c share; for nobody else. */
#ifndef MAP_EMIT_H
#define MAP_EMIT_H

#include "map/program.h"
#include "meta/check.h"

/* A thread's memory for mapping. It grows to what the largest event needed and stays. */
struct run {
    struct arena parsed;  /* the tree; until the next run_parse */
    struct arena scratch; /* until the next plan_run */
    struct value *slots;
    size_t slot_capacity;
    struct buf text;     /* filters; empty between evaluations */
    struct buf country;  /* the event's normalised country */
    struct buf personal; /* a normaliser's scratch */
    struct buf plain;    /* a parameter that is not hashed, before it is escaped */
    struct buf name;     /* the dotted name of a nested property */
};

/* One plan_run. */
struct job {
    const struct plan *plan;
    struct run *run;
    struct eval eval;
    struct buf *out;
    struct outcome *outcome;
    const struct parsed_event *event;
    const uint64_t *present; /* which slots have a value, a bit each */
};

/* One Meta event of it. */
struct emitter {
    struct job *job;
    const struct program *fill;
    struct meta_facts facts;
    size_t start;  /* where the event begins in out */
    bool *written; /* custom_data targets, by index, that gave a value */
};

/* emit_event appends the event and says until when Meta takes it. False with the job's outcome set
 * when it is dead; out is then whatever it was left at. */
bool emit_event(struct job *job, const struct program *fill, int64_t *deadline_ms);
/* emit_known writes a value by the type of its field (NULL: as it is) behind key, and notes what the
 * checks ask for. False, with nothing appended, when there is no value or the field cannot take it. */
bool emit_known(struct emitter *e, const struct meta_field *field, struct str key,
                const struct value *v);
/* emit_evaluate computes a target's value; of the list form with fields, the list. False: dead,
 * outcome set. emit_tell reports what was written since mark, to explain. */
bool emit_evaluate(struct emitter *e, enum meta_section section, const struct target *t,
                   struct value *v);
void emit_tell(struct emitter *e, size_t mark);
/* emit_dead_expr makes the event dead because the expression at path said so; returns false. */
bool emit_dead_expr(struct emitter *e, struct str path, const struct expr *expr);
/* emit_note tells the checks that a field has a value, whose JSON is given. */
void emit_note(struct emitter *e, const struct meta_field *field, const struct value *v,
               struct str json);
/* emit_small is false, with the outcome set, when the event has grown beyond its limit. */
bool emit_small(struct emitter *e);

/* written_put appends an object or list that the configuration writes out, behind its key; nothing
 * when it stays empty. False: dead, outcome set. */
bool written_put(struct emitter *e, enum meta_section section, const struct target *t);
/* written_list is the value of one that is a list of expressions. False: dead, outcome set. */
bool written_list(struct emitter *e, struct str path, const struct target *t, struct value *v);
/* user_put appends user_data. False: dead, outcome set. */
bool user_put(struct emitter *e);
/* custom_pass appends the event's own properties that go along. False: dead, outcome set. */
bool custom_pass(struct emitter *e);

#endif
