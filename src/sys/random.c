/* SPDX-License-Identifier: Apache-2.0 */
/* See random.h. */
#include "sys/random.h"

#include <assert.h>
#include <errno.h>
#include <sys/random.h>
#include <sys/types.h>

void random_bytes(void *p, size_t n)
{
    unsigned char *out = p;
    while (n) {
        ssize_t got = getrandom(out, n, 0);
        if (got < 0) {
            assert(errno == EINTR);
            continue;
        }
        out += got;
        n -= (size_t)got;
    }
}

uint64_t random_below(uint64_t limit)
{
    assert(limit);
    uint64_t value, reject_from = UINT64_MAX - UINT64_MAX % limit;
    do {
        random_bytes(&value, sizeof value);
    } while (value >= reject_from); /* else the low values would be likelier */
    return value % limit;
}
