/* SPDX-License-Identifier: Apache-2.0 */
/* One Meta event written from one program: the event's own fields, user_data, custom_data. What the
 * files run.c, emit.c, user.c and custom.c share; for nobody else. */
#ifndef MAP_EMIT_H
#define MAP_EMIT_H

#include "core/limits.h"
#include "map/bots.h"
#include "map/explain.h"
#include "map/person.h"
#include "map/program.h"
#include "map/shape.h"
#include "meta/check.h"
#include "meta/memo.h"

/* A thread's memory for mapping. It grows to what the largest event needed and stays. */
struct run {
    struct arena parsed;  /* the tree; until the next run_parse */
    struct arena scratch; /* until the next plan_run */
    struct value *slots;  /* all missing between two runs */
    size_t slot_capacity;
    struct meta_memo *memo;  /* common values of user_data */
    struct persons *persons; /* user_data of those who come again */
    struct shapes *shapes;   /* where the values of events of frequent shapes are */
    struct nodes_secret secret;
    struct bots *bots;
    struct buf text;     /* filters; empty between evaluations */
    struct buf country;  /* the event's normalised country */
    struct buf personal; /* a normaliser's scratch */
    struct buf plain;    /* a parameter that is not hashed, before it is escaped */
    struct buf name;     /* the dotted name of a nested property */
    struct buf view;     /* the event as its source's view has it */
};

/* One plan_run. */
struct job {
    const struct plan *plan;
    struct run *run;
    struct eval eval;
    struct buf *out;
    struct outcome *outcome;
    const struct parsed_event *event;
    size_t redacted;         /* finds of personal data so far */
    const uint64_t *present; /* which slots have a value, a bit each */
};

/* One Meta event of it. */
struct emitter {
    struct job *job;
    const struct program *fill;
    struct meta_facts facts;
    size_t start;     /* where the event begins in out */
    bool *written;    /* custom_data targets, by index, that gave a value */
    uint64_t *wanted; /* which targets may have a value, a bit each by their number */
    struct meta_context who;
    struct person_key person; /* when it may be that the person comes again */
    bool may_know;
};

/* emit_event appends the event and says until when Meta takes it. False with the job's outcome set
 * when it is dead; out is then whatever it was left at. */
bool emit_event(struct job *job, const struct program *fill, int64_t *deadline_ms);
/* emit_value writes a value by the type of its field (NULL: as it is), without what is personal in it, and
 * notes what the checks ask for. False, with nothing appended, when there is no value, the field cannot
 * take it, or nothing of it may leave. name is what the value is called. */
bool emit_value(struct emitter *e, const struct meta_field *field, struct str name,
                const struct value *v);
/* emit_named is the same behind a key of that name. */
bool emit_named(struct emitter *e, const struct meta_field *field, struct str name,
                const struct value *v);
/* emit_begin tells explain which target is next, emit_tell what was written of it since mark. */
static inline void emit_begin(struct emitter *e, enum meta_section section, const struct target *t)
{
    struct explain *explain = e->job->eval.explain;
    if (explain) explain_target(explain, meta_section_name(section), t->name, t->loc);
}
static inline void emit_tell(struct emitter *e, size_t mark)
{
    struct explain *explain = e->job->eval.explain;
    if (explain) explain_written(explain, buf_since(e->job->out, mark));
}
/* emit_fail tells that the present target has no usable value; false. */
static inline bool emit_fail(struct emitter *e)
{
    if (e->job->eval.explain) explain_failed(e->job->eval.explain);
    return false;
}
/* emit_next is the place of the next item of a program's list, from i on, that may have a value; the list's
 * count at the end. Most have none in most events, and each has a page of memory of its own to look at.
 * With a listener all are looked at. */
static inline size_t emit_next(const struct emitter *e, const struct targets *list, size_t i)
{
    while (i < list->count) {
        size_t number = list->number + i;
        uint64_t rest = e->wanted[number / 64] >> (number % 64);
        if (rest) {
            i += (size_t)__builtin_ctzll(rest);
            break;
        }
        i += 64 - number % 64;
    }
    return i < list->count ? i : list->count;
}
/* emit_nothing: is everything missing that the target reads? Then it has no value. */
static inline bool emit_nothing(const struct emitter *e, const struct target *t)
{
    if (!t->reads.bits) return false;
    const uint64_t *present = e->job->present + t->reads.first;
    for (size_t i = 0; i < t->reads.words; i++) {
        if (t->reads.bits[i] & present[i]) return false;
    }
    return true;
}
/* emit_is_plain: is what the target reads nothing but paths behind each other, as of most (on the bench corpus
 * 13 of 19)? Not for explain, which is to hear how it is found. emit_plain is then what they have. */
