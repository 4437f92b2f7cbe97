/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a judgement: the rules an event can break, the place in the event where it did, and
 * the notes about what Meta would take but its sender will regret. The first refusal stands; what
 * comes after it is not looked at. No word of a judgement holds a value of the event. */
#ifndef SANDBOX_VERDICT_H
#define SANDBOX_VERDICT_H

#include "base/arena.h"
#include "base/buf.h"
#include "core/limits.h"

/* X(NAME, subcode, "title", "text") — all are code 100, "Invalid parameter". Meta documents few of
 * its subcodes; these are the ones seen in its answers. */
#define VERDICT_RULES(X)                                                                           \
    X(TOO_OLD, 2804003, "Event timestamp too old",                                                 \
      "An event may be 7 days old, or 62 with action_source physical_store.")                      \
    X(IN_FUTURE, 2804004, "Event timestamp in the future",                                         \
      "event_time is Unix time in seconds and cannot lie ahead.")                                  \
    X(CONTENTS, 2804008, "Invalid contents", "Each entry of contents needs an id.")                \
    X(NO_VALUE, 2804009, "Purchase without a value", "A Purchase needs custom_data.value.")        \
    X(PARAMETER, 2804019, "Server side API parameter error",                                       \
      "A field is missing or is not of its type.")                                                 \
    X(IN_CLEAR, 2804019, "Personal data in the clear",                                             \
      "This field takes only the SHA-256 of the normalised value, in lower-case hex.")             \
    X(NO_CURRENCY, 2804023, "Value without a currency", "A value needs custom_data.currency.")     \
    X(LEAD_ID, 2804036, "Invalid lead id", "lead_id is a number of 15 or 16 digits.")              \
    X(APP_DATA, 2804043, "Incomplete app data",                                                    \
      "An app event needs app_data.extinfo with its version and the system's version.")            \
    X(TOO_BROAD, 2804050, "Not enough customer information",                                       \
      "user_data is empty, or holds only what fits too many people.")                              \
    X(NO_CHANNEL, 2804063, "No messaging channel",                                                 \
      "action_source business_messaging needs messaging_channel.")                                 \
    X(CHANNEL_FBC, 2804064, "fbc on a message", "business_messaging does not go with fbc.")        \
    X(CHANNEL_NAME, 2804066, "Event name not for messages",                                        \
      "business_messaging has event names of its own, such as LeadSubmitted.")                     \
    X(NO_PAGE, 2804069, "No page id", "messenger needs user_data.page_id.")                        \
    X(NO_INSTAGRAM, 2804079, "No Instagram account id",                                            \
      "instagram needs user_data.ig_account_id.")                                                  \
    X(NO_WHATSAPP, 2804116, "No WhatsApp business account id",                                     \
      "whatsapp needs user_data.whatsapp_business_account_id.")

enum verdict_rule {
    VERDICT_OK,
#define X(NAME, subcode, title, text) VERDICT_##NAME,
    VERDICT_RULES(X)
#undef X
        VERDICT_RULE_COUNT
};

int verdict_subcode(enum verdict_rule rule);
struct str verdict_title(enum verdict_rule rule);
struct str verdict_text(enum verdict_rule rule);

/* One step from the event to a value in it; lives on the judge's stack. */
struct place {
    const struct place *up; /* NULL: the event itself is above */
    struct str key;         /* p = NULL: the step is an index */
    size_t index;
};

struct verdict {
    struct arena *arena; /* holds path, detail and the warnings */
    enum verdict_rule rule;
    struct str path;   /* ['user_data']['em']; empty when the whole event is meant */
    struct str detail; /* one more sentence, or empty */
    struct str warnings[LIMIT_SANDBOX_WARNINGS];
    size_t warning_count;
};

/* verdict_refuse notes the refusal and returns false, so that `return verdict_refuse(...)` reads
 * well. The detail must be static or in the arena. Only once per verdict. */
bool verdict_refuse(struct verdict *v, enum verdict_rule rule, const struct place *at,
                    struct str detail);
/* verdict_warn adds "user_data.em: words"; beyond LIMIT_SANDBOX_WARNINGS it does nothing. */
void verdict_warn(struct verdict *v, const struct place *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* verdict_put_warnings appends the warnings as a JSON list. */
void verdict_put_warnings(struct buf *out, const struct verdict *v);

#endif
