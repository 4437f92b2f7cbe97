/* SPDX-License-Identifier: Apache-2.0 */
/* See keys_table.h. */
#include "conf/keys_table.h"

#include "core/limits.h"

#define KEY(key_name, key_type, owner, member)                                                     \
    .name = S_INIT(key_name), .type = KEY_##key_type, .at = offsetof(owner, member),               \
    .width = sizeof(((owner *)0)->member)
#define LIST(key_name, key_type, owner, member, member_count)                                      \
    .name = S_INIT(key_name), .type = KEY_##key_type, .at = offsetof(owner, member),               \
    .count_at = offsetof(owner, member_count)
/* A map that is only a grouping: its keys are members of the same struct. */
#define PART(key_name, part) .name = S_INIT(key_name), .type = KEY_OBJECT, .object = &(part)
#define WORDS(list) .words = (list), .word_count = countof(list)
#define DOC(meaning, sample) .doc = S_INIT(meaning), .example = S_INIT(sample)
#define DEFAULT(text) .fallback = S_INIT(text)
#define NUMBER_TEXT(number) #number
#define NUMBER(number) NUMBER_TEXT(number)
#define KEYS(list) .keys = (list), .key_count = countof(list)

static const struct str protocol_words[] = {
#define X(NAME, name) S_INIT(name),
    PROTOCOLS(X)
#undef X
};
static const struct str when_disabled_words[] = {S_INIT("keep"), S_INIT("drop")};
static const struct str bots_words[] = {S_INIT("drop"), S_INIT("keep")};
static const struct str pii_words[] = {S_INIT("redact"), S_INIT("drop"), S_INIT("keep")};
static const struct str then_words[] = {
#define X(NAME, name, meaning) S_INIT(name),
    HOLD_THENS(X)
#undef X
};
static const struct str name_words[] = {S_INIT("exact"), S_INIT("any_case")};
static const struct str compat_words[] = {S_INIT("docs"), S_INIT("param-builder")};
static const struct str encoding_words[] = {S_INIT("hex"), S_INIT("base64")};
static const struct str http_schemes[] = {S_INIT("https"), S_INIT("http")};
static const struct str nats_schemes[] = {S_INIT("nats"), S_INIT("tls")};

/* --- journal, test_event_code, batch, pii: parts of the struct around them ---------------------- */

static const struct key journal_keys[] = {
    {KEY("retention", DURATION, struct config, journal_retention_ms), .min = MS_PER_MINUTE,
     .max = 3650 * MS_PER_DAY, DEFAULT("14d"),
     DOC("How long events are kept. What a destination still has to send is kept longer, until "
         "Meta would refuse it.",
         "30d")},
    {KEY("max_size", SIZE, struct config, journal_max_bytes), .min = 2 * LIMIT_SEGMENT_BYTES,
     .max = (uint64_t)1 << 50, DEFAULT("50GiB"),
     DOC("The disk space the journal may take. When it is reached, finished events go first, then "
         "what only paused or switched-off destinations wait for; then clients get 503.",
         "200GiB")},
    {KEY("url", URL, struct config, journal_url), WORDS(nats_schemes),
     DOC("Reserved for a journal on NATS JetStream; this version refuses it.",
         "nats://a:4222,b:4222")},
    {KEY("replicas", UINT, struct config, journal_replicas), .min = 1, .max = LIMIT_REPLICAS,
     .needs = S_INIT("url"), DOC("On how many NATS servers each event is kept. Needs `url`.", "3")},
};

static const struct object journal_object = {
    .name = S_INIT("journal"),
    .path = S_INIT("journal"),
    .doc = S_INIT("Where events are kept before they are sent."),
    KEYS(journal_keys),
};

static const struct key dead_keys[] = {
    {KEY("retention", DURATION, struct config, dead_retention_ms), .min = MS_PER_MINUTE,
     .max = 3650 * MS_PER_DAY, DEFAULT("30d"),
     DOC("How long dead letters are kept, and all that is known of a destination that was removed. "
         "They stay counted as dead.",
         "90d")},
    {KEY("max_size", SIZE, struct config, dead_max_bytes), .min = 1024 * 1024,
     .max = LIMIT_STORE_BYTES / 2, DEFAULT("1GiB"),
     DOC("The disk space that all dead letters together may take. Beyond it the oldest of each "
         "destination go.",
         "4GiB")},
};

static const struct object dead_object = {
    .name = S_INIT("dead_letters"),
    .path = S_INIT("dead_letters"),
    .doc = S_INIT("How long and how many events that cannot be delivered are kept."),
    KEYS(dead_keys),
};

