/* SPDX-License-Identifier: Apache-2.0 */
/* The difference of two texts, line by line, in the unified format that people know from diff -u. */
#ifndef LOAD_TEXTDIFF_H
#define LOAD_TEXTDIFF_H

#include "base/buf.h"

/* textdiff appends hunks with three lines around each change; nothing when both are equal. Beyond some
 * thousand changed lines it says so by replacing one stretch as a whole. */
void textdiff(struct buf *out, struct str before, struct str after);

#endif
