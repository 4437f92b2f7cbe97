/* SPDX-License-Identifier: Apache-2.0 */
/* Every key of the configuration, once: its type, bounds, default, meaning and an example. The same
 * tables make the reader, its messages, the JSON Schema, the reference and the manual page. A new key
 * is a row here and a member in conf/config.h. */
#ifndef CONF_KEYS_TABLE_H
#define CONF_KEYS_TABLE_H

#include "conf/config.h"
#include "meta/fields.h"

/* X(NAME, "a name", "its JSON Schema") */
#define KEY_TYPES(X)                                                                               \
    X(TEXT, "a text", "{\"type\":[\"string\",\"number\",\"boolean\"]}")                            \
    X(NAME, "a name", "{\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9._-]{1,64}$\"}")              \
    X(SECRET, "a secret", "{\"type\":[\"string\",\"integer\"]}")                                   \
    X(PIXEL, "a pixel ID", "{\"type\":[\"string\",\"integer\"]}")                                  \
    X(ADDRESS, "an address as host:port", "{\"type\":\"string\"}")                                 \
    X(URL, "a URL", "{\"type\":\"string\"}")                                                       \
    X(ORIGIN, "a web site as scheme://host", "{\"type\":\"string\"}")                              \
    X(NETWORK, "an IP address or network", "{\"type\":\"string\"}")                                \
    X(COUNTRY, "a two-letter country code", "{\"type\":\"string\",\"pattern\":\"^[A-Za-z]{2}$\"}") \
    X(EXPRESSION, "an expression", "{\"type\":[\"string\",\"number\",\"boolean\"]}")               \
    X(TRIGGER, "a trigger", "{\"type\":\"string\"}")                                               \
    X(WORD, "a word", "{\"type\":\"string\"}")                                                     \
    X(BOOL, "true or false", "{\"type\":\"boolean\"}")                                             \
    X(UINT, "a number", "{\"type\":\"integer\"}")                                                  \
    X(DURATION, "a duration", "{\"type\":\"string\",\"pattern\":\"^[0-9]+ ?(ms|s|m|h|d|w)$\"}")    \
    X(SIZE, "a size", "{\"type\":\"string\",\"pattern\":\"^[0-9]+ ?([KMGTkmgt][Ii]?)?[Bb]$\"}")    \
    X(TIME, "a time", "{\"type\":\"string\"}")                                                     \
    X(TEXTS, "a list", "")                                                                         \
    X(OBJECT, "a map", "")                                                                         \
    X(OBJECTS, "a list of maps", "")                                                               \
    X(EVENTS, "a map of event names", "")                                                          \
    X(MAPPINGS, "a map of expressions", "{\"$ref\":\"#/$defs/mappings\"}")                         \
    X(PROPERTIES, "all, flat, none or a list", "")

enum key_type {
#define X(NAME, words, schema) KEY_##NAME,
    KEY_TYPES(X)
#undef X
        KEY_TYPE_COUNT
};

struct object;

struct key {
    struct str name;
    enum key_type type;
    enum key_type item; /* TEXTS: what each item is */
    bool required;
    bool not_in_preset;      /* belongs to one company's destination, not to a kind of them */
    size_t at, width;        /* the member of the object's struct; width of scalars only */
    size_t count_at;         /* lists that are a pointer and a number: the number */
    uint64_t min, max;       /* UINT, DURATION (ms), SIZE (bytes); OBJECTS: at most max */
    const struct str *words; /* WORD: what is allowed, in the order of the enum; URL: schemes */
    size_t word_count;
    const struct object *object; /* OBJECT, OBJECTS, EVENTS */
    struct str needs;            /* another key of the object that must be there too; n = 0: none */
    struct str fallback;         /* the default, as it would be written; n = 0: none */
    struct str doc, example;
};

struct object {
    struct str name; /* "destination"; the heading in the reference */
    struct str path; /* where it is: "destinations[]" */
    struct str doc;
    const struct key *keys;
    size_t key_count;
    size_t size;          /* of one item of a list of these */
    struct str shorthand; /* a scalar in place of the map means this key; n = 0: not allowed */
    bool has_fields;      /* event-level targets of Meta are keys too: */
    size_t fields_at;     /* where their struct mappings is */
};

extern const struct object config_object, source_object, webhook_object, destination_object,
    action_object, event_object;
/* All objects, in the order of the reference. */
extern const struct object *const key_objects[];
extern const size_t key_object_count;

/* key_find returns the row, or NULL. */
const struct key *key_find(const struct object *object, struct str name);
/* key_type_words is what a value of the type is called in messages, with its article. */
struct str key_type_words(enum key_type type);
struct str key_type_schema(enum key_type type);

#endif