static const struct key dedup_keys[] = {
    {KEY("enabled", BOOL, struct config, dedup_enabled), DEFAULT("true"),
     DOC("Whether an event whose source sent the same message id before is a duplicate.", "false")},
    {KEY("window", DURATION, struct config, dedup_window_ms), .min = MS_PER_MINUTE,
     .max = 365 * MS_PER_DAY, DEFAULT("7d"),
     DOC("How long a message id is remembered, if there is room. A client that sends again later "
         "makes a new event.",
         "1d")},
    {KEY("size", SIZE, struct config, dedup_bytes), .min = LIMIT_DEDUP_BYTES_MIN,
     .max = (uint64_t)1 << 40, DEFAULT("256MiB"),
     DOC("The room for message ids: a file of this size and a quarter, 16 bytes an id. When it "
         "is full the oldest ids go. Changing it forgets all ids.",
         "1GiB")},
};

static const struct object dedup_object = {
    .name = S_INIT("dedup"),
    .path = S_INIT("dedup"),
    .doc = S_INIT("Events that a client sent twice, recognised by source and message id."),
    KEYS(dedup_keys),
};

static const struct key alert_webhook_keys[] = {
    {KEY("url", URL, struct config, alerts.webhook_url), .required = true, WORDS(http_schemes),
     DOC("Gets each alert by POST, as JSON: `alert`, `subject` (source or destination), `state` "
         "(raised, cleared or test), `message`, `time`, and all of it as `text`.",
         "https://hooks.example/pixeld")},
    {KEY("secret", SECRET, struct config, alerts.webhook_secret),
     DOC("Signs it: the header `X-Pixeld-Signature: t=SECONDS,v1=HEX` is the HMAC-SHA256 of "
         "`SECONDS.BODY`.",
         "${ALERT_SECRET}")},
};

static const struct object alert_webhook_object = {
    .name = S_INIT("alert webhook"),
    .path = S_INIT("alerts.webhook"),
    .doc = S_INIT("Where alerts are sent; a URL, or a map."),
    KEYS(alert_webhook_keys),
    .shorthand = S_INIT("url"),
};

static const struct key alerts_keys[] = {
    {PART("webhook", alert_webhook_object),
     DOC("Where alerts are sent, with some repetitions.",
         "{url: \"https://hooks.example/pixeld\", secret: ${ALERT_SECRET}}")},
    {KEY("command", TEXTS, struct config, alerts.command), .item = KEY_TEXT,
     DOC("A program, by its path, and its arguments; the alert as JSON comes after them.",
         "[/usr/local/bin/tell, ops]")},
    {KEY("source_silent", DURATION, struct config, alerts.source_silent_ms), .max = 30 * MS_PER_DAY,
     DEFAULT("0s"),
     DOC("A source that sent events since the start has sent none for this long. 0s, here and "
         "below: never.",
         "30m")},
    {KEY("errors", UINT, struct config, alerts.errors), .max = 100, DEFAULT("20"),
     DOC("So many per cent of the events that a destination settled within ten minutes died, of "
         "20 or more.",
         "5")},
    {KEY("backlog", DURATION, struct config, alerts.backlog_ms), .max = 60 * MS_PER_DAY,
     DEFAULT("1h"), DOC("The oldest event that waits for a destination is this old.", "15m")},
    {KEY("paused", DURATION, struct config, alerts.paused_ms), .max = 30 * MS_PER_DAY,
     DEFAULT("1m"), DOC("A destination has been paused for this long.", "5m")},
    {KEY("at_risk", UINT, struct config, alerts.at_risk), .max = UINT32_MAX, DEFAULT("1"),
     DOC("So many waiting events have less than a day until Meta's deadline.", "100")},
    {KEY("dead_letters", UINT, struct config, alerts.dead_letters), .max = UINT32_MAX,
     DEFAULT("100"), DOC("So many events of a destination died within ten minutes.", "10")},
    {KEY("test_code", DURATION, struct config, alerts.test_code_ms), .max = 30 * MS_PER_DAY,
     DEFAULT("1d"), DOC("A `test_event_code` has been on for this long.", "2h")},
    {KEY("disk_free", SIZE, struct config, alerts.disk_free), .max = (uint64_t)1 << 50,
     DEFAULT("1GiB"), DOC("Less than this is free on the data directory's disk.", "20GiB")},
    {KEY("journal", DURATION, struct config, alerts.journal_ms), .max = MS_PER_DAY, DEFAULT("10s"),
     DOC("The journal has been refusing events for this long.", "1m")},
    {KEY("clear_after", DURATION, struct config, alerts.clear_after_ms), .max = MS_PER_DAY,
     DEFAULT("2m"), DOC("An alert is over when its reason has been gone for this long.", "10m")},
};

static const struct object alerts_object = {
    .name = S_INIT("alerts"),
    .path = S_INIT("alerts"),
    .doc =
        S_INIT("What is worth telling somebody, and how it is told: each once when it begins and "
               "once when it is over. Also in `pixeld alerts`, the log and the metrics."),
    KEYS(alerts_keys),
};

