/* SPDX-License-Identifier: Apache-2.0 */
/* Large pieces of memory whose size is not known beforehand: reserved for the largest case, while only pages that were
 * written cost anything. Against a buffer that doubles there is nothing to move, and nothing to keep that was needed
 * once; against malloc the system gets back what is freed. For pieces of many pages; all else is base/mem.h's. */
#ifndef SYS_PAGES_H
#define SYS_PAGES_H

#include <stddef.h>

/* pages_new reserves n bytes, which read as zeroes; aborts when there is no room for them. Any thread. */
void *pages_new(size_t n);
/* pages_free gives them back; n as it was. NULL is a no-op. */
void pages_free(void *p, size_t n);
/* pages_used is how much memory n written bytes take: whole pages. */
size_t pages_used(size_t n);

#endif
