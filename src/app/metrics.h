/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon counts, as OpenMetrics text and as the JSON of /api/v1/status. Both come from the
 * same snapshot, in which the states of each destination add up to what was received. */
#ifndef APP_METRICS_H
#define APP_METRICS_H

#include "app/pipeline.h"

/* metrics_print appends the OpenMetrics exposition. Any thread. */
void metrics_print(struct pipeline *p, struct arena *arena, struct buf *out);
/* status_print appends the JSON of /api/v1/status. Any thread. */
void status_print(struct pipeline *p, struct arena *arena, struct buf *out);

#endif
