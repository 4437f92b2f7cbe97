/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C (Castagnoli), the checksum of journal chunks. Uses the SSE 4.2 or ARMv8 instruction when
 * the processor has it. */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* crc32c continues from crc (0 to start), so that scattered pieces give the sum of the whole. */
uint32_t crc32c(uint32_t crc, const void *data, size_t n);
/* crc32c_portable is the same without special instructions; tests compare the two. */
uint32_t crc32c_portable(uint32_t crc, const void *data, size_t n);

#endif
