/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration as checked data: what the YAML file said, defaults filled in, secrets resolved,
 * every expression still text with its place (the compilers of map/ report there). Built once, in
 * one arena, then only read. Presets are parsed into the same struct destination_conf. */
#ifndef CONF_CONFIG_H
#define CONF_CONFIG_H

#include "core/diag.h"
#include "core/event.h"
#include "core/hold.h"

/* A list of texts, e.g. origins or property names. */
struct texts {
    struct text *items;
    size_t count;
    bool given; /* the key was there, even if empty */
};

/* What stands behind a mapping's target. */
enum mapping_form {
    MAPPING_EXPRESSION, /* expr */
    MAPPING_EACH,       /* {each: PATH, ...}: a list, one entry per item */
    MAPPING_OBJECT,     /* {NAME: MAPPING, ...}: an object */
    MAPPING_LIST,       /* [VALUE, ...]: a list of expressions, objects or lists */
};

struct mapping;
struct mappings {
    struct mapping *items;
    size_t count;
};

/* A target of Meta's and what it gets. */
struct mapping {
    struct text
        target; /* "em", "value", "contents", "event_id"; an item of a LIST: its place only */
    enum mapping_form form;
    bool removed;     /* null: takes a preset's mapping away; an item of a LIST: nothing here */
    struct text expr; /* EXPRESSION; text.p = NULL in the other forms, and for a removal */
    /* EACH: the list, and for plain values what is taken from an item (else fields has members). */
    struct text each;
    struct text each_value;
    /* EACH: of an item; OBJECT: its members; LIST: its items. */
    struct mappings fields;
};

enum properties_mode {
    PROPERTIES_DEFAULT,
    PROPERTIES_ALL,
    PROPERTIES_FLAT, /* all, and lists become names with brackets */
    PROPERTIES_NONE,
    PROPERTIES_LIST,
};

/* Which of the event's own properties go along into custom_data. */
struct properties_conf {
    enum properties_mode mode;
    struct texts list;
};

/* trigger -> Meta event. */
struct action_conf {
    struct text name;
    struct text trigger;  /* the text "otherwise" matches when no earlier action of the list did */
    struct text send;     /* a Meta or custom event name, literally; text.p = NULL: see fields */
    struct text pixel_id; /* a pixel of its own, instead of the destination's; usually absent */
    bool enabled;
    struct mappings fields;    /* event-level: event_name, event_id, event_time, action_source... */
    struct mappings user_data; /* merged over the destination's, by target */
    struct mappings custom_data; /* merged over the destination's, by target */
    struct properties_conf properties;
};

/* One row of `events`: exact event name -> what to send. */
struct event_rule {
    struct text name; /* exact capitals and spaces */
    bool drop;
    struct text send;     /* Meta event */
    struct text pixel_id; /* a conversion pixel, beside the main one; usually absent */
};

struct pii_conf {
    struct texts deny, hash, allow;
    bool defaults;      /* the default lists apply */
    struct text values; /* redact, drop or keep; text.p = NULL: not said, which is redact */
    struct texts query; /* URL keys, beside the default list */
    struct texts only;  /* when given: all that may leave */
};

/* Events that wait for others. */
struct hold_conf {
    struct text name;
    struct text trigger;   /* which wait */
    struct text key;       /* what they and those have in common */
    struct text until;     /* which let them go */
    struct text until_key; /* the key there; text.p = NULL: as key */
    struct text cancel;    /* which drop them; text.p = NULL: none do */
    int64_t within_ms;
    enum hold_then then; /* when nothing came */
};

enum on_disabled { DISABLED_KEEP, DISABLED_DROP };
enum on_bots { BOTS_DROP, BOTS_KEEP };

