/* SPDX-License-Identifier: Apache-2.0 */
/* Sources of the browser pixel: what their paths and domains may be, and whether two of them can be told
 * apart. */
#ifndef CONF_PIXEL_H
#define CONF_PIXEL_H

#include "conf/config.h"

/* pixel_check reports what is wrong with a source's `pixel`, and a source before it that takes the same
 * requests. */
void pixel_check(const struct config *config, const struct source_conf *source,
                 struct diags *diags);
/* pixel_takes_path: does an enabled source of the pixel have this path for its events? */
bool pixel_takes_path(const struct source_conf *source, struct str path);

#endif
