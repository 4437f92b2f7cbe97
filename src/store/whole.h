/* SPDX-License-Identifier: Apache-2.0 */
/* Is the store's file all there? LMDB maps it and trusts it: what a copy or a repair of the file system cut
 * off would end the process at some later moment (SIGBUS). */
#ifndef STORE_WHOLE_H
#define STORE_WHOLE_H

#include "base/err.h"

#include <stdint.h>

/* whole_check looks at the store in dir before it is opened, while the process has no threads. False and err
 * when something of it is missing. A store that is not there yet is whole. */
bool whole_check(const char *dir, uint64_t map_bytes, struct err *err);

#endif
