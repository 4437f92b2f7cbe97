/* SPDX-License-Identifier: Apache-2.0 */
/* How long to wait after a failure: exponential with full jitter, or what the answer asked for. */
#ifndef DELIVER_BACKOFF_H
#define DELIVER_BACKOFF_H

#include <stdint.h>

/* backoff_ms draws the wait after so many failures in a row (1 = the first), between 1 and first_ms *
 * 2^(failures-1), at most LIMIT_BACKOFF_MS. Full jitter, so that destinations that failed together do
 * not come back together. asked_ms is what the answer's headers say (0 = nothing): never less than
 * that, and that at most LIMIT_RETRY_AFTER_MS. */
int64_t backoff_ms(unsigned failures, int64_t first_ms, int64_t asked_ms);

#endif