static const struct key test_code_keys[] = {
    {KEY("code", TEXT, struct destination_conf, test_code), .required = true,
     DOC("The code that Events Manager shows under Test events.", "TEST12345")},
    {KEY("expires", TIME, struct destination_conf, test_code_expires_ms),
     DOC("From then on events go out without the code, as real ones.", "2026-11-30T12:00:00Z")},
};

static const struct object test_code_object = {
    .name = S_INIT("test_event_code"),
    .path = S_INIT("destinations[].test_event_code"),
    .doc = S_INIT("Shows the events under Test events as well; Meta counts them like others."),
    KEYS(test_code_keys),
    .shorthand = S_INIT("code"),
};

static const struct key batch_keys[] = {
    {KEY("events", UINT, struct destination_conf, batch_events), .min = 1,
     .max = LIMIT_BATCH_SEND_EVENTS, DEFAULT(NUMBER(LIMIT_BATCH_SEND_EVENTS)),
     DOC("Most events in one request; Meta takes 1000.", "500")},
    {KEY("size", SIZE, struct destination_conf, batch_bytes), .min = 1024,
     .max = LIMIT_BATCH_SEND_BYTES, DEFAULT("1MiB"), DOC("Most bytes in one request.", "512KiB")},
    {KEY("linger", DURATION, struct destination_conf, batch_linger_ms), .max = MS_PER_HOUR,
     DEFAULT("1s"),
     DOC("How long an event may wait for company while requests are under way; on an idle line "
         "it hardly waits.",
         "5s")},
    {KEY("in_flight", UINT, struct destination_conf, in_flight), .min = 1, .max = 64,
     DEFAULT(NUMBER(LIMIT_IN_FLIGHT)), DOC("Most requests at one time.", "8")},
    {KEY("timeout", DURATION, struct destination_conf, timeout_ms), .min = MS_PER_SECOND,
     .max = 10 * MS_PER_MINUTE, DEFAULT("30s"), DOC("How long Meta may take to answer.", "1m")},
};

static const struct object batch_object = {
    .name = S_INIT("batch"),
    .path = S_INIT("destinations[].batch"),
    .doc = S_INIT("How events are put together into requests."),
    KEYS(batch_keys),
};

static const struct key pii_keys[] = {
    {KEY("deny", TEXTS, struct destination_conf, pii.deny), .item = KEY_TEXT,
     DOC("Properties that never go along, at any depth, and query keys that URLs lose.",
         "[iban, passport]")},
    {KEY("hash", TEXTS, struct destination_conf, pii.hash), .item = KEY_TEXT,
     DOC("Properties that go along as their SHA-256.", "[loyalty_id]")},
    {KEY("allow", TEXTS, struct destination_conf, pii.allow), .item = KEY_TEXT,
     DOC("Properties that go along, and query keys that stay, against the default lists.",
         "[city]")},
    {KEY("defaults", BOOL, struct destination_conf, pii.defaults), DEFAULT("true"),
     DOC("Whether the default lists of denied properties and query keys apply.", "false")},
    {KEY("values", WORD, struct destination_conf, pii.values), WORDS(pii_words),
     DOC("What becomes of values in properties, free texts of custom_data and URLs that look like "
         "an "
         "e-mail address, a phone number or a card number: `redact` puts [redacted] in place of "
         "the "
         "part, also when this key is left out; `drop` leaves out the value; `keep` lets it go. "
         "Unless "
         "kept, URLs lose query keys with such values.",
         "drop")},
    {KEY("query", TEXTS, struct destination_conf, pii.query), .item = KEY_TEXT,
     DOC("Query keys that URLs lose, beside the default list (email, phone, name, token, password, "
         "session, ...); capitals, `_` and `-` do not matter.",
         "[customer_no]")},
    {KEY("only", TEXTS, struct destination_conf, pii.only), .item = KEY_TEXT,
     DOC("When given, nothing but these leaves: names of user_data and custom_data parameters, "
         "event-level fields and properties. event_name, event_time, event_id, action_source, "
         "opt_out and the data processing options always go; the two URLs lose query and fragment "
         "unless they are listed.",
         "[em, fbp, value, currency, plan]")},
};

static const struct object pii_object = {
    .name = S_INIT("pii"),
    .path = S_INIT("destinations[].pii"),
    .doc = S_INIT("Personal data in properties, texts and URLs, and what may leave at all."),
    KEYS(pii_keys),
};

/* --- events and actions ------------------------------------------------------------------------- */

static const struct key event_keys[] = {
    {KEY("send", TEXT, struct event_rule, send), .required = true,
     DOC("The Meta event: a standard one, or a name of your own.", "CompleteRegistration")},
    {KEY("pixel_id", PIXEL, struct event_rule, pixel_id),
     DOC("A conversion pixel that gets this event too, beside the destination's.",
         "\"601010101010101\"")},
};