struct destination_conf {
    struct text name;
    struct text preset; /* "standard" when left out; "none" for no preset */
    struct text pixel_id;
    struct str *access_tokens; /* resolved secrets; several during a rotation, tried in order */
    size_t access_token_count; /* 0 only for the sandbox */
    struct str app_secret;     /* resolved; proves each request; empty: no proof */
    struct text api_url;
    bool enabled;
    enum on_disabled when_disabled;
    struct str test_code;
    int64_t test_code_expires_ms; /* 0 = never */
    struct text filter;
    enum on_bots bots;
    struct event_rule *events;
    size_t event_count;
    struct mappings fields; /* event-level targets for every action */
    struct mappings user_data;
    struct mappings custom_data;
    struct properties_conf properties;
    struct pii_conf pii;
    struct text event_names;    /* exact or any_case; text.p = NULL: the preset's, or exact */
    struct texts website_needs; /* names of parameters; not given: the preset's */
    struct action_conf *actions;
    size_t action_count;
    struct hold_conf *holds; /* none: the preset's */
    size_t hold_count;
    struct text default_country; /* ISO alpha-2, small letters, for phones without a country code */
    struct text compat;          /* docs or param-builder; text.p = NULL: the preset's, or docs */
    struct text start;           /* "now" (default), "oldest" or a time: what it begins with */
    /* Delivery. */
    uint32_t batch_events; /* 1..1000 */
    uint32_t batch_bytes;
    int64_t batch_linger_ms; /* how long a batch may wait for company */
    uint32_t in_flight;
    int64_t timeout_ms;
};

/* How a webhook's sender proves that a request is its own: an HMAC-SHA256 in a header. */
struct signature_conf {
    struct text header;
    struct text encoding;    /* "hex" (default) or "base64" */
    struct text prefix;      /* before the signature, "sha256=" */
    struct text field;       /* the header is a list t=1,v1=AB of which these have the signature */
    struct text time_header; /* where the time is that was signed too */
    struct text time_field;  /* or its name in that list */
    struct text content;     /* what is signed: {time} and {body}; "{body}" when absent */
    int64_t tolerance_ms;    /* how far that time may be from ours; 0 = not said */
};

/* A source of protocol webhook. What is absent here comes from its preset; see conf/webhook.h. */
struct webhook_conf {
    struct text preset;
    struct str *secrets; /* resolved; several during a rotation */
    size_t secret_count;
    struct text header; /* has the secret itself; else the signature */
    struct signature_conf signature;
    struct texts headers; /* kept with the event, below "headers" in small letters */
    struct text each; /* dotted path of the list of events; absent: the body is one, or a list */
    struct texts id;  /* dotted paths of the message id, the first that is there */
    struct mappings event; /* the event in the Segment specification's names */
};

/* A key that is on its way out. */
struct old_key {
    struct str key; /* resolved secret */
    int64_t expires_ms;
};

/* Per second; 0 = no bound. */
struct rate_conf {
    uint32_t events, requests;                 /* of the whole source */
    uint32_t address_events, address_requests; /* of one client address */
    int64_t burst_ms;                          /* as many as come in this time may come at once */
};

/* A source of protocol pixel: where the script is and what its answers do. */
struct pixel_conf {
    struct text path;          /* "/pixel": of the events; the script is at path + ".js" */
    struct texts ids;          /* pixels that /tr brings here; absent: those that nobody names */
    bool cookies;              /* the answers set _fbp and _fbc, for as long as Meta's are valid */
    struct text cookie_domain; /* "shop.example"; absent: the host's registrable domain */
};

struct source_conf {
    struct text name;
    struct str *write_keys; /* resolved secrets; several during a rotation */
    size_t write_key_count;
    struct old_key *old_keys;
    size_t old_key_count;
    struct texts allow_from; /* networks of clients; absent = any */
    struct rate_conf rate;
    struct webhook_conf webhook;
    struct pixel_conf pixel;
    enum protocol protocol;      /* default SEGMENT; what generic routes assume */
    enum on_bots bots;           /* KEEP: for all destinations */
    struct texts origins;        /* browser origins allowed to send; absent = any */
    struct texts destinations;   /* names; absent = all */
    struct text default_country; /* as a destination's, and before it; may be absent */
    bool enabled;
};

