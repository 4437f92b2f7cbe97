/* SPDX-License-Identifier: Apache-2.0 */
/* The way out of an alert: a webhook, signed, and a command. Both may be slow or broken: the caller has a
 * thread to spare, and tries again. */
#ifndef ALERT_NOTIFY_H
#define ALERT_NOTIFY_H

#include "alert/rules.h"
#include "base/buf.h"
#include "base/err.h"

enum notify_way { NOTIFY_WEBHOOK = 1, NOTIFY_COMMAND = 2 };

/* notify_ways are those that are configured. */
unsigned notify_ways(const struct alerts_conf *conf);
/* notify_body appends the JSON of an alert; state is "raised", "cleared" or "test". */
void notify_body(struct buf *out, const struct alert *alert, struct str state);
/* notify_send tries the ways and returns those that failed, with err of the last one. The webhook gets body by
 * POST, with `X-Pixeld-Signature: t=SECONDS,v1=HEX` if it has a secret: the HMAC-SHA256 of "SECONDS.BODY".
 * The command gets body as its last argument, and must end with 0. Blocks for LIMIT_ALERT_SEND_MS at most,
 * for each. Any thread. */
unsigned notify_send(const struct alerts_conf *conf, unsigned ways, struct str body,
                     struct err *err);

#endif
