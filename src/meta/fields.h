/* SPDX-License-Identifier: Apache-2.0 */
/* Meta's Conversions API fields as one table: every key of an event, of user_data, of custom_data, of
 * an entry of contents and of the objects inside, with its type, its normaliser and its hash rule. The mapping compiler
 * checks targets against it, the runner writes values by it, `pixeld hash` and the docs print it.
 * Source of the rules: Meta's documents as of 2026-09-12 (see docs/meta.md). */
#ifndef META_FIELDS_H
#define META_FIELDS_H

#include "base/buf.h"

#include <assert.h>

enum meta_section {
    META_EVENT,       /* top level of the event: event_name, event_time, ... */
    META_USER,        /* user_data */
    META_CUSTOM,      /* custom_data */
    META_CONTENT,     /* one entry of custom_data.contents */
    META_APP,         /* app_data */
    META_EXTINFO,     /* app_data.extinfo: its slots, in order */
    META_ORIGINAL,    /* original_event_data */
    META_ATTRIBUTION, /* attribution_data */
    META_WINDOWS,     /* attribution_data.attribution_setting */
    META_STORE,       /* custom_data.store_data */
    META_SECTION_COUNT,
};

enum meta_type {
    META_TEXT,
    META_NUMBER, /* JSON number, as it came */
    META_MONEY,  /* number with at most two decimals, rounded half away from zero on the digits */
    META_INTEGER,
    META_BOOL,
    META_FLAG, /* yes or no as 1 or 0 */
    META_TIME, /* integer seconds: event_time and its like */
    META_ENUM, /* one of field.words; lower-cased */
    META_CURRENCY,
    META_TEXTS,    /* list of texts (content_ids, data_processing_options) */
    META_CONTENTS, /* list of objects with META_CONTENT fields */
    META_DATE,     /* travel date: ISO 8601 without zone */
    META_OBJECT,   /* an object; its keys are the section field.members */
    META_SLOTS,    /* a list of texts with a fixed place for each row of field.members */
    META_JSON,     /* any JSON, passed on */
};

enum meta_hash {
    META_PLAIN, /* never hashed */
    META_HASHED, /* SHA-256 of the normalised text; a value that already is one passes, lower-cased */
};

/* Combinations of user_data that Meta calls too broad: an event whose keys all belong to one of them is
 * refused. A key that belongs to none (em, fbp, ...) makes any event narrow enough. */
enum meta_broad {
    META_BROAD_PLACE = 1, /* ct, st, zp, country, ge, client_user_agent */
    META_BROAD_BIRTH = 2, /* db, client_user_agent */
    META_BROAD_FIRST = 4, /* fn, ge */
    META_BROAD_LAST = 8,  /* ln, ge */
    META_BROAD_ALL = 15,
};

/* Whose rules personal data is normalised by (meta/compat.h). */
enum meta_compat {
    META_COMPAT_DOCS,    /* Meta's documents */
    META_COMPAT_BUILDER, /* Meta's parameter builder */
};

/* What a normaliser may look at besides the value. */
struct meta_context {
    struct str country; /* the event's own normalised country, or empty */
    struct str
        default_country; /* the source's or destination's ISO alpha-2, lower case, or empty */
    int64_t now_ms;      /* for "not in the future" of dates of birth */
    enum meta_compat compat;
};

/* Appends the normalised form of in to out. False, with nothing appended, when the value is refused
 * (empty, or not of this kind). Any thread, no allocation beyond out. */
typedef bool meta_normalise_fn(const struct meta_context *ctx, struct str in, struct buf *out);

struct meta_field {
    struct str name;
    enum meta_section section;
    enum meta_type type;
    enum meta_hash hash;
    bool list;   /* user_data: a list of values is allowed */
    bool common; /* user_data: many people share a value; it depends on no clock (meta/memo.h) */
    meta_normalise_fn *normalise; /* user_data only; NULL: the value as it is */
    unsigned broad;               /* user_data: bits of enum meta_broad */
    const struct str *words;      /* META_ENUM */
    size_t word_count;
    enum meta_section members; /* META_OBJECT, META_SLOTS */
    struct str only_from;      /* event level: goes only with this action_source; n = 0: with any */
    bool free_text;            /* people write it: searched for personal data */
    struct str doc;            /* one line */
};

extern const struct meta_field meta_fields[];
extern const size_t meta_field_count;

/* meta_field_find returns the field, or NULL. O(1) enough for compile time, not for the hot path. */
const struct meta_field *meta_field_find(enum meta_section section, struct str name);
/* meta_field_index is the field's place in meta_fields. */
static inline size_t meta_field_index(const struct meta_field *field)
{
    assert(field >= meta_fields && field < meta_fields + meta_field_count);
    return (size_t)(field - meta_fields);
}
/* meta_section_fields returns the rows of a section, which stand together, in Meta's order. */
const struct meta_field *meta_section_fields(enum meta_section section, size_t *count);
/* meta_section_name: "event", "user_data", "custom_data", "contents", "app_data.extinfo": where its
 * keys are in the event. */
struct str meta_section_name(enum meta_section section);

#endif
