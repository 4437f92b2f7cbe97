/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled form of a destination: what plan.c, compile.c and pii.c build in the generation's
 * arena and what run.c and emit.c only read. Shared by these files and no others. */
#ifndef MAP_PROGRAM_H
#define MAP_PROGRAM_H

#include "base/table.h"
#include "map/plan.h"
#include "map/trigger.h"
#include "meta/fields.h"

/* Where a target's value comes from. */
enum form {
    FORM_FIXED,       /* `send: Purchase`, a plain word in a list */
    FORM_EXPRESSION,  /* expr */
    FORM_EACH,        /* a list: each_value of every item of expr */
    FORM_EACH_OBJECT, /* a list: an object with members of every item of expr */
    FORM_OBJECT,      /* an object of members */
    FORM_LIST,        /* a list of values: members without names; NULL: nothing at this place */
    FORM_ARRAY,       /* a list of members without names that are of any form */
};

struct target;
struct targets {
    const struct target **items;
    size_t count;
    /* Of the lists of a program: what each item reads, read_words a row, so that the items that have
     * nothing are passed over without a look at them. All ones: it is always looked at. */
    const uint64_t *reads;
    size_t read_words;
};

/* One Meta parameter and where its value comes from. */
struct target {
    const struct meta_field *field; /* NULL: a custom property of any name */
    struct str name;
    struct str path; /* where it is in the Meta event: custom_data.value, app_data.extinfo[4] */
    struct str key;  /* `"name":`, escaped */
    struct loc loc;  /* of the mapping, for explain and verdicts */
    enum form form;
    bool page_only; /* a URL that loses query and fragment */
    bool address;   /* a URL: personal query keys are taken out */
    bool entry;     /* an object that is an entry of contents: needs an id */
    struct str fixed;
    const uint64_t *reads; /* slots, a bit each; when all are missing expr has no value. NULL:
                            * evaluate */
    size_t read_from, read_words; /* the words of reads from read_from on, before read_words */
    struct expr *expr, *each_value;
    struct targets members;
};

/* Why a property of the event does not go along. Keyed by its dotted name below `properties`. */
struct claim {
    bool always;   /* a user_data mapping reads it, or it is on the fixed list */
    size_t target; /* or: custom_data target with this index has the name; SIZE_MAX otherwise */
    bool reads;    /* that target reads the property itself */
};

/* How one Meta event is filled: merged layers in Meta's field order. */
struct program {
    struct targets event, user, custom;
    struct targets withheld;      /* mapped, but `only` does not list them */
    const struct target *country; /* among user; evaluated before the others; may be NULL */
    enum properties_mode properties;
    struct table listed; /* PROPERTIES_LIST: names */
    struct table claims; /* dotted name -> struct claim */
};

struct action {
    struct str name;
    struct loc loc;
    bool otherwise;
    struct trigger *trigger; /* NULL with otherwise */
    struct str pixel_id;     /* its own; empty: the destination's */
    const struct program *fill;
};

struct indexes {
    uint32_t *items; /* ascending */
    size_t count, capacity;
};

/* Actions in order, found by event name: those that can only match one name, and the others. */
struct action_list {
    struct action *items;
    size_t count;
    struct table by_name;  /* event name -> struct indexes */
    struct table by_lower; /* event name in small letters -> struct indexes */
    struct indexes always;
};

/* A condition that every event must meet. */
struct gate {
    struct trigger *trigger; /* NULL: none */
    struct loc loc;
};

/* Events that wait for others. */
struct hold {
    struct str name;
    struct loc loc;
    struct trigger *trigger, *until, *cancel; /* cancel may be NULL */
    struct expr *key, *until_key;
    int64_t within_ms;
    enum hold_then then;
};

/* One row of `events`. */
struct row {
    struct loc loc;
    bool own; /* the destination's, not the preset's */
    bool drop;
    struct str pixel_id; /* beside the destination's; empty: none */
    const struct program *fill;
};

enum pii_rule { PII_NONE, PII_DROP, PII_HASH };
enum pii_values { VALUES_REDACT, VALUES_DROP, VALUES_KEEP };

struct plan {
    struct str name, pixel_id, default_country;
    const struct table
        *twins; /* names of all destinations that share the rest; NULL: nobody does */
    enum meta_compat compat;
    struct paths *paths;
    size_t type_slot, event_slot, properties_slot, integrations_slot, agent_slot;
    bool keep_bots;
    struct gate filters[2]; /* the preset's, the destination's */
    struct action_list own, preset;
    struct hold *holds;
    size_t hold_count;
    struct table rows;       /* event name -> struct row */
    struct table rows_lower; /* the same by name in small letters; empty: capitals count */
    struct table pii;        /* property name -> enum pii_rule *, without allowed ones */
    struct table query;      /* folded name of a query key -> enum pii_rule * */
    bool pii_defaults;       /* query keys that end in words like email are personal */
    enum pii_values values;
    bool restricted;     /* only what is in `only` may leave */
    struct table only;   /* names, with or without their section */
    struct table custom; /* name -> struct meta_field, META_CUSTOM */
    const struct meta_field **website_needs;
    size_t website_need_count;
};

/* What the parts of the compiler share. */
struct compiler {
    struct plan *plan;
    struct arena *arena;
    struct diags *diags;
    const struct destination_conf *own;
    const struct destination_conf *preset; /* may be NULL */
    struct table targets; /* address of a struct mapping -> its struct target, compiled once */
    struct table rows;    /* send -> struct program, shared by rows */
};

/* One layer of mappings, lowest first. Any part may be NULL. */
struct layer {
    const struct mappings *fields, *user_data, *custom_data;
    const struct properties_conf *properties;
    struct text send; /* text.p = NULL: none */
};

enum { LAYERS_MAX = 5 }; /* preset, its action, own, its action, a row's send */

/* targets_compile merges and compiles the mappings of one section, lowest layer first (NULL: none), in
 * Meta's order. sends[i] is what layer i sends; text.p = NULL: nothing, and so for sends NULL. */
struct targets targets_compile(struct compiler *c, enum meta_section section,
                               const struct mappings *const *layers, const struct text *sends,
                               size_t count);
/* targets_find returns the target of that name or NULL. */
const struct target *targets_find(const struct targets *list, struct str name);
/* targets_each_expr calls fn for every expression of a target and of what is in it. */
void targets_each_expr(const struct target *t, void (*fn)(void *ctx, const struct expr *e),
                       void *ctx);

/* program_compile merges and compiles layers[0 .. count). Never NULL; problems go to the diags. */
struct program *program_compile(struct compiler *c, const struct layer *layers, size_t count);
/* program_has_name: does it say what the event is called at Meta? */
bool program_has_name(const struct program *p);

#endif
