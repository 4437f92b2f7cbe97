/* SPDX-License-Identifier: Apache-2.0 */
/* The only callers of malloc. No memory is not an error path: these abort. Most code wants an arena
 * (base/arena.h); handles with a life of their own use these. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* mem_new returns n zeroed bytes; free with mem_free. Any thread. Never NULL (n = 0 gives 1 byte). */
void *mem_new(size_t n);
/* mem_grow is realloc that aborts; new bytes are not zeroed. */
void *mem_grow(void *p, size_t n);
/* mem_free(NULL) does nothing. */
void mem_free(void *p);
/* mem_wipe overwrites n bytes so that the compiler keeps it; for tokens and personal data. */
void mem_wipe(void *p, size_t n);

#endif
