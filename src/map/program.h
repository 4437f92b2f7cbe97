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
    size_t number; /* of a program's list: the number that its first item has in the program */
};

/* Some slots, a bit each, in the words from first on. Only these: a plan of many rules has many slots, of
 * which each rule reads a few that stand together. */
struct slot_set {
    const uint64_t *bits; /* NULL: there is no such set */
    size_t first, words;
};

/* One Meta parameter and where its value comes from. */
struct target {
    /* First what each evaluation looks at: a plan's targets are many, and not all in the cache. */
    enum form form;
    bool page_only;                 /* a URL that loses query and fragment */
    bool address;                   /* a URL: personal query keys are taken out */
    bool entry;                     /* an object that is an entry of contents: needs an id */
    const struct meta_field *field; /* NULL: a custom property of any name */
    struct str key;                 /* `"name":`, escaped */
    /* When expr is nothing but paths behind each other: their slots, of which the first that is not
     * empty is the value. A single one is the value in any case. */
    const uint32_t *plain;
    size_t plain_count;
    const struct expr *expr, *each_value;
    const struct members *asked; /* of each item of FORM_EACH and FORM_EACH_OBJECT */
    struct slot_set reads; /* when all of them are missing expr has no value; none: evaluate */
    struct str fixed;
    struct str ready; /* of `send` most often: the key and the text as JSON; empty: write it */
    struct str name;
    struct targets members;
    struct str path; /* where it is in the Meta event: custom_data.value, app_data.extinfo[4] */
    struct loc loc;  /* of the mapping, for explain and verdicts */
};

enum pii_rule { PII_NONE, PII_DROP, PII_HASH };

/* A name that a property of the event may have and about which something is known: so that each property
 * is looked up once. */
struct known_name {
    size_t number;                  /* among all of the plan */
    enum pii_rule rule;             /* of a property with this name at any depth */
    const struct meta_field *field; /* of custom_data, when its type matters; NULL: as it is */
};

enum { NO_TARGET = UINT32_MAX };

/* Why a property of the event does not go along, by its dotted name below `properties`. */
struct claim {
    bool always;     /* a user_data mapping reads it, or it is on the fixed list */
    bool reads;      /* the target reads the property itself */
    uint32_t target; /* the custom_data target with this index has the name; or NO_TARGET */
};

/* Which targets read the 64 slots of one word: a row of `words` words for each slot, a bit for each target
 * from number first * 64 on. */
struct readers {
    const uint64_t *rows;
    uint64_t some;       /* the slots that any target reads */
    size_t slots;        /* the number of the word */
    size_t first, words; /* both even */
};

enum { CLAIM_BLOCK = 64 };

/* Targets of user_data whose JSON is kept together (person.h), for all programs that have the same. */
struct person_part {
    const uint64_t *reads; /* the slots they read, a bit each */
    size_t words;          /* of reads */
    uint64_t number;       /* among all that the process ever compiled */
};

/* How one Meta event is filled: merged layers in Meta's field order. */
struct program {
    struct targets event, user, custom;
    struct targets withheld; /* mapped, but `only` does not list them */
    /* Which targets of event, user and custom read each slot, by their numbers, where any does. What reads
     * none is with the slot of `type`, without which no event comes so far. */
    const struct readers *readers;
    size_t reader_count;
    size_t target_words;              /* a bit for each target */
    const struct target *country;     /* among user; evaluated before the others; may be NULL */
    const struct person_part *person; /* of the first person_count targets of user; NULL: none */
    size_t person_count;
    enum properties_mode properties;
    struct table listed; /* PROPERTIES_LIST: names */
    uint64_t number;     /* for what shapes know of its properties */
    /* By the number of the name, in blocks; NULL, and beyond claim_blocks: there is none. */
    struct claim **claims;
    size_t claim_blocks;
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
    struct indexes
        told; /* those and the ones of several names: explain tells that they do not match */
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
    struct table rows;               /* event name -> struct row */
    struct table rows_lower;         /* the same by name in small letters; empty: capitals count */
    struct table names;              /* name of a property -> struct known_name */
    const struct known_name **known; /* the same by number */
    struct table query;              /* folded name of a query key -> enum pii_rule * */
    bool pii_campaigns;              /* keys in query begin with utm */
    bool pii_defaults;               /* query keys that end in words like email are personal */
    enum pii_values values;
    bool restricted;   /* only what is in `only` may leave */
    struct table only; /* names, with or without their section */
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
    struct table targets;  /* address of a struct mapping -> its struct target, compiled once */
    struct table rows;     /* send -> struct program, shared by rows */
    struct value *missing; /* as many as missing_count, to evaluate with when there is nothing */
    size_t missing_count;
    struct table persons; /* a list of targets, as bytes -> struct person_part */
};

/* One layer of mappings, lowest first. Any part may be NULL. */
struct layer {
    const struct mappings *fields, *user_data, *custom_data;
    const struct properties_conf *properties;
    struct text send; /* text.p = NULL: none */
};

enum { LAYERS_MAX = 5 }; /* preset, its action, own, its action, a row's send */

/* program_name is what is known of that name; made when nothing is. */
struct known_name *program_name(struct compiler *c, struct str name);

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