const struct object event_object = {
    .name = S_INIT("event"),
    .path = S_INIT("destinations[].events.NAME"),
    .doc = S_INIT("What is sent for the event of this exact name. In place of the map: the Meta "
                  "event alone, or `drop` (a quoted \"drop\" is an event of that name)."),
    KEYS(event_keys),
    .size = sizeof(struct event_rule),
    .shorthand = S_INIT("send"),
};

static const struct key action_keys[] = {
    {KEY("name", TEXT, struct action_conf, name), .required = true,
     DOC("Shown by explain and the console.", "Big orders")},
    {KEY("trigger", TRIGGER, struct action_conf, trigger), .required = true,
     DOC("Which events it is for; `otherwise` for those that no action above took.",
         "type = \"track\" and event = \"Order Completed\"")},
    {KEY("enabled", BOOL, struct action_conf, enabled), DEFAULT("true"),
     DOC("Whether it runs.", "false")},
    {KEY("send", TEXT, struct action_conf, send),
     DOC("The Meta event. Instead, `event_name` takes an expression.", "Purchase")},
    {KEY("pixel_id", PIXEL, struct action_conf, pixel_id),
     DOC("A pixel of its own, instead of the destination's.", "\"601010101010101\"")},
    {KEY("user_data", MAPPINGS, struct action_conf, user_data),
     DOC("Like the destination's, for this action only; laid over it.", "{em: properties.email}")},
    {KEY("custom_data", MAPPINGS, struct action_conf, custom_data),
     DOC("Like the destination's, for this action only; laid over it.",
         "{value: properties.total | number}")},
    {KEY("properties", PROPERTIES, struct action_conf, properties),
     DOC("Like the destination's, for this action only.", "none")},
};

const struct object action_object = {
    .name = S_INIT("action"),
    .path = S_INIT("destinations[].actions[]"),
    .doc = S_INIT("A trigger and the event that it sends. Meta's event-level fields are keys too, "
                  "each with an expression."),
    KEYS(action_keys),
    .size = sizeof(struct action_conf),
    .has_fields = true,
    .fields_at = offsetof(struct action_conf, fields),
};

static const struct key hold_keys[] = {
    {KEY("name", TEXT, struct hold_conf, name), .required = true,
     DOC("Its name, shown wherever an event waits for it; another name is another hold.",
         "until paid")},
    {KEY("trigger", TRIGGER, struct hold_conf, trigger), .required = true,
     DOC("Which events wait.", "event = \"Order Completed\" and properties.payment = \"cod\"")},
    {KEY("key", EXPRESSION, struct hold_conf, key), .required = true,
     DOC("What such an event and the one that confirms it have in common. An event without it is "
         "dead (missing_field).",
         "properties.order_id")},
    {KEY("until", TRIGGER, struct hold_conf, until), .required = true,
     DOC("Which event confirms. It may come before or after, from any source of this destination, "
         "and goes its own way besides; neither `filter` nor `bots` keeps it from confirming.",
         "event = \"Order Paid\"")},
    {KEY("until_key", EXPRESSION, struct hold_conf, until_key),
     DOC("Where the key is in events that confirm or cancel; as `key` when left out.",
         "properties.order.id")},
    {KEY("cancel", TRIGGER, struct hold_conf, cancel),
     DOC("Which event drops what waits: filtered (hold_cancelled).",
         "event = \"Order Cancelled\"")},
    {KEY("within", DURATION, struct hold_conf, within_ms), .min = MS_PER_SECOND,
     .max = META_MAX_AGE_STORE_MS, DEFAULT("7d"),
     DOC("How long an event waits from when it was received, and a confirmation is remembered. Not "
         "longer than Meta takes the event: 7d, or 62d where action_source is physical_store.",
         "3d")},
    {KEY("then", WORD, struct hold_conf, then), WORDS(then_words), DEFAULT("dead"),
     DOC("What becomes of it when nothing came in this time: `dead`, kept, and sent when it is "
         "retried; `drop`, filtered; or `send`, at the latest an hour before Meta's deadline.",
         "drop")},
};

static const struct object hold_object = {
    .name = S_INIT("hold"),
    .path = S_INIT("destinations[].hold[]"),
    .doc = S_INIT("Events that wait until another one confirms them: orders until they are paid, "
                  "visits until there is consent. An event that meets several holds waits for one "
                  "after the other."),
    KEYS(hold_keys),
    .size = sizeof(struct hold_conf),
};

/* --- destination -------------------------------------------------------------------------------- */

