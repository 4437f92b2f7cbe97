/* SPDX-License-Identifier: Apache-2.0 */
/* The web console's files, embedded at build time (scripts/embed-console). The first is the page. */
#ifndef CONSOLE_ASSETS_H
#define CONSOLE_ASSETS_H

#include "base/str.h"

struct asset {
    struct str path; /* "/assets/console.js" */
    struct str type;
    struct str etag; /* quoted */
    struct str gzip;
    size_t size; /* inflated */
};

extern const struct asset console_assets[];
extern const size_t console_asset_count;

#endif
