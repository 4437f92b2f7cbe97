/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of an event: per destination exactly one state, and a reason from one list. The lists
 * make the metrics, the dead letters, `explain`, the console and the docs. */
#ifndef CORE_OUTCOME_H
#define CORE_OUTCOME_H

#include "base/str.h"

/* X(NAME, "name", "meaning") */
#define STATES(X)                                                                                  \
    X(WAITING, "waiting", "not yet sent, in flight, backing off, or the destination is paused")    \
    X(DELIVERED, "delivered", "confirmed by Meta")                                                 \
    X(FILTERED, "filtered", "left out by a rule of the configuration")                             \
    X(DUPLICATE, "duplicate", "the same message id came before")                                   \
    X(HELD, "held", "waits for a confirming event or for consent")                                 \
    X(DEAD, "dead", "cannot be delivered; kept with its reason, can be retried")

enum state {
#define X(NAME, name, meaning) STATE_##NAME,
    STATES(X)
#undef X
        STATE_COUNT
};

/* X(NAME, "name", STATE, "meaning") — STATE is the state that the reason leads to. */
#define REASONS(X)                                                                                 \
    X(NONE, "none", WAITING, "no reason needed")                                                   \
    /* dead on arrival; these four numbers are in journal records: never move them */              \
    X(BAD_EVENT, "bad_event", DEAD, "not an event: not a JSON object, or no usable type")          \
    X(EVENT_TOO_LARGE, "event_too_large", DEAD, "larger than one event may be")                    \
    X(EVENT_TOO_DEEP, "event_too_deep", DEAD, "nested too deeply")                                 \
    X(BATCH_TOO_LONG, "batch_too_long", DEAD, "beyond the number of events one request may carry") \
    /* filtered */                                                                                 \
    X(NOT_ROUTED, "not_routed", FILTERED, "the source does not list this destination")             \
    X(OTHER_PIXEL, "other_pixel", FILTERED,                                                        \
      "the page sent it to the pixel of another destination")                                      \
    X(DISABLED, "disabled", FILTERED, "the destination is switched off and drops its backlog")     \
    X(FILTER, "filter", FILTERED, "the destination's filter did not match")                        \
    X(DROPPED, "dropped", FILTERED, "the events table says drop")                                  \
    X(NO_ACTION, "no_action", FILTERED, "no action's trigger matched")                             \
    X(INTEGRATIONS, "integrations", FILTERED, "the event's own integrations object excludes us")   \
    X(BOT, "bot", FILTERED, "the user agent is a crawler, a monitor or a headless browser")        \
    X(HOLD_CANCELLED, "hold_cancelled", FILTERED,                                                  \
      "it was held, or would have been, and an event cancelled it")                                \
    X(HOLD_DROPPED, "hold_dropped", FILTERED,                                                      \
      "it was held and not confirmed in time, and the hold says drop")                             \
    /* duplicate */                                                                                \
    X(DUPLICATE, "duplicate", DUPLICATE, "the same source sent the same message id before")        \
    X(CHANGED_DUPLICATE, "changed_duplicate", DUPLICATE,                                           \
      "the same message id came before with another content: does the client reuse ids?")          \
    /* dead before sending: what Meta would refuse */                                              \
    X(MISSING_FIELD, "missing_field", DEAD, "a field marked required has no value")                \
    X(INVALID_VALUE, "invalid_value", DEAD, "a value has the wrong type or form")                  \
    X(MISSING_EVENT_NAME, "missing_event_name", DEAD, "the event has no name")                     \
    X(MISSING_EVENT_TIME, "missing_event_time", DEAD, "no timestamp, or one that is not a time")   \
    X(EVENT_TOO_OLD, "event_too_old", DEAD,                                                        \
      "older than Meta takes: 7 days, 62 for physical_store")                                      \
    X(EVENT_IN_FUTURE, "event_in_future", DEAD, "more than one minute in the future")              \
    X(INVALID_ACTION_SOURCE, "invalid_action_source", DEAD, "action_source is not one Meta knows") \
    X(NO_USER_DATA, "no_user_data", DEAD, "no customer information, or only such as is too broad") \
    X(MISSING_VALUE, "missing_value", DEAD, "a Purchase needs a value")                            \
    X(MISSING_CURRENCY, "missing_currency", DEAD, "a Purchase, or any value, needs a currency")    \
    X(INVALID_CURRENCY, "invalid_currency", DEAD, "not an ISO 4217 currency code")                 \
    X(INVALID_CONTENTS, "invalid_contents", DEAD, "an entry of contents that Meta refuses")        \
    X(OUTPUT_TOO_LARGE, "output_too_large", DEAD, "the Meta event grew beyond its limit")          \
    /* dead while it was held */                                                                   \
    X(HOLD_EXPIRED, "hold_expired", DEAD,                                                          \
      "was held and not confirmed in time; sent when it is retried")                               \
    X(HOLD_FULL, "hold_full", DEAD,                                                                \
      "more events are held already than one destination may; judged anew when it is retried")     \
    /* dead after sending */                                                                       \
    X(REFUSED, "refused", DEAD, "Meta refused this event; its code and text are kept")             \
    X(EXPIRED, "expired", DEAD, "could not be delivered before Meta's deadline")                   \
    X(DAMAGED, "damaged", DEAD,                                                                    \
      "the disk lost the event before it could be read; nothing is left")                          \
    X(TRIMMED, "trimmed", DEAD, "given up by a full journal while the destination stood still")    \
    /* not sent yet */                                                                             \
    X(PIXEL_PAUSED, "pixel_paused", WAITING,                                                       \
      "Meta does not let us have the event's conversion pixel; it is sent when it does")           \
    X(HELD, "held", HELD, "a hold keeps it back until another event confirms it")