static const struct key destination_keys[] = {
    {KEY("name", NAME, struct destination_conf, name), .required = true, .not_in_preset = true,
     DOC("Its unique name, for sources, status and metrics.", "acme-us")},
    {KEY("pixel_id", PIXEL, struct destination_conf, pixel_id), .required = true,
     .not_in_preset = true,
     DOC("The pixel (dataset) that gets the events.", "\"123456789012345\"")},
    {LIST("access_token", TEXTS, struct destination_conf, access_tokens, access_token_count),
     .item = KEY_SECRET, .not_in_preset = true,
     DOC("The Conversions API token, from Events Manager; or, while a token is being changed, a "
         "list: "
         "when Meta refuses one, the next is used. Only a destination on this machine (the "
         "sandbox) "
         "needs none.",
         "[${META_TOKEN}, ${META_TOKEN_OLD}]")},
    {KEY("app_secret", SECRET, struct destination_conf, app_secret), .not_in_preset = true,
     DOC("The secret of the app that the token belongs to: each request then carries Meta's "
         "`appsecret_proof`, which apps may require.",
         "${META_APP_SECRET}")},
    {KEY("api_url", URL, struct destination_conf, api_url), .not_in_preset = true,
     WORDS(http_schemes), DEFAULT(CONFIG_API_URL),
     DOC("The Graph API with its version; the sandbox or a test server instead.",
         "http://127.0.0.1:8082/v26.0")},
    {KEY("preset", NAME, struct destination_conf, preset), .not_in_preset = true,
     DEFAULT("standard"),
     DOC("The mapping to begin with; `none` for an empty one.", "rudderstack")},
    {KEY("enabled", BOOL, struct destination_conf, enabled), .not_in_preset = true, DEFAULT("true"),
     DOC("Whether events are sent.", "false")},
    {KEY("when_disabled", WORD, struct destination_conf, when_disabled), .not_in_preset = true,
     WORDS(when_disabled_words), DEFAULT("keep"),
     DOC("What becomes of events while it is not enabled: sent later, or never.", "drop")},
    {KEY("start", TEXT, struct destination_conf, start), .not_in_preset = true, DEFAULT("now"),
     DOC("What the destination begins with: `now`, events from its first start on; `oldest`, all "
         "that "
         "are kept; or those received since a time. One that began later is given the earlier "
         "events "
         "too, when this is changed.",
         "2026-11-20T00:00:00Z")},
    {PART("test_event_code", test_code_object), .not_in_preset = true,
     DOC("Shows the events under Test events as well; Meta counts them like others. A text, or a "
         "map.",
         "TEST12345")},
    {KEY("filter", TRIGGER, struct destination_conf, filter),
     DOC("Only events that match are looked at.", "properties.internal != true")},
    {KEY("bots", WORD, struct destination_conf, bots), .not_in_preset = true, WORDS(bots_words),
     DEFAULT("drop"),
     DOC("What becomes of events whose user agent is a crawler, a monitor or a headless browser: "
         "filtered (`bot`), or sent like others.",
         "keep")},
    {LIST("events", EVENTS, struct destination_conf, events, event_count), .max = LIMIT_ACTIONS,
     .object = &event_object,
     DOC("Event names, with exact capitals and blanks, and what is sent for each.",
         "{Plan Bought: Purchase, Debug Ping: drop}")},
    {KEY("event_names", WORD, struct destination_conf, event_names), WORDS(name_words),
     DOC("How `events` finds a name: `exact` (also when left out, unless the preset says other), "
         "or "
         "`any_case`, where a name that has no row finds one that differs only in capitals.",
         "any_case")},
    {KEY("user_data", MAPPINGS, struct destination_conf, user_data),
     DOC("Meta's user_data parameters and where each is found; `null` takes the preset's away.",
         "{em: traits.email || properties.email}")},
    {KEY("custom_data", MAPPINGS, struct destination_conf, custom_data),
     DOC("Meta's custom_data parameters and where each is found; `null` takes the preset's away.",
         "{order_id: properties.checkout_id}")},
    {KEY("properties", PROPERTIES, struct destination_conf, properties),
     DOC("Which of the event's own properties go along in custom_data. Objects become names with "
         "dots; lists of single values stay lists, or with `flat` all lists become names with "
         "brackets.",
         "[plan, seats]")},
    {PART("pii", pii_object),
     DOC("Personal data in properties, texts and URLs.", "{deny: [iban]}")},
    {KEY("website_needs", TEXTS, struct destination_conf, website_needs), .item = KEY_TEXT,
     DOC("Parameters without which an event from a website is dead (missing_field) instead of "
         "sent.",
         "[client_user_agent, event_source_url]")},
    {LIST("actions", OBJECTS, struct destination_conf, actions, action_count), .max = LIMIT_ACTIONS,
     .object = &action_object,
     DOC("Triggers and the events they send; all that match, in order.", "")},
    {LIST("hold", OBJECTS, struct destination_conf, holds, hold_count), .max = LIMIT_HOLDS,
     .object = &hold_object, DOC("Events that wait until another one confirms them.", "")},
    {KEY("default_country", COUNTRY, struct destination_conf, default_country),
     DOC("For phone numbers without a country code.", "de")},
    {KEY("compat", WORD, struct destination_conf, compat), WORDS(compat_words),
     DOC("How personal data is normalised before it is hashed: as Meta's documents say (`docs`, "
         "also "
         "when left out) or as its parameter builder and browser pixel do.",
         "param-builder")},
    {PART("batch", batch_object), .not_in_preset = true,
     DOC("How events are put together into requests.", "{linger: 5s}")},
};

