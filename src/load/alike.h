/* SPDX-License-Identifier: Apache-2.0 */
/* Which destinations have the same rules, so that these are compiled once for all of them. */
#ifndef LOAD_ALIKE_H
#define LOAD_ALIKE_H

#include "conf/config.h"

/* alike_key gives bytes, in the arena, which are equal for two destinations of one configuration only if
 * plan_compile makes the same of both, but for name and pixel. preset (may be NULL) is what will lie below
 * them. Different bytes mean nothing: lists and texts of their own make destinations different even when
 * they read the same, because each rule is told with its place in the file. */
struct str alike_key(const struct destination_conf *d, const struct destination_conf *preset,
                     struct arena *arena);

#endif