/* X(NAME, "what a person can do"): of each reason that an event is dead of, also for what came before.
 * A cause of Meta's has its own (meta/codes.c). */
#define CURES(X)                                                                                   \
    X(BAD_EVENT, "have the client send JSON objects with a type, or mend the letter by hand")      \
    X(EVENT_TOO_LARGE, "have the client send less with each event")                                \
    X(EVENT_TOO_DEEP, "have the client send flatter properties")                                   \
    X(BATCH_TOO_LONG, "have the client send fewer events in a request")                            \
    X(MISSING_FIELD, "say in the rule where else the value is, or give it a default; then retry")  \
    X(INVALID_VALUE, "have the client send a right value, or mend it in the rule; then retry")     \
    X(MISSING_EVENT_NAME, "have the client name the event, or name it in the rule; then retry")    \
    X(MISSING_EVENT_TIME, "have the client send a time such as 2026-11-20T12:00:00Z")              \
    X(EVENT_TOO_OLD, "nothing brings it to Meta any more; have it sent sooner")                    \
    X(EVENT_IN_FUTURE, "set the client's clock; retry when the event's time has come")             \
    X(INVALID_ACTION_SOURCE, "map action_source to one of Meta's words; then retry")               \
    X(NO_USER_DATA,                                                                                \
      "send an e-mail address, a phone number, a user id or _fbp and _fbc along, or map them")     \
    X(MISSING_VALUE, "have the client send the amount, or map custom_data.value; then retry")      \
    X(MISSING_CURRENCY, "give custom_data.currency a default in the rule; then retry")             \
    X(INVALID_CURRENCY, "have the client send three letters such as EUR, or map them; then retry") \
    X(INVALID_CONTENTS, "see which entry, and mend the rule of contents; then retry")              \
    X(OUTPUT_TOO_LARGE, "send fewer properties along; then retry")                                 \
    X(HOLD_EXPIRED, "retry to send it all the same, or discard it")                                \
    X(HOLD_FULL, "let the hold wait for less, or not as long; then retry")                         \
    X(REFUSED, "see Meta's words, mend the rule; then retry")                                      \
    X(EXPIRED, "nothing brings it to Meta any more; watch `at_risk` to know in time")              \
    X(DAMAGED, "look after the disk; the client's own log may still have it")                      \
    X(TRIMMED, "give the journal more room, or switch the destination on sooner")

enum reason {
#define X(NAME, name, STATE, meaning) REASON_##NAME,
    REASONS(X)
#undef X
        REASON_COUNT
};

/* Names are static. reason_find returns REASON_COUNT for an unknown name. */
struct str state_name(enum state state);
struct str state_meaning(enum state state);
struct str reason_name(enum reason reason);
struct str reason_meaning(enum reason reason);
struct str reason_cure(enum reason reason); /* empty: it needs none */
enum state reason_state(enum reason reason);
enum reason reason_find(struct str name);

/* The verdict on one event for one destination. Plain data; the texts are cut to fit and hold no
 * personal data (a path and what is wrong with it, never the value). */
struct outcome {
    enum state state;
    enum reason reason;
    char path[128];    /* the field concerned, "custom_data.value"; or the rule's file:line */
    char message[256]; /* one sentence for people */
};

/* outcome_set fills o from the reason (the state follows); path and message may be NULL. */
void outcome_set(struct outcome *o, enum reason reason, const char *path, const char *format, ...)
    __attribute__((cold, format(printf, 4, 5)));

#endif
