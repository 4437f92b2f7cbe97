/* SPDX-License-Identifier: Apache-2.0 */
/* The web console's files, embedded at build time; the first is the page. */
#ifndef CONSOLE_ASSETS_H
#define CONSOLE_ASSETS_H

#include "http/asset.h"

extern const struct asset console_assets[];
extern const size_t console_assets_count;

#endif
