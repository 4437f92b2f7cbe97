/* SPDX-License-Identifier: Apache-2.0 */
/* Durations and sizes as people write them: one whole number and one unit, "30s", "14d", "50GiB". A
 * number without a unit is refused, because everybody guesses another one. */
#ifndef CONF_UNITS_H
#define CONF_UNITS_H

#include "base/buf.h"

/* duration_parse reads ms, s, m, h, d or w; false, with *ms untouched, on anything else or when it
 * does not fit. */
bool duration_parse(struct str text, uint64_t *ms);
/* duration_print appends the value in the largest unit that divides it. */
void duration_print(struct buf *out, uint64_t ms);
/* size_parse reads B, KiB, MiB, GiB, TiB, PiB and the decimal KB, MB, GB, TB, PB, in any case. */
bool size_parse(struct str text, uint64_t *bytes);
void size_print(struct buf *out, uint64_t bytes);

#endif
