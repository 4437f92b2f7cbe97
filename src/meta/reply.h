/* SPDX-License-Identifier: Apache-2.0 */
/* What an answer of the Graph API means for the sender. The table of error codes decides first, then
 * is_transient, then the HTTP status; texts are localised and never matched. */
#ifndef META_REPLY_H
#define META_REPLY_H

#include "base/arena.h"

enum reply_class {
    REPLY_OK,       /* accepted */
    REPLY_RETRY,    /* temporary: exponential back-off */
    REPLY_THROTTLE, /* rate limit: back off as long as the headers say */
    REPLY_TOKEN,    /* this token is no good: use another one, or pause */
    REPLY_PAUSE,    /* app, permission or configuration: stop this destination, keep its events */
    REPLY_PIXEL,    /* this pixel is not to be had: stop what goes there, keep its events */
    REPLY_REFUSED,  /* this payload will never be accepted: bisect, the culprit is dead */
};

struct reply {
    enum reply_class class;
    int status;        /* HTTP status; 0 = no answer at all */
    int code, subcode; /* Meta's; 0 when the body has none */
    uint64_t events_received;
    int64_t culprit;        /* index into data that the answer names, or -1 */
    int64_t retry_after_ms; /* from the headers, or else the code's wait_ms; 0 = not said */
    int app_percent;        /* how much of the app's or user's limit is used up, by the headers */
    int account_percent;    /* the same of the ad account's or business's */
    struct str account;     /* whose id the headers give, in the arena; empty = not said */
    bool is_account_limit;  /* of REPLY_THROTTLE: the account's limit was hit, not the token's */
    struct str text;        /* Meta's own words, in the arena, cut */
    struct str fbtrace_id;  /* in the arena */
    struct str cause;       /* what it means, in plain words; static */
    struct str cure;        /* what to do; static */
};

/* The headers that matter; p = NULL when absent. */
struct reply_headers {
    struct str retry_after;
    struct str app_usage;      /* X-App-Usage */
    struct str account_usage;  /* X-Ad-Account-Usage */
    struct str business_usage; /* X-Business-Use-Case-Usage */
};

/* reply_read classifies an answer: status 0 for a transport failure (then body is its description).
 * Never fails: a body that is not JSON is classified by status, and a 2xx counts as accepted only when
 * it says how many events were received, because a proxy can answer 200 as well. headers may be NULL.
 * Costs one pass over the body, which the caller bounds (LIMIT_REPLY_BYTES). */
void reply_read(int status, struct str body, const struct reply_headers *headers,
                struct arena *arena, struct reply *out);

/* One row of the code table, for docs and for the sandbox's faults. */
struct reply_code {
    int code, subcode; /* subcode -1 = any */
    enum reply_class class;
    int status;      /* what Meta answers with, as seen; for the sandbox */
    int64_t wait_ms; /* how long to wait when the headers do not say; 0 = the ordinary back-off */
    struct str type; /* "OAuthException" */
    struct str cause, cure;
};
extern const struct reply_code reply_codes[];
extern const size_t reply_code_count;
/* reply_code_find: the exact subcode before "any"; NULL when the code is unknown. Codes that Meta
 * gives as a range (permissions 200-299, business limits 80000-80099, negative ones) share a row. */
const struct reply_code *reply_code_find(int code, int subcode);
/* reply_class_name: "ok", "retry", "throttle", "token", "pause", "pixel", "refused". */
struct str reply_class_name(enum reply_class class);

#endif
