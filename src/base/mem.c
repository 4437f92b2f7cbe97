/* SPDX-License-Identifier: Apache-2.0 */
/* See mem.h. */
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *check(void *p, size_t n)
{
    if (p) return p;
    fprintf(stderr, "pixeld: out of memory (%zu bytes)\n", n);
    abort();
}

void *mem_new(size_t n)
{
    return check(calloc(1, n ? n : 1), n);
}

void *mem_grow(void *p, size_t n)
{
    return check(realloc(p, n ? n : 1), n);
}

void mem_free(void *p)
{
    free(p);
}

void mem_wipe(void *p, size_t n)
{
    explicit_bzero(p, n);
}
