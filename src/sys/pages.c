/* SPDX-License-Identifier: Apache-2.0 */
/* See pages.h. */
#include "sys/pages.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

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

/* Asked once; two threads that ask at the same time get the same answer. */
static size_t page_bytes(void)
{
    static _Atomic size_t bytes;
    size_t known = atomic_load_explicit(&bytes, memory_order_relaxed);
    if (known) return known;
    known = (size_t)sysconf(_SC_PAGESIZE); /* cannot fail */
    atomic_store_explicit(&bytes, known, memory_order_relaxed);
    return known;
}

size_t pages_used(size_t n)
{
    size_t page = page_bytes();
    return (n + page - 1) & ~(page - 1);
}