/* When to raise an alert, and how it is told. 0 switches a rule off. */
struct alerts_conf {
    struct text webhook_url; /* text.p = NULL: none */
    struct str webhook_secret;
    struct texts command; /* program and arguments */
    int64_t source_silent_ms, backlog_ms, paused_ms, test_code_ms, journal_ms;
    uint32_t errors; /* per cent */
    uint32_t at_risk, dead_letters;
    uint64_t disk_free;
    int64_t clear_after_ms;
};

/* Where a destination sends to when it does not say: the version that this one was made for. */
#define CONFIG_API_URL "https://graph.facebook.com/v26.0"

struct yaml_node;

struct config {
    struct text listen, admin;
    struct text data; /* directory */
    uint32_t threads; /* ingest loops; 0 = by processor count */
    struct texts trusted_proxies;
    int64_t journal_retention_ms;
    uint64_t journal_max_bytes;
    struct text journal_url;   /* reserved for the second backend; absent = embedded */
    uint32_t journal_replicas; /* with journal_url; 0 = its default */
    int64_t dead_retention_ms;
    uint64_t dead_max_bytes;
    bool dedup_enabled;
    int64_t dedup_window_ms;
    uint64_t dedup_bytes;
    struct alerts_conf alerts;
    struct source_conf *sources;
    size_t source_count;
    struct destination_conf *destinations;
    size_t destination_count;
    struct source_text **files;     /* what was read, for messages */
    const struct yaml_node **trees; /* of the files, secrets in them; NULL: an empty file */
    size_t file_count;
};

/* config_parse reads and checks a file's text: YAML, known keys, types, ranges, references, names. NULL
 * when diags got any problem. Everything lives in the arena. Secrets are resolved here: ${ENV} and
 * file: references (beside name, which messages show too); a missing one is a problem with its place.
 * Does not compile expressions. */
struct config *config_parse(struct str name, struct str text, struct arena *arena,
                            struct diags *diags);
/* A configuration may be in two parts: the user's own file, and the file that the console writes, which
 * has sources and destinations only. */
struct config_part {
    struct str name, text; /* live as long as the diags */
    bool managed;
};
/* config_join is config_parse for several parts; a name in two of them is a problem. */
struct config *config_join(const struct config_part *parts, size_t count, struct arena *arena,
                           struct diags *diags);
/* config_part_read reads a file into the arena; false with a problem when it cannot. */
bool config_part_read(struct config_part *part, const char *path, struct arena *arena,
                      struct diags *diags);
/* config_part_default is what no file means: loopback only, one source with write_key, one destination
 * that is the sandbox at sandbox_url (empty: none). */
void config_part_default(struct config_part *part, struct str write_key, struct str sandbox_url,
                         struct arena *arena);
/* preset_parse reads a preset: a file with the keys of one destination at its top level. NULL on
 * problems. Presets are embedded in the binary; conf/presets.h has them by name. */
struct destination_conf *preset_parse(struct str name, struct str text, struct arena *arena,
                                      struct diags *diags);
/* config_is_reference: does the text of a secret only say where it is (${NAME}, file:)? Then it may be shown. */
bool config_is_reference(struct str text);
/* config_schema appends the JSON Schema (draft 2020-12) of the file, made from the same key tables. */
void config_schema(struct buf *out);
/* config_reference appends the list of all keys with type, default and meaning, as Markdown. */
void config_reference(struct buf *out);
/* config_man appends the same as a manual page, pixeld.yaml(5), in mdoc. */
void config_man(struct buf *out);

struct source_conf *config_source(const struct config *c, struct str name);
struct destination_conf *config_destination(const struct config *c, struct str name);
/* config_is_routed: do events of the source go to the destination? Those of an unknown source (renamed
 * since) go everywhere: better once too often than lost. */
bool config_is_routed(const struct config *c, struct str source, struct str destination);

#endif
