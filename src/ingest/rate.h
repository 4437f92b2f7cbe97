/* SPDX-License-Identifier: Apache-2.0 */
/* What is remembered of each source from request to request: how many were refused and why, and how fast
 * it and its clients may send. Rates are token buckets, one pair (requests, events) for each
 * source with a rate and one for each client address that it saw lately. All is in memory and begins
 * full, so a restart only ever lets more through. */
#ifndef INGEST_RATE_H
#define INGEST_RATE_H

#include "conf/config.h"
#include "ingest/answer.h"

struct rates;

/* rates_new for one process, rates_free(NULL) is fine. */
struct rates *rates_new(void);
void rates_free(struct rates *r);

/* rates_take takes one request with so many events of this source from this address (as text) out of
 * its buckets. When one of them has too little, nothing is taken from any and the result is how long
 * to wait in ms; 0: taken. A request of more events than a bucket holds passes when the bucket is
 * full, and the next ones wait the longer. Sources are known by name, also over reloads. Any thread. */
int64_t rates_take(struct rates *r, const struct source_conf *source, struct str address,
                   uint32_t events, int64_t now_ms);
/* rates_refused counts a request that was refused; source is empty while it is not known. Any thread. */
void rates_refused(struct rates *r, struct str source, enum refusal refusal);
/* rates_took counts events that were acknowledged; rates_each_source calls fn for each source with its count
 * of them. Any thread; fn must not call back. */
void rates_took(struct rates *r, struct str source, uint32_t events);
typedef void took_fn(void *ctx, struct str source, uint64_t events);
void rates_each_source(struct rates *r, took_fn *fn, void *ctx);
/* rates_each_refusal calls fn for each source and reason that has a count. Any thread; fn must not call
 * back. */
typedef void refusal_fn(void *ctx, struct str source, enum refusal refusal, uint64_t count);
void rates_each_refusal(struct rates *r, refusal_fn *fn, void *ctx);

#endif
