/* SPDX-License-Identifier: Apache-2.0 */
/* The shapes of Meta's answers: success, error, and the headers that tell how much of a rate limit is
 * used. Only shapes; who gets which is graph.c's business. */
#ifndef SANDBOX_ANSWER_H
#define SANDBOX_ANSWER_H

#include "base/buf.h"

struct answer_error {
    int status; /* HTTP */
    int code, subcode;
    bool is_transient;
    struct str type; /* "OAuthException" */
    struct str message;
    struct str title, text; /* error_user_title and error_user_msg; may be empty */
    int64_t index;          /* of the event in data that is named, or -1 */
};

/* answer_put_received appends {"events_received":N,...}. */
void answer_put_received(struct buf *out, size_t events);
/* answer_put_error appends {"error":{...}}. */
void answer_put_error(struct buf *out, const struct answer_error *e);
/* answer_put_usage appends the three usage headers as whole lines; percent 0..100. */
void answer_put_usage(struct buf *out, struct str business_id, int percent, int minutes);

#endif