static inline bool emit_is_plain(const struct emitter *e, const struct target *t)
{
    return t->plain_count && !e->job->eval.explain;
}
static inline const struct value *emit_plain(const struct emitter *e, const struct target *t)
{
    static const struct value missing = {.kind = VALUE_MISSING};
    const struct value *slots = e->job->eval.slots;
    if (t->plain_count == 1) return &slots[t->plain[0]];
    for (size_t i = 0; i < t->plain_count; i++) {
        const struct value *v = &slots[t->plain[i]];
        if (!value_is_empty(v)) return v;
    }
    return &missing;
}
/* emit_compute is emit_evaluate for the others; only for the inline function here. */
const struct value *emit_compute(struct emitter *e, const struct target *t, struct value *made);
/* emit_evaluate computes a target's value, of FORM_EACH_OBJECT the list; FORM_OBJECT and FORM_ARRAY
 * have none. It is borrowed, or *made. NULL: dead, outcome set. */
static inline const struct value *emit_evaluate(struct emitter *e, const struct target *t,
                                                struct value *made)
{
    bool plain = t->form == FORM_EXPRESSION && emit_is_plain(e, t);
    return plain ? emit_plain(e, t) : emit_compute(e, t, made);
}
/* emit_target appends a target with its key, or nothing. False: dead, outcome set. */
bool emit_target(struct emitter *e, const struct target *t);
/* emit_dead sets the outcome to what the expression's verdict says about path; returns false. */
bool emit_dead(struct emitter *e, struct str path, const struct expr *expr) __attribute__((cold));
/* emit_too_large sets the outcome of an event that has grown beyond its limit; returns false. emit_small
 * is false when it has. */
bool emit_too_large(struct emitter *e) __attribute__((cold));
static inline bool emit_small(struct emitter *e)
{
    return e->job->out->n - e->start <= LIMIT_OUT_EVENT_BYTES || emit_too_large(e);
}

/* The forms that are more than one value; nested.c. */
/* nested_values makes in *made the list of values of what FORM_EACH runs over; FORM_LIST does not look at
 * over, which may be *made. False: dead, outcome set. */
bool nested_values(struct emitter *e, const struct target *t, const struct value *over,
                   struct value *made);
/* nested_items appends FORM_EACH_OBJECT, nested_written FORM_OBJECT and FORM_ARRAY, with their keys;
 * nothing when there is nothing in them. False: dead, outcome set. */
bool nested_items(struct emitter *e, const struct target *t, const struct value *list);
bool nested_written(struct emitter *e, const struct target *t);
/* nested_known writes what META_OBJECT, META_CONTENTS and META_SLOTS take of a value, without a key: the
 * known members of an object or of each in a list, by their types; all places of a list. False, with
 * nothing appended, when nothing is left. */
bool nested_known(struct emitter *e, const struct meta_field *field, const struct value *v);

/* Personal data in values; redact.c. */
/* redact_put_text appends a text called name as JSON, without what looks personal in it; redact_put_address
 * one that is a URL (if it is), perhaps without query and fragment; redact_put_key the key of a property,
 * with its comma. False, with nothing appended: it has to be left out. */
bool redact_put_text(struct emitter *e, struct str name, struct str text);
bool redact_put_address(struct emitter *e, bool page_only, struct str text);
bool redact_put_key(struct emitter *e, struct str name);
/* redact_put appends a value of any shape as JSON. False, with nothing appended: left out. */
bool redact_put(struct emitter *e, struct str name, const struct value *v);

/* user_begin finds out who it is about, for persons_fetch. user_put appends
 * user_data. False: dead, outcome set. */
void user_begin(struct emitter *e);
bool user_put(struct emitter *e);
/* custom_pass appends the event's own properties that go along. False: dead, outcome set. */
bool custom_pass(struct emitter *e);

#endif
