/* SPDX-License-Identifier: Apache-2.0 */
/* Randomness from the kernel: keys, message ids, jitter. */
#ifndef SYS_RANDOM_H
#define SYS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* random_bytes fills p; aborts if the kernel has no randomness (it does not happen on Linux). */
void random_bytes(void *p, size_t n);
/* random_below is uniform in [0, limit); limit > 0. */
uint64_t random_below(uint64_t limit);

#endif
