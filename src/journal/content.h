/* SPDX-License-Identifier: Apache-2.0 */
/* What an event says, as a number: the same for an event that its SDK sends again. SDKs stamp a new sentAt on what
 * they repeat, and analytics.js counts its attempts in _metadata
 * (https://github.com/segmentio/analytics-next, plugins/segmentio); neither is content. Both are fields of the event
 * itself; what a customer calls so further in is content. */
#ifndef JOURNAL_CONTENT_H
#define JOURNAL_CONTENT_H

#include "base/outline.h"
#include "core/event.h"

enum { CONTENT_BITS = 24 };

/* content_sum is the sum, of CONTENT_BITS, of e->json; e->flags and e->sent_ms say what may be stamped in it. Any text,
 * also one that is no JSON. */
uint32_t content_sum(const struct event *e);
/* content_sum_outlined is the same of an event whose text is where's of the outline, an object. */
uint32_t content_sum_outlined(const struct event *e, const struct outline *outline,
                              const struct outline_node *where);

#endif
