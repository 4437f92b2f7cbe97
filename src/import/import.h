/* SPDX-License-Identifier: Apache-2.0 */
/* A vendor's destination settings (JSON) become a whole configuration of ours (YAML) that checks and
 * runs as it is. What has no equal is a comment where it belongs; nothing is dropped in silence. The
 * token is never read. Sits above the stages, because it speaks the language of map/ and proves each
 * line it writes with map/'s own compilers. */
#ifndef IMPORT_IMPORT_H
#define IMPORT_IMPORT_H

#include "base/buf.h"
#include "base/err.h"

struct import_result {
    struct buf yaml;
    struct buf notes; /* one line each: what became a comment, with its line in yaml */
    size_t note_count;
};

/* import_settings translates settings, the JSON of a vendor (rudderstack, segment, customerio or
 * amplitude; docs/import.md has the shapes). False: err says what is wrong with it and
 * where; out is empty then. The caller owns out (import_result_fini). Any thread. */
bool import_settings(struct str vendor, struct str settings, struct import_result *out,
                     struct err *err);
void import_result_fini(struct import_result *out);

#endif
