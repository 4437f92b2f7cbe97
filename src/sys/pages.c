/* SPDX-License-Identifier: Apache-2.0 */
/* See pages.h. */
#include "sys/pages.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    PAGE_BYTES = 4096
}; /* of x86 and most of ARM; with larger ones pages_used tells too little */

void *pages_new(size_t n)
{
    void *p =
        mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
        (void)fprintf(stderr, "pixeld: out of memory (%zu bytes)\n", n);
        abort();
    }
    /* Neighbours become one piece, and the first byte written would bring 2 MiB. Without such pages it fails. */
    (void)madvise(p, n, MADV_NOHUGEPAGE);
    return p;
}

void pages_free(void *p, size_t n)
{
    if (!p) return;
    int failed = munmap(p, n);
    assert(!failed);
}

size_t pages_used(size_t n)
{
    return (n + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}
