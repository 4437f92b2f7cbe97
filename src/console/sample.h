/* SPDX-License-Identifier: Apache-2.0 */
/* An event as it was sent, for people who write rules: names, structure and what was bought stay, values
 * that say who somebody is are masked. */
#ifndef CONSOLE_SAMPLE_H
#define CONSOLE_SAMPLE_H

#include "base/buf.h"

/* sample_put appends the event's JSON so; null when it is none. */
void sample_put(struct buf *out, struct str json);

#endif
