/* SPDX-License-Identifier: Apache-2.0 */
/* Does a webhook's request show that its sender knows the source's secret? By the secret itself in a
 * header, or by an HMAC-SHA256 of the body, as the source's configuration describes it. */
#ifndef INGEST_SIGNATURE_H
#define INGEST_SIGNATURE_H

#include "conf/config.h"
#include "ingest/answer.h"

/* signature_check returns NONE, or why not: NO_KEY (it shows nothing), BAD_KEY, SIGNATURE, STALE. The
 * source has secrets. Compares in constant time; with several secrets any of them will do. Uses
 * req->transient. Server's thread. */
enum refusal signature_check(const struct webhook_conf *w, const struct http_request *req,
                             int64_t now_ms);

#endif
