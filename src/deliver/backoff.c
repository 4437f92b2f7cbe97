/* SPDX-License-Identifier: Apache-2.0 */
/* See backoff.h. */
#include "deliver/backoff.h"

#include "core/limits.h"
#include "sys/random.h"

int64_t backoff_ms(unsigned failures, int64_t first_ms, int64_t asked_ms)
{
    int64_t most = first_ms;
    for (unsigned i = 1; i < failures && most < LIMIT_BACKOFF_MS; i++) most *= 2;
    if (most > LIMIT_BACKOFF_MS) most = LIMIT_BACKOFF_MS;
    int64_t wait = 1 + (int64_t)random_below((uint64_t)most);
    int64_t asked = asked_ms < LIMIT_RETRY_AFTER_MS ? asked_ms : LIMIT_RETRY_AFTER_MS;
    return wait > asked ? wait : asked;
}