const struct object destination_object = {
    .name = S_INIT("destination"),
    .path = S_INIT("destinations[]"),
    .doc = S_INIT("A pixel and what is sent to it. Meta's event-level fields are keys too, each "
                  "with an expression that holds for every event."),
    KEYS(destination_keys),
    .size = sizeof(struct destination_conf),
    .has_fields = true,
    .fields_at = offsetof(struct destination_conf, fields),
};

/* --- source and top level ----------------------------------------------------------------------- */

static const struct key signature_keys[] = {
    {KEY("header", TEXT, struct source_conf, webhook.signature.header),
     DOC("The header with the signature.", "X-Hub-Signature-256")},
    {KEY("encoding", WORD, struct source_conf, webhook.signature.encoding), WORDS(encoding_words),
     DOC("How it is written; `hex` when left out.", "base64")},
    {KEY("prefix", TEXT, struct source_conf, webhook.signature.prefix),
     DOC("What stands before it in the header.", "sha256=")},
    {KEY("field", TEXT, struct source_conf, webhook.signature.field),
     DOC("When the header is a list such as `t=1492774577,v1=5257a8`: the name of the signatures "
         "in it. One of them has to be right.",
         "v1")},
    {KEY("time_header", TEXT, struct source_conf, webhook.signature.time_header),
     DOC("The header with the time of the request, in epoch seconds.", "X-CIO-Timestamp")},
    {KEY("time_field", TEXT, struct source_conf, webhook.signature.time_field),
     .needs = S_INIT("field"), DOC("Or its name in that list.", "t")},
    {KEY("content", TEXT, struct source_conf, webhook.signature.content),
     DOC("What is signed; `{body}` when left out.", "\"{time}.{body}\"")},
    {KEY("tolerance", DURATION, struct source_conf, webhook.signature.tolerance_ms),
     .min = MS_PER_SECOND, .max = MS_PER_DAY,
     DOC("How far the request's time may be from ours, so that a recorded request is of no use "
         "later; `5m` when left out.",
         "1m")},
};

static const struct object signature_object = {
    .name = S_INIT("signature"),
    .path = S_INIT("sources[].webhook.signature"),
    .doc = S_INIT("How the sender proves that a request is its own: the HMAC-SHA256 of the body, "
                  "under one of the secrets."),
    KEYS(signature_keys),
};

static const struct key webhook_keys[] = {
    {KEY("preset", NAME, struct source_conf, webhook.preset), .not_in_preset = true,
     DOC("A sender that pixeld knows: `shopify`, `stripe`, `customerio`. What is said beside it is "
         "laid over it.",
         "shopify")},
    {LIST("secret", TEXTS, struct source_conf, webhook.secrets, webhook.secret_count),
     .item = KEY_SECRET, .not_in_preset = true,
     DOC("What only the sender and we know; a list while it is being changed.",
         "${SHOPIFY_SECRET}")},
    {KEY("header", TEXT, struct source_conf, webhook.header),
     DOC("The header with the secret itself, for senders that do not sign.", "X-Api-Key")},
    {PART("signature", signature_object),
     DOC("How requests are signed.", "{header: X-Hub-Signature-256, prefix: sha256=}")},
    {KEY("headers", TEXTS, struct source_conf, webhook.headers), .item = KEY_TEXT,
     DOC("Headers that are kept with the event: expressions find them below `headers`, in small "
         "letters.",
         "[X-Shopify-Topic]")},
    {KEY("each", TEXT, struct source_conf, webhook.each),
     DOC("Where the list of events is in the body, as a dotted path. Without it the body is one "
         "event, or a list of events.",
         "data.events")},
    {KEY("id", TEXTS, struct source_conf, webhook.id), .item = KEY_TEXT,
     DOC("Where the sender's own id of an event is, as a dotted path, by which a second delivery "
         "is known; of several the first that is there.",
         "[headers.x-request-id, id]")},
    {KEY("event", MAPPINGS, struct source_conf, webhook.event),
     DOC("What the event is in the names of the Segment specification, as expressions over the "
         "body as it was sent. Rules of destinations see this. Left out: the body has those names.",
         "{type: '\"track\"', event: kind, userId: user.id, properties: data}")},
};

const struct object webhook_object = {
    .name = S_INIT("webhook"),
    .path = S_INIT("sources[].webhook"),
    .doc = S_INIT("A source of protocol webhook, which sends to `/webhook/NAME`."),
    KEYS(webhook_keys),
};

static const struct key rate_keys[] = {
    {KEY("requests", UINT, struct source_conf, rate.requests), .max = LIMIT_RATE,
     DOC("Most requests a second.", "500")},
    {KEY("events", UINT, struct source_conf, rate.events), .max = LIMIT_RATE,
     DOC("Most events a second.", "5000")},
    {KEY("address_requests", UINT, struct source_conf, rate.address_requests), .max = LIMIT_RATE,
     DOC("Most requests a second from one client address.", "20")},
    {KEY("address_events", UINT, struct source_conf, rate.address_events), .max = LIMIT_RATE,
     DOC("Most events a second from one client address.", "200")},
    {KEY("burst", DURATION, struct source_conf, rate.burst_ms), .min = MS_PER_SECOND,
     .max = MS_PER_HOUR, DEFAULT("10s"),
     DOC("After a pause as much may come at once as in this time.", "1m")},
};

static const struct object rate_object = {
    .name = S_INIT("rate"),
    .path = S_INIT("sources[].rate"),
    .doc = S_INIT("How much is taken; what is more gets 429 with Retry-After, and is the sender's "
                  "to send again. What is left out or 0 has no bound."),
    KEYS(rate_keys),
};

static const struct key old_key_keys[] = {
    {KEY("key", SECRET, struct old_key, key), .required = true,
     DOC("The key.", "${OLD_WRITE_KEY}")},
    {KEY("expires", TIME, struct old_key, expires_ms), .required = true,
     DOC("From then on it is unknown.", "2026-12-31T00:00:00Z")},
};

static const struct object old_key_object = {
    .name = S_INIT("old key"),
    .path = S_INIT("sources[].old_keys[]"),
    .doc = S_INIT("A write key that still counts for a while after it was changed."),
    KEYS(old_key_keys),
    .size = sizeof(struct old_key),
};

static const struct key pixel_keys[] = {
    {KEY("path", TEXT, struct source_conf, pixel.path), DEFAULT("/pixel"),
     DOC("Where pages send events; the script is at the same path with `.js`. A path of your own "
         "is less likely to be on somebody's block list.",
         "/stats")},
    {KEY("ids", TEXTS, struct source_conf, pixel.ids), .item = KEY_PIXEL,
     DOC("Requests to `/tr` without a key that name one of these pixels are this source's; those "
         "of other pixels belong to a source that lists none.",
         "[\"123456789012345\"]")},
    {KEY("cookies", BOOL, struct source_conf, pixel.cookies), DEFAULT("true"),
     DOC("Whether answers to pages of the same site set `_fbp` and `_fbc` again, for 90 days: "
         "browsers keep a server's cookies for longer than a script's.",
         "false")},
    {KEY("cookie_domain", TEXT, struct source_conf, pixel.cookie_domain),
     DOC("The domain of these cookies; when left out, the registrable domain of the host by the "
         "public suffix list.",
         "shop.example")},
};

static const struct object pixel_object = {
    .name = S_INIT("pixel"),
    .path = S_INIT("sources[].pixel"),
    .doc = S_INIT("The browser pixel of a source of protocol pixel; a path, or a map."),
    KEYS(pixel_keys),
    .shorthand = S_INIT("path"),
};

static const struct key source_keys[] = {
    {KEY("name", NAME, struct source_conf, name), .required = true,
     DOC("Its unique name.", "shop-web")},
    {LIST("write_key", TEXTS, struct source_conf, write_keys, write_key_count), .item = KEY_SECRET,
     DOC("What the SDK sends to say who it is; one, or a list.", "${SHOP_WRITE_KEY}")},
    {LIST("write_keys", TEXTS, struct source_conf, write_keys, write_key_count), .item = KEY_SECRET,
     DOC("More of them, while a key is being changed.", "[${NEW_KEY}, ${OLD_KEY}]")},
    {LIST("old_keys", OBJECTS, struct source_conf, old_keys, old_key_count), .max = LIMIT_OLD_KEYS,
     .object = &old_key_object,
     DOC("Keys that still count until a time, after a change.",
         "[{key: ${OLD_KEY}, expires: 2026-12-31T00:00:00Z}]")},
    {KEY("protocol", WORD, struct source_conf, protocol), WORDS(protocol_words), DEFAULT("segment"),
     DOC("How its events are written, where the route does not say it.", "amplitude")},
    {KEY("bots", WORD, struct source_conf, bots), WORDS(bots_words), DEFAULT("drop"),
     DOC("`keep`: its events go to all destinations whatever their user agent says.", "keep")},
    {KEY("origins", TEXTS, struct source_conf, origins), .item = KEY_ORIGIN,
     DOC("Web sites that may send; any when left out.", "[https://shop.example]")},
    {KEY("allow_from", TEXTS, struct source_conf, allow_from), .item = KEY_NETWORK,
     DOC("Addresses and networks of clients that may send; any when left out. Behind a proxy see "
         "`trusted_proxies`.",
         "[203.0.113.0/24]")},
    {PART("rate", rate_object), DOC("How much is taken.", "{requests: 500, burst: 30s}")},
    {PART("webhook", webhook_object),
     DOC("How a webhook's requests are signed and what its events are. For protocol webhook.",
         "{preset: shopify, secret: ${SHOPIFY_SECRET}}")},
    {PART("pixel", pixel_object),
     DOC("Where the browser pixel is and which cookies it sets. For protocol pixel.",
         "{path: /stats}")},
    {KEY("destinations", TEXTS, struct source_conf, destinations), .item = KEY_NAME,
     DOC("Where its events go; everywhere when left out.", "[acme-us]")},
    {KEY("default_country", COUNTRY, struct source_conf, default_country),
     DOC("For phone numbers without a country code; goes before the destination's.", "us")},
    {KEY("enabled", BOOL, struct source_conf, enabled), DEFAULT("true"),
     DOC("Whether its events are taken.", "false")},
};

const struct object source_object = {
    .name = S_INIT("source"),
    .path = S_INIT("sources[]"),
    .doc = S_INIT("Something that sends events, and its key."),
    KEYS(source_keys),
    .size = sizeof(struct source_conf),
};

static const struct key config_keys[] = {
    {KEY("listen", ADDRESS, struct config, listen), DEFAULT("127.0.0.1:8080"),
     DOC("Where SDKs and the browser pixel send to. Public.", "0.0.0.0:8080")},
    {KEY("admin", ADDRESS, struct config, admin), DEFAULT("127.0.0.1:8081"),
     DOC("Console, admin API and metrics. Never make it public.", "127.0.0.1:9000")},
    {KEY("data", TEXT, struct config, data), DEFAULT("/var/lib/pixeld"),
     DOC("The directory of the journal and all state.", "/srv/pixeld")},
    {KEY("threads", UINT, struct config, threads), .max = LIMIT_THREADS, DEFAULT("0"),
     DOC("Threads that take events in; 0 for one a processor.", "4")},
    {KEY("trusted_proxies", TEXTS, struct config, trusted_proxies), .item = KEY_NETWORK,
     DOC("Proxies whose X-Forwarded-For is believed.", "[10.0.0.0/8]")},
    {PART("journal", journal_object),
     DOC("Where events are kept before they are sent.", "{retention: 14d, max_size: 50GiB}")},
    {PART("dead_letters", dead_object),
     DOC("How long and how many events that cannot be delivered are kept.",
         "{retention: 30d, max_size: 1GiB}")},
    {PART("dedup", dedup_object),
     DOC("Events that a client sent twice, recognised by source and message id.",
         "{window: 7d, size: 256MiB}")},
    {PART("alerts", alerts_object), DOC("What is worth telling somebody, and how.",
                                        "{webhook: \"https://hooks.example/pixeld\"}")},
    {LIST("sources", OBJECTS, struct config, sources, source_count), .max = LIMIT_SOURCES,
     .object = &source_object, DOC("Who sends events.", "")},
    {LIST("destinations", OBJECTS, struct config, destinations, destination_count),
     .max = LIMIT_DESTINATIONS, .object = &destination_object, DOC("Where events go.", "")},
};

const struct object config_object = {
    .name = S_INIT("top level"),
    .path = S_INIT("the top level of the file"),
    .doc = S_INIT("The keys of the file itself."),
    KEYS(config_keys),
    .size = sizeof(struct config),
};

const struct object *const key_objects[] = {
    &config_object,        &journal_object, &dead_object,        &dedup_object,     &alerts_object,
    &alert_webhook_object, &source_object,  &old_key_object,     &rate_object,      &webhook_object,
    &signature_object,     &pixel_object,   &destination_object, &test_code_object, &event_object,
    &action_object,        &hold_object,    &pii_object,         &batch_object,
};
const size_t key_object_count = countof(key_objects);

const struct key *key_find(const struct object *object, struct str name)
{
    for (size_t i = 0; i < object->key_count; i++)
        if (str_eq(object->keys[i].name, name)) return &object->keys[i];
    return NULL;
}

struct str key_type_words(enum key_type type)
{
    static const struct str words[] = {
#define X(NAME, words, schema) S_INIT(words),
        KEY_TYPES(X)
#undef X
    };
    return words[type];
}

struct str key_type_schema(enum key_type type)
{
    static const struct str schemas[] = {
#define X(NAME, words, schema) S_INIT(schema),
        KEY_TYPES(X)
#undef X
    };
    return schemas[type];
}
